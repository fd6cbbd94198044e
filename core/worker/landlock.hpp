#pragma once

#include <calyptenora/result.hpp>

namespace calyptenora::worker {

/// Leaves this process one file, to read and to execute: no other file, no TCP, no signal and no abstract
/// socket out of here, as far as the kernel's Landlock knows these (files from Linux 5.13, TCP from 6.7, the
/// rest from 6.12; what it does not know is shut by namespaces and system calls alone). Wants NO_NEW_PRIVS.
Status restrict_files_to(const char* path);

}  // namespace calyptenora::worker
