#pragma once

#include <calyptenora/result.hpp>

namespace calyptenora::worker {

/// Installs the one seccomp filter. One: with a loose filter and a tighter one later, the plugin's static
/// constructors could install one in between that answers the tightening with success and nothing else.
/// Memory becomes executable only by mapping a file, read-only; and there is only one file. Wants
/// NO_NEW_PRIVS.
Status restrict_system_calls();

}  // namespace calyptenora::worker
