#pragma once

#include "platform/courses/html_allow_list.hpp"

#include <string>
#include <vector>

namespace calyptenora::platform {

struct WrittenMarkdown {
    std::string text;
    /// Blocks that Markdown has no words for and that stand there as HTML: tables without a head, definition
    /// lists, and whatever would not be read back as it was.
    int html_blocks = 0;
};

/// Writes a tree that tidy_html() has brought into form as a lesson's Markdown, for people to go on writing.
/// Every block is read back the way lessons are read, and stands there as Markdown only if that yields the
/// very same tree; else as HTML, which needs no more than that it survives being read.
WrittenMarkdown write_markdown(const std::vector<HtmlNode>& tidy);

}  // namespace calyptenora::platform
