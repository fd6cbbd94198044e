#include "platform/record_changes.hpp"

#include "settings/country.hpp"

#include <fmt/format.h>

#include <map>
#include <set>

namespace calyptenora::platform {
namespace {

struct Flow {
    std::string name, country, role, basis;
    CategoryMask data;
    std::optional<std::int64_t> retention_days;
};

/// What of a record is compared.
struct Snapshot {
    std::map<std::pair<std::string, std::string>, Flow> flows;  ///< By recipient's name and purpose.
    std::map<std::string, CategoryMask> kept;                   ///< By activity.
    std::set<std::pair<std::string, std::string>> device;       ///< Name, and who keeps it there.
    std::map<std::string, std::int64_t> lengths;                ///< By the settings' key.
    std::string controller, controller_address;                 ///< Empty: not said.
};

std::string text_at(const boost::json::value& object, std::string_view key) {
    return std::string(object.at(key).as_string());
}

std::string text_if_any(const boost::json::value& object, std::string_view key) {
    const auto* text = object.as_object().if_contains(key);
    return text ? std::string(text->as_string()) : std::string();
}

/// A category that this program does not know any more counts for nothing.
CategoryMask data_at(const boost::json::value& object) {
    CategoryMask data;
    for (const auto& key : object.at("data").as_array())
        if (const auto category = find_term<Category>(key.as_string()))
            data |= *category;
    return data;
}

Snapshot read(const boost::json::value& record) {
    Snapshot snapshot;
    for (const auto& flow : record.at("flows").as_array()) {
        const auto& recipient = flow.at("recipient");
        if (recipient.is_null())
            continue;
        Flow read{text_at(recipient, "name"),
                  text_at(recipient, "country"),
                  text_if_any(recipient, "role"),
                  text_at(flow, "legal_basis"),
                  data_at(flow),
                  std::nullopt};
        if (const auto& days = flow.at("retention_days"); !days.is_null())
            read.retention_days = days.to_number<std::int64_t>();
        const std::pair key(read.name, text_at(flow, "purpose"));
        // Through two plugins the same recipient gets for one purpose what both are granted.
        const auto [known, added] = snapshot.flows.try_emplace(key, read);
        if (!added)
            known->second.data |= read.data;
    }
    for (const auto& activity : record.at("kept").as_array())
        snapshot.kept[text_at(activity, "activity")] |= data_at(activity);
    for (const auto& entry : record.at("device").as_array())
        snapshot.device.emplace(text_at(entry, "name"), text_at(entry, "set_by"));
    if (const auto* lengths = record.as_object().if_contains("retention"))
        for (const auto& [key, length] : lengths->as_object())
            snapshot.lengths.emplace(key, length.to_number<std::int64_t>());
    if (const auto* controller = record.as_object().if_contains("controller")) {
        snapshot.controller = text_at(*controller, "name");
        snapshot.controller_address =
            fmt::format("{}, {}", text_at(*controller, "address"), text_at(*controller, "email"));
    }
    return snapshot;
}

std::string in_days(const std::optional<std::int64_t>& days) {
    return days ? std::to_string(*days) : std::string();
}

bool is_longer(const std::optional<std::int64_t>& now, const std::optional<std::int64_t>& then) {
    return then && (!now || *now > *then);
}

void compare_data(CategoryMask before, CategoryMask after, ChangeKind added, ChangeKind removed,
                  const std::string& who, const std::string& what, std::vector<RecordChange>& changes) {
    if (const auto more = after - before; !more.empty())
        changes.push_back({.kind = added, .material = true, .who = who, .what = what, .data = more});
    if (const auto less = before - after; !less.empty())
        changes.push_back({.kind = removed, .who = who, .what = what, .data = less});
}

void compare_flow(const std::string& purpose, const Flow& before, const Flow& after,
                  std::vector<RecordChange>& changes) {
    const auto& who = after.name;
    compare_data(before.data, after.data, ChangeKind::data_added, ChangeKind::data_removed, who, purpose,
                 changes);
    if (before.basis != after.basis)
        changes.push_back({.kind = ChangeKind::basis_changed,
                           .material = true,
                           .who = who,
                           .what = purpose,
                           .before = before.basis,
                           .after = after.basis});
    if (before.retention_days != after.retention_days) {
        const bool longer = is_longer(after.retention_days, before.retention_days);
        changes.push_back({.kind = longer ? ChangeKind::retention_longer : ChangeKind::retention_shorter,
                           .material = longer,
                           .who = who,
                           .what = purpose,
                           .before = in_days(before.retention_days),
                           .after = in_days(after.retention_days)});
    }
    if (before.country != after.country)
        // Within the EEA one law holds.
        changes.push_back({.kind = ChangeKind::country_changed,
                           .material = !settings::is_in_eea(after.country),
                           .who = who,
                           .what = purpose,
                           .before = before.country,
                           .after = after.country});
    if (before.role != after.role && !before.role.empty())
        changes.push_back({.kind = ChangeKind::role_changed,
                           .material = true,
                           .who = who,
                           .what = purpose,
                           .before = before.role,
                           .after = after.role});
}

void compare_lengths(const Snapshot& before, const Snapshot& after, std::vector<RecordChange>& changes) {
    for (const auto& [key, length] : after.lengths) {
        const auto known = before.lengths.find(key);
        if (known == before.lengths.end() || known->second == length)
            continue;
        const bool longer = length > known->second;
        changes.push_back({.kind = longer ? ChangeKind::kept_longer : ChangeKind::kept_shorter,
                           .material = longer,
                           .what = key,
                           .before = std::to_string(known->second),
                           .after = std::to_string(length)});
    }
}

void compare_controller(const Snapshot& before, const Snapshot& after, std::vector<RecordChange>& changes) {
    if (before.controller.empty() ||
        (before.controller == after.controller && before.controller_address == after.controller_address))
        return;
    changes.push_back({.kind = ChangeKind::controller_changed,
                       .material = true,
                       .who = after.controller,
                       .before = fmt::format("{}, {}", before.controller, before.controller_address),
                       .after = fmt::format("{}, {}", after.controller, after.controller_address)});
}

}  // namespace

Result<std::vector<RecordChange>> find_changes(const boost::json::value& before,
                                               const boost::json::value& after) {
    Snapshot then, now;
    try {
        then = read(before);
        now = read(after);
    } catch (const std::exception&) {
        return Error(ErrorKind::invalid_input,
                     "this is no record of processing as \"privacy record --json\" writes it");
    }
    std::vector<RecordChange> changes;
    for (const auto& [key, flow] : now.flows) {
        const auto known = then.flows.find(key);
        if (known == then.flows.end())
            changes.push_back({.kind = ChangeKind::flow_added,
                               .material = true,
                               .who = key.first,
                               .what = key.second,
                               .data = flow.data,
                               .after = flow.country});
        else
            compare_flow(key.second, known->second, flow, changes);
    }
    for (const auto& [key, flow] : then.flows)
        if (!now.flows.contains(key))
            changes.push_back({.kind = ChangeKind::flow_removed, .who = key.first, .what = key.second});
    for (const auto& [activity, data] : now.kept)
        compare_data(then.kept[activity], data, ChangeKind::kept_added, ChangeKind::kept_removed, {},
                     activity, changes);
    for (const auto& [activity, data] : then.kept)
        if (!now.kept.contains(activity))
            compare_data(data, {}, ChangeKind::kept_added, ChangeKind::kept_removed, {}, activity, changes);
    compare_lengths(then, now, changes);
    for (const auto& [name, setter] : now.device)
        if (!then.device.contains({name, setter}))
            changes.push_back(
                {.kind = ChangeKind::device_added, .material = true, .who = setter, .what = name});
    for (const auto& [name, setter] : then.device)
        if (!now.device.contains({name, setter}))
            changes.push_back({.kind = ChangeKind::device_removed, .who = setter, .what = name});
    compare_controller(then, now, changes);
    return changes;
}

}  // namespace calyptenora::platform
