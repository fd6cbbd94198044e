#include "settings/plugin_settings.hpp"

#include "settings/categories.hpp"
#include "settings/manifest_sections.hpp"
#include "settings/sections.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace calyptenora::settings {
namespace {

std::string path_of(const Instance& instance) {
    return join_key_path("plugins", instance.id.text());
}

void read_secret_list(const Field& field, std::vector<Secret>& out) {
    if (!field)
        return;
    if (!field.is_list()) {
        field.secret(out.emplace_back());
        return;
    }
    for (const auto& item : field.items())
        item.secret(out.emplace_back());
}

PluginSettings read_values(const Field& field, const Manifest& manifest) {
    boost::json::object visible;
    std::map<std::string, std::vector<Secret>> secrets;
    Object object = field.object("a mapping of the plugin's settings");
    for (const auto& spec : manifest.settings) {
        const auto value = object.optional(spec.key);
        if (spec.required && !value)
            value.missing(fmt::format("{} ({})", setting_type_keys[static_cast<std::size_t>(spec.type)],
                                      spec.description.en));
        if (spec.type == SettingType::secret) {
            read_secret_list(value, secrets[spec.key]);
            continue;
        }
        auto json = value ? read_setting_value(value, spec) : spec.default_value;
        if (!json.is_null())
            visible[spec.key] = std::move(json);
    }
    return {std::move(visible), std::move(secrets)};
}

/// Both for what stands in the settings under a key: one text, or a list of them.
std::vector<std::string> texts_at(const PluginSettings& settings, const std::string& key) {
    std::vector<std::string> texts;
    const auto* value = settings.visible().if_contains(key);
    if (value && value->is_string())
        texts.emplace_back(value->get_string());
    if (value && value->is_array())
        for (const auto& item : value->get_array())
            if (item.is_string())
                texts.emplace_back(item.get_string());
    return texts;
}

std::vector<HostPort> resolve_egress(const Manifest& manifest, const PluginSettings& settings) {
    std::vector<HostPort> targets;
    const auto add = [&](HostPort target) {
        if (std::ranges::find(targets, target) == targets.end())
            targets.push_back(std::move(target));
    };
    for (const auto& target : manifest.egress) {
        if (const auto* fixed = std::get_if<HostPort>(&target)) {
            add({fixed->host, fixed->port == 0 ? std::uint16_t{443} : fixed->port});
            continue;
        }
        for (const auto& text : texts_at(settings, std::get<SettingReference>(target).key)) {
            if (const auto url = find_url_parts(text))
                add({url->host, url->port});
            else if (auto host = find_host_port(text, 443))
                add(std::move(*host));
        }
    }
    return targets;
}

std::vector<std::string> resolve_frame_origins(const Manifest& manifest, const PluginSettings& settings) {
    std::vector<std::string> origins;
    if (!manifest.browser)
        return origins;
    const auto add = [&](std::string origin) {
        if (std::ranges::find(origins, origin) == origins.end())
            origins.push_back(std::move(origin));
    };
    for (const auto& entry : manifest.browser->frame_origins) {
        if (const auto* fixed = std::get_if<std::string>(&entry)) {
            add(*fixed);
            continue;
        }
        for (const auto& text : texts_at(settings, std::get<SettingReference>(entry).key)) {
            const auto url = find_url_parts(text);
            add(url ? url->origin() : "https://" + text);
        }
    }
    return origins;
}

class NarrowingCheck {
  public:
    NarrowingCheck(const Settings& settings, const Instance& instance, const Manifest& manifest,
                   Problems& problems)
        : settings_(settings), instance_(instance), manifest_(manifest), problems_(problems) {}

    void run() {
        for (const auto& grant : instance_.purposes) {
            const auto path = join_key_path(path_of(instance_) + ".purposes", key_of(grant.purpose));
            if (const auto* declared = manifest_.find_purpose(grant.purpose))
                check_purpose(grant, *declared, path);
            else
                unknown_purpose(grant, path);
        }
        for (const auto& declared : manifest_.purposes)
            check_required(declared);
    }

  private:
    Problem& report(ProblemKind kind, Position position, std::string path, std::string expected,
                    std::string found = {}) {
        return problems_.emplace_back(Problem{.kind = kind,
                                              .file = settings_.source.name,
                                              .position = position,
                                              .key_path = std::move(path),
                                              .expected = std::move(expected),
                                              .found = std::move(found)});
    }

