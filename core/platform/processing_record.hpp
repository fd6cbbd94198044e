#pragma once

#include "gate/policy.hpp"
#include "platform/own_cookies.hpp"
#include "platform/retention.hpp"
#include "settings/settings.hpp"
#include "storage/inventory.hpp"
#include "web/words.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What this platform does with personal data, in the terms of Art. 30(1) GDPR: computed from the policy in
/// force, the settings and the inventory, and written down nowhere. The privacy notice, the record of
/// processing, the map of data flows and the list of recipients are views of this one value.
namespace calyptenora::platform {

/// Whom an activity concerns (Art. 30(1)(c)).
struct Persons {
    bool account_holders = false;
    bool visitors = false;   ///< Without an account.
    bool guardians = false;  ///< Of minors.
};

/// What of one table stays equally long.
struct KeptPart {
    std::string table;          ///< `data.learners`
    const RetentionRule* rule;  ///< Null: the inventory's words have no name yet.
    std::string words;          ///< As the inventory has them, with the lengths of the settings.
    web::Translations::Arguments lengths;
    CategoryMask categories;
};

/// What the platform itself keeps, by what for.
struct KeptActivity {
    std::string_view key;           ///< Names the texts `stored.<key>_what` and so on.
    std::vector<LegalBasis> bases;  ///< Empty: that of the transmission which it serves.
    Persons persons;
    CategoryMask categories;  ///< By the inventory, like all that follows.
    std::vector<KeptPart> parts;
};

/// What one plugin instance, or whoever carries the core's own mail, gets for one purpose.
struct FlowActivity {
    settings::InstanceId instance;
    settings::Localised summary;  ///< Of the plugin.
    settings::Recipient recipient;
    Purpose purpose;
    LegalBasis basis;
    std::optional<DeviceAccess> device_access;  ///< The learner's own browser asks the recipient.
    bool asks_first = false;                    ///< Nothing flows before the person has allowed it.
    Persons persons;
    CategoryMask categories;              ///< At most: declared and granted.
    std::vector<gate::FlowField> fields;  ///< Only those of which something is granted.
    std::optional<std::chrono::days> retention;
    std::vector<std::string> endpoints;

    bool goes_to_third_party() const { return !recipient.self; }
};

/// Something that is kept on the person's device.
struct DeviceEntry {
    std::string name;  ///< As browsers show it; a third party's in its manifest's words.
    settings::StorageKind kind = settings::StorageKind::cookie;
    std::optional<std::chrono::seconds> lifetime;  ///< Nothing: until the browser closes.
    std::optional<settings::InstanceId> instance;  ///< Nothing: the platform itself.
    std::string setter;                            ///< Who keeps it there.
    DeviceAccess access = DeviceAccess::strictly_necessary;
    std::vector<Purpose> purposes;  ///< Of third parties.
    std::string_view key;           ///< Of our own: names the text `device.<key>`.
};

/// Somebody else who receives data or works with them.
struct Party {
    std::string id;  ///< The instance.
    settings::Recipient recipient;
    std::vector<Purpose> purposes;
};

struct ProcessingRecord {
    std::string platform;
    std::string origin;
    settings::Operator controller;
    std::string policy_hash;
    settings::Retention retention;
    std::vector<KeptActivity> kept;
    std::vector<FlowActivity> flows;  ///< Of all enabled instances, also those that the operator runs itself.
    std::vector<DeviceEntry> device;
    std::vector<Party> parties;              ///< Without the operator itself.
    std::vector<std::string_view> measures;  ///< Art. 30(1)(g): names the texts `measure.<key>`.
};

ProcessingRecord make_processing_record(
    const settings::Settings& settings, const gate::Policy& policy,
    const std::vector<storage::InventoryEntry>& inventory = storage::inventory());

/// What the platform itself keeps.
std::vector<KeptActivity> kept_activities(const std::vector<storage::InventoryEntry>& inventory,
                                          const settings::Retention& retention);

/// How long a part stays, as people read it.
std::string length_in_words(const KeptPart& part, const web::Words& words);

/// Tables that hold data of people and belong to no activity of ours. They are recorded under the key
/// `other`; a test wants that there are none.
std::vector<std::string> unassigned_tables(const std::vector<storage::InventoryEntry>& inventory);

}  // namespace calyptenora::platform
