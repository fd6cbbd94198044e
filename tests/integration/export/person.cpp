#include "integration/export/person.hpp"

#include "storage/inventory.hpp"
#include "storage/stores/access_reviews.hpp"
#include "storage/stores/announcements.hpp"
#include "storage/stores/cases.hpp"
#include "storage/stores/consents.hpp"
#include "storage/stores/copies.hpp"
#include "storage/stores/declarations.hpp"
#include "storage/stores/disclosures.hpp"
#include "storage/stores/inbound_events.hpp"
#include "storage/stores/incidents.hpp"
#include "storage/stores/learners.hpp"
#include "storage/stores/learning.hpp"
#include "storage/stores/leases.hpp"
#include "storage/stores/legal_demands.hpp"
#include "storage/stores/notes.hpp"
#include "storage/stores/notifications.hpp"
#include "storage/stores/orders.hpp"
#include "storage/stores/outbox.hpp"
#include "storage/stores/plugin_store.hpp"
#include "storage/stores/requests.hpp"
#include "storage/stores/sessions.hpp"
#include "storage/stores/staff_events.hpp"
#include "storage/stores/study_time.hpp"
#include "storage/stores/technical_data.hpp"
#include "storage/stores/terms.hpp"
#include "storage/text.hpp"

#include <calyptenora/json.hpp>

#include <fmt/format.h>

namespace calyptenora::test {

using namespace storage;
using std::chrono::seconds;

namespace {

constexpr auto improving = Purpose::analytics_reporting_content_performance;

class Seed {
  public:
    Seed(Database& database, const FieldCipher& cipher, Timestamp now, const PersonOptions& options)
        : database_(database),
          cipher_(cipher),
          now_(now),
          options_(options),
          person_{LearnerId::make(), SubjectId::make(), options.email, {}} {}

    Person write() {
        cipher_.keys().create(person_.id).value();
        cipher_.keys().create(person_.guest).value();
        run([&](Transaction& tx) { return write_account(tx); });
        run([&](Transaction& tx) { return write_learning(tx); });
        run([&](Transaction& tx) { return write_money(tx); });
        run([&](Transaction& tx) { return write_cases(tx); });
        run([&](Transaction& tx) { return write_consents(tx); });
        run([&](Transaction& tx) { return write_disclosures(tx); });
        run([&](Transaction& tx) { return write_services(tx); });
        run([&](Transaction& tx) { return write_requests(tx); });
        return std::move(person_);
    }

  private:
    template <class F>
    void run(F function) {
        database_.transaction_blocking([&](Transaction& tx) -> Status { return function(tx); }).value();
    }

    void note(std::string_view column, const std::string& id, std::string text) {
        person_.plain[fmt::format("{} {}", column, id)] = std::move(text);
    }

    Session session(const SubjectId& subject) const {
        return {.id = SessionId::make(),
                .subject = subject,
                .privilege = Privilege::signed_in,
                .created_at = now_,
                .last_seen_at = now_ + seconds(1),
                .idle_expires_at = now_ + std::chrono::hours(24),
                .absolute_expires_at = now_ + std::chrono::hours(48),
                .authenticated_at = now_,
                .user_agent = "Firefox 140"};
    }

    Status write_account(Transaction& tx) {
        note("learners.display_name_enc", person_.id.text(), std::string(hostile_name));
        note("learners.email_enc", person_.id.text(), person_.email);
        learners::insert(tx, cipher_,
                         {.id = person_.id,
                          .created_at = now_,
                          .language = options_.language,
                          .email_confirmed_at = now_ + seconds(5),
                          .guardian_needed_until = "2030-04",
                          .auth_instance = "auth/password"},
                         {std::string(hostile_name), person_.email})
            .value();
        subjects::insert(tx, person_.guest, SubjectKind::guest, now_ - seconds(60));
        subjects::merge_guest(tx, person_.guest, person_.id);
        subjects::record_gpc(tx, person_.id, now_ + seconds(2));
        sessions::insert(tx, sessions::make_token(), session(person_.id));
        sessions::insert(tx, sessions::make_token(), session(person_.id));
        return {};
    }

