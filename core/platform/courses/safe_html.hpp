#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace calyptenora::platform {

struct HtmlNode;

/// Markup that may be written into a page as it is: no script, no style, no foreign origin can be in it.
/// It is trusted by construction: only literals of our own source, escaped text and the allow-list's writer
/// (html_allow_list.hpp) can add to it; there is no way in for a string that came from a file or a request.
class SafeHtml {
    friend SafeHtml write_html(const std::vector<HtmlNode>& nodes);

  public:
    /// Markup that stands in our source code; anything known only at run time does not compile.
    class Literal {
      public:
        consteval Literal(const char* text) : text_(text) {}
        constexpr std::string_view text() const { return text_; }

      private:
        std::string_view text_;
    };

    SafeHtml() = default;

    SafeHtml& markup(Literal literal) {
        html_ += literal.text();
        return *this;
    }
    /// Text for element content or for an attribute value in double quotes; `& < > "` are escaped.
    SafeHtml& text(std::string_view plain);
    SafeHtml& append(const SafeHtml& other) {
        html_ += other.html_;
        return *this;
    }

    /// This, which is one empty element ("<div></div>"), around `inside`.
    SafeHtml with_content(const SafeHtml& inside) const;

    bool empty() const { return html_.empty(); }
    const std::string& str() const { return html_; }

    bool operator==(const SafeHtml&) const = default;

  private:
    std::string html_;
};

}  // namespace calyptenora::platform
