#include "platform/demo/seeding.hpp"
#include "storage/stores/erasure.hpp"
#include "storage/stores/subjects.hpp"
#include "storage/stores/tombstones.hpp"
#include "storage/text.hpp"
#include "support/databases.hpp"

#include <gtest/gtest.h>

namespace calyptenora::platform::demo {
namespace {

using std::chrono::days;

class DemoSeeding : public calyptenora::test::StoreTest {
  public:
    Population population() const {
        Setting setting;
        setting.seed = 5;
        setting.until = now_;
        for (int i = 0; i < 5; ++i) {
            Offer offer;
            offer.slug = "course-" + std::to_string(i);
            offer.language = i % 2 ? "en" : "de";
            for (int l = 0; l < 6; ++l)
                offer.lessons.push_back({"lesson-" + std::to_string(l), 5});
            offer.price_minor = i == 4 ? 1900 : 0;
            offer.currency = "EUR";
            setting.offers.push_back(std::move(offer));
        }
        setting.questions = {{"analytics/xapi", Purpose::analytics_reporting_content_performance, "LRS GmbH",
                              "m", storage::make_content_hash("{}"), "{}"},
                             {"video/embed", Purpose::personalize_content_recommendation, "Tube", "m",
                              storage::make_content_hash("{}"), "{}"}};
        setting.auth_instance = "auth/password";
        setting.payments_instance = "payments/sepa";
        setting.notice_version = "v1";
        for (const std::size_t i : {0u, 1u})
            setting.text_hashes[i] = storage::make_content_hash(shown_text(i == 0 ? "de" : "en"));
        setting.consent_holds = setting.refusal_holds = days(180);
        setting.events_since = now_ - days(180);
        return Population(std::move(setting));
    }

    Seeded seed(std::size_t count) {
        int told = 0;
        const auto seeded =
            seed_people(database(), cipher(), population(), count, now_ - days(90), [&](double done) {
                EXPECT_LE(done, 1.0);
                ++told;
            });
        EXPECT_TRUE(seeded) << seeded.error().message;
        EXPECT_GT(told, 0);
        return *seeded;
    }

    /// As the platform writes it, one thing after the other.
    Status write_one_by_one(storage::Transaction& tx, const Person& person) {
        const auto& [learner, contact, education, last_seen_at] = person.account;
        const auto& id = learner.id;
        if (auto inserted = storage::learners::insert(tx, cipher(), learner, contact); !inserted)
            return inserted;
        if (auto set = storage::learners::set_education(tx, cipher(), id, education); !set)
            return set;
        storage::learners::set_presentation(tx, id, learner.presentation);
        storage::subjects::touch(tx, id, last_seen_at);
        for (const auto& order : person.orders)
            if (auto inserted = storage::orders::insert(tx, order); !inserted)
                return inserted;
        for (const auto& enrolment : person.enrolments)
            storage::learning::enrol(tx, id, enrolment.course, enrolment.order, enrolment.since);
        for (const auto& [whose, course, progress, started_at] : person.progress) {
            storage::learning::record_position(tx, id, course, progress.lesson, 0, started_at);
            if (progress.completed_at)
                storage::learning::complete_lesson(tx, id, course, progress.lesson, *progress.completed_at);
            else if (progress.updated_at != started_at)
                storage::learning::record_position(tx, id, course, progress.lesson, 0, progress.updated_at);
        }
        for (const auto& answer : person.answers)
            if (auto recorded =
                    storage::consents::record(tx, secrets(), answer, storage::ConsentOrigin::account);
                !recorded)
                return recorded;
        if (person.clock) {
            storage::study_time::switch_on(tx, id, person.clock->since);
            storage::study_time::set_clock(tx, id, *person.clock);
        }
        for (const auto& [whose, time, updated_at] : person.times)
            storage::study_time::add(tx, id, time.course, time.lesson, time.spent, updated_at);
        for (const auto& event : person.events)
            storage::account_events::append(tx, id, event.event);
        return {};
    }

