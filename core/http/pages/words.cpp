#include "http/pages/words.hpp"

#include "gate/hand_over.hpp"
#include "web/format.hpp"
#include "web/words.hpp"

#include <algorithm>

namespace calyptenora::http {
namespace {

/// Where the platform is.
constexpr std::string_view own_time_zone = "Europe/Berlin";

std::string key_text(const Visit& visit, std::string_view group, std::string_view key) {
    return visit.text(fmt::format("{}.{}", group, key));
}

const std::string& in_language(const settings::Localised& text, const Visit& visit) {
    return visit.language() == web::Language::de ? text.de : text.en;
}

const gate::InstancePolicy& instance_of(const Visit& visit, const gate::PolicyFlow& row) {
    return *visit.policy()->find_instance(row.instance);
}

std::string retention_text(const Visit& visit, const gate::PolicyFlow& row) {
    if (!row.retention)
        return visit.text("privacy.retention_contract");
    return visit.text("privacy.retention_days", {{"count", std::to_string(row.retention->count())}});
}

std::string safeguard_text(const Visit& visit, const settings::Recipient& recipient) {
    if (!recipient.safeguard)
        return {};
    return key_text(visit, "safeguard",
                    settings::safeguard_keys[static_cast<std::size_t>(*recipient.safeguard)]);
}

/// From when on what the privacy notice announces may be used; empty if nothing waits.
std::string waiting_text(const Visit& visit, const gate::Flow& flow) {
    if (flow.in_force_from <= visit.services().gate.clock().now())
        return {};
    const auto waiting = flow.announced & flow.declared & flow.granted;
    const auto on = date_text(visit, flow.in_force_from);
    return waiting == (flow.declared & flow.granted)
               ? visit.text("privacy.waits", {{"on", on}})
               : visit.text("privacy.data_wait", {{"on", on}, {"data", fields_in_words(visit, waiting)}});
}

std::string why_text(const Visit& visit, const gate::PolicyFlow& row) {
    return key_text(visit, "purpose_explained", key_of(row.flow.purpose));
}

boost::json::array field_views(const Visit& visit, const gate::PolicyFlow& row) {
    boost::json::array fields;
    for (const auto& field : row.fields) {
        if (field.granted.empty())
            continue;
        boost::json::object view{{"name", fields_in_words(visit, field.granted)},
                                 {"why", in_language(field.why, visit)}};
        if (field.transform != Transform::none)
            view["transform_text"] = key_text(visit, "transform", key_of(field.transform));
        fields.push_back(std::move(view));
    }
    return fields;
}

bool is_asked(const gate::PolicyFlow& row) {
    return gate::asks(row);
}

std::string basis_text(const Visit& visit, const gate::Standing& standing) {
    const auto basis = standing.row->flow.basis;
    const bool asked = gate::is_consent(basis) && !standing.flowing;
    return key_text(visit, asked ? "basis_asked" : "basis", key_of(basis));
}

void add_control(const Visit& visit, const gate::Standing& standing, boost::json::object& view) {
    if (is_asked(*standing.row)) {
        const bool had = standing.state == ConsentState::given || standing.state == ConsentState::renewed;
        const bool waits = had && !standing.asked && standing.guardian_missing;
        const bool by_mail = gate::opts_in_by_mail(*standing.row);
        const bool can_end = standing.flowing || waits || (by_mail && had && !standing.asked);
        view["control"] = boost::json::object{{can_end ? "withdraw" : by_mail ? "subscribe" : "allow", true}};
        view["awaits_guardian"] = waits;
        view["needs_guardian"] = standing.guardian_missing && !waits;
        if (had && !standing.flowing && standing.asked) {
            const bool over =
                standing.expires_at && *standing.expires_at <= visit.services().gate.clock().now();
            view[over ? "expired" : "asked_again"] = true;
        }
    } else {
        view["control"] = boost::json::object{{"fixed_text", visit.text("flow.needed")}};
    }
}

}  // namespace

std::string fields_in_words(const Visit& visit, CategoryMask fields) {
    return web::Words(visit.services().renderer.translations(), visit.language()).fields(fields);
}

CategoryMask fields_of_flow(const gate::PolicyFlow& row) {
    return row.flow.declared & row.flow.granted;
}

boost::json::object third_party_view(const Visit& visit, const gate::PolicyFlow& row) {
    const auto& recipient = instance_of(visit, row).recipient;
    return {{"name", recipient.legal_name},
            {"country", web::country_name(recipient.country, visit.language())},
            {"gets_text", fields_in_words(visit, fields_of_flow(row))},
            {"why_text", why_text(visit, row)},
            {"asks_first", is_asked(row)}};
}

boost::json::object recipient_view(const Visit& visit, const gate::Standing& standing, WithControl control,
                                   const LastSent& last_sent) {
    const auto& row = *standing.row;
    const auto& recipient = instance_of(visit, row).recipient;
    std::string anchor = flow_key(row);
    std::replace_if(
        anchor.begin(), anchor.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); },
        '-');
    boost::json::object view{{"anchor", anchor},
                             {"name", recipient.legal_name},
                             {"address", web::format_address(recipient.address)},
                             {"country", web::country_name(recipient.country, visit.language())},
                             {"role_text", key_text(visit, "role", key_of(recipient.role))},
                             {"third_country", recipient.in_third_country()},
                             {"safeguard_text", safeguard_text(visit, recipient)},
                             {"fields", field_views(visit, row)},
                             {"basis_text", basis_text(visit, standing)},
                             {"retention_text", retention_text(visit, row)},
                             {"waiting_text", waiting_text(visit, row.flow)},
                             {"on", standing.flowing},
                             {"key", flow_key(row)},
                             {"recipient", row.instance.text()}};
    if (standing.flowing && standing.changed_at)
        view["since_text"] = visit.text("receipt.since", {{"on", date_text(visit, *standing.changed_at)}});
    if (const auto sent = last_sent.find({row.instance.text(), row.flow.purpose}); sent != last_sent.end())
        view["last_sent_text"] = moment_text(visit, sent->second);
    if (row.instance == settings::core_technical_id())
        view["last_sent_text"] = visit.text("privacy.passed_to_nobody");
    if (control == WithControl::yes)
        add_control(visit, standing, view);
    return view;
}

