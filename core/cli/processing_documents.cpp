#include "cli/processing_documents.hpp"

#include "cli/text_table.hpp"
#include "gate/explanation.hpp"
#include "web/format.hpp"

#include <fmt/chrono.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace calyptenora::cli {
namespace {

using platform::DeletedBy;
using platform::FlowActivity;
using platform::KeptActivity;
using platform::KeptPart;
using platform::ProcessingRecord;
using web::Words;

/// Where the operator keeps its books; only dates are shown.
constexpr std::string_view time_zone = "Europe/Berlin";

constexpr std::string_view separator = "; ";

std::string join(const std::vector<std::string>& parts) {
    return fmt::format("{}", fmt::join(parts, separator));
}

std::vector<std::string> keys_of_bases(const std::vector<LegalBasis>& bases) {
    std::vector<std::string> keys;
    for (const auto basis : bases)
        keys.emplace_back(key_of(basis));
    return keys;
}

std::string bases_in_words(const std::vector<LegalBasis>& bases, const Words& words) {
    if (bases.empty())
        return words.word("legal_basis", "of_transmission");
    std::vector<std::string> texts;
    for (const auto basis : bases)
        texts.push_back(words.word("legal_basis", key_of(basis)));
    return join(texts);
}

std::vector<std::string_view> keys_of_persons(const platform::Persons& persons) {
    std::vector<std::string_view> keys;
    if (persons.account_holders)
        keys.emplace_back("account_holders");
    if (persons.visitors)
        keys.emplace_back("visitors");
    if (persons.guardians)
        keys.emplace_back("guardians");
    return keys;
}

std::string persons_in_words(const platform::Persons& persons, const Words& words) {
    std::vector<std::string> texts;
    for (const auto key : keys_of_persons(persons))
        texts.push_back(words.word("persons", key));
    return join(texts);
}

std::string kept_in_words(CategoryMask categories, const Words& words) {
    return categories.empty() ? words.text("record.system_data") : words.kept_fields(categories);
}

std::string sent_in_words(CategoryMask categories, const Words& words) {
    return categories.empty() ? words.text("record.none") : words.fields(categories);
}

std::string_view key_of_deletion(const KeptPart& part) {
    return part.rule && part.rule->deleted_by == DeletedBy::program ? "program" : "people";
}

/// Each length of time once, with who sees to it.
std::string erasure_in_words(const KeptActivity& activity, const Words& words) {
    std::vector<std::string> texts;
    for (const auto& part : activity.parts) {
        auto text = fmt::format("{} ({})", platform::length_in_words(part, words),
                                words.word("deleted_by", key_of_deletion(part)));
        if (std::ranges::count(texts, text) == 0)
            texts.push_back(std::move(text));
    }
    return join(texts);
}

std::string retention_in_words(const FlowActivity& flow, const Words& words) {
    return flow.retention ? words.text("record.days", {{"count", std::to_string(flow.retention->count())}})
                          : words.text("record.until_contract_ends");
}

std::string safeguard_in_words(const settings::Recipient& recipient, const Words& words) {
    if (!recipient.safeguard)
        return {};
    return words.word("safeguard", settings::safeguard_keys[static_cast<std::size_t>(*recipient.safeguard)]);
}

std::string recipient_in_words(const FlowActivity& flow, const Words& words) {
    if (!flow.goes_to_third_party())
        return words.text("record.nobody");
    const auto& who = flow.recipient;
    return fmt::format("{}, {}, {} ({})", who.legal_name, web::format_address(who.address),
                       web::country_name(who.country, words.language()),
                       words.word("role", key_of(who.role)));
}

std::string third_country_in_words(const FlowActivity& flow, const Words& words) {
    if (!flow.goes_to_third_party() || !flow.recipient.in_third_country())
        return words.text("record.none");
    return fmt::format("{}: {}", web::country_name(flow.recipient.country, words.language()),
                       safeguard_in_words(flow.recipient, words));
}

std::string measures_in_words(const ProcessingRecord& record, const Words& words) {
    std::vector<std::string> texts;
    for (const auto key : record.measures)
        texts.push_back(words.word("measure", key));
    return fmt::format("{}", fmt::join(texts, " "));
}

std::string officer_in_words(const ProcessingRecord& record, const Words& words) {
    const auto& officer = record.controller.data_protection_officer;
    if (!officer)
        return words.text("record.not_named");
    return officer->name.empty() ? officer->email : officer->name + ", " + officer->email;
}

std::string contract_in_words(const settings::Recipient& recipient, const Words& words) {
    if (!recipient.contract)
        return {};
    const auto day =
        storage::Timestamp(std::chrono::sys_days(recipient.contract->date)) + std::chrono::hours(12);
    return words.text("record.contract_of", {{"reference", recipient.contract->reference},
                                             {"on", web::format_date(day, words.language(), time_zone)}});
}

std::string iso_date(std::chrono::year_month_day day) {
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                       static_cast<unsigned>(day.day()));
}