    void unknown_purpose(const PurposeGrant& grant, const std::string& path) {
        std::vector<std::string> known;
        for (const auto& purpose : manifest_.purposes)
            known.emplace_back(key_of(purpose.purpose));
        report(ProblemKind::unknown_key, grant.position, path,
               fmt::format("a purpose that {} declares", instance_.id.plugin_name()))
            .nearest_known_key = find_nearest(key_of(grant.purpose), known);
    }

    void check_purpose(const PurposeGrant& grant, const ManifestPurpose& declared, const std::string& path) {
        if (grant.legal_basis && !is_same_or_tighter(declared.legal_basis, *grant.legal_basis))
            report(ProblemKind::wrong_value, grant.basis_position, path + ".legal_basis",
                   fmt::format("{} or a tighter basis (consent, explicit_consent)",
                               key_of(declared.legal_basis)),
                   fmt::format("\"{}\"", key_of(*grant.legal_basis)));
        if (grant.retention_days && declared.retention_days &&
            *grant.retention_days > *declared.retention_days)
            report(ProblemKind::wrong_value, grant.retention_position, path + ".retention_days",
                   fmt::format("at most {}, what the plugin declares", declared.retention_days->count()),
                   fmt::format("\"{}\"", grant.retention_days->count()));
        for (const auto& field : grant.fields)
            check_field(grant, field, declared, path + ".fields");
    }

    void check_field(const PurposeGrant& grant, const FieldGrant& field, const ManifestPurpose& declared,
                     const std::string& path) {
        const auto touched =
            declared.categories() & (field.granted ? field.categories : categories_under(field.key));
        if (touched.empty()) {
            std::vector<std::string> known;
            for (const auto& one : declared.fields)
                known.push_back(one.key);
            report(ProblemKind::unknown_key, field.position, join_key_path(path, field.key),
                   known.empty() ? "no fields here" : fmt::format("one of {}", fmt::join(known, ", ")))
                .nearest_known_key = find_nearest(field.key, known);
            return;
        }
        for (const auto& one : declared.fields)
            if (grant.enabled && !field.granted && one.required &&
                !(categories_under(field.key) & one.categories).empty()) {
                auto& problem =
                    report(ProblemKind::wrong_value, field.position, join_key_path(path, field.key),
                           fmt::format("{} to be granted, since the plugin cannot work without it", one.key),
                           "false");
                problem.severity = Severity::warning;
                problem.remedy = "if it must not leave, disable the purpose: enabled: false";
            }
    }

    /// What is required and granted by its own name only, and nobody has named it.
    void check_required(const ManifestPurpose& declared) {
        const auto found = std::ranges::find(instance_.purposes, declared.purpose, &PurposeGrant::purpose);
        const auto grant =
            found == instance_.purposes.end() ? PurposeGrant{.purpose = declared.purpose} : *found;
        if (!grant.enabled)
            return;
        CategoryMask denied;
        for (const auto& field : grant.fields)
            if (!field.granted)
                denied |= categories_under(field.key);
        for (const auto& one : declared.fields) {
            const auto missing = one.categories - granted_categories(one, grant.fields) - denied;
            if (!one.required || missing.empty())
                continue;
            auto& problem = report(
                ProblemKind::missing_key, instance_.position,
                join_key_path(path_of(instance_) + ".purposes", key_of(declared.purpose)) + ".fields",
                fmt::format("{} to be granted by its own name, since the plugin cannot work without it",
                            one.key));
            problem.severity = Severity::warning;
            problem.remedy =
                fmt::format("write {}: true; until then the purpose is off, as with enabled: false", one.key);
        }
    }

    const Settings& settings_;
    const Instance& instance_;
    const Manifest& manifest_;
    Problems& problems_;
};

std::vector<EffectivePurpose> effective_purposes(const Instance& instance, const Manifest& manifest) {
    std::vector<EffectivePurpose> purposes;
    for (const auto& declared : manifest.purposes) {
        const auto found = std::ranges::find(instance.purposes, declared.purpose, &PurposeGrant::purpose);
        const PurposeGrant grant =
            found == instance.purposes.end() ? PurposeGrant{.purpose = declared.purpose} : *found;
        EffectivePurpose effective{
            .purpose = declared.purpose,
            .enabled = grant.enabled,
            .legal_basis = grant.legal_basis.value_or(declared.legal_basis),
            .device_access = declared.device_access,
            .cookie_category = declared.cookie_category,
            .retention_days = grant.retention_days ? grant.retention_days : declared.retention_days,
            .fields = {}};
        for (const auto& field : declared.fields)
            effective.fields.push_back({.categories = granted_categories(field, grant.fields),
                                        .declared = field.categories,
                                        .required = field.required,
                                        .transform = field.transform,
                                        .why = field.why});
        purposes.push_back(std::move(effective));
    }
    return purposes;
}

}  // namespace

