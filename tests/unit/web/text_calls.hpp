#pragma once

#include "unit/web/view_samples.hpp"

#include <filesystem>
#include <regex>
#include <set>
#include <string>
#include <vector>

/// Which texts the handlers of core/http/pages and the documents of core/cli and core/platform fetch, read
/// from their sources.
namespace calyptenora::web::test {

/// `text("group.key", {{"name", ...}, ...})` in a handler.
struct TextCall {
    std::string file;
    std::string key;
    std::set<std::string> arguments;
};

inline std::vector<std::pair<std::string, std::string>> handler_sources() {
    std::vector<std::pair<std::string, std::string>> sources;
    for (const auto* folder : {"core/http/pages", "core/cli", "core/platform"})
        for (const auto& entry : std::filesystem::directory_iterator(source_folder() / folder))
            if (entry.path().extension() == ".cpp")
                sources.emplace_back(entry.path().filename().string(), read_file(entry.path()));
    return sources;
}

/// What stands from `open` on up to the parenthesis that closes the one there.
inline std::string balanced(const std::string& source, std::size_t open) {
    int depth = 0;
    for (auto i = open; i < source.size(); ++i) {
        if (source[i] == '(')
            ++depth;
        else if (source[i] == ')' && --depth == 0)
            return source.substr(open, i - open + 1);
    }
    return source.substr(open);
}

inline std::vector<TextCall> text_calls() {
    static const std::regex call("\\btext\\(\\s*\"([^\"]+)\"");
    static const std::regex argument("\\{\\s*\"([a-z_]+)\"\\s*,");
    std::vector<TextCall> calls;
    for (const auto& [file, source] : handler_sources())
        for (std::sregex_iterator it(source.begin(), source.end(), call), end; it != end; ++it) {
            if ((*it)[1].str().ends_with('.'))  // "message." + key
                continue;
            const auto whole = balanced(source, source.find('(', static_cast<std::size_t>(it->position())));
            TextCall found{file, (*it)[1], {}};
            for (std::sregex_iterator name(whole.begin(), whole.end(), argument); name != end; ++name)
                found.arguments.insert((*name)[1]);
            calls.push_back(std::move(found));
        }
    return calls;
}

}  // namespace calyptenora::web::test
