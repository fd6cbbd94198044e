#include "platform/consent_receipts.hpp"

#include "storage/signature.hpp"
#include "storage/stores/erasure.hpp"
#include "storage/text.hpp"

#include <calyptenora/json.hpp>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace calyptenora::platform {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

constexpr std::string_view controller = "controller";
constexpr std::string_view signed_as = "calyptenora consent receipt\n";

/// Keys in order, nothing between the parts (RFC 8785; there are no numbers): the same bytes for everybody.
void write_canonical(std::string& out, const value& node) {
    if (const auto* members = node.if_object()) {
        std::vector<std::string_view> names;
        for (const auto& member : *members)
            names.push_back(member.key());
        std::ranges::sort(names);
        out += "{";
        for (std::size_t i = 0; i < names.size(); ++i) {
            out += i ? "," : "";
            out += boost::json::serialize(value(names[i])) + ":";
            write_canonical(out, members->at(names[i]));
        }
        out += "}";
    } else if (const auto* items = node.if_array()) {
        out += "[";
        for (std::size_t i = 0; i < items->size(); ++i) {
            out += i ? "," : "";
            write_canonical(out, (*items)[i]);
        }
        out += "]";
    } else {
        out += boost::json::serialize(node);
    }
}

std::string signed_text(const object& receipt) {
    std::string text(signed_as);
    write_canonical(text, receipt);
    return text;
}

/// To the second, UTC.
std::string moment_of(storage::Timestamp moment) {
    const auto day = std::chrono::floor<std::chrono::days>(moment);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(moment - day));
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       time.hours().count(), time.minutes().count(), time.seconds().count());
}

template <class T>
array one(T&& item) {
    array list;
    list.emplace_back(std::forward<T>(item));
    return list;
}

object purpose_of(const storage::ConsentEvent& event, const gate::Terms& terms, const ReceiptIssuer& issuer) {
    array types;
    for (const auto& category : terms.categories)
        types.push_back(object{{"pii_type", category}});
    array endpoints(terms.endpoints.begin(), terms.endpoints.end());
    return {{"purpose", key_of(event.purpose)},
            {"lawful_basis", terms.basis},
            {"device_access", terms.device_access},
            {"pii_information", std::move(types)},
            {"pii_controllers", one(controller)},
            {"recipient_third_parties", one(event.instance)},
            {"processing_locations", one(terms.country)},
            {"storage_locations", one(terms.country)},
            {"services", std::move(endpoints)},
            {"retention_period",
             terms.retention_days > 0 ? fmt::format("P{}D", terms.retention_days) : std::string("contract")},
            {"jurisdiction", issuer.country},
            {"withdrawal_method", issuer.origin + "/privacy"},
            {"privacy_rights", issuer.origin + "/account/data"}};
}

object make_receipt(const storage::ConsentEvent& event, const gate::Terms& terms,
                    const ReceiptIssuer& issuer) {
    return {{"schema_version", "ISO/IEC TS 27560:2023"},
            {"receipt_id", event.record_id.text()},
            {"record_id", event.record_id.text()},
            {"pii_principal_id", event.pii_principal_id.text()},
            {"privacy_notice", issuer.origin + "/privacy-notice"},
            {"privacy_notice_version", event.privacy_notice},
            {"language", event.language},
            {"purposes", one(purpose_of(event, terms, issuer))},
            {"parties", array{object{{"party_id", controller},
                                     {"party_role", "pii_controller"},
                                     {"party_name", issuer.name},
                                     {"party_address", issuer.address},
                                     {"party_email", issuer.email},
                                     {"party_url", issuer.origin},
                                     {"party_country", issuer.country}},
                              object{{"party_id", event.instance},
                                     {"party_role", terms.role},
                                     {"party_name", event.recipient_third_parties},
                                     {"party_country", terms.country}}}},
            {"event",
             {{"event_time", moment_of(event.event_time)},
              {"event_type", event.event_type},
              {"event_state", key_of(event.event_state)},
              {"entity_id", event.entity_id},
              {"action", event.action},
              {"validity_duration", event.validity_duration
                                        ? fmt::format("PT{}S", event.validity_duration->count())
                                        : std::string()}}},
            {"evidence",
             {{"shown_text_hash", event.text_hash},
              {"choices_hash", event.choices_hash},
              {"manifest_hash", event.manifest_hash},
              {"policy_hash", event.policy_hash}}}};
}

/// Something that the ledger refers to; empty if it refers to nothing.
Result<std::string> load_text(storage::Transaction& tx, const std::string& hash) {
    if (hash.empty())
        return std::string();
    auto text = storage::consents::find_text(tx, hash);
    if (!text || storage::make_content_hash(*text) != hash)
        return Error(ErrorKind::permanent,
                     fmt::format("the text {} is not there any more, or is another; \"calyptenora ledger "
                                 "verify\" says what was altered",
                                 hash));
    return std::move(*text);
}

