#pragma once

#include <calyptenora/result.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace calyptenora::platform {

struct FinishedProcess {
    /// Of a normal end; -1 if a signal ended it.
    int exit_code = -1;
    /// The last 4 KiB of what it wrote to its standard error.
    std::string errors;
};

/// Runs a program found in PATH, without a shell, with `input` as its standard input and no environment but
/// `PATH` and `LC_ALL=C`, in a process group of its own, and waits for it. `on_line` gets each line of its
/// output; returning false kills it. Blocking. Errors: `unsupported` if it cannot be started (there is no
/// such program, or no more processes or files are allowed), `temporary` if it was cancelled or ran out of
/// time.
Result<FinishedProcess> run_program(const std::vector<std::string>& arguments,
                                    std::chrono::milliseconds time_limit,
                                    const std::function<bool(std::string_view line)>& on_line,
                                    std::string_view input = {});

}  // namespace calyptenora::platform
