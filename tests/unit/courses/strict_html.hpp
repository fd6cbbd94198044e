#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace calyptenora::platform::test {

struct SeenElement {
    std::string tag;
    std::vector<std::pair<std::string, std::string>> attributes;
};

/// A parser of its own for what the renderer writes: every tag closed in order, every attribute in double
/// quotes, every `<` and `&` escaped. Nothing like a browser's leniency: what this reads, every parser reads
/// alike.
class StrictHtml {
  public:
    explicit StrictHtml(std::string_view html) : html_(html) { run(); }

    /// Empty if the text is well-formed.
    const std::string& fault() const { return fault_; }
    const std::vector<SeenElement>& elements() const { return elements_; }

  private:
    void run() {
        while (fault_.empty() && at_ < html_.size()) {
            const char c = html_[at_];
            if (c == '<')
                tag();
            else if (c == '>')
                fault_ = "bare > at " + std::to_string(at_);
            else if (c == '&')
                entity();
            else
                ++at_;
        }
        if (fault_.empty() && !open_.empty())
            fault_ = "never closed: " + open_.back();
    }

    void entity() {
        for (std::string_view known : {"&amp;", "&lt;", "&gt;", "&quot;"})
            if (html_.substr(at_).starts_with(known)) {
                at_ += known.size();
                return;
            }
        fault_ = "bare & at " + std::to_string(at_);
    }

    std::string name() {
        const std::size_t begin = at_;
        while (at_ < html_.size() && ((html_[at_] >= 'a' && html_[at_] <= 'z') ||
                                      (html_[at_] >= '0' && html_[at_] <= '9') || html_[at_] == '-'))
            ++at_;
        return std::string(html_.substr(begin, at_ - begin));
    }

    bool take(char c) {
        if (at_ >= html_.size() || html_[at_] != c)
            return false;
        ++at_;
        return true;
    }

    void tag() {
        ++at_;
        if (take('/')) {
            const std::string closing = name();
            if (open_.empty() || open_.back() != closing || !take('>'))
                fault_ = "wrong end tag " + closing;
            else
                open_.pop_back();
            return;
        }
        SeenElement element{name(), {}};
        if (element.tag.empty())
            fault_ = "no tag name at " + std::to_string(at_);
        while (fault_.empty() && take(' ')) {
            std::string key = name();
            if (key.empty() || !take('=') || !take('"')) {
                fault_ = "bad attribute at " + std::to_string(at_);
                return;
            }
            const std::size_t begin = at_;
            while (fault_.empty() && at_ < html_.size() && html_[at_] != '"') {
                if (html_[at_] == '<' || html_[at_] == '>')
                    fault_ = "markup in an attribute at " + std::to_string(at_);
                else if (html_[at_] == '&')
                    entity();
                else
                    ++at_;
            }
            element.attributes.emplace_back(std::move(key), std::string(html_.substr(begin, at_ - begin)));
            take('"');
        }
        if (fault_.empty() && !take('>'))
            fault_ = "bad tag at " + std::to_string(at_);
        static const std::set<std::string> empty_elements{"br", "hr", "img", "input", "wbr"};
        if (!empty_elements.contains(element.tag))
            open_.push_back(element.tag);
        elements_.push_back(std::move(element));
    }

    std::string_view html_;
    std::size_t at_ = 0;
    std::string fault_;
    std::vector<std::string> open_;
    std::vector<SeenElement> elements_;
};

}  // namespace calyptenora::platform::test
