#pragma once

#include "settings/manifest.hpp"
#include "settings/settings.hpp"

#include <boost/json/object.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

/// The operator's configuration of an instance, checked against the plugin's manifest.
namespace calyptenora::settings {

/// The settings that a plugin gets when it is created. Cannot be printed as a whole, since it holds secrets.
class PluginSettings {
  public:
    PluginSettings() = default;
    PluginSettings(boost::json::object visible, std::map<std::string, std::vector<Secret>> secrets)
        : visible_(std::move(visible)), secrets_(std::move(secrets)) {}

    /// Everything but the secrets, for pages and logs. Integers, booleans, texts and lists as JSON; a
    /// duration is an integer of milliseconds; an optional setting without default is absent.
    const boost::json::object& visible() const { return visible_; }
    /// In the order of the file: the first is used, the others are still accepted (rotation). Empty if not
    /// set.
    const std::vector<Secret>& secrets(const std::string& key) const;
    /// The JSON document for the plugin's create call, each secret as a list of strings. The caller wipes it.
    std::string reveal_document() const;
    /// Whether a reload changed anything.
    bool same_as(const PluginSettings& other) const;

  private:
    boost::json::object visible_;
    std::map<std::string, std::vector<Secret>> secrets_;
};

/// A field of a purpose as it is in force: declared by the manifest and not taken away by the operator.
struct EffectiveField {
    CategoryMask categories;  ///< Granted; may be fewer than the manifest's.
    CategoryMask declared;    ///< What the manifest asks for.
    bool required = false;
    Transform transform = Transform::none;
    Localised why;
};

/// A purpose as it is in force for an instance.
struct EffectivePurpose {
    Purpose purpose{};
    bool enabled = true;
    LegalBasis legal_basis{};  ///< The manifest's, or the operator's tighter one.
    std::optional<DeviceAccess> device_access;
    std::optional<CookieCategory> cookie_category;
    std::optional<std::chrono::days> retention_days;
    std::vector<EffectiveField> fields;

    /// All that may be released for it, before any learner is asked.
    CategoryMask granted() const;
};

/// Everything about one instance, ready for the gate and the host.
struct InstanceConfiguration {
    PluginSettings settings;
    std::vector<EffectivePurpose> purposes;  ///< In the order of the manifest, disabled ones too.
    std::vector<HostPort> egress;            ///< References to settings resolved; port 0 stands for 443.
    std::vector<std::string> frame_origins;  ///< The same; `https://host[:port]`.
};

/// Whether replacing one basis by another only tightens: any basis to consent or explicit consent, consent to
/// explicit consent, and each to itself. Never the other way round (consent.md rule 1a).
bool is_same_or_tighter(LegalBasis declared, LegalBasis chosen);

/// What the operator grants of one manifest field: a required field is granted unless denied, an optional one
/// is not granted unless allowed; grade and submission only where allowed by their own key; a denial wins
/// over an allowance.
CategoryMask granted_categories(const ManifestField& field, const std::vector<FieldGrant>& grants);

/// Checks an instance against its plugin's manifest. `settings` is the whole file's, for relative paths and
/// messages.
Checked<InstanceConfiguration> check_instance(const Settings& settings, const Instance& instance,
                                              const Manifest& manifest);

/// What `calyptenora check FILE` prints and what a reload asks first: all problems of the file, those of
/// every plugin instance included. An instance of a plugin without manifest is a problem too. Disabled
/// instances are checked as well, but not those without a recipient.
Problems check_configuration(const std::filesystem::path& path, const std::vector<Manifest>& manifests,
                             const LoadOptions& options = {});

}  // namespace calyptenora::settings