    Status write_learning(Transaction& tx) {
        for (const auto* course : {"python", "rust"}) {
            learning::enrol(tx, person_.id, course, {}, now_);
            for (const auto* lesson : {"one", "two", "three"})
                learning::record_position(tx, person_.id, course, lesson, 42, now_);
            learning::record_place(tx, person_.id, course, "three", "s-loops.3.450", now_ + seconds(8));
            learning::complete_lesson(tx, person_.id, course, "two", now_ + seconds(9));
            const auto noted = NoteId::make();
            note("notes.body_enc", noted.text(), "Read again");
            if (auto kept = notes::insert(tx, cipher_,
                                          {.id = noted,
                                           .learner = person_.id,
                                           .course = course,
                                           .lesson = "one",
                                           .anchor = "s-loops",
                                           .body = "Read again",
                                           .created_at = now_,
                                           .updated_at = now_});
                !kept)
                return kept;
            study_time::switch_on(tx, person_.id, now_);
            const Announcement told{.id = AnnouncementId::make(),
                                    .course = {},
                                    .de = {},
                                    .en = AnnouncementText{"Maintenance", "On Monday."},
                                    .made_at = now_,
                                    .shown_until = now_ + seconds(9)};
            announcements::insert(tx, told);
            announcements::note_read(tx, person_.id, told.id, now_);
            notifications::choose(tx, person_.id, MailTopic::case_answers, false);
            terms::insert(tx, {1, "x", "x", now_});
            terms::accept(tx, person_.id, {1, "de", now_});
            technical_data::see_device(tx, person_.id, std::string(43, 'd'), {"phone", "Firefox", "Android"},
                                       now_);
            study_time::add(tx, person_.id, course, "one", seconds(300), now_);
            learning::add_watch_time(tx, person_.id, course, "one", "intro", seconds(90), seconds(61), now_);
        }
        return {};
    }

    Status write_money(Transaction& tx) {
        const Order order{.id = OrderId::make(),
                          .learner = person_.id,
                          .course = "rust",
                          .instance = "payments/sepa",
                          .amount_minor = 4900,
                          .currency = "EUR",
                          .reference = "RF" + cases::make_alias(),
                          .created_at = now_,
                          .updated_at = now_,
                          .due_at = now_ + std::chrono::hours(240)};
        orders::insert(tx, order).value();
        const std::string instructions =
            R"({"iban":"DE02 1203","name":"<b>Schule</b>","big":18446744073709551615})";
        orders::store_instructions(tx, cipher_, person_.id, order.id, instructions).value();
        note("orders.instructions_enc", order.id.text(), instructions);
        auto without = order;
        without.id = OrderId::make();
        without.reference = "RF" + cases::make_alias();
        without.due_at = std::nullopt;
        orders::insert(tx, without).value();

        const Declaration declared{.id = DeclarationId::make(),
                                   .kind = DeclarationKind::withdrawal,
                                   .alias = cases::make_alias(),
                                   .subject = person_.id,
                                   .order_id = order.id,
                                   .language = "de",
                                   .details = R"({"name":"Mia","reason":"</script>"})",
                                   .received_at = now_};
        declarations::insert(tx, cipher_, declared).value();
        note("declarations.details_enc", declared.id.text(), declared.details);
        return {};
    }

    Status write_cases(Transaction& tx) {
        const Case opened{.id = CaseId::make(),
                          .learner = person_.id,
                          .instance = "support/mail",
                          .subject_line = std::string(hostile_text),
                          .alias = cases::make_alias(),
                          .created_at = now_,
                          .updated_at = now_};
        cases::insert(tx, cipher_, opened).value();
        note("cases.subject_line_enc", opened.id.text(), opened.subject_line);
        for (const auto& [author, body] : {std::pair(Author::learner, std::string(hostile_text)),
                                           std::pair(Author::support, std::string()),
                                           std::pair(Author::learner, std::string("base64:trap"))}) {
            const CaseMessage message{.id = MessageId::make(),
                                      .case_id = opened.id,
                                      .author = author,
                                      .body = body,
                                      .external_id = author == Author::support
                                                         ? std::optional<std::string>("<1@example.org>")
                                                         : std::nullopt,
                                      .at = now_};
            (void)cases::add_message(tx, cipher_, message).value();
            note("case_messages.body_enc", message.id.text(), body);
        }
        return {};
    }

