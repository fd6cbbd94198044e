#include "platform/courses/highlight.hpp"

#include <algorithm>
#include <string>

namespace calyptenora::platform {

namespace {

struct Grammar {
    std::string_view names;
    std::string_view line_comment;
    bool block_comments;
    bool triple_quotes;
    std::string_view quotes;
    /// Key words between single spaces.
    std::string_view keywords;
};

constexpr Grammar grammars[] = {
    {" python py python3 ", "#", false, true, "\"'",
     " False None True and as assert async await break class continue def del elif else except finally for "
     "from global if import in "
     "is lambda nonlocal not or pass raise return try while with yield "},
    {" bash sh shell ", "#", false, false, "\"'",
     " if then else elif fi for in do done while until case esac function return export local cd echo exit "},
    {" c cpp c++ ", "//", true, false, "\"'",
     " auto bool break case catch char class const constexpr continue default delete do double else enum "
     "explicit false float for if "
     "include inline int long namespace new noexcept nullptr operator private protected public return short "
     "signed sizeof static struct "
     "switch template this throw true try typedef typename union unsigned using virtual void volatile while "
     "co_await co_return "},
    {" javascript js typescript ts ", "//", true, false, "\"'`",
     " async await break case catch class const continue default delete do else export extends false finally "
     "for function if import in "
     "instanceof let new null of return static super switch this throw true try typeof undefined var void "
     "while yield "},
    {" sql ", "--", true, false, "'",
     " SELECT FROM WHERE INSERT INTO VALUES UPDATE SET DELETE CREATE TABLE JOIN LEFT INNER ON AND OR NOT "
     "NULL ORDER BY GROUP HAVING AS "
     "LIMIT DISTINCT PRIMARY KEY select from where insert into values update set delete create table join on "
     "and or not null order by group as "},
    {" yaml yml toml ", "#", false, false, "\"'", " true false null "},
    {" r ", "#", false, false, "\"'",
     " if else for while function return TRUE FALSE NULL NA in next break library "},
};

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (c & 0x80);
}

class Highlighter {
  public:
    Highlighter(std::string_view code, const Grammar& grammar) : code_(code), grammar_(grammar) {}

    std::vector<HtmlNode> run() {
        while (at_ < code_.size())
            step();
        flush(at_);
        return std::move(nodes_);
    }

  private:
    void step() {
        const std::string_view rest = code_.substr(at_);
        const bool word_before = at_ > 0 && (is_word(code_[at_ - 1]) || code_[at_ - 1] == '$');
        if (rest.starts_with(grammar_.line_comment) && !(grammar_.line_comment == "#" && word_before))
            return take(rest.find('\n'), "hl-comment");
        if (grammar_.block_comments && rest.starts_with("/*")) {
            const auto end = rest.find("*/", 2);
            return take(end == std::string_view::npos ? end : end + 2, "hl-comment");
        }
        if (grammar_.quotes.find(rest.front()) != std::string_view::npos)
            return take(string_length(rest), "hl-string");
        if (!is_word(rest.front())) {
            ++at_;
            return;
        }
        const auto end = std::find_if_not(rest.begin(), rest.end(), is_word);
        const std::string_view word = rest.substr(0, std::size_t(end - rest.begin()));
        if (word.front() >= '0' && word.front() <= '9')
            take(word.size(), "hl-number");
        else if (grammar_.keywords.find(" " + std::string(word) + " ") != std::string_view::npos)
            take(word.size(), "hl-keyword");
        else
            at_ += word.size();
    }

    std::size_t string_length(std::string_view rest) const {
        const char quote = rest.front();
        const std::string triple(3, quote);
        if (grammar_.triple_quotes && rest.starts_with(triple)) {
            const auto end = rest.find(triple, 3);
            return end == std::string_view::npos ? end : end + 3;
        }
        for (std::size_t i = 1; i < rest.size(); ++i) {
            if (rest[i] == '\\')
                ++i;
            else if (rest[i] == quote)
                return i + 1;
            else if (rest[i] == '\n' && quote != '`')
                return i;
        }
        return rest.size();
    }

    void take(std::size_t length, const char* kind) {
        flush(at_);
        const std::string text(code_.substr(at_, length));
        at_ += text.size();
        begin_ = at_;
        HtmlNode span{.tag = "span", .attributes = {{"class", kind}}, .text = {}, .children = {}};
        span.children.push_back({.tag = {}, .attributes = {}, .text = text, .children = {}});
        nodes_.push_back(std::move(span));
    }

    void flush(std::size_t end) {
        if (end > begin_)
            nodes_.push_back({.tag = {},
                              .attributes = {},
                              .text = std::string(code_.substr(begin_, end - begin_)),
                              .children = {}});
        begin_ = end;
    }

    std::string_view code_;
    const Grammar& grammar_;
    std::vector<HtmlNode> nodes_;
    std::size_t begin_ = 0;
    std::size_t at_ = 0;
};

}  // namespace

std::vector<HtmlNode> highlight_code(std::string_view code, std::string_view language) {
    for (const Grammar& grammar : grammars)
        if (!language.empty() &&
            grammar.names.find(" " + std::string(language) + " ") != std::string_view::npos)
            return Highlighter(code, grammar).run();
    return {{.tag = {}, .attributes = {}, .text = std::string(code), .children = {}}};
}

}  // namespace calyptenora::platform
