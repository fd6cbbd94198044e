#pragma once

#include "platform/courses/problem.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// Fenced divs, as Pandoc and The Carpentries' Workbench write them:
///
///     ::::::::::: challenge
///     text
///     ::: solution
///     more text
///     ::::
///     :::::::::::::::::
///
/// An opening fence has at least three colons and something after them; a closing fence has nothing after
/// them. Lengths need not match: a closing fence ends the innermost open div. Fences inside a code block are
/// text.
namespace calyptenora::platform {

struct FencedNode {
    /// Empty for text.
    std::string kind;
    /// `#id` of `{.kind #id key="value"}`, or empty.
    std::string id;
    std::map<std::string, std::string> attributes;
    /// Line of the first line of text, or of the opening fence; from 1.
    int line = 0;
    /// Markdown of a text node.
    std::string text;
    std::vector<FencedNode> children;

    bool is_text() const { return kind.empty(); }
};

/// The tree of a document; `first_line` is the number of its first line in `file`. Unclosed and stray fences
/// are problems of severity `error`, which name the fence's line; the tree is then as complete as it can be.
std::vector<FencedNode> parse_fences(std::string_view markdown, const std::filesystem::path& file,
                                     int first_line, Problems& problems);

/// Follows Markdown line by line and knows which lines are inside a code block.
class CodeFenceTracker {
  public:
    /// True if `line` belongs to a fenced code block, its fences included.
    bool is_code(std::string_view line);
    /// True if the last line left a code block open.
    bool is_open() const { return mark_ != 0; }

  private:
    char mark_ = 0;
    std::size_t length_ = 0;
};

}  // namespace calyptenora::platform
