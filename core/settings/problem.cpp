#include "settings/problem.hpp"

#include <fmt/format.h>

namespace calyptenora::settings {
namespace {

std::string printable(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f)
            out += fmt::format("\\x{:02x}", byte);
        else
            out += c;
    }
    return out;
}

std::string sentence(const Problem& problem) {
    const auto meant =
        problem.nearest_known_key ? fmt::format("did you mean \"{}\"?", *problem.nearest_known_key) : "";
    switch (problem.kind) {
        case ProblemKind::unknown_key:
            return "unknown key; " + (meant.empty() ? "expected " + problem.expected : meant);
        case ProblemKind::missing_key:
            return "missing; expected " + problem.expected;
        default:
            break;
    }
    auto text = "expected " + problem.expected;
    if (!problem.found.empty())
        text += ", found " + problem.found;
    return meant.empty() ? text : text + "; " + meant;
}

}  // namespace

std::string to_text(const Problem& problem) {
    auto text = problem.file;
    if (problem.position.line != 0)
        text += fmt::format(":{}:{}", problem.position.line, problem.position.column);
    text += ": ";
    if (problem.severity == Severity::warning)
        text += "warning: ";
    if (!problem.key_path.empty())
        text += problem.key_path + ": ";
    text += sentence(problem);
    if (!problem.remedy.empty())
        text += "; " + problem.remedy;
    return printable(text);
}

std::string to_text(const Problems& problems) {
    std::string text;
    for (const auto& problem : problems)
        text += to_text(problem) + '\n';
    return text;
}

bool has_errors(const Problems& problems) {
    return std::ranges::any_of(problems, [](const Problem& p) { return p.severity == Severity::error; });
}

void sort_by_position(Problems& problems) {
    std::ranges::sort(problems, {},
                      [](const Problem& p) { return std::tie(p.file, p.position, p.key_path, p.expected); });
}

}  // namespace calyptenora::settings
