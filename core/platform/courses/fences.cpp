#include "platform/courses/fences.hpp"

#include "platform/courses/pandoc_attributes.hpp"

#include <fmt/format.h>

namespace calyptenora::platform {

namespace {

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// The text behind the colons, or nothing if the line is no fence.
std::optional<std::string_view> after_colons(std::string_view line) {
    const auto first = line.find_first_not_of(' ');
    if (first == std::string_view::npos || first > 3)
        return std::nullopt;
    const auto end = line.find_first_not_of(':', first);
    const auto count = (end == std::string_view::npos ? line.size() : end) - first;
    if (count < 3)
        return std::nullopt;
    return end == std::string_view::npos ? std::string_view() : trim(line.substr(end));
}

std::string_view without_trailing_colons(std::string_view text) {
    const auto last = text.find_last_not_of(':');
    return last == std::string_view::npos ? std::string_view() : trim(text.substr(0, last + 1));
}

class Builder {
  public:
    Builder(const std::filesystem::path& file, Problems& problems) : file_(file), problems_(problems) {
        open_.emplace_back();
    }

    void line(std::string_view text, int number) {
        const bool code = code_.is_code(text);
        const auto fence = code ? std::nullopt : after_colons(text);
        if (!fence)
            return add_text(text, number);
        const std::string_view head = without_trailing_colons(*fence);
        if (head.empty())
            close(number);
        else
            open(head, number);
    }

    std::vector<FencedNode> finish() {
        while (open_.size() > 1) {
            const FencedNode& left = open_.back();
            problem(left.line, fmt::format("the fence \"::: {}\" is opened here and never closed", left.kind),
                    "end it with a line of colons alone");
            pop();
        }
        return std::move(open_.front().children);
    }

  private:
    void open(std::string_view head, int number) {
        FencedNode node;
        node.line = number;
        if (head.front() == '{') {
            const auto attributes = parse_pandoc_attributes(head);
            if (!attributes || attributes->attributes.classes.empty())
                problem(number, fmt::format("the fence \"::: {}\" has no readable class", head),
                        "write it as \"::: callout\" or \"::: {.callout #name key=\\\"value\\\"}\"");
            if (attributes) {
                node.id = attributes->attributes.id;
                node.attributes = attributes->attributes.values;
                if (!attributes->attributes.classes.empty())
                    node.kind = attributes->attributes.classes.front();
            }
        } else {
            node.kind = head.substr(0, head.find_first_of(" \t{"));
            const auto brace = head.find('{');
            if (brace != std::string_view::npos) {
                if (const auto attributes = parse_pandoc_attributes(head.substr(brace))) {
                    node.id = attributes->attributes.id;
                    node.attributes = attributes->attributes.values;
                }
            }
        }
        if (node.kind.empty())
            node.kind = "unknown";
        open_.push_back(std::move(node));
    }

    void close(int number) {
        if (open_.size() == 1)
            return problem(number, "this closing fence has no opening one",
                           "remove it, or give the opening fence a name as in \"::: callout\"");
        pop();
    }

    void pop() {
        FencedNode done = std::move(open_.back());
        open_.pop_back();
        open_.back().children.push_back(std::move(done));
    }

    void add_text(std::string_view text, int number) {
        auto& siblings = open_.back().children;
        if (siblings.empty() || !siblings.back().is_text())
            siblings.push_back(
                {.kind = {}, .id = {}, .attributes = {}, .line = number, .text = {}, .children = {}});
        siblings.back().text += text;
        siblings.back().text += '\n';
    }

    void problem(int number, std::string what, std::string remedy) {
        problems_.push_back({Problem::Severity::error, file_, number, std::move(what), std::move(remedy)});
    }

    const std::filesystem::path& file_;
    Problems& problems_;
    CodeFenceTracker code_;
    std::vector<FencedNode> open_;
};

}  // namespace

bool CodeFenceTracker::is_code(std::string_view line) {
    const auto first = line.find_first_not_of(" \t");
    const std::string_view rest = first == std::string_view::npos ? std::string_view() : line.substr(first);
    std::size_t length = 0;
    if (!rest.empty() && (rest.front() == '`' || rest.front() == '~'))
        length = std::min(rest.find_first_not_of(rest.front()), rest.size());
    if (mark_ == 0) {
        // An info string cannot hold a backtick, else it is inline code.
        if (length < 3 || (rest.front() == '`' && rest.find('`', length) != std::string_view::npos))
            return false;
        mark_ = rest.front();
        length_ = length;
        return true;
    }
    if (length >= length_ && rest.front() == mark_ && trim(rest.substr(length)).empty())
        mark_ = 0;
    return true;
}

std::vector<FencedNode> parse_fences(std::string_view markdown, const std::filesystem::path& file,
                                     int first_line, Problems& problems) {
    Builder builder(file, problems);
    int number = first_line;
    while (!markdown.empty()) {
        const auto end = markdown.find('\n');
        std::string_view line = markdown.substr(0, end);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        builder.line(line, number++);
        if (end == std::string_view::npos)
            break;
        markdown.remove_prefix(end + 1);
    }
    return builder.finish();
}

}  // namespace calyptenora::platform
