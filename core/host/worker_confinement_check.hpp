#pragma once

#include <calyptenora/result.hpp>

#include <sys/types.h>

#include <optional>
#include <string_view>

/// What the host sees of a worker from outside, in /proc. A worker's own word counts for nothing.
namespace calyptenora::host {

/// Whether a process lives in namespaces of its own: user, mount, network, IPC, host name, control groups and
/// processes all differ from those of this process. Once the worker is undumpable an ordinary user cannot
/// look any more; it cannot change them any more, either.
Status check_namespaces(pid_t pid);

/// Whether a process is confined: a child of this process and the first one of its namespace, one thread, not
/// root, no capabilities in any set, no new privileges, and one seccomp filter more than this process itself
/// has (which is none, unless a container put some on it).
Status check_confinement(pid_t pid);

/// The rules of check_confinement() on the text of /proc/PID/status. What is wrong, or nothing.
std::optional<std::string_view> find_loose_end(std::string_view status, pid_t parent, unsigned own_filters);

}  // namespace calyptenora::host
