#include "platform/courses/pandoc_attributes.hpp"

#include <cctype>

namespace calyptenora::platform {

namespace {

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_key(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == ':' || c == '.';
}

class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    std::optional<ParsedPandocAttributes> read() {
        if (next() != '{')
            return std::nullopt;
        // kramdown's `{: .class}` means the same.
        if (peek() == ':')
            ++at_;
        ParsedPandocAttributes parsed;
        while (true) {
            while (is_space(peek()))
                ++at_;
            const char c = peek();
            if (c == '}') {
                parsed.length = ++at_;
                return parsed;
            }
            if (!item(c, parsed.attributes))
                return std::nullopt;
        }
    }

  private:
    bool item(char c, PandocAttributes& to) {
        if (c == '#' || c == '.') {
            ++at_;
            std::string name = word();
            if (name.empty())
                return false;
            if (c == '#')
                to.id = std::move(name);
            else
                to.classes.push_back(std::move(name));
            return true;
        }
        std::string key = word();
        if (key.empty() || next() != '=')
            return false;
        const char quote = peek();
        if (quote != '"' && quote != '\'') {
            to.values[key] = word();
            return true;
        }
        ++at_;
        std::string value;
        while (at_ < text_.size() && text_[at_] != quote) {
            if (text_[at_] == '\\' && at_ + 1 < text_.size() &&
                std::ispunct(static_cast<unsigned char>(text_[at_ + 1])))
                ++at_;
            value += text_[at_] == '\n' ? ' ' : text_[at_];
            ++at_;
        }
        if (next() != quote)
            return false;
        to.values[key] = std::move(value);
        return true;
    }

    std::string word() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && (is_key(text_[at_]) || static_cast<unsigned char>(text_[at_]) >= 0x80))
            ++at_;
        return std::string(text_.substr(begin, at_ - begin));
    }

    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    char next() { return at_ < text_.size() ? text_[at_++] : '\0'; }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

std::optional<ParsedPandocAttributes> parse_pandoc_attributes(std::string_view text) {
    return Reader(text).read();
}

}  // namespace calyptenora::platform
