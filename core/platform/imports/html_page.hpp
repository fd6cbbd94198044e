#pragma once

#include "platform/courses/html_allow_list.hpp"
#include "platform/imports/import_report.hpp"
#include "platform/imports/import_words.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace calyptenora::platform {

/// A page of another platform as far as it may come: the tree after the allow-list. Addresses are still those
/// of the page.
struct HtmlPage {
    /// Of the document's head; may be empty.
    std::string title;
    /// `<meta name="..." content="...">`, as Canvas uses them.
    std::map<std::string, std::string, std::less<>> meta;
    std::vector<HtmlNode> nodes;
    /// True if colours, sizes or classes were left out.
    bool had_layout = false;
};

/// Reads a page. Formulas come with their source in TeX (`\(...\)`, `<math>`, MathJax's scripts, Canvas's
/// pictures) as those of lessons do (formulas.hpp). What is embedded (frames, players, objects) becomes a
/// link to where it lies; scripts and forms go. Each of these is a line in the report that names `file`.
HtmlPage read_html_page(std::string_view html, const std::string& file, const ImportWords& words,
                        ImportReport& report);

}  // namespace calyptenora::platform
