#include "settings/manifest.hpp"

#include "settings/categories.hpp"
#include "settings/manifest_sections.hpp"

#include <fmt/format.h>

#include <charconv>

namespace calyptenora::settings {
namespace {

std::optional<std::uint32_t> find_number(std::string_view text) {
    std::uint32_t value = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    const bool leading_zero = text.size() > 1 && text.front() == '0';
    if (text.empty() || leading_zero || error != std::errc{} || stop != end)
        return std::nullopt;
    return value;
}

std::optional<Version> find_version(std::string_view text) {
    const auto core_end = std::min(text.find_first_of("-+"), text.size());
    const auto core = text.substr(0, core_end);
    const auto first = core.find('.');
    const auto second = first == std::string_view::npos ? first : core.find('.', first + 1);
    if (second == std::string_view::npos)
        return std::nullopt;
    const auto major = find_number(core.substr(0, first));
    const auto minor = find_number(core.substr(first + 1, second - first - 1));
    const auto patch = find_number(core.substr(second + 1));
    const auto suffix = text.substr(core_end);
    const bool good_suffix = suffix.size() != 1 && std::ranges::all_of(suffix, [](char c) {
                                 return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                                        (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '+';
                             });
    if (!major || !minor || !patch || !good_suffix)
        return std::nullopt;
    return Version{*major, *minor, *patch, std::string(suffix)};
}

void read_version(const Field& field, Version& out) {
    std::string text;
    field.text(text, {.max_bytes = 60});
    if (text.empty())
        return;
    if (auto version = find_version(text))
        out = std::move(*version);
    else
        field.wrong("a semantic version, such as 1.4.0");
}

void read_sdk(const Field& field, SdkRevision& out) {
    std::string text;
    field.text(text, {.max_bytes = 20});
    if (text.empty())
        return;
    const auto dot = std::min(text.find('.'), text.size());
    const auto major = find_number(std::string_view(text).substr(0, dot));
    const auto minor = dot < text.size() ? find_number(std::string_view(text).substr(dot + 1)) : std::nullopt;
    if (major && minor)
        out = {*major, *minor};
    else
        field.wrong("the revision of the plugin interface as \"major.minor\"");
}

void read_recipient_defaults(const Field& field, RecipientDefaults& out) {
    Object object = field.object();
    object.optional("legal_name").text(out.legal_name);
    object.optional("address").text(out.address);
    object.optional("country").country(out.country);
    if (const auto role = object.optional("role"))
        role.word(out.role.emplace());
    object.optional("privacy_policy").url(out.privacy_policy, std::array<std::string_view, 1>{"https"});
}

ManifestField read_field(const Field& field) {
    ManifestField out;
    Object object = field.object("a mapping that describes one field");
    const auto category = object.required("category", "a data category, such as user.unique_id.pseudonymous");
    category.text(out.key);
    if (!out.key.empty() && !is_category_or_prefix(out.key)) {
        const bool secret = out.key.find("password") != std::string::npos ||
                            out.key.find("secret") != std::string::npos ||
                            out.key.find("credential") != std::string::npos;
        if (secret)
            category.wrong("a data category; a password is none",
                           "ask for it by a Prompt with a secret input, which the gate never sees");
        else
            category.not_among("a data category or a prefix of one", category_words());
    } else if (!out.key.empty()) {
        out.categories = categories_named_by(out.key);
    }
    object.optional("required").boolean(out.required);
    object.optional("transform").word(out.transform);
    read_localised(object.required("why", "why it is needed, one sentence each in de and en"), out.why);
    return out;
}

ManifestPurpose read_purpose(const Field& field, bool has_browser) {
    ManifestPurpose out;
    Object object = field.object("a mapping that describes one purpose");
    object.required("purpose", "a purpose, such as analytics.reporting.content_performance")
        .word(out.purpose);
    object.required("legal_basis", "a legal basis of Art. 6 GDPR, such as consent").word(out.legal_basis);
    const auto device = object.optional("device_access");
    if (device) {
        device.word(out.device_access.emplace());
        if (!has_browser)
            device.wrong_hidden("device_access only beside a browser section", "no browser section",
                                "say in browser what the learner's browser loads or stores");
    }
    const auto cookie = object.optional("cookie_category");
    if (cookie)
        cookie.word(out.cookie_category.emplace());
    else if (object && (device || out.legal_basis == LegalBasis::consent ||
                        out.legal_basis == LegalBasis::explicit_consent))
        cookie.missing("the cookie category under which the learner is asked");
    if (const auto retention = object.optional("retention_days")) {
        retention.integer(out.retention_days.emplace(0), 0, 36500);
    }
    const auto fields = object.required("fields", "a list of fields, which may be empty");
    for (const auto& item : fields.items("a list of fields")) {
        auto read = read_field(item);
        if ((out.categories() & read.categories).bits() != 0)
            item.wrong_hidden("each data category once in a purpose", fmt::format("{} again", read.key));
        out.fields.push_back(std::move(read));
    }
    return out;
}

void read_purposes(const Field& field, Manifest& out) {
    for (const auto& item : field.items("a list of purposes")) {
        const auto before = field.problems().size();
        auto purpose = read_purpose(item, out.browser.has_value());
        if (field.problems().size() == before && out.find_purpose(purpose.purpose))
            item.wrong_hidden("each purpose once", fmt::format("{} again", key_of(purpose.purpose)));
        out.purposes.push_back(std::move(purpose));
    }
}

}  // namespace

void read_localised(const Field& field, Localised& out) {
    Object object = field.object("a mapping of de and en");
    object.required("de", "the text in German").text(out.de, {.max_bytes = 1000});
    object.required("en", "the text in English").text(out.en, {.max_bytes = 1000});
}

std::string Version::text() const {
    return fmt::format("{}.{}.{}{}", major_number, minor_number, patch_number, suffix);
}

CategoryMask ManifestPurpose::categories() const {
    CategoryMask all;
    for (const auto& field : fields)
        all |= field.categories;
    return all;
}

const ManifestPurpose* Manifest::find_purpose(Purpose purpose) const {
    const auto found = std::ranges::find(purposes, purpose, &ManifestPurpose::purpose);
    return found == purposes.end() ? nullptr : &*found;
}

const SettingSpec* Manifest::find_setting(std::string_view key) const {
    const auto found = std::ranges::find(settings, key, &SettingSpec::key);
    return found == settings.end() ? nullptr : &*found;
}

Checked<Manifest> parse_manifest(std::string_view text, const std::string& file_name) {
    Checked<Manifest> result;
    const SourceFile source{.name = file_name,
                            .folder = std::filesystem::path(file_name).parent_path(),
                            .environment = {},
                            .resolve_references = false};
    const auto root = open_yaml(text, source, result.problems);
    if (!root) {
        if (result.problems.empty())
            root.missing("a manifest");
        return result;
    }
    Manifest manifest(*parse_instance_id("auth/none"));
    manifest.source_text = text;
    {
        Object object = root.object("a manifest");
        const auto id_field = object.required("id", "the plugin's name as family/name");
        std::string id_text;
        id_field.text(id_text);
        if (const auto parsed = parse_instance_id(id_text);
            parsed && parsed->family() && parsed->label().empty())
            manifest.id = *parsed;
        else if (!id_text.empty())
            id_field.wrong("family/name, where family is auth, payments, video, analytics or support");
        read_version(object.required("version", "a semantic version, such as 1.4.0"), manifest.version);
        read_sdk(object.required("sdk", "the revision of the plugin interface, such as \"1.0\""),
                 manifest.sdk);
        read_localised(object.required("summary", "what the plugin does, one sentence each in de and en"),
                       manifest.summary);
        object.required("licence", "an SPDX licence expression").text(manifest.licence, {.max_bytes = 200});
        read_recipient_defaults(object.optional("recipient"), manifest.recipient);
        read_setting_specs(object.optional("settings"), manifest.settings);
        read_browser(object.optional("browser"), manifest);
        read_purposes(object.required("purposes", "a list of purposes"), manifest);
        read_egress_targets(object.optional("egress"), manifest);
        object.optional("mail").boolean(manifest.mail);
        read_inbound(object.optional("inbound"), manifest.inbound);
        const auto needs_device = [](const ManifestPurpose& p) { return p.device_access.has_value(); };
        if (manifest.browser && std::ranges::none_of(manifest.purposes, needs_device))
            root.find("browser").wrong_hidden(
                "a purpose with device_access beside a browser section", "none",
                "name the section 25 TDDDG basis of the purpose that needs the browser");
    }
    sort_by_position(result.problems);
    if (!has_errors(result.problems))
        result.value = std::move(manifest);
    return result;
}

Checked<Manifest> load_manifest(const std::filesystem::path& path) {
    Problems problems;
    const auto text = load_text(path, path.string(), 256 * 1024, problems);
    if (!text)
        return {.value = std::nullopt, .problems = std::move(problems)};
    return parse_manifest(*text, path.string());
}

}  // namespace calyptenora::settings