const std::vector<Secret>& PluginSettings::secrets(const std::string& key) const {
    static const std::vector<Secret> none;
    const auto found = secrets_.find(key);
    return found == secrets_.end() ? none : found->second;
}

std::string PluginSettings::reveal_document() const {
    boost::json::object document = visible_;
    for (const auto& [key, values] : secrets_) {
        if (values.empty())
            continue;
        boost::json::array list;
        for (const auto& value : values)
            list.emplace_back(boost::json::string(value.reveal()));
        document[key] = std::move(list);
    }
    auto text = boost::json::serialize(document);
    for (const auto& [key, values] : secrets_)
        if (auto* list = document.if_contains(key))
            for (auto& item : list->as_array())
                std::ranges::fill(item.as_string(), '\0');
    return text;
}

bool PluginSettings::same_as(const PluginSettings& other) const {
    const auto same_secrets = [](const auto& a, const auto& b) {
        return a.first == b.first && std::ranges::equal(a.second, b.second, &Secret::same_as);
    };
    return visible_ == other.visible_ && std::ranges::equal(secrets_, other.secrets_, same_secrets);
}

CategoryMask EffectivePurpose::granted() const {
    CategoryMask all;
    if (enabled)
        for (const auto& field : fields)
            all |= field.categories;
    return all;
}

bool is_same_or_tighter(LegalBasis declared, LegalBasis chosen) {
    if (declared == chosen || chosen == LegalBasis::explicit_consent)
        return true;
    return chosen == LegalBasis::consent && declared != LegalBasis::explicit_consent;
}

CategoryMask granted_categories(const ManifestField& field, const std::vector<FieldGrant>& grants) {
    auto granted = field.required ? field.categories - named_only : CategoryMask();
    CategoryMask denied;
    for (const auto& grant : grants) {
        if (grant.granted)
            granted |= grant.categories & field.categories;
        else
            denied |= categories_under(grant.key);
    }
    return granted - denied;
}

Checked<InstanceConfiguration> check_instance(const Settings& settings, const Instance& instance,
                                              const Manifest& manifest) {
    Checked<InstanceConfiguration> result;
    InstanceConfiguration configuration;
    static const auto nothing = std::make_shared<const YamlNode>(
        YamlNode{.kind = YamlNode::Kind::mapping, .position = {}, .text = {}, .items = {}, .entries = {}});
    const bool written = instance.settings && instance.settings->kind != YamlNode::Kind::null;
    const Field field(settings.source, result.problems, written ? instance.settings : nothing,
                      path_of(instance) + ".settings",
                      written ? instance.settings_position : instance.position);
    configuration.settings = read_values(field, manifest);
    NarrowingCheck(settings, instance, manifest, result.problems).run();
    configuration.purposes = effective_purposes(instance, manifest);
    configuration.egress = resolve_egress(manifest, configuration.settings);
    configuration.frame_origins = resolve_frame_origins(manifest, configuration.settings);
    sort_by_position(result.problems);
    if (!has_errors(result.problems))
        result.value = std::move(configuration);
    return result;
}

Problems check_configuration(const std::filesystem::path& path, const std::vector<Manifest>& manifests,
                             const LoadOptions& options) {
    auto loaded = read_settings_file(path, options);
    std::vector<std::string> known;
    for (const auto& manifest : manifests)
        known.push_back(manifest.id.text());
    for (const auto& [id, instance] : loaded.settings.plugins) {
        if (instance.state == InstanceState::no_recipient)
            continue;
        const auto manifest = std::ranges::find(known, id.plugin_name());
        if (manifest == known.end()) {
            loaded.problems.push_back({.kind = ProblemKind::unknown_key,
                                       .file = loaded.settings.source.name,
                                       .position = instance.position,
                                       .key_path = path_of(instance),
                                       .expected = "a plugin that is installed",
                                       .nearest_known_key = find_nearest(id.plugin_name(), known)});
            continue;
        }
        auto checked = check_instance(loaded.settings, instance,
                                      manifests[static_cast<std::size_t>(manifest - known.begin())]);
        std::ranges::move(checked.problems, std::back_inserter(loaded.problems));
    }
    sort_by_position(loaded.problems);
    return std::move(loaded.problems);
}

}  // namespace calyptenora::settings
