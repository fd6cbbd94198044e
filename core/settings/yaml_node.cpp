#include "settings/yaml_node.hpp"

#include "settings/text_check.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <optional>
#include <sstream>
#include <unordered_map>

namespace calyptenora::settings {
namespace {

/// Ends the walk through yaml-cpp's events; the problem is already recorded.
struct Stop {};

/// yaml-cpp counts from 0 and in bytes.
class Lines {
  public:
    explicit Lines(std::string_view text) : text_(text) {
        starts_.push_back(0);
        for (std::size_t i = 0; i < text.size(); ++i)
            if (text[i] == '\n')
                starts_.push_back(i + 1);
    }

    Position at(int line, int byte_column) const {
        if (line < 0 || static_cast<std::size_t>(line) >= starts_.size())
            return {};
        auto content = text_.substr(starts_[static_cast<std::size_t>(line)]);
        content = content.substr(0, static_cast<std::size_t>(std::max(byte_column, 0)));
        const auto characters = std::ranges::count_if(
            content, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
        return {static_cast<std::uint32_t>(line + 1), static_cast<std::uint32_t>(characters + 1)};
    }

    std::string_view line(std::size_t index) const {
        const auto end = index + 1 < starts_.size() ? starts_[index + 1] - 1 : text_.size();
        return text_.substr(starts_[index], end - starts_[index]);
    }
    /// Whether the quoted text that starts there ends; true where no quote stands.
    bool closes_quote(int line, int byte_column) const {
        const auto start = starts_[static_cast<std::size_t>(line)] + static_cast<std::size_t>(byte_column);
        const char quote = start < text_.size() ? text_[start] : ' ';
        if (quote != '"' && quote != '\'')
            return true;
        for (auto i = start + 1; i < text_.size(); ++i) {
            if (quote == '"' && text_[i] == '\\')
                ++i;
            else if (text_[i] == quote && quote == '\'' && i + 1 < text_.size() && text_[i + 1] == quote)
                ++i;
            else if (text_[i] == quote)
                return true;
        }
        return false;
    }

    std::size_t count() const { return starts_.size(); }

  private:
    std::string_view text_;
    std::vector<std::size_t> starts_;
};

class TreeBuilder : public YAML::EventHandler {
  public:
    TreeBuilder(const Lines& lines, const std::string& file, Problems& problems, const YamlLimits& limits)
        : lines_(lines), file_(file), problems_(problems), limits_(limits) {}

    std::shared_ptr<const YamlNode> root() const { return root_; }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (++documents_ < 2)
            return;
        const bool marker = lines_.line(static_cast<std::size_t>(mark.line)).starts_with("---");
        report(ProblemKind::syntax, position(mark),
               marker ? "one YAML document" : "the indentation of the lines before",
               marker ? "a second one" : "a line that does not belong to them");
        throw Stop{};
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        auto node = make(YamlNode::Kind::null, mark);
        if (!frames_.empty() && frames_.back().key)
            node->position = frames_.back().key_position;  // yaml-cpp names the next token instead
        remember(anchor, node);
        add(std::move(node));
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end()) {
            report(ProblemKind::syntax, position(mark), "an alias of something that ended before",
                   "an alias inside itself");
            throw Stop{};
        }
        add(found->second);
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        refuse_tag(mark, tag);
        check_quotes(mark, tag);
        if (awaits_key()) {
            take_key(mark, value);
            return;
        }
        auto node = make(YamlNode::Kind::scalar, mark);
        node->text = value;
        remember(anchor, node);
        add(std::move(node));
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(YamlNode::Kind::list, mark, tag, anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(YamlNode::Kind::mapping, mark, tag, anchor);
    }
    void OnMapEnd() override { close(); }

  private:
    struct Frame {
        std::shared_ptr<YamlNode> node;
        YAML::anchor_t anchor = 0;
        std::string path;
        std::optional<std::string> key = {};
        Position key_position = {};
        bool dropped = false;  // the key of the value to come was refused
        std::unordered_map<std::string, std::uint32_t> seen = {};
    };

    Position position(const YAML::Mark& mark) const { return lines_.at(mark.line, mark.column); }

    void report(ProblemKind kind, Position where, std::string expected, std::string found,
                std::string path = {}) {
        problems_.push_back({.kind = kind,
                             .file = file_,
                             .position = where,
                             .key_path = std::move(path),
                             .expected = std::move(expected),
                             .found = std::move(found)});
    }