boost::json::array to_json_keys(const auto& keys) {
    boost::json::array list;
    for (const auto& key : keys)
        list.emplace_back(std::string_view(key));
    return list;
}

boost::json::object recipient_json(const settings::Recipient& recipient) {
    boost::json::object object{{"name", recipient.legal_name},
                               {"address", web::format_address(recipient.address)},
                               {"country", recipient.country},
                               {"role", key_of(recipient.role)},
                               {"third_country", recipient.in_third_country()},
                               {"safeguard", nullptr},
                               {"contract", nullptr},
                               {"privacy_policy", recipient.privacy_policy},
                               {"contact", recipient.contact}};
    if (recipient.safeguard)
        object["safeguard"] = settings::safeguard_keys[static_cast<std::size_t>(*recipient.safeguard)];
    if (recipient.contract)
        object["contract"] = boost::json::object{{"reference", recipient.contract->reference},
                                                 {"date", iso_date(recipient.contract->date)}};
    return object;
}

boost::json::object retention_lengths(const settings::Retention& retention) {
    return {{"outgoing_days", retention.outgoing_days.count()},
            {"attempts_days", retention.attempts_days.count()},
            {"activity_days", retention.activity_days.count()},
            {"voucher_years", retention.voucher_years},
            {"letter_years", retention.letter_years}};
}

/// HTML of one element with escaped text.
std::string element(std::string_view tag, std::string_view text) {
    return fmt::format("<{0}>{1}</{0}>", tag, web::escape_html(text));
}

std::string fact(std::string_view name, std::string_view value) {
    return value.empty() ? std::string() : "<div>" + element("dt", name) + element("dd", value) + "</div>\n";
}

constexpr std::string_view style =
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:90rem;margin:2rem auto;padding:0 1rem;color:#1f2528;"
    "background:#fff}h1{margin-bottom:0}dl div{display:flex;gap:1rem}dt{min-width:14rem;font-weight:600}"
    "dd{margin:0}table{border-collapse:collapse;width:100%;font-size:.9rem}th,td{border:1px solid #7b8280;"
    "padding:.4rem .5rem;text-align:left;vertical-align:top}thead th{background:#e3efef}"
    "@media print{body{margin:0;max-width:none}tr{break-inside:avoid}}";

}  // namespace

std::vector<RecordRow> record_rows(const ProcessingRecord& record, const Words& words) {
    std::vector<RecordRow> rows;
    for (const auto& activity : record.kept)
        rows.push_back({.id = fmt::format("kept/{}", activity.key),
                        .activity = words.word("activity", activity.key),
                        .purpose = words.text(fmt::format("stored.{}_why", activity.key)),
                        .legal_basis = bases_in_words(activity.bases, words),
                        .persons = persons_in_words(activity.persons, words),
                        .data = kept_in_words(activity.categories, words),
                        .recipient = words.text("record.nobody"),
                        .third_country = words.text("record.none"),
                        .erasure = erasure_in_words(activity, words),
                        .purpose_key = {},
                        .legal_basis_keys = join(keys_of_bases(activity.bases)),
                        .data_keys = join(gate::keys_in(activity.categories))});
    for (const auto& flow : record.flows)
        rows.push_back({.id = fmt::format("{}|{}", flow.instance.text(), key_of(flow.purpose)),
                        .activity = words.language() == web::Language::de ? flow.summary.de : flow.summary.en,
                        .purpose = words.word("purpose", key_of(flow.purpose)),
                        .legal_basis = words.word("legal_basis", key_of(flow.basis)),
                        .persons = persons_in_words(flow.persons, words),
                        .data = sent_in_words(flow.categories, words),
                        .recipient = recipient_in_words(flow, words),
                        .third_country = third_country_in_words(flow, words),
                        .erasure = flow.goes_to_third_party()
                                       ? words.text("record.at_recipient",
                                                    {{"how_long", retention_in_words(flow, words)}})
                                       : words.word("retention", "plugin"),
                        .third_party = flow.goes_to_third_party() ? &flow.recipient : nullptr,
                        .purpose_key = std::string(key_of(flow.purpose)),
                        .legal_basis_keys = std::string(key_of(flow.basis)),
                        .data_keys = join(gate::keys_in(flow.categories))});
    return rows;
}

