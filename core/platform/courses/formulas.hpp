#pragma once

#include "platform/courses/html_allow_list.hpp"

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Formulas in Markdown, in the notation of TeX: `$x^2$` in running text, `$$...$$` on lines of their own.
/// Markdown's parser has a rule of its own for them that takes "from $5 to $10" for a formula, and reads a
/// line of a formula that begins with "+" as a list. So they are found first and the parser sees a word
/// instead.
namespace calyptenora::platform {

enum class FormulaPlace : unsigned char {
    in_text,
    displayed,
};

struct Formula {
    /// Without dollars.
    std::string source;
    FormulaPlace place = FormulaPlace::in_text;
    auto operator<=>(const Formula&) const = default;
};

struct FoundFormula {
    Formula formula;
    /// With its dollars: from `begin` up to before `end`.
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// Longer ones are text.
inline constexpr std::size_t max_formula = 4000;

/// The formula whose first dollar stands at `at`. As in Pandoc and on GitHub: the first dollar stands behind
/// no letter or digit and before no space, the last one behind no space and before no letter or digit, and no
/// empty line is between them. A dollar behind a backslash is none, which is the caller's to see.
std::optional<FoundFormula> find_formula(std::string_view markdown, std::size_t at);

/// All formulas outside code and HTML tags, in order.
std::vector<FoundFormula> find_formulas(std::string_view markdown);

/// As what a formula stands in the tree of a lesson and in its HTML: `<code
/// class="language-math">x^2</code>`, or `language-displaymath`.
HtmlNode make_formula_node(const Formula& formula);
/// The formula that an element stands for; so does a code block of the language "math" (`<pre>`).
std::optional<Formula> find_formula_in(const HtmlNode& element);

/// A text in which each formula is a word, and the way back.
class FormulaMarks {
  public:
    explicit FormulaMarks(std::string_view markdown);

    const std::string& text() const { return text_; }
    /// Words become formulas (see make_formula_node()), in code and attributes the source as it was.
    void put_back(std::vector<HtmlNode>& nodes) const;
    /// The text as it was.
    std::string plain(std::string_view marked) const;

  private:
    struct Mark {
        std::size_t begin;
        std::size_t end;
        const FoundFormula* formula;
    };
    std::optional<Mark> find_mark(std::string_view text, std::size_t from) const;
    std::string_view written(const FoundFormula& formula) const;

    std::string markdown_;
    std::string word_;
    std::vector<FoundFormula> formulas_;
    std::string text_;
};

}  // namespace calyptenora::platform