    std::shared_ptr<YamlNode> make(YamlNode::Kind kind, const YAML::Mark& mark) {
        if (awaits_key()) {
            report(ProblemKind::syntax, position(mark), "a key that is a word",
                   "a list, a mapping or nothing as key", frames_.back().path);
            throw Stop{};
        }
        auto node = std::make_shared<YamlNode>();
        node->kind = kind;
        node->position = position(mark);
        return node;
    }

    /// yaml-cpp takes a quote that is never closed for a text up to the end of the file.
    void check_quotes(const YAML::Mark& mark, const std::string& tag) {
        if (tag == "!" && !lines_.closes_quote(mark.line, mark.column)) {
            report(ProblemKind::syntax, position(mark), "a closing quote", "the end of the file",
                   current_path());
            throw Stop{};
        }
    }

    void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
        if (!tag.empty() && tag != "?" && tag != "!")
            report(ProblemKind::syntax, position(mark), "a value without YAML tag", "the tag " + tag,
                   current_path());
    }

    std::string current_path() const {
        if (frames_.empty())
            return {};
        const auto& frame = frames_.back();
        if (frame.node->kind == YamlNode::Kind::list)
            return fmt::format("{}[{}]", frame.path, frame.node->items.size());
        return frame.key ? join_key_path(frame.path, *frame.key) : frame.path;
    }

    bool awaits_key() const {
        return !frames_.empty() && frames_.back().node->kind == YamlNode::Kind::mapping &&
               !frames_.back().key;
    }

    void take_key(const YAML::Mark& mark, const std::string& key) {
        auto& frame = frames_.back();
        frame.key = key;
        frame.key_position = position(mark);
        const auto [first, fresh] = frame.seen.emplace(key, frame.key_position.line);
        frame.dropped = !fresh || key == "<<";
        if (!fresh)
            report(ProblemKind::duplicate_key, frame.key_position, "each key once",
                   fmt::format("a key that stands in line {} already", first->second),
                   join_key_path(frame.path, key));
        else if (key == "<<")
            report(ProblemKind::syntax, frame.key_position,
                   "keys written out, or an alias as the whole value", "the merge key \"<<\"", frame.path);
    }

    void open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
        refuse_tag(mark, tag);
        auto node = make(kind, mark);
        auto path = current_path();
        frames_.push_back({.node = std::move(node), .anchor = anchor, .path = std::move(path)});
    }

    void close() {
        auto frame = std::move(frames_.back());
        frames_.pop_back();
        remember(frame.anchor, frame.node);
        add(std::move(frame.node));
    }

    void remember(YAML::anchor_t anchor, const std::shared_ptr<YamlNode>& node) {
        if (anchor != 0)
            anchors_[anchor] = node;
    }

    void add(std::shared_ptr<const YamlNode> node) {
        if (frames_.empty()) {
            root_ = std::move(node);
            return;
        }
        auto& frame = frames_.back();
        frame.node->expanded_size += node->expanded_size;
        frame.node->depth = std::max(frame.node->depth, node->depth + 1);
        if (frame.node->expanded_size > limits_.nodes || frame.node->depth > limits_.depth) {
            report(ProblemKind::syntax, node->position,
                   fmt::format("at most {} values, nested at most {} deep, aliases followed", limits_.nodes,
                               limits_.depth),
                   "more", frame.path);
            throw Stop{};
        }
        if (frame.node->kind == YamlNode::Kind::list) {
            frame.node->items.push_back(std::move(node));
            return;
        }
        if (!frame.key) {  // an alias as key
            report(ProblemKind::syntax, node->position, "a key that is a word", "an alias as key",
                   frame.path);
            throw Stop{};
        }
        if (!frame.dropped)
            frame.node->entries.push_back({*frame.key, frame.key_position, std::move(node)});
        frame.key.reset();
    }

    const Lines& lines_;
    const std::string& file_;
    Problems& problems_;
    const YamlLimits& limits_;
    int documents_ = 0;
    std::vector<Frame> frames_;
    std::unordered_map<YAML::anchor_t, std::shared_ptr<const YamlNode>> anchors_;
    std::shared_ptr<const YamlNode> root_;
};