std::string record_csv(const ProcessingRecord& record, const Words& words) {
    const auto& owner = record.controller;
    const auto controller =
        fmt::format("{}, {}, {}", owner.legal_name, web::format_address(owner.address), owner.email);
    std::string csv =
        make_csv_row({"id", "activity", "purpose", "legal_basis", "persons", "data", "recipient",
                      "recipient_address", "recipient_country", "recipient_role",
                      "third_country_and_safeguard", "erasure", "measures", "controller", "representative",
                      "data_protection_officer", "purpose_key", "legal_basis_keys", "data_keys"});
    for (const auto& row : record_rows(record, words)) {
        const auto* who = row.third_party;
        csv += make_csv_row(
            {row.id, row.activity, row.purpose, row.legal_basis, row.persons, row.data,
             who ? who->legal_name : row.recipient, who ? web::format_address(who->address) : "",
             who ? who->country : "", who ? std::string(key_of(who->role)) : "", row.third_country,
             row.erasure, measures_in_words(record, words), controller, owner.representative,
             officer_in_words(record, words), row.purpose_key, row.legal_basis_keys, row.data_keys});
    }
    return csv;
}

std::string record_html(const ProcessingRecord& record, const Words& words, storage::Timestamp made_at) {
    const auto& owner = record.controller;
    const auto title = words.text("record.title");
    std::string html = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;; style-src "
        "&#39;unsafe-inline&#39;\">\n<title>{}: {}</title>\n<style>{}</style>\n</head>\n<body>\n",
        web::tag_of(words.language()), web::escape_html(title), web::escape_html(record.platform), style);
    html += element("h1", title) + "\n" + element("p", words.text("record.subtitle")) + "\n";
    html += element(
        "p", words.text("record.generated", {{"on", web::format_date(made_at, words.language(), time_zone)},
                                             {"version", record.policy_hash.substr(0, 12)}}));
    html += "\n<dl>\n";
    html +=
        fact(words.text("record.controller"),
             fmt::format("{}, {}, {}", owner.legal_name, web::format_address(owner.address), owner.email));
    html += fact(words.text("record.represented_by"), owner.representative);
    html += fact(words.text("record.officer"), officer_in_words(record, words));
    html += fact(words.text("record.authority"), owner.supervisory_authority);
    html += "</dl>\n" + element("h2", words.text("record.activities")) + "\n<table>\n<thead><tr>";
    for (const auto& heading :
         {words.text("record.activity"), words.text("record.purpose"), words.text("record.legal_basis"),
          words.text("record.persons"), words.text("record.data"), words.text("record.recipients"),
          words.text("record.third_countries"), words.text("record.erasure")})
        html += "<th scope=\"col\">" + web::escape_html(heading) + "</th>";
    html += "</tr></thead>\n<tbody>\n";
    for (const auto& row : record_rows(record, words)) {
        html += fmt::format("<tr id=\"{}\"><th scope=\"row\">{}</th>", web::escape_html(row.id),
                            web::escape_html(row.activity));
        for (const auto* cell : {&row.purpose, &row.legal_basis, &row.persons, &row.data, &row.recipient,
                                 &row.third_country, &row.erasure})
            html += element("td", *cell);
        html += "</tr>\n";
    }
    html += "</tbody>\n</table>\n" + element("p", words.text("record.by_hand_note")) + "\n" +
            element("h2", words.text("record.measures")) + "\n<ul>\n";
    for (const auto key : record.measures)
        html += element("li", words.word("measure", key)) + "\n";
    return html + "</ul>\n</body>\n</html>\n";
}

boost::json::object record_json(const ProcessingRecord& record) {
    const auto& owner = record.controller;
    boost::json::object controller{{"name", owner.legal_name},
                                   {"address", web::format_address(owner.address)},
                                   {"country", owner.country},
                                   {"email", owner.email},
                                   {"representative", owner.representative},
                                   {"supervisory_authority", owner.supervisory_authority},
                                   {"data_protection_officer", nullptr}};
    if (owner.data_protection_officer)
        controller["data_protection_officer"] = boost::json::object{
            {"name", owner.data_protection_officer->name}, {"email", owner.data_protection_officer->email}};
    boost::json::array kept, flows, device;
    for (const auto& activity : record.kept) {
        boost::json::array parts;
        for (const auto& part : activity.parts)
            parts.push_back({{"table", part.table},
                             {"retention", part.words},
                             {"deleted_by", key_of_deletion(part)},
                             {"data", to_json_keys(gate::keys_in(part.categories))}});
        kept.push_back({{"activity", activity.key},
                        {"legal_bases", to_json_keys(keys_of_bases(activity.bases))},
                        {"persons", to_json_keys(keys_of_persons(activity.persons))},
                        {"data", to_json_keys(gate::keys_in(activity.categories))},
                        {"parts", std::move(parts)}});
    }
    for (const auto& flow : record.flows) {
        boost::json::object object{{"plugin", flow.instance.text()},
                                   {"purpose", key_of(flow.purpose)},
                                   {"legal_basis", key_of(flow.basis)},
                                   {"device_access", nullptr},
                                   {"asks_first", flow.asks_first},
                                   {"persons", to_json_keys(keys_of_persons(flow.persons))},
                                   {"data", to_json_keys(gate::keys_in(flow.categories))},
                                   {"retention_days", nullptr},
                                   {"endpoints", to_json_keys(flow.endpoints)},
                                   {"recipient", nullptr}};
        if (flow.device_access)
            object["device_access"] = key_of(*flow.device_access);
        if (flow.retention)
            object["retention_days"] = flow.retention->count();
        if (flow.goes_to_third_party())
            object["recipient"] = recipient_json(flow.recipient);
        flows.push_back(std::move(object));
    }
    for (const auto& entry : record.device) {
        boost::json::object object{
            {"name", entry.name},
            {"kind", settings::storage_kind_keys[static_cast<std::size_t>(entry.kind)]},
            {"lifetime_seconds", nullptr},
            {"set_by", entry.setter},
            {"device_access", key_of(entry.access)},
            {"plugin", nullptr}};
        if (entry.lifetime)
            object["lifetime_seconds"] = entry.lifetime->count();
        if (entry.instance)
            object["plugin"] = entry.instance->text();
        device.push_back(std::move(object));
    }
    return {{"platform", record.platform},
            {"origin", record.origin},
            {"version", record.policy_hash},
            {"controller", std::move(controller)},
            {"kept", std::move(kept)},
            {"flows", std::move(flows)},
            {"device", std::move(device)},
            {"retention", retention_lengths(record.retention)},
            {"measures", to_json_keys(record.measures)}};
}

