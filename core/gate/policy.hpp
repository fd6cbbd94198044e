#pragma once

#include "gate/decide.hpp"
#include "gate/release.hpp"
#include "settings/manifest.hpp"
#include "settings/plugin_settings.hpp"
#include "settings/settings.hpp"
#include "storage/text.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What manifests and the operator's YAML come to: who may receive what for which purpose. Compiled once at
/// load, never changed; a reload makes another one.
namespace calyptenora::gate {

/// What proofs name texts, manifests and policies by; pages, which know no storage, use it as well.
using storage::sha256_hex;

/// What a consent to one flow speaks of. A choice made for these terms holds until they widen (consent.md
/// rule 12).
struct Terms {
    std::string recipient;
    std::string country;
    std::string role;
    std::string basis;
    std::string device_access;
    std::int64_t retention_days = 0;  ///< 0: as long as the contract with the recipient lasts.
    std::vector<std::string> endpoints;
    std::vector<std::string> categories;

    bool operator==(const Terms&) const = default;
};
BOOST_DESCRIBE_STRUCT(Terms, (),
                      (recipient, country, role, basis, device_access, retention_days, endpoints, categories))

/// Whether `now` goes further than `then` in anything but the categories, which decide() compares one by one.
bool widens(const Terms& now, const Terms& then);

/// What a field is for, in words.
struct FlowField {
    CategoryMask declared;
    CategoryMask granted;
    bool required = false;
    Transform transform = Transform::none;
    settings::Localised why;
};

/// One row of the policy with the words that belong to it.
struct PolicyFlow {
    settings::InstanceId instance;
    Flow flow;
    Transforms transforms;
    std::optional<CookieCategory> cookie_category;
    std::optional<std::chrono::days> retention;
    std::vector<FlowField> fields;
    Terms terms;
    std::string terms_document;  ///< JSON of `terms`.
    std::string terms_hash;      ///< Of that document, as choices name it.
};

/// An enabled instance and all its flows; the core's own mail is one, too.
struct InstancePolicy {
    settings::InstanceId id;
    settings::Recipient recipient;
    settings::Localised summary;
    std::string manifest_hash;  ///< SHA-256 of plugin.yaml, hexadecimal.
    std::vector<std::string> frame_origins;
    std::vector<settings::StorageEntry> device_storage;
    std::vector<PolicyFlow> flows;
};

/// An instance with what is needed to compile it. References are used during compile() only.
struct PolicySource {
    const settings::Instance& instance;
    const settings::Manifest& manifest;
    const settings::InstanceConfiguration& configuration;
};

/// What the privacy notice announces of one flow, for a later day.
struct AnnouncedFlow {
    settings::InstanceId instance;
    Purpose purpose;
    CategoryMask categories;
    Instant from;
};

class Policy {
  public:
    static std::shared_ptr<const Policy> compile(const std::vector<PolicySource>& sources);

    const std::vector<InstancePolicy>& instances() const { return instances_; }
    const InstancePolicy* find_instance(const settings::InstanceId& id) const;
    /// Nothing: this instance may do nothing for this purpose.
    const PolicyFlow* find_flow(const settings::InstanceId& id, Purpose purpose) const;
    /// The enabled instances of a family, in the order of the YAML file's keys.
    std::vector<const InstancePolicy*> of_family(Family family) const;
    /// SHA-256 over all terms, hexadecimal: what proof rows call the policy.
    const std::string& hash() const { return hash_; }

  private:
    friend std::shared_ptr<const Policy> hold_back(const Policy&, const std::vector<AnnouncedFlow>&);
    std::vector<InstancePolicy> instances_;
    std::string hash_;
};

/// The same policy, which does not use that before its day.
std::shared_ptr<const Policy> hold_back(const Policy& policy, const std::vector<AnnouncedFlow>& announced);

}  // namespace calyptenora::gate
