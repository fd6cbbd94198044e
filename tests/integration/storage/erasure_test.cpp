#include "storage/stores/erasure.hpp"

#include "storage/inventory.hpp"
#include "storage/stores/access_reviews.hpp"
#include "storage/stores/account_events.hpp"
#include "storage/stores/account_links.hpp"
#include "storage/stores/announcements.hpp"
#include "storage/stores/cases.hpp"
#include "storage/stores/checkpoints.hpp"
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
#include "storage/stores/policy_versions.hpp"
#include "storage/stores/requests.hpp"
#include "storage/stores/retained.hpp"
#include "storage/stores/sessions.hpp"
#include "storage/stores/staff_events.hpp"
#include "storage/stores/study_time.hpp"
#include "storage/stores/technical_data.hpp"
#include "storage/stores/terms.hpp"
#include "support/databases.hpp"

#include <map>
#include <set>

// Erasure does to each column what the inventory says.
namespace calyptenora::storage {
namespace {

using std::chrono::seconds;

constexpr auto purpose = Purpose::analytics_reporting_content_performance;

/// Where one person's rows of a table are. A table that is not here fails the test: whoever adds one decides
/// what erasure does to it.
const std::map<std::string, std::string> rows_of_subject{
    {"subjects", "id = :s"},
    {"learners", "id = :s"},
    {"sessions", "subject = :s"},
    {"consents", "subject = :s"},
    {"consent_events", "pii_principal_id = :s"},
    {"declarations", "subject = :s"},
    {"objections", "subject = :s"},
    {"disclosures", "subject = :s"},
    {"accesses", "subject = :s"},
    {"access_reviews", "subject = :s"},
    {"incident_people", "subject = :s"},
    {"legal_demands", "subject = :s"},
    {"staff_events", "learner = :s"},
    {"ledger_heads", "subject = :s"},
    {"checkpoint_heads", "subject = :s"},
    {"outbox", "subject = :s"},
    {"emission_leases", "subject = :s"},
    {"enrolments", "learner = :s"},
    {"lesson_progress", "learner = :s"},
    {"announcement_reads", "learner = :s"},
    {"mail_choices", "learner = :s"},
    {"terms_acceptances", "learner = :s"},
    {"account_links", "learner = :s"},
    {"account_events", "learner = :s"},
    {"watch_time", "learner = :s"},
    {"notes", "learner = :s"},
    {"devices", "subject = :s"},
    {"study_clocks", "learner = :s"},
    {"study_time", "learner = :s"},
    {"orders", "learner = :s"},
    {"inbound_events", "subject = :s"},
    {"cases", "learner = :s"},
    {"case_messages", "case_id in (select id from cases where learner = :s)"},
    {"plugin_store", "subject = :s"},
    {"requests", "subject = :s"},
    {"request_steps", "request in (select id from requests where subject = :s)"},
    {"recipient_answers", "subject = :s"},
    {"copies", "subject = :s"},
    {"retained_records", "subject = :s"},
};
/// Tables whose rows name nobody whom the database could tell.
const std::set<std::string> without_subject{"throttle"};

class Erasure : public test::StoreTest {
  protected:
    /// A row in every table, and something in every column that erasure empties.
    LearnerId make_full_learner(const std::string& email) {
        const auto mia = make_learner(email);
        write([&](Transaction& tx) -> Status {
            learners::restrict(tx, mia, now_);
            learners::confirm_email(tx, mia, now_);
            learners::set_guardian_needed_until(tx, mia, "2030-01");
            learners::set_role(tx, mia, Role::teacher);
            learners::set_presentation(tx, mia, {"Europe/Rome", Theme::dark, TextSize::larger});
            if (auto said = learners::set_education(tx, cipher(), mia, "physics"); !said)
                return said;
            if (auto linked = account_links::insert(tx, cipher(),
                                                    {.id = AccountLinkId::make(),
                                                     .token_hash = mia.text(),
                                                     .learner = mia,
                                                     .kind = LinkKind::confirm_email,
                                                     .created_at = now_,
                                                     .expires_at = now_,
                                                     .email = "new@example.org"});
                !linked)
                return linked;
            account_events::append(tx, mia, {AccountEventKind::opened, now_, "Firefox 144"});
            const Announcement told{.id = AnnouncementId::make(),
                                    .course = {},
                                    .de = AnnouncementText{"Wartung", "Am Montag."},
                                    .en = {},
                                    .made_at = now_,
                                    .shown_until = now_ + seconds(9)};
            announcements::insert(tx, told);
            announcements::note_read(tx, mia, told.id, now_);
            notifications::choose(tx, mia, MailTopic::announcements, false);
            terms::insert(tx, {1, "x", "x", now_});
            terms::accept(tx, mia, {1, "de", now_});
            policy_versions::note_seen(tx, mia, 2);
            EXPECT_TRUE(policy_versions::note_mailed(tx, mia, 2));
            EXPECT_FALSE(policy_versions::note_mailed(tx, mia, 2));
            subjects::touch(tx, mia, now_);
            subjects::record_gpc(tx, mia, now_);
            tx.execute("update subjects set merged_into = :self where id = :id", mia, mia);
            sessions::insert(tx, sessions::make_token(),
                             {SessionId::make(), mia, Privilege::signed_in, now_, now_, now_ + seconds(9),
                              now_ + seconds(9), now_, "Firefox 144"});
            const ConsentEvent event{.record_id = RecordId::make(),
                                     .pii_principal_id = mia,
                                     .event_time = now_,
                                     .event_type = "given",
                                     .event_state = ConsentState::given,
                                     .entity_id = mia.text(),
                                     .instance = "analytics/xapi",
                                     .purpose = purpose,
                                     .recipient_third_parties = "Lernarchiv GmbH",
                                     .privacy_notice = "1",
                                     .language = "de",
                                     .action = "privacy_page_switch",
                                     .validity_duration = seconds(9),
                                     .text_hash = "shown",
                                     .choices_hash = "choices",
                                     .manifest_hash = "manifest",
                                     .policy_hash = "policy"};
            if (auto recorded = consents::record(tx, secrets(), event, ConsentOrigin::account); !recorded)
                return recorded;
            consents::object(tx, mia, "analytics/xapi", purpose, now_);
            const std::vector<Disclosure> sent{{.id = DisclosureId::make(),
                                                .subject = mia,
                                                .kind = DisclosureKind::attempted,
                                                .call_id = CallId::make(),
                                                .instance = "analytics/xapi",
                                                .recipient = "Lernarchiv GmbH",
                                                .purpose = purpose,
                                                .operation = "analytics.deliver",
                                                .categories = Category::user_education_progress,
                                                .host = "lrs.example",
                                                .commitment = "c",
                                                .outcome = "",
                                                .at = now_}};
            disclosures::append(tx, secrets(), sent);
            accesses::append(tx, cipher(),
                             std::vector<Access>{{.id = AccessId::make(),
                                                  .subject = mia,
                                                  .actor = "system:" + email,
                                                  .role = Role::support,
                                                  .part = AccessedPart::record,
                                                  .reason = "asked about an order",
                                                  .at = now_}});
            access_reviews::consider(tx, accesses::list(tx, cipher(), mia, 1).at(0), {ReviewRule::sample},
                                     now_);
            const Incident incident{.id = IncidentId::make(),
                                    .title = "open to others",
                                    .nature = "no password",
                                    .actor = "system:" + email,
                                    .began_at = now_,
                                    .ended_at = now_,
                                    .aware_at = now_,
                                    .recorded_at = now_};
            incidents::insert(tx, cipher(), incident);
            incidents::recount(tx, cipher(), incident);
            legal_demands::insert(tx, cipher(),
                                  {.subject = mia,
                                   .learner = mia,
                                   .authority = "Amt",
                                   .address = "Weg 1",
                                   .reference = "7/26",
                                   .ground = "section 22 TDDDG",
                                   .asked = {Category::user_name, "2026-01-01", "2026-11-25"},
                                   .received_on = "2026-11-25",
                                   .due_on = "2026-12-01",
                                   .decision = DemandDecision::full,
                                   .granted = {Category::user_name, "2026-01-01", "2026-11-25"},
                                   .assessed_at = now_,
                                   .released_at = now_,
                                   .call = CallId::make(),
                                   .deferred_until = "2026-12-01",
                                   .deferral_ended_at = now_,
                                   .told_at = now_});
            staff_events::append(tx, cipher(),
                                 {.id = StaffEventId::make(),
                                  .learner = mia,
                                  .kind = StaffEventKind::appointed,
                                  .role = Role::teacher,
                                  .on_day = "2026-11-25",
                                  .evidence = "folder 3",
                                  .actor = "system:alva",
                                  .at = now_});
            checkpoints::take(tx, secrets(), now_);
            if (auto queued = outbox::append(
                    tx, cipher(), {EventId::make(), "analytics/xapi", "deliver", purpose, mia, "{}"}, now_);
                !queued)
                return queued;
            leases::grant(tx, {mia}, "node", now_, seconds(9));
            learning::record_position(tx, mia, "python", "loops", 7, now_);
            if (auto kept = notes::insert(tx, cipher(),
                                          {.id = NoteId::make(),
                                           .learner = mia,
                                           .course = "python",
                                           .lesson = "loops",
                                           .anchor = {},
                                           .body = "Read again",
                                           .created_at = now_,
                                           .updated_at = now_});
                !kept)
                return kept;
            study_time::switch_on(tx, mia, now_);
            technical_data::see_device(tx, mia, std::string(43, 'd'), {"phone", "Firefox", "Android"}, now_);
            study_time::add(tx, mia, "python", "loops", seconds(9), now_);
            learning::add_watch_time(tx, mia, "python", "loops", "intro", seconds(9), seconds(9), now_);
            const Order order{.id = OrderId::make(),
                              .learner = mia,
                              .course = "python",
                              .instance = "payments/sepa",
                              .amount_minor = 4900,
                              .currency = "EUR",
                              .reference = "CA-" + mia.text().substr(24),
                              .created_at = now_,
                              .updated_at = now_,
                              .due_at = now_};
            if (auto inserted = orders::insert(tx, order); !inserted)
                return inserted;
            if (auto stored = orders::store_instructions(tx, cipher(), mia, order.id, "{}"); !stored)
                return stored;
            learning::enrol(tx, mia, "python", order.id, now_);
            const InboundEvent booked{.id = InboundEventId::make(),
                                      .instance = "payments/sepa",
                                      .dedupe_key = order.reference,
                                      .event_id = "e",
                                      .object_ref = order.reference,
                                      .kind = "transfer",
                                      .subject = mia,
                                      .detail = "{}",
                                      .received_at = now_,
                                      .handled_at = now_};
            if (auto inserted = inbound_events::insert(tx, cipher(), booked); !inserted)
                return inserted.error();
            const Case opened{.id = CaseId::make(),
                              .learner = mia,
                              .instance = "support/mail",
                              .subject_line = "Video stockt",
                              .alias = cases::make_alias(),
                              .created_at = now_,
                              .updated_at = now_};
            if (auto inserted = cases::insert(tx, cipher(), opened); !inserted)
                return inserted;
            if (auto added = cases::add_message(
                    tx, cipher(), {MessageId::make(), opened.id, Author::learner, "Hilfe", {}, now_});
                !added)
                return added.error();
            if (auto declared = declarations::insert(tx, cipher(),
                                                     {.id = DeclarationId::make(),
                                                      .kind = DeclarationKind::withdrawal,
                                                      .alias = cases::make_alias(),
                                                      .subject = mia,
                                                      .order_id = order.id,
                                                      .language = "de",
                                                      .details = "{}",
                                                      .received_at = now_});
                !declared)
                return declared;
            if (auto put = plugin_store::put(tx, cipher(), "auth/password", mia, "p", "hash", "x", now_);
                !put)
                return put;
            const SubjectRequest request{.id = RequestId::make(),
                                         .subject = mia,
                                         .kind = RequestKind::erasure,
                                         .language = "de",
                                         .entered_by = "subject",
                                         .details = "{}",
                                         .received_at = now_,
                                         .starts_at = now_,
                                         .due_at = now_};
            if (auto inserted = requests::insert(tx, cipher(), request, mia.text()); !inserted)
                return inserted;
            requests::put_step(tx, {.request = request.id,
                                    .instance = "analytics/xapi",
                                    .subject = mia,
                                    .recipient = "Lernarchiv GmbH",
                                    .next_attempt_at = now_,
                                    .updated_at = now_});
            if (auto kept = copies::put_answer(tx, cipher(), request.id, {"analytics/xapi", mia, "{}", now_});
                !kept)
                return kept;
            copies::put(tx, {.request = request.id,
                             .subject = mia,
                             .size = 1,
                             .made_at = now_,
                             .expires_at = now_ + seconds(9),
                             .fetched_at = now_});
            return retained::keep(tx, cipher(),
                                  {RetainedId::make(), mia, "booking_voucher", "2034-12-31", "orders", now_},
                                  "{}");
        });
        return mia;
    }

