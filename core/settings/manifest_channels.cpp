#include "settings/manifest_sections.hpp"

#include <fmt/format.h>

namespace calyptenora::settings {
namespace {

/// `${settings.KEY}` -> KEY.
std::optional<std::string> find_setting_reference(std::string_view text) {
    constexpr std::string_view begin = "${settings.";
    if (!text.starts_with(begin) || !text.ends_with('}'))
        return std::nullopt;
    return std::string(text.substr(begin.size(), text.size() - begin.size() - 1));
}

/// The setting must exist and hold hosts; anything else would open the broker to a text.
bool check_reference(const Field& field, const std::string& key, const Manifest& manifest) {
    const auto* spec = manifest.find_setting(key);
    if (!spec) {
        std::vector<std::string> known;
        for (const auto& setting : manifest.settings)
            known.push_back(fmt::format("${{settings.{}}}", setting.key));
        field.not_among("a setting of this manifest", known);
        return false;
    }
    const auto type = spec->type == SettingType::list ? spec->item_type : spec->type;
    if (type == SettingType::url || type == SettingType::host)
        return true;
    field.wrong("a setting of type url or host, or a list of these");
    return false;
}

StorageEntry read_storage(const Field& field) {
    StorageEntry entry;
    Object object = field.object("a mapping of name, kind and duration");
    object.required("name", "the name under which it is stored").text(entry.name, {.max_bytes = 200});
    object.required("kind", "cookie, local_storage, session_storage or indexed_db")
        .word(entry.kind, storage_kind_keys);
    const auto duration = object.required("duration", "how long it stays, such as 30d, or session");
    if (!(duration && duration.node()->text == "session"))
        duration.duration(entry.duration);
    return entry;
}

}  // namespace

void read_browser(const Field& field, Manifest& manifest) {
    if (!field)
        return;
    Object object = field.object();
    Browser browser;
    for (const auto& item : object.optional("frame_origins").items("a list of origins")) {
        std::string text;
        item.text(text);
        if (text.empty())
            continue;
        if (const auto key = find_setting_reference(text)) {
            if (check_reference(item, *key, manifest))
                browser.frame_origins.emplace_back(SettingReference{*key});
        } else if (const auto parts = find_url_parts(text);
                   parts && parts->is_origin && parts->scheme == "https") {
            browser.frame_origins.emplace_back(parts->origin());
        } else {
            item.wrong("an origin such as https://player.example, or ${settings.KEY}");
        }
    }
    for (const auto& item : object.optional("storage").items("a list of what is stored"))
        browser.storage.push_back(read_storage(item));
    manifest.browser = std::move(browser);
}

void read_egress_targets(const Field& field, Manifest& manifest) {
    for (const auto& item : field.items("a list of hosts")) {
        std::string text;
        item.text(text);
        if (text.empty())
            continue;
        if (const auto key = find_setting_reference(text)) {
            if (check_reference(item, *key, manifest))
                manifest.egress.emplace_back(SettingReference{*key});
        } else if (auto target = find_host_port(text, 0)) {
            manifest.egress.emplace_back(std::move(*target));
        } else {
            item.wrong("a host such as api.example or api.example:8443, or ${settings.KEY}");
        }
    }
}

void read_inbound(const Field& field, std::vector<InboundRoute>& out) {
    for (const auto& item : field.items("a list of inbound routes")) {
        InboundRoute route;
        Object object = item.object("a mapping of name, kind and headers");
        const auto name = object.required("name", "the route's name in its address");
        name.text(route.name);
        if (!route.name.empty() && !is_plugin_word(route.name))
            name.wrong("1 to 63 of a-z, 0-9, _ and -, beginning with a letter");
        object.required("kind", "webhook, return_visit, statement or mail")
            .word(route.kind, inbound_kind_keys);
        for (const auto& header : object.optional("headers").items("a list of header names")) {
            std::string text;
            header.text(text, {.max_bytes = 100});
            for (auto& c : text)
                c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
            const bool is_name = std::ranges::all_of(
                text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
            if (text == "cookie" || text == "authorization" || !is_name)
                header.wrong("the name of a header; never Cookie or Authorization, which plugins do not see");
            else if (!text.empty())
                route.headers.push_back(std::move(text));
        }
        if (std::ranges::find(out, route.name, &InboundRoute::name) != out.end())
            name.wrong("a name that no other route has");
        out.push_back(std::move(route));
    }
}

}  // namespace calyptenora::settings