const std::string no_text;

/// A text at such a place, or an empty one.
std::string text_at(const value& document, std::string_view pointer) {
    boost::system::error_code missing;
    const auto* found = document.find_pointer(pointer, missing);
    return found && found->is_string() ? std::string(found->as_string()) : no_text;
}

bool holds_numbers(const value& node) {
    if (const auto* members = node.if_object())
        return std::ranges::any_of(*members,
                                   [](const auto& member) { return holds_numbers(member.value()); });
    if (const auto* items = node.if_array())
        return std::ranges::any_of(*items, holds_numbers);
    return !node.is_string();
}

}  // namespace

ReceiptIssuer make_receipt_issuer(const settings::Settings& settings) {
    const auto& owner = settings.operator_info;
    return {.name = owner.legal_name,
            .address = owner.address,
            .email = owner.data_protection_officer ? owner.data_protection_officer->email : owner.email,
            .origin = settings.platform.origin,
            .country = owner.country};
}

Result<ConsentReceipt> make_consent_receipt(storage::Transaction& tx, const storage::ServiceSecrets& secrets,
                                            const ReceiptIssuer& issuer, storage::ConsentEvent event) {
    auto shown = load_text(tx, event.text_hash);
    if (!shown)
        return shown.error();
    const auto terms_text = load_text(tx, event.policy_hash);
    if (!terms_text)
        return terms_text.error();
    auto terms = parse_json<gate::Terms>(*terms_text);
    if (!terms)
        return Error(ErrorKind::permanent, "what was agreed to cannot be read: " + terms.error().message);
    auto receipt = make_receipt(event, *terms, issuer);
    auto signature = storage::make_signature(secrets.ledger_signing, signed_text(receipt));
    const object document{{"schema", consent_receipt_schema_id},
                          {"receipt", std::move(receipt)},
                          {"shown_text", *shown},
                          {"signature",
                           {{"algorithm", "Ed25519"},
                            {"public_key", storage::make_public_key(secrets.ledger_signing)},
                            {"value", std::move(signature)}}}};
    return ConsentReceipt{std::move(event), std::move(*terms), std::move(*shown),
                          boost::json::serialize(document)};
}

Result<ReadReceipt> read_consent_receipt(std::string_view document) {
    boost::system::error_code failure;
    const auto parsed = boost::json::parse(document, failure);
    const auto* members = failure ? nullptr : parsed.if_object();
    const auto* receipt = members ? members->if_contains("receipt") : nullptr;
    if (!receipt || !receipt->is_object() || text_at(parsed, "/schema") != consent_receipt_schema_id)
        return Error(ErrorKind::invalid_input,
                     fmt::format("this is no consent receipt; one is JSON with the schema {}",
                                 consent_receipt_schema_id));
    ReadReceipt read{receipt->as_object(), text_at(parsed, "/signature/public_key"), {}};
    if (text_at(parsed, "/signature/algorithm") != "Ed25519")
        read.faults.emplace_back("it is signed by an unknown algorithm");
    else if (holds_numbers(*receipt) || !storage::is_signed_by(read.public_key, signed_text(read.receipt),
                                                               text_at(parsed, "/signature/value")))
        read.faults.emplace_back("its signature does not match: it was altered, or signed by another key");
    const auto hash = text_at(*receipt, "/evidence/shown_text_hash");
    const auto text = text_at(parsed, "/shown_text");
    if (hash.empty() ? !text.empty() : storage::make_content_hash(text) != hash)
        read.faults.emplace_back("the text in it is not the one that was shown");
    return read;
}

boost::asio::awaitable<Result<std::vector<storage::ConsentEvent>>> ConsentReceipts::list(
    storage::SubjectId subject) {
    using Events = std::vector<storage::ConsentEvent>;
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<Events> {
        auto events = storage::consents::list_events(tx, subject);
        for (const auto& guest : storage::erasure::list_guests(tx, subject))
            for (auto& event : storage::consents::list_events(tx, guest))
                events.push_back(std::move(event));
        std::ranges::sort(events, std::ranges::greater(), [](const storage::ConsentEvent& event) {
            return std::pair(event.event_time, event.record_id.text());
        });
        return events;
    });
}

boost::asio::awaitable<Result<ConsentReceipt>> ConsentReceipts::find(storage::SubjectId subject,
                                                                     storage::RecordId record) {
    auto events = co_await list(subject);
    if (!events)
        co_return events.error();
    const auto found = std::ranges::find(*events, record, &storage::ConsentEvent::record_id);
    if (found == events->end())
        co_return Error(ErrorKind::not_found, "there is no such receipt");
    const auto issuer = issuer_();
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<ConsentReceipt> {
        const auto& secrets = cipher_.keys().service();
        if (!storage::consents::verify(tx, secrets, subject).empty())
            return Error(ErrorKind::permanent,
                         "the ledger of this person's choices was altered, and nothing is signed of it; run "
                         "'calyptenora ledger verify'");
        return make_consent_receipt(tx, secrets, issuer, *found);
    });
}

