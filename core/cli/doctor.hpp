#pragma once

#include "cli/workbench.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// Whether the server would start and do its work here, found out without starting it.
namespace calyptenora::cli {

struct Finding {
    enum class Verdict : std::uint8_t {
        good,
        warning,  ///< It starts, but something is less than it should be.
        failed,   ///< It does not start, or not with everything that the settings ask for.
    };
    Verdict verdict = Verdict::good;
    std::string subject;      ///< A word or two: "clock", "analytics/xapi".
    std::string what;         ///< One line.
    std::string remedy = {};  ///< What to do about it; empty if all is well.
};

/// Looks at everything that a start needs. Changes nothing; may run beside the server.
std::vector<Finding> examine(const WorkbenchOptions& places);

}  // namespace calyptenora::cli
