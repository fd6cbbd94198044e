#pragma once

#include "platform/courses/html_allow_list.hpp"

#include <string>
#include <vector>

namespace calyptenora::platform {

/// Brings a page's tree, which has gone through the allow-list, into the form in which lessons are written:
/// blocks beside blocks, running text in paragraphs, `strong` and `em` for `b` and `i`, tables with a head if
/// they have one, no empty elements, no wrappers that mean nothing, white space as it is read. What a reader
/// sees stays the same but for layout. An id becomes an empty `span` before what it named, or in the
/// heading. Tidying a tidy tree changes nothing.
std::vector<HtmlNode> tidy_html(std::vector<HtmlNode> nodes);

/// For building trees.
HtmlNode make_text_node(std::string text);
HtmlNode make_element(std::string tag, std::vector<HtmlNode> children = {});
bool is_block_element(std::string_view tag);
bool is_heading_element(std::string_view tag);

}  // namespace calyptenora::platform
