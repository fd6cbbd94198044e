#pragma once

#include "platform/courses/problem.hpp"

#include <string>
#include <vector>

namespace calyptenora::platform {

/// What an import did, for the operator to read.
struct ImportReport {
    std::string title;
    /// What came: "12 episodes", "38 pictures".
    std::vector<std::string> brought;
    /// What was written differently, each with its file and line where there is one.
    std::vector<std::string> changed;
    /// What could not come, and what stands there instead.
    std::vector<std::string> missing;
    /// What loading the result complains about; never an error.
    Problems problems;

    std::string text() const;
};

}  // namespace calyptenora::platform
