#include "platform/courses/problem.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace calyptenora::platform {

std::string Problem::text() const {
    const std::string place = line > 0 ? fmt::format("{}:{}", file.string(), line) : file.string();
    return fmt::format("{}: {}: {}; {}", place, severity == Severity::error ? "error" : "warning", what,
                       remedy);
}

bool has_error(const Problems& problems) {
    return std::any_of(problems.begin(), problems.end(),
                       [](const Problem& problem) { return problem.severity == Problem::Severity::error; });
}

}  // namespace calyptenora::platform
