#include "platform/processing_record.hpp"

#include "gate/choices.hpp"

#include <algorithm>

namespace calyptenora::platform {
namespace {

constexpr std::string_view prefix_of_cookies = "__Host-";

struct ActivityRow {
    std::string_view key;
    std::vector<LegalBasis> bases;
    std::vector<std::string_view> tables;
    bool of_guardians = false;
};

// What is stored for what. A new table is entered here; until then it is recorded as "other".
const std::vector<ActivityRow>& activity_rows() {
    using enum LegalBasis;
    static const std::vector<ActivityRow> rows{
        {"account",
         {contract},
         {"data.subjects", "data.learners", "data.terms_acceptances", "data.mail_choices",
          "data.announcement_reads", "keys.subject_keys"}},
        {"session",
         {legitimate_interest},
         {"data.sessions", "data.throttle", "data.account_links", "data.account_events"}},
        {"learning",
         {contract},
         {"data.enrolments", "data.lesson_progress", "data.watch_time", "data.study_clocks",
          "data.study_time", "data.notes"}},
        {"technical", {consent}, {"data.devices"}},
        {"orders", {contract, legal_obligation}, {"data.orders", "data.inbound_events"}},
        {"cases", {contract}, {"data.cases", "data.case_messages"}},
        {"contracts", {contract, legal_obligation}, {"data.declarations"}},
        {"requests",
         {legal_obligation},
         {"data.requests", "data.request_steps", "data.recipient_answers", "data.copies"}},
        {"retained", {legal_obligation}, {"data.retained_records"}},
        {"staff", {legal_obligation}, {"data.staff_events"}},
        {"outgoing", {}, {"data.outbox", "data.emission_leases"}},
        {"plugins", {}, {"data.plugin_store"}},
        {"proof",
         {legal_obligation},
         {"data.consents", "data.consent_events", "data.objections", "data.disclosures", "data.accesses",
          "data.access_reviews", "data.incident_people", "data.legal_demands", "data.ledger_heads",
          "data.checkpoint_heads", "keys.tombstones"},
         true},
    };
    return rows;
}

std::string table_of(const storage::InventoryEntry& entry) {
    return entry.database + "." + entry.table;
}

bool concerns_people(const storage::InventoryEntry& entry) {
    return entry.whose == "learner" || entry.whose == "guest" || entry.whose == "subject";
}

bool is_assigned(const std::string& table) {
    return std::ranges::any_of(activity_rows(),
                               [&](const auto& row) { return std::ranges::count(row.tables, table) != 0; });
}

void add_entry(const storage::InventoryEntry& entry, const settings::Retention& retention,
               KeptActivity& activity) {
    activity.persons.account_holders |= entry.whose != "guest";
    activity.persons.visitors |= entry.whose != "learner";
    const auto* rule = find_retention_rule(entry.retention);
    const auto lengths = rule ? lengths_of(*rule, retention) : web::Translations::Arguments();
    const auto words = fill_in(entry.retention, lengths);
    auto part = std::ranges::find_if(activity.parts, [&](const KeptPart& known) {
        return known.table == table_of(entry) && known.words == words;
    });
    if (part == activity.parts.end()) {
        activity.parts.push_back({table_of(entry), rule, words, lengths, {}});
        part = activity.parts.end() - 1;
    }
    if (entry.term) {
        activity.categories |= *entry.term;
        part->categories |= *entry.term;
    }
}

FlowActivity flow_activity(const gate::InstancePolicy& instance, const gate::PolicyFlow& row) {
    FlowActivity activity{.instance = instance.id,
                          .summary = instance.summary,
                          .recipient = instance.recipient,
                          .purpose = row.flow.purpose,
                          .basis = row.flow.basis,
                          .device_access = row.flow.device_access,
                          .asks_first = gate::asks(row),
                          .persons = {.account_holders = true},
                          .categories = row.flow.declared & row.flow.granted,
                          .fields = {},
                          .retention = row.retention,
                          .endpoints = row.terms.endpoints};
    // Visitors without an account can watch videos, and do nothing else that a plugin takes part in. Pages
    // they see.
    activity.persons.visitors =
        instance.id.family() == Family::video || instance.id == settings::core_technical_id();
    for (const auto& field : row.fields)
        if (!field.granted.empty())
            activity.fields.push_back(field);
    return activity;
}

/// What an instance may keep on the device, as far as one of its purposes involves the device at all.
void add_device_entries(const gate::InstancePolicy& instance, std::vector<DeviceEntry>& entries) {
    std::optional<DeviceAccess> access;
    std::vector<Purpose> purposes;
    for (const auto& row : instance.flows)
        if (row.flow.device_access) {
            access = row.flow.device_access;
            purposes.push_back(row.flow.purpose);
        }
    if (!access)
        return;
    for (const auto& entry : instance.device_storage) {
        const auto lifetime = std::chrono::ceil<std::chrono::seconds>(entry.duration);
        entries.push_back({.name = entry.name,
                           .kind = entry.kind,
                           .lifetime = lifetime.count() != 0 ? std::optional(lifetime) : std::nullopt,
                           .instance = instance.id,
                           .setter = instance.recipient.legal_name,
                           .access = *access,
                           .purposes = entry.purposes.empty() ? purposes : entry.purposes,
                           .key = {}});
    }
}

std::vector<DeviceEntry> device_entries(const settings::Settings& settings, const gate::Policy& policy) {
    std::vector<DeviceEntry> entries;
    for (const auto& cookie : own_cookies)
        entries.push_back({.name = std::string(prefix_of_cookies) + std::string(cookie.name),
                           .kind = settings::StorageKind::cookie,
                           .lifetime = cookie.lifetime,
                           .instance = std::nullopt,
                           .setter = settings.operator_info.legal_name,
                           .access = DeviceAccess::strictly_necessary,
                           .purposes = {},
                           .key = cookie.name});
    for (const auto& instance : policy.instances())
        add_device_entries(instance, entries);
    return entries;
}

std::vector<Party> parties_of(const gate::Policy& policy) {
    std::vector<Party> parties;
    for (const auto& instance : policy.instances()) {
        if (instance.recipient.self || instance.flows.empty())
            continue;
        Party party{instance.id.text(), instance.recipient, {}};
        for (const auto& row : instance.flows)
            party.purposes.push_back(row.flow.purpose);
        parties.push_back(std::move(party));
    }
    return parties;
}

std::vector<std::string_view> measures_of(const settings::Settings& settings, const gate::Policy& policy,
                                          const std::vector<storage::InventoryEntry>& inventory) {
    std::vector<std::string_view> measures{"default_deny", "ledger"};
    const auto& transport = settings.server.transport;
    if (std::holds_alternative<settings::Tls>(transport) ||
        std::holds_alternative<settings::SelfSigned>(transport))
        measures.push_back("tls");
    else if (std::holds_alternative<settings::BehindProxy>(transport))
        measures.push_back("tls_by_proxy");
    else
        measures.push_back("loopback_only");
    if (std::ranges::count(inventory, "subject_key", &storage::InventoryEntry::protection) != 0)
        measures.push_back("subject_keys");
    const auto is_in = [&](settings::Isolation isolation) {
        return std::ranges::any_of(settings.plugins, [&](const auto& plugin) {
            return plugin.second.isolation == isolation && policy.find_instance(plugin.first) != nullptr;
        });
    };
    if (is_in(settings::Isolation::worker))
        measures.push_back("sandbox");
    if (is_in(settings::Isolation::in_process))
        measures.push_back("in_process");
    const bool pseudonyms = std::ranges::any_of(policy.instances(), [](const auto& instance) {
        return std::ranges::any_of(instance.flows, [](const auto& row) {
            return (row.flow.declared & row.flow.granted).contains(Category::user_unique_id_pseudonymous);
        });
    });
    if (pseudonyms)
        measures.push_back("pseudonyms");
    measures.push_back("organisational");
    return measures;
}

}  // namespace

std::vector<KeptActivity> kept_activities(const std::vector<storage::InventoryEntry>& inventory,
                                          const settings::Retention& retention) {
    std::vector<KeptActivity> activities;
    const auto add = [&](std::string_view key, const std::vector<LegalBasis>& bases, bool of_guardians,
                         const auto& belongs) {
        KeptActivity activity{.key = key, .bases = bases, .persons = {}, .categories = {}, .parts = {}};
        activity.persons.guardians = of_guardians;
        for (const auto& entry : inventory)
            if (concerns_people(entry) && belongs(table_of(entry)))
                add_entry(entry, retention, activity);
        if (!activity.parts.empty())
            activities.push_back(std::move(activity));
    };
    for (const auto& row : activity_rows())
        add(row.key, row.bases, row.of_guardians,
            [&](const std::string& table) { return std::ranges::count(row.tables, table) != 0; });
    add("other", {}, false, [](const std::string& table) { return !is_assigned(table); });
    return activities;
}

ProcessingRecord make_processing_record(const settings::Settings& settings, const gate::Policy& policy,
                                        const std::vector<storage::InventoryEntry>& inventory) {
    ProcessingRecord record{.platform = settings.platform.name,
                            .origin = settings.platform.origin,
                            .controller = settings.operator_info,
                            .policy_hash = policy.hash(),
                            .retention = settings.retention,
                            .kept = kept_activities(inventory, settings.retention),
                            .flows = {},
                            .device = device_entries(settings, policy),
                            .parties = parties_of(policy),
                            .measures = measures_of(settings, policy, inventory)};
    for (const auto& instance : policy.instances())
        for (const auto& row : instance.flows)
            record.flows.push_back(flow_activity(instance, row));
    return record;
}

std::string length_in_words(const KeptPart& part, const web::Words& words) {
    return part.rule ? words.text(fmt::format("retention.{}", part.rule->key), part.lengths) : part.words;
}

std::vector<std::string> unassigned_tables(const std::vector<storage::InventoryEntry>& inventory) {
    std::vector<std::string> tables;
    for (const auto& entry : inventory)
        if (concerns_people(entry) && !is_assigned(table_of(entry)) &&
            std::ranges::count(tables, table_of(entry)) == 0)
            tables.push_back(table_of(entry));
    return tables;
}

}  // namespace calyptenora::platform