    int count(const std::string& table, const std::string& which, const SubjectId& subject) {
        return read([&](Transaction& tx) {
            return Result<int>(
                std::get<0>(*tx.find<int>("select count(*) from " + table + " where " + which, subject)));
        });
    }
    int count_rows(const std::string& table, const SubjectId& subject) {
        return count(table, rows_of_subject.at(table), subject);
    }
    int count_filled(const InventoryEntry& entry, const SubjectId& subject) {
        const bool is_number = entry.column.ends_with("_at") || entry.column.starts_with("notice_");
        return count(entry.table,
                     rows_of_subject.at(entry.table) + " and coalesce(" + entry.column +
                         (is_number ? ", 0) <> 0" : ", '') not in ('', 'learner')"),
                     subject);
    }
    static std::vector<InventoryEntry> columns_of_people() {
        std::vector<InventoryEntry> columns;
        for (const auto& entry : inventory())
            if (entry.database == "data" && entry.erasure != "none" && !without_subject.contains(entry.table))
                columns.push_back(entry);
        return columns;
    }
    void erase(const SubjectId& subject) {
        write([&](Transaction& tx) -> Status {
            erasure::erase_records(tx, subject, now_);
            erasure::erase_identifiers(tx, subject);
            return {};
        });
    }
};
CALYPTENORA_ON_BOTH_DATABASES(Erasure);

TEST_P(Erasure, DoesToEachColumnWhatTheInventorySays) {
    const auto mia = make_full_learner("mia@example.org"), ben = make_full_learner("ben@example.org");
    for (const auto& column : columns_of_people()) {
        ASSERT_TRUE(rows_of_subject.contains(column.table))
            << column.table << " is new: decide what becomes of it";
        EXPECT_GE(count_rows(column.table, mia), 1) << column.table;
        if (column.erasure == "emptied")
            EXPECT_EQ(count_filled(column, mia), 1) << column.table << "." << column.column;
    }
    erase(mia);
    for (const auto& column : columns_of_people()) {
        const auto name = column.table + "." + column.column;
        if (column.erasure == "deleted")
            EXPECT_EQ(count_rows(column.table, mia), 0) << name;
        else
            EXPECT_EQ(count_rows(column.table, mia), count_rows(column.table, ben)) << name;
        if (column.erasure == "emptied")
            EXPECT_EQ(count_filled(column, mia), 0) << name;
        EXPECT_GE(count_rows(column.table, ben), 1) << name << " of somebody else";
    }
    EXPECT_EQ(count("subjects", "erased_at is not null and id = :s", mia), 1);
}

TEST_P(Erasure, LeavesWhatRecipientsKnowThePersonByUntilTheSecondStep) {
    const auto mia = make_full_learner("mia@example.org");
    write([&](Transaction& tx) -> Status {
        EXPECT_EQ(erasure::erase_records(tx, mia, now_).size(), 24);
        EXPECT_TRUE(erasure::erase_records(tx, mia, now_).empty()) << "it can be repeated";
        EXPECT_EQ(learners::load_contact(tx, cipher(), mia)->email, "mia@example.org");
        EXPECT_FALSE(learners::find_by_email(tx, cipher(), "mia@example.org"));
        EXPECT_EQ(requests::list(tx, cipher(), mia).at(0).details, "{}");
        erasure::erase_identifiers(tx, mia);
        EXPECT_FALSE(learners::load_contact(tx, cipher(), mia));
        EXPECT_EQ(requests::list(tx, cipher(), mia).at(0).details, "");
        return {};
    });
    make_learner("mia@example.org");
}

TEST_P(Erasure, KeepsWhatSomebodyElseDeclaredAboutAnOrder) {
    const auto mia = make_full_learner("mia@example.org");
    const auto ben = make_learner("ben@example.org");
    const auto alias = cases::make_alias();
    write([&](Transaction& tx) -> Status {
        return declarations::insert(tx, cipher(),
                                    {.id = DeclarationId::make(),
                                     .kind = DeclarationKind::cancellation,
                                     .alias = alias,
                                     .subject = ben,
                                     .order_id = orders::list(tx, mia).at(0).id,
                                     .language = "de",
                                     .details = "{}",
                                     .received_at = now_});
    });
    erase(mia);
    write([&](Transaction& tx) -> Status {
        const auto left = declarations::find_by_alias(tx, cipher(), alias);
        EXPECT_TRUE(left && !left->order_id);
        return {};
    });
}

TEST_P(Erasure, KnowsTheGuestsWhoBecameTheAccount) {
    const auto mia = make_learner("mia@example.org");
    const auto guest = make_guest();
    make_guest();
    write([&](Transaction& tx) -> Status {
        subjects::merge_guest(tx, guest, mia);
        EXPECT_EQ(erasure::list_guests(tx, mia), std::vector{guest});
        erasure::erase_records(tx, guest, now_);
        erasure::erase_records(tx, mia, now_);
        EXPECT_EQ(erasure::list_guests(tx, mia), std::vector{guest})
            << "recipients know the person by that name";
        erasure::erase_identifiers(tx, mia);
        EXPECT_TRUE(erasure::list_guests(tx, mia).empty());
        return {};
    });
}

}  // namespace
}  // namespace calyptenora::storage
