#include "settings/manifest_sections.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <regex>

namespace calyptenora::settings {
namespace {

constexpr std::array<std::string_view, 2> web_schemes{"https", "http"};
constexpr std::size_t longest_text = 1000;  // std::regex recurses once per character

std::optional<std::regex> find_regex(const std::string& pattern) {
    try {
        return std::regex(pattern, std::regex::ECMAScript);
    } catch (const std::regex_error&) {
        return std::nullopt;
    }
}

bool is_number_like(SettingType type) {
    return type == SettingType::integer || type == SettingType::duration || type == SettingType::list;
}

std::string range_text(const SettingSpec& spec, std::string_view unit) {
    if (spec.min && spec.max)
        return fmt::format("{} to {}{}", *spec.min, *spec.max, unit);
    return spec.min ? fmt::format("at least {}{}", *spec.min, unit)
                    : fmt::format("at most {}{}", *spec.max, unit);
}

bool in_range(const SettingSpec& spec, std::int64_t value) {
    return (!spec.min || value >= *spec.min) && (!spec.max || value <= *spec.max);
}

boost::json::value read_text_like(const Field& field, const SettingSpec& spec, SettingType type) {
    std::string text;
    if (type == SettingType::url)
        field.url(text, web_schemes);
    else if (type == SettingType::host) {
        HostPort target;
        field.host_port(target, 443);
        if (target.port != 0)
            text = target.port == 443 ? target.host : fmt::format("{}:{}", target.host, target.port);
    } else if (type == SettingType::email)
        field.email(text);
    else
        field.text(text, {.max_bytes = longest_text});
    if (text.empty())
        return nullptr;
    if (!spec.pattern.empty() && !std::regex_match(text, *find_regex(spec.pattern))) {
        field.wrong(fmt::format("a text that matches {}", spec.pattern));
        return nullptr;
    }
    return boost::json::string(text);
}

boost::json::value read_list(const Field& field, const SettingSpec& spec) {
    boost::json::array list;
    for (const auto& item : field.items())
        list.push_back(read_text_like(item, spec, spec.item_type));
    if (field.is_list() && !in_range(spec, static_cast<std::int64_t>(list.size())))
        field.wrong_hidden(fmt::format("{} items", range_text(spec, "")), fmt::format("{}", list.size()));
    return list;
}

boost::json::value read_choice(const Field& field, const SettingSpec& spec) {
    std::string text;
    field.text(text);
    if (text.empty())
        return nullptr;
    if (std::ranges::find(spec.one_of, text) != spec.one_of.end())
        return boost::json::string(text);
    field.not_among(fmt::format("one of {}", fmt::join(spec.one_of, ", ")), spec.one_of);
    return nullptr;
}

void read_constraint(const Field& field, SettingSpec& spec) {
    Object object = field.object("a mapping of min, max, pattern, one_of");
    constexpr std::int64_t largest = std::int64_t{1} << 53;
    for (const auto bound : {"min", "max"}) {
        const auto value = object.optional(bound);
        if (!value)
            continue;
        if (!is_number_like(spec.type))
            value.wrong_hidden("min and max for integer, duration and list only", "another type");
        auto& target = std::string_view(bound) == "min" ? spec.min : spec.max;
        if (spec.type == SettingType::duration) {
            std::chrono::milliseconds duration{-1};
            value.duration(duration);
            if (duration.count() >= 0)
                target = duration.count();
        } else {
            value.integer(target.emplace(0), -largest, largest);
        }
    }
    if (spec.min && spec.max && *spec.min > *spec.max)
        field.wrong_hidden("min not above max", fmt::format("{} and {}", *spec.min, *spec.max));
    const auto pattern = object.optional("pattern");
    pattern.text(spec.pattern);
    if (!spec.pattern.empty() && !find_regex(spec.pattern)) {
        pattern.wrong("an ECMAScript regular expression");
        spec.pattern.clear();
    }
    const auto words = object.optional("one_of");
    for (const auto& item : words.items("a list of words"))
        item.text(spec.one_of.emplace_back());
    if (words && spec.type != SettingType::choice)
        words.wrong_hidden("one_of for type enum only", "another type");
    if (spec.type == SettingType::choice && spec.one_of.empty())
        words.missing("the words to choose from, since the type is enum");
}

SettingSpec read_spec(const std::string& key, const Field& field) {
    SettingSpec spec;
    spec.key = key;
    Object object = field.object("a mapping that describes the setting");
    object.required("type", "string, integer, boolean, url, host, email, duration, secret, enum or list")
        .word(spec.type, setting_type_keys);
    const auto items = object.optional("items");
    items.word(spec.item_type, setting_type_keys);
    const bool item_is_text = spec.item_type == SettingType::string || spec.item_type == SettingType::url ||
                              spec.item_type == SettingType::host || spec.item_type == SettingType::email;
    if (items && (spec.type != SettingType::list || !item_is_text))
        items.wrong("string, url, host or email as items of a list");
    object.optional("required").boolean(spec.required);
    const auto constraint = object.optional("constraint");
    read_constraint(constraint
                        ? constraint
                        : Field(field.source(), field.problems(), field.key_path(), field.key_position()),
                    spec);
    const auto standard = object.optional("default");
    if (standard && spec.type == SettingType::secret)
        standard.wrong_hidden("no default for a secret", "one (not shown)");
    else if (standard && spec.required)
        standard.wrong_hidden("either required or a default", "both");
    else if (standard)
        spec.default_value = read_setting_value(standard, spec);
    read_localised(object.required("description", "what the setting is for, in de and en"), spec.description);
    return spec;
}

}  // namespace

bool is_setting_key(std::string_view text) {
    return is_plugin_word(text) && text.find('-') == std::string_view::npos;
}

void read_setting_specs(const Field& field, std::vector<SettingSpec>& out) {
    for (const auto& [key, value] : field.entries("a mapping of settings")) {
        if (!is_setting_key(key))
            value.wrong_hidden("a key of a-z, 0-9 and _, beginning with a letter",
                               fmt::format("\"{}\"", key));
        out.push_back(read_spec(key, value));
    }
}

boost::json::value read_setting_value(const Field& field, const SettingSpec& spec) {
    if (!field)
        return nullptr;
    switch (spec.type) {
        case SettingType::integer: {
            constexpr std::int64_t largest = std::int64_t{1} << 53;  // what JSON keeps exactly everywhere
            std::optional<std::int64_t> number;
            field.integer(number, spec.min.value_or(-largest), spec.max.value_or(largest));
            return number ? boost::json::value(*number) : boost::json::value();
        }
        case SettingType::boolean: {
            const auto before = field.problems().size();
            bool value = false;
            field.boolean(value);
            return field.problems().size() == before ? boost::json::value(value) : boost::json::value();
        }
        case SettingType::duration: {
            std::chrono::milliseconds duration{-1};
            field.duration(duration);
            if (duration.count() < 0)
                return nullptr;
            if (!in_range(spec, duration.count()))
                field.wrong(fmt::format("a duration of {}", range_text(spec, " ms")));
            return duration.count();
        }
        case SettingType::choice:
            return read_choice(field, spec);
        case SettingType::list:
            return read_list(field, spec);
        case SettingType::string:
        case SettingType::url:
        case SettingType::host:
        case SettingType::email:
        case SettingType::secret:
            return read_text_like(field, spec, spec.type);
    }
    return nullptr;
}

}  // namespace calyptenora::settings