boost::json::object notice_json(const ProcessingRecord& record) {
    auto notice = record_json(record);
    for (const auto* key : {"origin", "version", "measures"})
        notice.erase(key);
    for (auto& flow : notice.at("flows").as_array())
        flow.as_object().erase("endpoints");
    return notice;
}

Table processors_table(const ProcessingRecord& record, const Words& words) {
    Table table{{"id", words.text("record.recipients"), words.text("record.address"),
                 words.text("record.country"), words.text("record.role"), words.text("record.purpose"),
                 words.text("record.contract"), words.text("record.safeguard"), words.text("record.contact"),
                 words.text("record.policy")}};
    for (const auto& party : record.parties) {
        std::vector<std::string> purposes;
        for (const auto purpose : party.purposes)
            purposes.push_back(words.word("purpose", key_of(purpose)));
        if (purposes.empty())
            purposes.push_back(words.text("record.own_mail"));
        const auto& who = party.recipient;
        table.push_back({party.id, who.legal_name, web::format_address(who.address),
                         web::country_name(who.country, words.language()),
                         words.word("role", key_of(who.role)), join(purposes), contract_in_words(who, words),
                         safeguard_in_words(who, words), who.contact, who.privacy_policy});
    }
    return table;
}

boost::json::array processors_json(const ProcessingRecord& record) {
    boost::json::array list;
    for (const auto& party : record.parties) {
        auto object = recipient_json(party.recipient);
        object["id"] = party.id;
        boost::json::array purposes;
        for (const auto purpose : party.purposes)
            purposes.emplace_back(key_of(purpose));
        object["purposes"] = std::move(purposes);
        list.push_back(std::move(object));
    }
    return list;
}

Table retention_table(const ProcessingRecord& record, const Words& words) {
    Table table{{words.text("record.place"), words.text("record.activity"), words.text("record.data"),
                 words.text("record.how_long"), words.text("record.deleted")}};
    for (const auto& activity : record.kept)
        for (const auto& part : activity.parts)
            table.push_back({part.table, words.word("activity", activity.key),
                             kept_in_words(part.categories, words), platform::length_in_words(part, words),
                             words.word("deleted_by", key_of_deletion(part))});
    for (const auto& flow : record.flows)
        if (flow.goes_to_third_party())
            table.push_back({flow.instance.text(), words.word("purpose", key_of(flow.purpose)),
                             sent_in_words(flow.categories, words), retention_in_words(flow, words),
                             words.word("deleted_by", "recipient")});
    return table;
}

boost::json::array retention_json(const ProcessingRecord& record) {
    boost::json::array list;
    for (const auto& activity : record.kept)
        for (const auto& part : activity.parts)
            list.push_back({{"place", part.table},
                            {"activity", activity.key},
                            {"data", to_json_keys(gate::keys_in(part.categories))},
                            {"how_long", part.words},
                            {"deleted_by", key_of_deletion(part)}});
    for (const auto& flow : record.flows)
        if (flow.goes_to_third_party())
            list.push_back({{"place", flow.instance.text()},
                            {"activity", key_of(flow.purpose)},
                            {"data", to_json_keys(gate::keys_in(flow.categories))},
                            {"how_long", flow.retention ? fmt::format("{} days", flow.retention->count())
                                                        : "as long as the contract with the recipient lasts"},
                            {"deleted_by", "recipient"}});
    return list;
}

}  // namespace calyptenora::cli