    ConsentEvent consent_event(const SubjectId& subject, std::string type, ConsentState state,
                               std::string text) const {
        return {.record_id = RecordId::make(),
                .pii_principal_id = subject,
                .event_time = now_,
                .event_type = std::move(type),
                .event_state = state,
                .entity_id = subject.text(),
                .instance = "analytics/xapi",
                .purpose = improving,
                .recipient_third_parties = "Lernarchiv <GmbH>",
                .privacy_notice = "2026-11-01",
                .language = "de",
                .action = "privacy_page_switch",
                .validity_duration = state == ConsentState::given
                                         ? std::optional(seconds(std::chrono::hours(24 * 180)))
                                         : std::nullopt,
                .text_hash = std::move(text),
                .choices_hash = "choices",
                .manifest_hash = "manifest",
                .policy_hash = storage::make_content_hash(terms)};
    }

    static constexpr std::string_view terms =
        R"({"recipient":"Lernarchiv <GmbH>","country":"DE","role":"processor","basis":"consent","device_access":"",)"
        R"("retention_days":30,"endpoints":["https://lrs.example/xapi"],"categories":["user.education.progress"]})";

    Status write_consents(Transaction& tx) {
        const auto& secrets = cipher_.keys().service();
        consents::store_text(tx, "", terms, now_);
        const auto text = consents::store_text(tx, "de", "<p onclick=\"x()\">Darf das Archiv …?</p>", now_);
        consents::record(tx, secrets, consent_event(person_.guest, "refused", ConsentState::refused, text),
                         ConsentOrigin::guest)
            .value();
        consents::record(tx, secrets, consent_event(person_.id, "given", ConsentState::given, text),
                         ConsentOrigin::account)
            .value();
        consents::record(tx, secrets, consent_event(person_.id, "withdrawn", ConsentState::withdrawn, ""),
                         ConsentOrigin::account)
            .value();
        consents::object(tx, person_.id, "analytics/xapi", improving, now_);
        consents::object(tx, person_.id, "", Purpose::essential_fraud_detection, now_);
        consents::record_compelling_grounds(tx, person_.id, "", Purpose::essential_fraud_detection,
                                            "\"grounds\", <b>bold</b>", now_);
        return {};
    }

    Status write_disclosures(Transaction& tx) {
        std::vector<Disclosure> rows;
        for (int i = 0; i < options_.disclosures; ++i) {
            Disclosure row{.id = DisclosureId::make(),
                           .subject = i == 0 ? person_.guest : person_.id,
                           .kind = DisclosureKind::attempted,
                           .call_id = CallId::make(),
                           .instance = i % 2 ? "analytics/xapi" : "support/mail",
                           .recipient = i % 2 ? "Lernarchiv <GmbH>" : "Postamt & Co.",
                           .purpose = improving,
                           .operation = "analytics.record",
                           .categories = CategoryMask(Category::user_education_progress) |
                                         Category::user_unique_id_pseudonymous,
                           .host = "",
                           .commitment = fmt::format("{:064x}", i),
                           .outcome = "",
                           .at = now_ + seconds(i)};
            rows.push_back(row);
            row.id = DisclosureId::make();
            row.kind = DisclosureKind::outcome;
            row.host = "lrs.example.org";
            row.commitment = "";
            row.outcome = "sent";
            rows.push_back(std::move(row));
        }
        disclosures::append(tx, cipher_.keys().service(), rows);
        std::vector<Access> opened;
        for (const auto& subject : {person_.guest, SubjectId(person_.id)})
            opened.push_back({.id = AccessId::make(),
                              .subject = subject,
                              .actor = "system:alva",
                              .role = Role::data_protection,
                              .part = AccessedPart::decision,
                              .reason = "<b>asked</b> why",
                              .at = now_});
        accesses::append(tx, cipher_, opened);
        for (const auto& access : opened)
            access_reviews::consider(tx, access, {ReviewRule::family_name}, now_);
        access_reviews::sign(tx, cipher_, opened.front().id, Verdict::unjustified, "<nobody> asked",
                             "account:x", now_);
        const Incident incident{.id = IncidentId::make(),
                                .title = "<i>open</i> to others",
                                .nature = "no password",
                                .instance = "analytics/xapi",
                                .began_at = now_ - seconds(9),
                                .ended_at = now_ + std::chrono::hours(99),
                                .aware_at = now_,
                                .recorded_at = now_};
        incidents::insert(tx, cipher_, incident);
        incidents::recount(tx, cipher_, incident);
        legal_demands::insert(tx, cipher_,
                              {.subject = person_.guest,
                               .learner = person_.id,
                               .authority = "<b>Amt</b>",
                               .address = "Weg 1",
                               .reference = "7/26",
                               .ground = "section 22 TDDDG",
                               .asked = {Category::user_name, "2026-01-01", {}},
                               .received_on = "2026-11-25",
                               .due_on = "2026-12-01",
                               .entered_at = now_,
                               .entered_by = "account:x",
                               .decision = DemandDecision::full,
                               .granted = {Category::user_name, "2026-01-01", {}},
                               .assessed_at = now_,
                               .released_at = now_,
                               .told_at = now_});
        for (const auto kind : {StaffEventKind::appointed, StaffEventKind::training})
            staff_events::append(
                tx, cipher_,
                {.id = StaffEventId::make(),
                 .learner = person_.id,
                 .kind = kind,
                 .role = kind == StaffEventKind::appointed ? std::optional(Role::teacher) : std::nullopt,
                 .on_day = "2026-11-25",
                 .evidence = "folder <3>",
                 .actor = "system:alva",
                 .at = now_});
        return {};
    }