    /// Everything of somebody, as the stores read it; encrypted fields decrypted.
    std::string read_all(storage::Transaction& tx, const storage::LearnerId& id) {
        std::string text;
        const auto add = [&](const auto&... values) {
            ((text += fmt::format("{}|", values)), ...);
            text += "\n";
        };
        const auto at = [](const auto& moment) { return storage::microseconds_of(moment); };
        const auto maybe_at = [&](const auto& moment) { return moment ? at(*moment) : -1; };
        const auto learner = storage::learners::find(tx, id).value();
        const auto contact = storage::learners::load_contact(tx, cipher(), id).value();
        add(learner.id.text(), at(learner.created_at), key_of(learner.state), key_of(learner.role),
            learner.language, maybe_at(learner.email_confirmed_at),
            learner.guardian_needed_until.value_or("-"), learner.auth_instance,
            maybe_at(learner.restricted_at), learner.presentation.time_zone.value_or("-"),
            learner.presentation.theme ? key_of(*learner.presentation.theme) : "-",
            learner.presentation.text_size ? key_of(*learner.presentation.text_size) : "-",
            contact.display_name, contact.email, storage::learners::load_education(tx, cipher(), id).value());
        EXPECT_EQ(storage::learners::find_by_email(tx, cipher(), contact.email)->id, id);
        const auto subject = storage::subjects::find(tx, id).value();
        add(key_of(subject.kind), at(subject.created_at), at(subject.last_seen_at));
        for (const auto& order : storage::orders::list(tx, id))
            add(order.id.text(), order.course, order.instance, order.amount_minor, order.currency,
                order.reference, key_of(order.state), order.captured_minor, at(order.created_at),
                at(order.updated_at), maybe_at(order.due_at));
        for (const auto& enrolment : storage::learning::list_enrolments(tx, id)) {
            add(enrolment.course, at(enrolment.since), key_of(enrolment.state),
                enrolment.order ? enrolment.order->text() : "-");
            for (const auto& row : storage::learning::list_progress(tx, id, enrolment.course))
                add(row.lesson, key_of(row.state), row.position, row.place.value_or("-"), at(row.updated_at),
                    maybe_at(row.completed_at));
        }
        for (const auto& row : storage::consents::list(tx, id))
            add(row.instance, key_of(row.purpose), key_of(row.state), maybe_at(row.shown_at),
                row.record_id.text(), at(row.changed_at), maybe_at(row.expires_at), row.policy_hash,
                key_of(row.origin));
        for (const auto& row : storage::consents::list_chain(tx, id))
            add(row.sequence, row.previous_hash, row.hash, fmt::format("{}", fmt::join(row.fields, ",")));
        if (const auto clock = storage::study_time::find_clock(tx, id))
            add(at(clock->since), at(clock->counted_until), clock->course.value_or("-"),
                clock->lesson.value_or("-"), at(clock->opened_at), clock->reports);
        for (const auto& time : storage::study_time::list(tx, id))
            add(time.course, time.lesson, time.spent.count());
        for (const auto& event : storage::account_events::list(tx, id, 100))
            add(key_of(event.kind), at(event.at), event.user_agent);
        return text;
    }
};
CALYPTENORA_ON_BOTH_DATABASES(DemoSeeding);

TEST_P(DemoSeeding, WritesWhatTheStoresWouldHaveWritten) {
    constexpr std::size_t count = 200;
    const auto seeded = seed(count);
    EXPECT_EQ(seeded.learners, 200);
    EXPECT_GT(seeded.enrolments, 200);
    EXPECT_GT(seeded.lessons, 300);
    EXPECT_GT(seeded.answers, 200);
    EXPECT_GT(seeded.orders, 0);

    const calyptenora::test::TemporaryFolder folder;
    const auto other =
        storage::Database::open(calyptenora::test::make_database_url(GetParam(), folder, "other")).value();
    storage::migrate(*other, storage::data_migrations()).value();
    const auto all = population();
    for (std::size_t i = 0; i < count; ++i) {
        const auto person = all.make_person(i);
        const auto& id = person.account.learner.id;
        const Status written = other->transaction_blocking(
            [&](storage::Transaction& tx) { return write_one_by_one(tx, person); });
        ASSERT_TRUE(written) << written.error().message;
        const auto there = other->run_blocking(
            [&](storage::Transaction& tx) -> Result<std::string> { return read_all(tx, id); });
        const auto here =
            read([&](storage::Transaction& tx) -> Result<std::string> { return read_all(tx, id); });
        ASSERT_EQ(here, *there) << "number " << i;
    }
    other->stop();
}

TEST_P(DemoSeeding, LeavesLedgersThatVerify) {
    seed(120);
    const auto verify = [&] {
        return read([&](storage::Transaction& tx) -> Result<std::size_t> {
            return storage::consents::verify_all(tx, secrets()).size();
        });
    };
    EXPECT_EQ(verify(), 0u);
    // What a person does next goes on from there.
    const auto all = population();
    for (std::size_t i = 0;; ++i) {
        auto answers = all.make_person(i).answers;
        if (answers.empty())
            continue;
        answers.back().record_id = storage::RecordId::make();
        write([&](storage::Transaction& tx) -> Status {
            return storage::consents::record(tx, secrets(), answers.back(), storage::ConsentOrigin::account);
        });
        break;
    }
    EXPECT_EQ(verify(), 0u);
    // And a chain that is not what it was is found.
    write([&](storage::Transaction& tx) -> Status {
        tx.execute("update ledger_heads set count = count + 1");
        return {};
    });
    EXPECT_GT(verify(), 0u);
}

TEST_P(DemoSeeding, BringsEverybodyOrNobody) {
    seed(60);
    const auto count = [&] {
        return read(
            [](storage::Transaction& tx) -> Result<std::int64_t> { return storage::learners::count(tx); });
    };
    EXPECT_EQ(count(), 60);
    // The same people again: the first of them is there already.
    const auto again = seed_people(database(), cipher(), population(), 700, now_, [](double) {});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().kind, ErrorKind::conflict) << again.error().message;
    EXPECT_EQ(count(), 60);
    // Those who were there are still to be read: their keys are the old ones.
    read([&](storage::Transaction& tx) -> Status {
        const auto contact =
            storage::learners::load_contact(tx, cipher(), population().make_person(3).account.learner.id);
        EXPECT_TRUE(contact);
        return {};
    });
}

TEST_P(DemoSeeding, TakesUpTheKeysOfARunThatWasBrokenOff) {
    const auto id = population().make_person(0).account.learner.id;
    ASSERT_TRUE(keys().create(id));
    const auto before = keys().load(id).value()->key.bytes();
    seed(3);
    EXPECT_EQ(keys().load(id).value()->key.bytes(), before);
    read([&](storage::Transaction& tx) -> Status {
        EXPECT_EQ(storage::learners::load_contact(tx, cipher(), id).value().email,
                  population().make_person(0).account.contact.email);
        return {};
    });
}

TEST_P(DemoSeeding, RemembersWhoWithdrewLately) {
    seed(400);
    const auto stones = storage::tombstones::list(keys()).value();
    ASSERT_FALSE(stones.empty());
    for (const auto& stone : stones) {
        EXPECT_EQ(stone.kind, storage::TombstoneKind::withdrawal);
        EXPECT_GE(stone.at, now_ - days(90));
        const auto consent = read([&](storage::Transaction& tx) -> Result<std::optional<storage::Consent>> {
            return storage::consents::find(tx, stone.subject, stone.instance, *stone.purpose);
        });
        ASSERT_TRUE(consent);
        EXPECT_EQ(consent->state, ConsentState::withdrawn);
    }
}

}  // namespace
}  // namespace calyptenora::platform::demo
