#pragma once

#include <sys/types.h>

#include <chrono>
#include <set>
#include <vector>

namespace calyptenora::hostile {

/// Processes that this one has started, and those that these have started, zombies left out. Orphans of
/// theirs come back to this process, which is their subreaper.
std::set<pid_t> descendants();

bool is_alive(pid_t process);

/// How much processor time a process has used so far; 0 if it is gone.
std::chrono::milliseconds processor_time(pid_t process);

/// Kills every descendant that is not in `spared`, until there is none left, and waits for it.
void end_all_but(const std::set<pid_t>& spared);

}  // namespace calyptenora::hostile
