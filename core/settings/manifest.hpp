#pragma once

#include "settings/instance_id.hpp"
#include "settings/problem.hpp"
#include "settings/recipient.hpp"

#include <calyptenora/vocabulary.hpp>

#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What a plugin says about itself in plugin.yaml: what it can do, and what it wants to know. Only the
/// operator's YAML makes any of it happen (consent.md).
///
///     id: analytics/xapi
///     version: 0.1.0
///     sdk: "1.0"
///     summary: {de: ..., en: ...}
///     licence: AGPL-3.0-or-later
///     purposes:
///       - purpose: analytics.reporting.content_performance
///         legal_basis: consent
///         cookie_category: analytics
///         retention_days: 365
///         fields:
///           - {category: user.unique_id.pseudonymous, required: true, transform: pseudonym, why: {de: ...,
///           en: ...}}
///     egress: ["${settings.endpoint}"]
///     settings:
///       endpoint: {type: url, required: true, description: {de: ..., en: ...}}
namespace calyptenora::settings {

/// A sentence in both languages.
struct Localised {
    std::string de;
    std::string en;
};

/// Semantic versioning 2.0.0; the suffix holds pre-release and build, as written.
struct Version {
    std::uint32_t major_number = 0;
    std::uint32_t minor_number = 0;
    std::uint32_t patch_number = 0;
    std::string suffix;

    std::string text() const;
};

/// The revision of the plugin interface that a plugin was built against.
struct SdkRevision {
    std::uint32_t major_number = 0;
    std::uint32_t minor_number = 0;

    bool operator==(const SdkRevision&) const = default;
};

/// What a plugin knows about a recipient by itself; the operator's `recipient` block is what counts.
struct RecipientDefaults {
    std::string legal_name;
    std::string address;
    std::string country;
    std::optional<RecipientRole> role;
    std::string privacy_policy;
};

struct ManifestField {
    std::string key;          ///< As written: a category or a prefix.
    CategoryMask categories;  ///< Never empty; grade and submission only by their own keys.
    bool required = false;    ///< Without it the operation is refused as a whole.
    Transform transform = Transform::none;
    Localised why;
};

struct ManifestPurpose {
    Purpose purpose{};
    LegalBasis legal_basis{};
    std::optional<DeviceAccess> device_access;  ///< Section 25 TDDDG; only beside `browser`.
    std::optional<CookieCategory> cookie_category;
    std::optional<std::chrono::days>
        retention_days;  ///< At the recipient; nothing: as long as the contract lasts.
    std::vector<ManifestField> fields;

    /// All that may be released for it at most.
    CategoryMask categories() const;
};

/// A host that the plugin may ask, or the setting that names it.
struct SettingReference {
    std::string key;
};
using EgressTarget = std::variant<HostPort, SettingReference>;  ///< Port 0: the port of the URL's scheme.
using FrameOrigin = std::variant<std::string, SettingReference>;

enum class StorageKind : std::uint8_t { cookie, local_storage, session_storage, indexed_db };
inline constexpr std::array<std::string_view, 4> storage_kind_keys{"cookie", "local_storage",
                                                                   "session_storage", "indexed_db"};

/// Something that the third party keeps on the learner's device.
struct StorageEntry {
    std::string name;
    StorageKind kind{};
    std::chrono::milliseconds duration{0};  ///< 0: as long as the session (YAML: `session`).
    std::vector<Purpose> purposes = {};     ///< That it serves; empty: all that touch the device.
};

struct Browser {
    std::vector<FrameOrigin> frame_origins;
    std::vector<StorageEntry> storage;
};

enum class InboundKind : std::uint8_t { webhook, return_visit, statement, mail };
inline constexpr std::array<std::string_view, 4> inbound_kind_keys{"webhook", "return_visit", "statement",
                                                                   "mail"};

/// A way in for the third party.
struct InboundRoute {
    std::string name;
    InboundKind kind{};
    std::vector<std::string> headers;  ///< The only headers that the plugin sees, lower case.
};

enum class SettingType : std::uint8_t {
    string,
    integer,
    boolean,
    url,
    host,
    email,
    duration,
    secret,
    choice,
    list
};
/// `enum` is a keyword, hence `choice` in C++.
inline constexpr std::array<std::string_view, 10> setting_type_keys{
    "string", "integer", "boolean", "url", "host", "email", "duration", "secret", "enum", "list"};

/// One setting of the plugin's schema.
struct SettingSpec {
    std::string key;
    SettingType type{};
    SettingType item_type = SettingType::string;  ///< Of a list: string, url, host or email.
    bool required = false;
    boost::json::value default_value;  ///< Null: none. A duration is in milliseconds, as plugins get it.
    std::optional<std::int64_t> min;  ///< Of an integer; of a duration in milliseconds; of a list its length.
    std::optional<std::int64_t> max;
    std::string pattern;              ///< ECMAScript, matches the whole string; empty: none.
    std::vector<std::string> one_of;  ///< Of an enum.
    Localised description;
};

struct Manifest {
    explicit Manifest(InstanceId name) : id(std::move(name)) {}

    InstanceId id;  ///< `family/name`, without label.
    Version version;
    SdkRevision sdk;
    Localised summary;
    std::string licence;  ///< SPDX expression.
    RecipientDefaults recipient;
    std::vector<ManifestPurpose> purposes;  ///< Each purpose once.
    std::optional<Browser> browser;
    std::vector<EgressTarget> egress;
    bool mail = false;  ///< May ask the host to send mail.
    std::vector<InboundRoute> inbound;
    std::vector<SettingSpec> settings;
    std::string
        source_text;  ///< The YAML as read, to hash it and to compare it with what the library embeds.

    const ManifestPurpose* find_purpose(Purpose purpose) const;
    const SettingSpec* find_setting(std::string_view key) const;
};

/// Reads a manifest. Every problem is in the answer, not only the first.
Checked<Manifest> parse_manifest(std::string_view text, const std::string& file_name);

/// The same for a file of at most 256 KiB.
Checked<Manifest> load_manifest(const std::filesystem::path& path);

}  // namespace calyptenora::settings
