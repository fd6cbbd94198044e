#pragma once

#include "cli/command_line.hpp"

#include <calyptenora/result.hpp>

/// What the commands about the staff share.
namespace calyptenora::cli {

/// `--days`: how far back.
OptionSpec days_option();
/// Its value, or what it is without it.
Result<int> find_days(const Invocation& invocation);

}  // namespace calyptenora::cli
