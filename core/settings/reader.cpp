#include "settings/reader.hpp"

#include "settings/country.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <fstream>

namespace calyptenora::settings {
namespace {

/// A scalar as a problem shows it: quoted, and cut at a character where it is long.
std::string in_quotes(std::string_view text) {
    constexpr std::size_t limit = 60;
    if (text.size() <= limit)
        return fmt::format("\"{}\"", text);
    auto end = limit;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
        --end;
    return fmt::format("\"{}...\"", text.substr(0, end));
}

std::vector<std::string> to_strings(std::span<const std::string_view> words) {
    return {words.begin(), words.end()};
}

std::string one_of(std::span<const std::string> words) {
    return fmt::format("one of {}", fmt::join(words, ", "));
}

}  // namespace

Field::Field(const SourceFile& source, Problems& problems, std::shared_ptr<const YamlNode> node,
             std::string path, Position key_position)
    : source_(&source),
      problems_(&problems),
      node_(std::move(node)),
      path_(std::move(path)),
      key_position_(key_position) {}

Position Field::position() const {
    return *this ? node_->position : key_position_;
}

std::string Field::shown() const {
    if (!node_)
        return "nothing";
    switch (node_->kind) {
        case YamlNode::Kind::null:
            return "nothing";
        case YamlNode::Kind::list:
            return "a list";
        case YamlNode::Kind::mapping:
            return "a mapping";
        case YamlNode::Kind::scalar:
            break;
    }
    // Whoever writes a password into a URL of the wrong place must not find it in a log.
    const auto authority = node_->text.find("://");
    const auto at = node_->text.rfind('@');
    if (authority != std::string::npos && at != std::string::npos && at > authority)
        return in_quotes(node_->text.substr(0, authority + 3) + "..." + node_->text.substr(at));
    return in_quotes(node_->text);
}

Problem& Field::report(ProblemKind kind, std::string expected, std::string found, std::string remedy) const {
    return problems_->emplace_back(Problem{.kind = kind,
                                           .file = source_->name,
                                           .position = position(),
                                           .key_path = path_,
                                           .expected = std::move(expected),
                                           .found = std::move(found),
                                           .remedy = std::move(remedy)});
}

void Field::wrong(std::string expected, std::string remedy) const {
    report(ProblemKind::wrong_value, std::move(expected), shown(), std::move(remedy));
}

void Field::wrong_hidden(std::string expected, std::string found, std::string remedy) const {
    report(ProblemKind::wrong_value, std::move(expected), std::move(found), std::move(remedy));
}

void Field::not_among(std::string expected, std::span<const std::string> known) const {
    auto& problem = report(ProblemKind::wrong_value, std::move(expected), shown());
    if (node_ && node_->kind == YamlNode::Kind::scalar)
        problem.nearest_known_key = find_nearest(node_->text, known);
}

void Field::unknown_key(std::string_view key, std::span<const std::string> known) const {
    auto& problem = report(ProblemKind::unknown_key, known.empty() ? "no keys here" : one_of(known));
    problem.position = key_position_;
    problem.nearest_known_key = find_nearest(key, known);
}

void Field::missing(std::string expected, std::string remedy) const {
    auto& problem = report(ProblemKind::missing_key, std::move(expected), {}, std::move(remedy));
    problem.position = key_position_;
}

void Field::warn(std::string expected, std::string found, std::string remedy) const {
    report(ProblemKind::wrong_value, std::move(expected), std::move(found), std::move(remedy)).severity =
        Severity::warning;
}

Field Field::find(std::string_view key) const {
    auto path = join_key_path(path_, key);
    if (is_mapping()) {
        const auto found = std::ranges::find(node_->entries, key, &YamlNode::Entry::key);
        if (found != node_->entries.end())
            return {*source_, *problems_, found->value, std::move(path), found->key_position};
    }
    return {*source_, *problems_, std::move(path), key_position_};
}

void Field::text(std::string& out, TextLimits limits) const {
    auto value = scalar("a text");
    if (!value)
        return;
    if (value->value.size() < limits.min_bytes || value->value.size() > limits.max_bytes)
        wrong_hidden(fmt::format("a text of {} to {} bytes", limits.min_bytes, limits.max_bytes),
                     fmt::format("{} bytes", value->value.size()));
    else
        out = std::move(value->value);
}

void Field::boolean(bool& out) const {
    const auto value = scalar("true or false");
    if (!value)
        return;
    if (value->value == "true" || value->value == "false")
        out = value->value == "true";
    else
        wrong("true or false");
}

std::optional<std::int64_t> Field::whole_number(std::int64_t min, std::int64_t max) const {
    const auto expected = fmt::format("a whole number from {} to {}", min, max);
    const auto value = scalar(expected);
    if (!value)
        return std::nullopt;
    std::int64_t number = 0;
    const auto* end = value->value.data() + value->value.size();
    const auto [stop, error] = std::from_chars(value->value.data(), end, number);
    if (value->value.empty() || error != std::errc{} || stop != end || number < min || number > max) {
        wrong(expected);
        return std::nullopt;
    }
    return number;
}

std::optional<std::size_t> Field::index_of_word(std::span<const std::string_view> keys) const {
    const auto known = to_strings(keys);
    const auto value = scalar(one_of(known));
    if (!value)
        return std::nullopt;
    const auto found = std::ranges::find(known, value->value);
    if (found == known.end()) {
        not_among(one_of(known), known);
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - known.begin());
}

void Field::host(std::string& out) const {
    auto value = scalar("a host name");
    if (value && !is_host(value->value))
        wrong("a host name");
    else if (value)
        out = find_host_port(value->value, 1)->host;
}

void Field::email(std::string& out) const {
    auto value = scalar("an e-mail address");
    if (value && !is_email(value->value))
        wrong("an e-mail address");
    else if (value)
        out = std::move(value->value);
}

void Field::date(std::chrono::year_month_day& out) const {
    const auto value = scalar("a date, YYYY-MM-DD");
    if (!value)
        return;
    if (const auto date = find_date(value->value))
        out = *date;
    else
        wrong("a date, YYYY-MM-DD");
}

void Field::duration(std::chrono::milliseconds& out) const {
    constexpr std::string_view expected = "a duration such as 500ms, 30s, 5min, 2h or 7d";
    const auto value = scalar(expected);
    if (!value)
        return;
    if (const auto duration = find_duration(value->value))
        out = *duration;
    else
        wrong(std::string(expected));
}

void Field::url(std::string& out, std::span<const std::string_view> schemes) const {
    const auto expected =
        fmt::format("an absolute URL that begins with {}://", fmt::join(schemes, ":// or "));
    auto value = scalar(expected);
    if (!value)
        return;
    const auto parts = find_url_parts(value->value);
    if (!parts || std::ranges::find(schemes, parts->scheme) == schemes.end())
        wrong(expected);
    else if (parts->has_userinfo)
        wrong_hidden("a URL without user name and password", "one with them (not shown)",
                     "write them as settings of their own");
    else
        out = std::move(value->value);
}

void Field::host_port(HostPort& out, std::uint16_t default_port) const {
    const auto value = scalar("host:port");
    if (!value)
        return;
    if (auto found = find_host_port(value->value, default_port); found && found->port != 0)
        out = std::move(*found);
    else
        wrong("host:port");
}

void Field::path(std::filesystem::path& out) const {
    std::string value;
    text(value, {.min_bytes = 1, .max_bytes = 4000});
    if (!value.empty())
        out = (source_->folder / value).lexically_normal();
}

void Field::existing_file(std::filesystem::path& out) const {
    std::filesystem::path value;
    path(value);
    std::error_code error;
    if (!value.empty() && !std::filesystem::is_regular_file(value, error))
        wrong_hidden(fmt::format("a file at {}", value.string()), "none");
    else if (!value.empty())
        out = value;
}

void Field::existing_folder(std::filesystem::path& out) const {
    std::filesystem::path value;
    path(value);
    std::error_code error;
    if (!value.empty() && !std::filesystem::is_directory(value, error))
        wrong_hidden(fmt::format("a folder at {}", value.string()), "none");
    else if (!value.empty())
        out = value;
}

void Field::country(std::string& out) const {
    constexpr std::string_view expected = "an ISO 3166 country code of two letters, such as DE";
    auto value = scalar(expected);
    if (value && !is_country(value->value))
        wrong(std::string(expected));
    else if (value)
        out = std::move(value->value);
}

Object Field::object(std::string_view expected) const {
    if (*this && !is_mapping())
        wrong(std::string(expected));
    return Object(*this);
}

std::vector<Field> Field::items(std::string_view expected) const {
    std::vector<Field> fields;
    if (!*this)
        return fields;
    if (!is_list()) {
        wrong(std::string(expected));
        return fields;
    }
    for (std::size_t i = 0; i < node_->items.size(); ++i) {
        const auto& item = node_->items[i];
        fields.emplace_back(*source_, *problems_, item, fmt::format("{}[{}]", path_, i), item->position);
        if (!fields.back())
            fields.back().missing("a value, since an item of a list stands here");
    }
    return fields;
}

std::vector<std::pair<std::string, Field>> Field::entries(std::string_view expected) const {
    std::vector<std::pair<std::string, Field>> fields;
    if (!*this)
        return fields;
    if (!is_mapping()) {
        wrong(std::string(expected));
        return fields;
    }
    for (const auto& entry : node_->entries)
        fields.emplace_back(entry.key, Field(*source_, *problems_, entry.value,
                                             join_key_path(path_, entry.key), entry.key_position));
    return fields;
}

Object::Object(Field field) : field_(std::move(field)) {}

Object::~Object() {
    if (!field_.is_mapping())
        return;
    for (const auto& [key, field] : field_.entries())
        if (std::ranges::find(known_, key) == known_.end())
            field.unknown_key(key, known_);
}

bool Object::has(std::string_view key) const {
    return field_.find(key).node() != nullptr;
}

Field Object::optional(std::string_view key) {
    known_.emplace_back(key);
    return field_.find(key);
}

Field Object::required(std::string_view key, std::string_view expected) {
    auto value = optional(key);
    if (!value && *this)
        value.missing(std::string(expected));
    return value;
}

Field open_yaml(std::string_view text, const SourceFile& source, Problems& problems) {
    return {source, problems, parse_yaml(text, source.name, problems), "", Position{1, 1}};
}

std::optional<std::string> load_text(const std::filesystem::path& path, const std::string& shown_name,
                                     std::size_t max_bytes, Problems& problems) {
    const auto unreadable = [&](std::string expected, std::string found) {
        problems.push_back({.kind = ProblemKind::unreadable,
                            .file = shown_name,
                            .expected = std::move(expected),
                            .found = std::move(found)});
        return std::nullopt;
    };
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error))
        return unreadable("a readable file", error ? error.message() : "something else");
    std::ifstream stream(path, std::ios::binary);
    if (!stream)
        return unreadable("a readable file", "one that must not be read");
    std::string text(max_bytes + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    if (text.size() > max_bytes)
        return unreadable(fmt::format("at most {} bytes", max_bytes), "more");
    return text;
}

}  // namespace calyptenora::settings