boost::json::object choice_view(const Visit& visit, const gate::PolicyFlow& row) {
    const auto& recipient = instance_of(visit, row).recipient;
    boost::json::object view{{"key", flow_key(row)},
                             {"name", recipient.legal_name},
                             {"country", web::country_name(recipient.country, visit.language())},
                             {"purpose_text", key_text(visit, "purpose", key_of(row.flow.purpose))},
                             {"gets_text", fields_in_words(visit, fields_of_flow(row))},
                             {"retention_text", retention_text(visit, row)}};
    if (recipient.in_third_country())
        view["safeguard_text"] = safeguard_text(visit, recipient);
    return view;
}

bool is_shown(const gate::PolicyFlow& row) {
    return row.flow.third_party || gate::asks(row);
}

boost::json::array purpose_groups(const Visit& visit, WithControl control, const LastSent& last_sent) {
    boost::json::array groups;
    const auto add_group = [&](Purpose purpose) {
        boost::json::array rows;
        for (const auto& standing : visit.standings())
            if (is_shown(*standing.row) && standing.row->flow.purpose == purpose)
                rows.push_back(recipient_view(visit, standing, control, last_sent));
        if (!rows.empty())
            groups.push_back({{"title", key_text(visit, "purpose", key_of(purpose))},
                              {"explanation", key_text(visit, "purpose_explained", key_of(purpose))},
                              {"rows", std::move(rows)}});
    };
    for (std::size_t i = 0; i < purpose_keys.size(); ++i)
        if (static_cast<Purpose>(i) != Purpose::essential_legal_obligation)
            add_group(static_cast<Purpose>(i));
    // Last, since there is nothing to choose.
    add_group(Purpose::essential_legal_obligation);
    return groups;
}