// ---- the schema

namespace {

object text() {
    return {{"type", "string"}};
}
object some_text() {
    return {{"type", "string"}, {"minLength", 1}};
}
object text_like(std::string_view pattern) {
    return {{"type", "string"}, {"pattern", pattern}};
}
object list_of(object items, int least) {
    return {{"type", "array"}, {"items", std::move(items)}, {"minItems", least}};
}
/// An object with these members and no other.
object exactly(object properties) {
    array names;
    for (const auto& [name, schema] : properties)
        names.emplace_back(name);
    return {{"type", "object"},
            {"properties", std::move(properties)},
            {"required", std::move(names)},
            {"additionalProperties", false}};
}
template <class Enum>
object one_of() {
    array names;
    for (const auto key : keys_of(std::type_identity<Enum>{}))
        names.emplace_back(key);
    return {{"enum", std::move(names)}};
}

}  // namespace

boost::json::object make_consent_receipt_schema() {
    constexpr std::string_view uuid = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", hash = "^[0-9a-f]{64}$",
                               country = "^[A-Z]{2}$", url = "^https?://";
    auto platform = exactly({{"party_id", {{"const", controller}}},
                             {"party_role", {{"const", "pii_controller"}}},
                             {"party_name", some_text()},
                             {"party_address", some_text()},
                             {"party_email", some_text()},
                             {"party_url", text_like(url)},
                             {"party_country", text_like(country)}});
    auto recipient = exactly({{"party_id", some_text()},
                              {"party_role", some_text()},
                              {"party_name", some_text()},
                              {"party_country", text_like(country)}});
    auto purpose = exactly({{"purpose", one_of<Purpose>()},
                            {"lawful_basis", one_of<LegalBasis>()},
                            {"device_access", text()},
                            {"pii_information", list_of(exactly({{"pii_type", one_of<Category>()}}), 1)},
                            {"pii_controllers", list_of(some_text(), 1)},
                            {"recipient_third_parties", list_of(some_text(), 1)},
                            {"processing_locations", list_of(text_like(country), 1)},
                            {"storage_locations", list_of(text_like(country), 1)},
                            {"services", list_of(text(), 0)},
                            {"retention_period", text_like("^(P[1-9][0-9]*D|contract)$")},
                            {"jurisdiction", text_like(country)},
                            {"withdrawal_method", text_like(url)},
                            {"privacy_rights", text_like(url)}});
    auto event =
        exactly({{"event_time", text_like("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")},
                 {"event_type", some_text()},
                 {"event_state", one_of<ConsentState>()},
                 {"entity_id", some_text()},
                 {"action", text()},
                 {"validity_duration", text_like("^(PT[0-9]+S)?$")}});
    auto receipt =
        exactly({{"schema_version", {{"const", "ISO/IEC TS 27560:2023"}}},
                 {"receipt_id", text_like(uuid)},
                 {"record_id", text_like(uuid)},
                 {"pii_principal_id", text_like(uuid)},
                 {"privacy_notice", text_like(url)},
                 {"privacy_notice_version", text()},
                 {"language", text()},
                 {"purposes", list_of(std::move(purpose), 1)},
                 {"parties", object{{"type", "array"},
                                    {"prefixItems", array{std::move(platform), std::move(recipient)}},
                                    {"items", false},
                                    {"minItems", 2}}},
                 {"event", std::move(event)},
                 {"evidence", exactly({{"shown_text_hash", text_like("^([0-9a-f]{64})?$")},
                                       {"choices_hash", text()},
                                       {"manifest_hash", text()},
                                       {"policy_hash", text_like(hash)}})}});
    auto schema = exactly({{"schema", {{"const", consent_receipt_schema_id}}},
                           {"receipt", std::move(receipt)},
                           {"shown_text", text()},
                           {"signature", exactly({{"algorithm", {{"const", "Ed25519"}}},
                                                  {"public_key", text_like(hash)},
                                                  {"value", text_like("^[A-Za-z0-9_-]{86}$")}})}});
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
    schema["$id"] = consent_receipt_schema_id;
    schema["title"] = "A receipt for a decision about personal data";
    schema["description"] =
        "Members of `receipt` are named as in ISO/IEC TS 27560:2023 where it has a name. The signature "
        "covers the "
        "line \"calyptenora consent receipt\", a line feed, and `receipt` in the canonical form of RFC 8785. "
        "`evidence.shown_text_hash` is the BLAKE2b hash of 256 bits of `shown_text`.";
    return schema;
}

}  // namespace calyptenora::platform
