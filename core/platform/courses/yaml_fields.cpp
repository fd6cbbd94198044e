#include "platform/courses/yaml_fields.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <numeric>

namespace calyptenora::platform {

namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t(0));
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[b.size()];
}

}  // namespace

std::string nearest_name(std::string_view key, const std::vector<std::string_view>& known) {
    std::string_view best;
    std::size_t best_distance = std::max<std::size_t>(2, key.size() / 3) + 1;
    for (const std::string_view name : known) {
        const std::size_t distance = edit_distance(key, name);
        if (distance < best_distance) {
            best_distance = distance;
            best = name;
        }
    }
    return std::string(best);
}

YamlFields::YamlFields(const YAML::Node& node, std::filesystem::path file, int line_offset,
                       std::vector<std::string_view> known, Problems& problems)
    : node_(node), file_(std::move(file)), line_offset_(line_offset), problems_(&problems) {
    std::vector<std::string> seen;
    for (const auto& entry : node_) {
        const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : std::string("?");
        if (std::find(seen.begin(), seen.end(), key) != seen.end())
            error(line_of(entry.first), fmt::format("the key \"{}\" is there twice", key),
                  "keep one of them");
        seen.push_back(key);
        if (std::find(known.begin(), known.end(), key) != known.end())
            continue;
        const std::string nearest = nearest_name(key, known);
        error(line_of(entry.first), fmt::format("unknown key \"{}\"", key),
              nearest.empty() ? fmt::format("known keys are: {}", fmt::join(known, ", "))
                              : fmt::format("did you mean \"{}\"?", nearest));
    }
}

std::optional<YamlFields> YamlFields::parse(const std::string& yaml, const std::filesystem::path& file,
                                            int line_offset, std::vector<std::string_view> known,
                                            Problems& problems) {
    try {
        YAML::Node node = YAML::Load(yaml);
        if (node.IsMap())
            return YamlFields(node, file, line_offset, std::move(known), problems);
        problems.push_back({Problem::Severity::error, file, line_offset + 1,
                            "expected lines of the form \"key: value\"",
                            fmt::format("known keys are: {}", fmt::join(known, ", "))});
    } catch (const YAML::Exception& failure) {
        problems.push_back({Problem::Severity::error, file, line_offset + std::max(failure.mark.line, 0) + 1,
                            "this is not valid YAML: " + failure.msg,
                            "check the indentation, and put texts with : or # in quotes"});
    }
    return std::nullopt;
}

std::string YamlFields::required_text(const char* key, std::string_view example) {
    std::string value = text(key);
    const bool wrong_kind = has(key) && !node_[key].IsScalar() && !node_[key].IsNull();
    if (value.empty() && !wrong_kind)
        error(line_of_key(key), fmt::format("\"{}\" is missing or empty", key),
              fmt::format("add \"{}: {}\"", key, example));
    return value;
}

std::string YamlFields::text(const char* key) {
    const YAML::Node value = node_[key];
    if (!value || value.IsNull())
        return {};
    if (!value.IsScalar()) {
        error(line_of(value), fmt::format("\"{}\" must be a text", key),
              "write it in one line, in quotes if needed");
        return {};
    }
    return value.Scalar();
}

std::optional<int> YamlFields::number(const char* key, int least, int most) {
    const std::string value = text(key);
    if (value.empty())
        return std::nullopt;
    int parsed = 0;
    const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), parsed);
    if (failure == std::errc() && end == value.data() + value.size() && parsed >= least && parsed <= most)
        return parsed;
    error(line_of(node_[key]),
          fmt::format("\"{}: {}\" is no whole number from {} to {}", key, value, least, most),
          fmt::format("write a number such as {}", least));
    return std::nullopt;
}

std::vector<std::string> YamlFields::texts(const char* key) {
    const YAML::Node value = node_[key];
    if (!value || value.IsNull())
        return {};
    if (value.IsScalar())
        return {value.Scalar()};
    std::vector<std::string> all;
    for (const auto& item : value) {
        if (value.IsSequence() && item.IsScalar() && !item.Scalar().empty())
            all.push_back(item.Scalar());
        else
            error(line_of(value.IsSequence() ? YAML::Node(item) : value),
                  fmt::format("\"{}\" must be a list of texts", key),
                  fmt::format("write it as \"{}: [one, two]\"", key));
    }
    return all;
}

std::optional<DueDate> YamlFields::due_date(const char* key) {
    const std::string said = text(key);
    if (said.empty())
        return std::nullopt;
    auto due = parse_due_date(said);
    if (due)
        return *due;
    const std::string& message = due.error().message;
    const auto remedy = message.rfind("; ");
    error(line_of_key(key), message.substr(0, remedy), message.substr(remedy + 2));
    return std::nullopt;
}

int YamlFields::line_of(const YAML::Node& node) const {
    const int line = node.Mark().line;
    return line < 0 ? line_offset_ + 1 : line_offset_ + line + 1;
}

int YamlFields::line_of_key(std::string_view key) const {
    for (const auto& entry : node_)
        if (entry.first.IsScalar() && entry.first.Scalar() == key)
            return line_of(entry.first);
    return line();
}

void YamlFields::error(int line, std::string what, std::string remedy) {
    problems_->push_back({Problem::Severity::error, file_, line, std::move(what), std::move(remedy)});
}

void YamlFields::warning(int line, std::string what, std::string remedy) {
    problems_->push_back({Problem::Severity::warning, file_, line, std::move(what), std::move(remedy)});
}

}  // namespace calyptenora::platform