    Status write_services(Transaction& tx) {
        for (int i = 0; i < options_.events; ++i) {
            const NewEvent event{
                .id = EventId::make(),
                .instance = "analytics/xapi",
                .operation = "analytics.record",
                .purpose = improving,
                .subject = i == 1 ? person_.guest : person_.id,
                .payload = fmt::format(
                    R"({{"verb":"completed","lesson":"Lektion {}","result":{{"score":{}.5}}}})", i, i % 10)};
            outbox::append(tx, cipher_, event, now_ + seconds(i)).value();
            note("outbox.payload_enc", event.id.text(), event.payload);
        }
        // One of them is settled, and has lost what it said.
        auto taken = outbox::claim(tx, cipher_, "", "node", 1, now_ + std::chrono::hours(24), seconds(30));
        for (const auto& event : taken) {
            outbox::deliver(tx, event.id, "node", now_);
            person_.plain.erase("outbox.payload_enc " + event.id.text());
        }

        const std::string binary("\0\x01\xff\xfe not text", 13);
        for (const auto& [key, value] :
             {std::pair("binary", binary), std::pair("text", std::string("plain\n\"text\"")),
              std::pair("trap", std::string("base64:AAAA")), std::pair("empty", std::string())}) {
            plugin_store::put(tx, cipher_, "auth/password", person_.id, "essential.service.authentication",
                              key, value, now_)
                .value();
            note("plugin_store.value_enc", plugin_store::row_name("support/mail", person_.id.text(), key),
                 value);
        }
        // Not handed out, so nothing is noted of it.
        plugin_store::put(tx, cipher_, "auth/password", person_.id,
                          key_of(Purpose::essential_service_authentication), "password", credential, now_)
            .value();
        const InboundEvent inbound{.id = InboundEventId::make(),
                                   .instance = "payments/sepa",
                                   .dedupe_key = cases::make_alias(),
                                   .event_id = "NTRY-1",
                                   .object_ref = "RF00",
                                   .kind = "credit",
                                   .subject = person_.id,
                                   .detail = R"(no json: <x> "y")",
                                   .received_at = now_,
                                   .handled_at = {}};
        (void)inbound_events::insert(tx, cipher_, inbound).value();
        note("inbound_events.detail_enc", inbound.id.text(), inbound.detail);
        leases::grant(tx, {person_.id}, "node", now_, seconds(30));
        return {};
    }

    Status write_requests(Transaction& tx) {
        const SubjectRequest request{.id = RequestId::make(),
                                     .subject = person_.id,
                                     .kind = RequestKind::rectification,
                                     .language = "de",
                                     .entered_by = "subject",
                                     .details = R"({"text":"<b>falsch</b>"})",
                                     .received_at = now_,
                                     .starts_at = now_,
                                     .due_at = now_ + std::chrono::hours(720)};
        requests::insert(tx, cipher_, request, sessions::make_token()).value();
        note("requests.details_enc", request.id.text(), request.details);
        for (const auto* instance : {"", "analytics/xapi"})
            requests::put_step(tx, {.request = request.id,
                                    .instance = instance,
                                    .subject = person_.id,
                                    .recipient = "Lernarchiv <GmbH>",
                                    .next_attempt_at = now_,
                                    .updated_at = now_});
        const std::string answer = R"({"done":{"evidence":"</script> \"all\""}})";
        copies::put_answer(tx, cipher_, request.id, {"analytics/xapi", person_.id, answer, now_}).value();
        for (auto& [id] :
             tx.rows<std::string>("select id from recipient_answers where request = :request", request.id))
            note("recipient_answers.answer_enc", id, answer);
        copies::put(tx, {.request = request.id,
                         .subject = person_.id,
                         .size = 4711,
                         .made_at = now_,
                         .expires_at = now_ + std::chrono::hours(168)});
        return {};
    }

    Database& database_;
    const FieldCipher& cipher_;
    Timestamp now_;
    const PersonOptions& options_;
    Person person_;
};