std::string receipt_sentence(const Visit& visit, const storage::Disclosure& disclosure) {
    const auto instance = settings::parse_instance_id(disclosure.instance);
    const auto* standing = instance ? visit.find_standing(*instance, disclosure.purpose) : nullptr;
    std::string why;
    if (standing)
        why = key_text(visit, "basis", key_of(standing->row->flow.basis)) + ".";
    else if (disclosure.operation == gate::hand_over_operation)
        why = key_text(visit, "basis", key_of(LegalBasis::legal_obligation)) + ".";
    const bool by_browser = disclosure.operation == gate::frame_operation;
    return visit.text(by_browser ? "receipt.frame" : "receipt.sent",
                      {{"on", moment_text(visit, disclosure.at)},
                       {"recipient", disclosure.recipient},
                       {"fields", fields_in_words(visit, disclosure.categories)},
                       {"why", why}});
}

std::string flow_key(const gate::PolicyFlow& row) {
    return fmt::format("{}|{}", row.instance.text(), key_of(row.flow.purpose));
}

const gate::PolicyFlow* find_flow(const gate::Policy& policy, std::string_view key) {
    const auto bar = key.find('|');
    if (bar == std::string_view::npos)
        return nullptr;
    const auto instance = settings::parse_instance_id(key.substr(0, bar));
    const auto purpose = find_term<Purpose>(key.substr(bar + 1));
    return instance && purpose ? policy.find_flow(*instance, *purpose) : nullptr;
}

std::string shown_text(const Visit& visit, const std::vector<const gate::PolicyFlow*>& rows) {
    std::string text = visit.text("consent.choose_lead") + "\n";
    for (const auto* row : rows) {
        const auto& recipient = instance_of(visit, *row).recipient;
        text += fmt::format("{} ({}), {}\n", recipient.legal_name,
                            web::country_name(recipient.country, visit.language()),
                            web::format_address(recipient.address));
        text += visit.text("consent.choice",
                           {{"gets", fields_in_words(visit, fields_of_flow(*row))},
                            {"purpose", key_text(visit, "purpose", key_of(row->flow.purpose))}}) +
                "\n";
        for (const auto& field : row->fields)
            if (!field.granted.empty())
                text += fmt::format("- {}: {}\n", fields_in_words(visit, field.granted),
                                    in_language(field.why, visit));
        text += retention_text(visit, *row) + " " + safeguard_text(visit, recipient) + "\n";
        text += fmt::format("[{}] [{}]\n", visit.text("consent.refuse"), visit.text("consent.allow"));
    }
    return text;
}

boost::json::object announcement_view(const Visit& visit, const platform::PolicyAnnouncement& announcement) {
    const auto on = date_text(visit, announcement.effective_at);
    const bool ahead = announcement.effective_at > visit.services().gate.clock().now();
    return {{"text", ahead ? visit.text("layout.announcement_ahead", {{"on", on}})
                           : visit.text("layout.announcement_made", {{"on", on}})},
            {"url", fmt::format("/privacy-notice/versions/{}", announcement.number)},
            {"number", announcement.number}};
}

std::string_view time_zone_of(const Visit& visit) {
    const auto* learner = visit.learner();
    return learner && learner->presentation.time_zone ? std::string_view(*learner->presentation.time_zone)
                                                      : own_time_zone;
}

std::string date_text(const Visit& visit, storage::Timestamp moment) {
    return web::format_date(moment, visit.language(), time_zone_of(visit));
}

std::string moment_text(const Visit& visit, storage::Timestamp moment) {
    return web::format_date_time(moment, visit.language(), time_zone_of(visit));
}

std::string day_text(const Visit& visit, const std::string& iso) {
    int year = 0;
    unsigned month = 0, day = 0;
    if (std::sscanf(iso.c_str(), "%4d-%2u-%2u", &year, &month, &day) != 3)
        return iso;
    // At noon, so that it is the same day in every zone of Europe.
    const std::chrono::sys_days date(std::chrono::year(year) / static_cast<int>(month) /
                                     static_cast<int>(day));
    return date_text(visit, storage::Timestamp(date + std::chrono::hours(12)));
}

}  // namespace calyptenora::http
