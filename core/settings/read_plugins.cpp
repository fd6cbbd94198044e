#include "settings/categories.hpp"
#include "settings/sections.hpp"

#include <fmt/format.h>

namespace calyptenora::settings {
namespace {

std::vector<std::string> all_purposes() {
    return {purpose_keys.begin(), purpose_keys.end()};
}

void read_fields(const Field& field, std::vector<FieldGrant>& out) {
    for (const auto& [key, value] : field.entries("a mapping of data categories to true or false")) {
        FieldGrant grant{
            .key = key, .categories = categories_named_by(key), .position = value.key_position()};
        if (!is_category_or_prefix(key)) {
            value.unknown_key(key, category_words());
            continue;
        }
        if (!value)
            value.missing("true or false");
        value.boolean(grant.granted);
        out.push_back(std::move(grant));
    }
    for (const auto& broad : out)
        for (const auto& narrow : out)
            if (!broad.granted && narrow.granted && narrow.key.starts_with(broad.key + "."))
                field.find(narrow.key)
                    .wrong(fmt::format("false, since {} is denied and a denial always wins", broad.key));
}

std::optional<PurposeGrant> read_purpose(const std::string& key, const Field& field) {
    const auto purpose = find_term<Purpose>(key);
    if (!purpose) {
        field.unknown_key(key, all_purposes());
        return std::nullopt;
    }
    PurposeGrant grant{.purpose = *purpose, .position = field.key_position()};
    Object object = field.object();
    object.optional("enabled").boolean(grant.enabled);
    if (const auto basis = object.optional("legal_basis")) {
        LegalBasis value{};
        const auto before = field.problems().size();
        basis.word(value);
        if (field.problems().size() == before)
            grant.legal_basis = value;
        grant.basis_position = basis.position();
    }
    read_fields(object.optional("fields"), grant.fields);
    if (const auto retention = object.optional("retention_days")) {
        std::chrono::days days{-1};
        retention.integer(days, 0, 36500);
        if (days.count() >= 0)
            grant.retention_days = days;
        grant.retention_position = retention.position();
    }
    return grant;
}

void read_instance(const Field& field, Instance& out) {
    Object object = field.object();
    bool enabled = true;
    object.optional("enabled").boolean(enabled);
    object.optional("isolation").word(out.isolation, isolation_keys);
    object.optional("restart_on_withdrawal").boolean(out.restart_on_withdrawal);
    out.recipient = read_recipient(object.optional("recipient"));
    out.state = !enabled        ? InstanceState::disabled
                : out.recipient ? InstanceState::on
                                : InstanceState::no_recipient;
    for (const auto& [key, value] : object.optional("purposes").entries("a mapping of purposes"))
        if (auto grant = read_purpose(key, value))
            out.purposes.push_back(std::move(*grant));
    const auto settings = object.optional("settings");
    if (settings && !settings.is_mapping())
        settings.wrong("a mapping");
    out.settings = settings.node();
    out.settings_position = settings.key_position();
}

}  // namespace

void read_plugins(const Field& field, std::map<InstanceId, Instance>& out) {
    for (const auto& [key, value] : field.entries("a mapping of plugin instances, family/name")) {
        auto id = parse_instance_id(key);
        if (id && !id->family())
            id = Error(ErrorKind::invalid_input, "the core's own mail is configured in the section mail");
        if (!id) {
            value.wrong_hidden("family/name or family/name@label as key", fmt::format("\"{}\"", key),
                               id.error().message);
            continue;
        }
        Instance instance{.id = *id, .position = value.key_position()};
        read_instance(value, instance);
        out.emplace(*id, std::move(instance));
    }
}

}  // namespace calyptenora::settings