/// What yaml-cpp would misread: it ends the file at a byte 0x04, and cuts or guesses at what is not UTF-8.
bool check_characters(const Lines& lines, const std::string& file, Problems& problems) {
    bool good = true;
    const auto report = [&](std::size_t line, std::size_t column, std::string expected, std::string found) {
        good = false;
        problems.push_back({.kind = ProblemKind::unreadable,
                            .file = file,
                            .position = lines.at(static_cast<int>(line), static_cast<int>(column)),
                            .expected = std::move(expected),
                            .found = std::move(found)});
    };
    for (std::size_t i = 0; i < lines.count(); ++i) {
        auto line = lines.line(i);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (const auto bad = find_invalid_utf8(line)) {
            report(i, *bad, "UTF-8 text",
                   fmt::format("the byte 0x{:02x}", static_cast<unsigned char>(line[*bad])));
            continue;
        }
        const auto control = std::ranges::find_if(line, [](char c) {
            const auto byte = static_cast<unsigned char>(c);
            return (byte < 0x20 && c != '\t') || byte == 0x7f;
        });
        if (control != line.end())
            report(i, static_cast<std::size_t>(control - line.begin()), "text without control characters",
                   fmt::format("the byte 0x{:02x}", static_cast<unsigned char>(*control)));
    }
    return good;
}

/// Tabs at the very start of a line are always reported; those after spaces only where the file does not
/// parse, since they may be the content of a literal block.
bool check_tabs(const Lines& lines, const std::string& file, Problems& problems, bool after_spaces) {
    bool good = true;
    for (std::size_t i = 0; i < lines.count(); ++i) {
        const auto line = lines.line(i);
        const auto content = line.find_first_not_of(" \t\r");
        const auto tab = line.find('\t');
        if (content == std::string_view::npos || tab >= content || (after_spaces == (tab == 0)))
            continue;
        good = false;
        problems.push_back({.kind = ProblemKind::syntax,
                            .file = file,
                            .position = lines.at(static_cast<int>(i), static_cast<int>(tab)),
                            .expected = "spaces as indentation",
                            .found = "a tab"});
    }
    return good;
}

/// The commonest of the parser's messages in words of the person who wrote the file.
std::string explain(const std::string& message) {
    if (message == "end of map not found" || message == "end of sequence not found")
        return "a line whose indentation fits none of the lines before";
    if (message == "illegal map value")
        return "a second \": \" in one line, or a key in the wrong place (put texts with a colon into "
               "quotes)";
    if (message == "the referenced anchor is not defined")
        return "an alias whose anchor does not stand before it";
    if (message == "end of map flow not found" || message == "end of sequence flow not found")
        return "a bracket that is never closed";
    return "an error: " + message;
}

}  // namespace

std::shared_ptr<const YamlNode> parse_yaml(std::string_view text, const std::string& file, Problems& problems,
                                           const YamlLimits& limits) {
    if (text.size() > limits.bytes) {
        problems.push_back({.kind = ProblemKind::unreadable,
                            .file = file,
                            .expected = fmt::format("at most {} bytes", limits.bytes),
                            .found = fmt::format("{}", text.size())});
        return nullptr;
    }
    if (text.starts_with("\xef\xbb\xbf"))
        text.remove_prefix(3);
    const Lines lines(text);
    const bool characters = check_characters(lines, file, problems);
    if (const bool tabs = check_tabs(lines, file, problems, false); !characters || !tabs)
        return nullptr;

    TreeBuilder builder(lines, file, problems, limits);
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (const Stop&) {
        return nullptr;
    } catch (const YAML::Exception& error) {
        if (check_tabs(lines, file, problems, true))
            problems.push_back({.kind = ProblemKind::syntax,
                                .file = file,
                                .position = lines.at(error.mark.line, error.mark.column),
                                .expected = "well-formed YAML",
                                .found = explain(error.msg)});
        return nullptr;
    }
    if (!builder.root())
        problems.push_back(
            {.kind = ProblemKind::syntax, .file = file, .expected = "a mapping", .found = "an empty file"});
    return builder.root();
}

std::string join_key_path(const std::string& parent, std::string_view key) {
    const bool plain = !key.empty() && std::ranges::all_of(key, [](char c) {
        return c != '.' && c != '"' && c != '[' && c != ']' && c != ' ' &&
               static_cast<unsigned char>(c) > 0x20;
    });
    if (!plain)
        return fmt::format("{}[\"{}\"]", parent, key);
    return parent.empty() ? std::string(key) : fmt::format("{}.{}", parent, key);
}

}  // namespace calyptenora::settings
