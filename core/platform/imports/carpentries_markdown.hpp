#pragma once

#include "platform/imports/carpentries.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace calyptenora::platform {

/// Where the Markdown of one page finds its way: answers are paths in the new course, or addresses.
class CarpentriesPaths {
  public:
    virtual ~CarpentriesPaths() = default;
    /// The new target of a link, or empty if there is none (its text stays, the link goes).
    virtual std::string link(const std::string& target, int line) = 0;
    /// The new path of a picture, or empty if it is missing.
    virtual std::string picture(const std::string& target, int line) = 0;
};

/// Takes HTML comments out, code excepted; every line keeps its number.
std::string without_html_comments(std::string_view markdown);

/// Rewrites a page from the Workbench's Markdown (Pandoc's, with remnants of kramdown and Liquid) into a
/// lesson's: attributes of pictures, links, headings and code, definition lists, old template marks,
/// comments. Code and formulas are never touched. `first_line` and `file` are for the report.
std::string convert_carpentries_markdown(std::string_view markdown, const std::filesystem::path& file,
                                         int first_line, CarpentriesPaths& paths, ImportReport& report);

}  // namespace calyptenora::platform
