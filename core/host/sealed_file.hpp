#pragma once

#include "host/file_descriptor.hpp"
#include "host/verification.hpp"

#include <calyptenora/result.hpp>

namespace calyptenora::host {

/// The library's verified bytes as a file in memory that nobody can change any more, also we cannot.
/// `temporary` if there is no memory for it.
Result<FileDescriptor> seal_library(const VerifiedPlugin& plugin);

}  // namespace calyptenora::host
