#pragma once

#include <calyptenora/result.hpp>

/// How the worker gives up everything but memory, time and its two pipes, before it loads the plugin. Each
/// function says in its error what the system refused, and what the operator can do. The process has one
/// thread.
namespace calyptenora::worker {

/// Where the host puts things.
inline constexpr int to_host_fd = 3;
inline constexpr int plugin_fd = 4;
inline constexpr int from_host_fd = 5;

/// The plugin's path once enter_empty_root() has returned. It is the only file there.
inline constexpr const char* plugin_path = "/plugin.so";

/// Dies with the host; closes what was inherited; leaves root; moves into namespaces of its own, into a
/// read-only root that holds a copy of the plugin and nothing else.
Status enter_empty_root();

/// Continues as the only process of a new process namespace, a child of the host. The process that called it
/// tells the host the new one's number and ends.
Status enter_process_namespace();

/// Gives up every privilege, makes a later gain impossible, and leaves about 35 system calls. Whatever does
/// another one is killed by the kernel; what honest libraries try and can do without fails instead.
Status give_up_privileges();

}  // namespace calyptenora::worker
