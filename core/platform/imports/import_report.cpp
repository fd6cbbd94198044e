#include "platform/imports/import_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace calyptenora::platform {

std::string ImportReport::text() const {
    std::string all = title + "\n";
    if (!brought.empty())
        all += fmt::format("\ncame: {}\n", fmt::join(brought, ", "));
    const auto part = [&all](const char* head, const std::vector<std::string>& lines) {
        if (!lines.empty())
            all += fmt::format("\n{} ({}):\n  {}\n", head, lines.size(), fmt::join(lines, "\n  "));
    };
    part("changed", changed);
    part("could not come", missing);
    std::vector<std::string> complaints;
    for (const Problem& problem : problems)
        complaints.push_back(problem.text());
    part("to be looked at", complaints);
    return all;
}

}  // namespace calyptenora::platform