/// Which rows of a table are about the person, in words of SQL; `'ME'` and `'GUEST'` stand for the ids.
std::string condition_of(const std::string& table, const std::vector<std::string>& columns) {
    if (table == "learners")
        return "id = 'ME'";
    if (table == "subjects")
        return "id in ('ME', 'GUEST')";
    if (table == "case_messages")
        return "case_id in (select id from cases where learner = 'ME')";
    if (table == "request_steps")
        return "request in (select id from requests where subject in ('ME', 'GUEST'))";
    if (table == "consent_texts")
        return "hash in (select text_hash from consent_events where pii_principal_id in ('ME', 'GUEST'))";
    for (const auto* column : {"subject", "learner", "pii_principal_id"})
        if (std::ranges::find(columns, column) != columns.end())
            return fmt::format("{} in ('ME', 'GUEST')", column);
    return {};
}

std::string with_ids(std::string sql, const Person& person) {
    for (const auto& [word, id] : {std::pair<std::string, std::string>("'ME'", person.id.text()),
                                   std::pair<std::string, std::string>("'GUEST'", person.guest.text())})
        for (auto at = sql.find(word); at != std::string::npos; at = sql.find(word))
            sql.replace(at, word.size(), "'" + id + "'");
    return sql;
}

}  // namespace

Person make_person(Database& database, const FieldCipher& cipher, Timestamp now,
                   const PersonOptions& options) {
    return Seed(database, cipher, now, options).write();
}

std::string dump_person(Database& database, const Person& person) {
    std::map<std::string, std::vector<std::string>> tables;
    for (const auto& entry : inventory())
        if (entry.database == "data")
            tables[entry.table].push_back(entry.column);
    std::string out = "{";
    for (const auto& [table, columns] : tables) {
        const auto condition = condition_of(table, columns);
        if (condition.empty())
            continue;
        std::string list;
        for (const auto& column : columns)
            list += fmt::format("{}cast({} as text)", list.empty() ? "" : ", ", column);
        out += fmt::format("{}\"{}\":[", out.size() > 1 ? ",\n" : "", table);
        database
            .run_blocking([&](Transaction& tx) -> Status {
                bool first = true;
                tx.each_row(
                    with_ids(fmt::format("select {} from {} where {}", list, table, condition), person), {},
                    std::vector<SqlType>(columns.size(), SqlType::text), [&](std::span<SqlValue> row) {
                        std::map<std::string, std::string> values;
                        for (std::size_t i = 0; i < columns.size(); ++i)
                            values[columns[i]] = row[i].text;
                        const auto id =
                            table == "plugin_store"
                                ? plugin_store::row_name(values["instance"], values["subject"], values["key"])
                                : values["id"];
                        out += std::exchange(first, false) ? "\n{" : ",\n{";
                        for (std::size_t i = 0; i < columns.size(); ++i) {
                            out += i ? "," : "";
                            write_json_text(out, columns[i]);
                            out += ":";
                            const auto plain =
                                person.plain.find(fmt::format("{}.{} {}", table, columns[i], id));
                            if (plain != person.plain.end())
                                write_json_text(
                                    out, "hex:" + [&] {
                                        std::string hex;
                                        for (const unsigned char c : plain->second)
                                            hex += fmt::format("{:02x}", c);
                                        return hex;
                                    }());
                            else if (row[i].is_null || columns[i].ends_with("_enc"))
                                out += "null";
                            else
                                write_json_text(out, row[i].text);
                        }
                        out += "}";
                    });
                return {};
            })
            .value();
        out += "]";
    }
    return out + "}\n";
}

}  // namespace calyptenora::test
