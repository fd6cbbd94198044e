// The stores of what learners do: learning, orders, what comes in, cases, plugins' own memory, throttling.
#include "storage/stores/cases.hpp"
#include "storage/stores/declarations.hpp"
#include "storage/stores/inbound_events.hpp"
#include "storage/stores/learning.hpp"
#include "storage/stores/orders.hpp"
#include "storage/stores/plugin_store.hpp"
#include "storage/stores/throttle.hpp"
#include "support/databases.hpp"

#include <thread>

namespace calyptenora::storage {
namespace {

using std::chrono::seconds;

class Declarations : public test::StoreTest {};
CALYPTENORA_ON_BOTH_DATABASES(Declarations);

TEST_P(Declarations, AreFoundByTheirAliasAndReadWithTheirKeyOnly) {
    const auto mia = make_learner();
    const auto declare = [&](DeclarationKind kind, std::string details, Timestamp at) {
        Declaration declared{.id = DeclarationId::make(),
                             .kind = kind,
                             .alias = cases::make_alias(),
                             .subject = mia,
                             .order_id = {},
                             .language = "de",
                             .details = std::move(details),
                             .received_at = at};
        write([&](Transaction& tx) { return declarations::insert(tx, cipher(), declared); });
        return declared;
    };
    const auto find = [&](const std::string& alias) {
        return read([&](Transaction& tx) {
            return Result<std::optional<Declaration>>(declarations::find_by_alias(tx, cipher(), alias));
        });
    };
    const auto list = [&] {
        return read([&](Transaction& tx) {
            return Result<std::vector<Declaration>>(declarations::list(tx, cipher(), 10));
        });
    };
    const auto first = declare(DeclarationKind::cancellation, "first", now_);
    const auto second = declare(DeclarationKind::withdrawal, "second", now_ + seconds(1));
    EXPECT_EQ(find(first.alias)->details, "first");
    EXPECT_EQ(find(first.alias)->kind, DeclarationKind::cancellation);
    EXPECT_EQ(find(second.alias)->received_at, now_ + seconds(1));
    EXPECT_FALSE(find("abcdefghijklmnopqrstuvwxyz"));
    ASSERT_EQ(list().size(), 2u);
    EXPECT_EQ(list()[0].details, "second");

    ASSERT_TRUE(keys().destroy(mia));
    EXPECT_EQ(find(first.alias)->details, "");
    EXPECT_EQ(list().size(), 2u) << "that it was declared stays";
}

class Learning : public test::StoreTest {};
CALYPTENORA_ON_BOTH_DATABASES(Learning);

TEST_P(Learning, EnrolsOnceAndAgainAfterCancelling) {
    const auto mia = make_learner();
    write([&](Transaction& tx) -> Status {
        EXPECT_EQ(learning::enrol(tx, mia, "python", {}, now_), learning::Enrolled::now);
        EXPECT_EQ(learning::enrol(tx, mia, "python", {}, now_), learning::Enrolled::before);
        EXPECT_TRUE(learning::set_enrolment_state(tx, mia, "python", EnrolmentState::cancelled));
        EXPECT_FALSE(learning::set_enrolment_state(tx, mia, "rust", EnrolmentState::cancelled));
        const auto order = OrderId::make();
        EXPECT_EQ(learning::enrol(tx, mia, "python", order, now_ + seconds(1)), learning::Enrolled::now);
        EXPECT_EQ(learning::find_enrolment(tx, mia, "python")->order, order);
        EXPECT_EQ(learning::list_enrolments(tx, mia).size(), 1u);
        EXPECT_FALSE(learning::find_enrolment(tx, mia, "rust"));
        return {};
    });
}

TEST_P(Learning, NeverTakesACompletionBack) {
    const auto mia = make_learner();
    write([&](Transaction& tx) -> Status {
        learning::record_position(tx, mia, "python", "loops", 120, now_);
        EXPECT_TRUE(learning::complete_lesson(tx, mia, "python", "loops", now_ + seconds(1)));
        EXPECT_FALSE(learning::complete_lesson(tx, mia, "python", "loops", now_ + seconds(2)));
        learning::record_position(tx, mia, "python", "loops", 30, now_ + seconds(3));
        EXPECT_TRUE(learning::complete_lesson(tx, mia, "python", "lists", now_));
        const auto progress = learning::list_progress(tx, mia, "python");
        EXPECT_EQ(progress.size(), 2u);
        EXPECT_EQ(progress[1].lesson, "loops");
        EXPECT_EQ(progress[1].state, ProgressState::completed);
        EXPECT_EQ(progress[1].position, 30);
        EXPECT_EQ(progress[1].completed_at, now_ + seconds(1));
        return {};
    });
}

TEST_P(Learning, KeepsThePlaceThroughOpeningAndCompleting) {
    const auto mia = make_learner();
    write([&](Transaction& tx) -> Status {
        const auto place = [&] { return learning::list_progress(tx, mia, "python").at(0).place; };
        learning::record_place(tx, mia, "python", "loops", "s-for.2.300", now_);
        EXPECT_EQ(place(), "s-for.2.300");
        learning::record_position(tx, mia, "python", "loops", 0, now_ + seconds(1));
        learning::complete_lesson(tx, mia, "python", "loops", now_ + seconds(2));
        EXPECT_EQ(place(), "s-for.2.300");
        learning::record_place(tx, mia, "python", "loops", std::nullopt, now_ + seconds(3));
        EXPECT_EQ(place(), std::nullopt);
        const auto progress = learning::list_progress(tx, mia, "python").at(0);
        EXPECT_EQ(progress.state, ProgressState::completed) << "never taken back";
        EXPECT_EQ(progress.updated_at, now_ + seconds(3));
        return {};
    });
}

TEST_P(Learning, AddsUpWatchTime) {
    const auto mia = make_learner();
    write([&](Transaction& tx) -> Status {
        learning::add_watch_time(tx, mia, "python", "loops", "intro", seconds(10), seconds(40), now_);
        learning::add_watch_time(tx, mia, "python", "loops", "intro", seconds(5), seconds(20), now_);
        const auto times = learning::list_watch_time(tx, mia, "python", "loops");
        EXPECT_EQ(times.size(), 1u);
        EXPECT_EQ(times[0].watched, seconds(15));
        EXPECT_EQ(times[0].furthest, seconds(40));
        return {};
    });
}

class Orders : public test::StoreTest {
  protected:
    Order make_order(const LearnerId& learner, std::string reference, std::string course = "python") {
        return {.id = OrderId::make(),
                .learner = learner,
                .course = std::move(course),
                .instance = "payments/sepa",
                .amount_minor = 4900,
                .currency = "EUR",
                .reference = std::move(reference),
                .created_at = now_,
                .updated_at = now_,
                .due_at = now_ + seconds(100)};
    }
    Status insert(const Order& order) {
        return database().transaction_blocking([&](Transaction& tx) { return orders::insert(tx, order); });
    }
};
CALYPTENORA_ON_BOTH_DATABASES(Orders);

TEST_P(Orders, AreFoundAndChangeOnlyFromTheExpectedState) {
    const auto mia = make_learner();
    const auto order = make_order(mia, "CAL-7KQ2");
    ASSERT_TRUE(insert(order));
    const auto taken = insert(make_order(mia, "CAL-7KQ2"));
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().kind, ErrorKind::conflict);
    write([&](Transaction& tx) -> Status {
        EXPECT_EQ(orders::find_by_reference(tx, "CAL-7KQ2")->id, order.id);
        EXPECT_FALSE(orders::find_by_reference(tx, "CAL-0000"));
        EXPECT_EQ(orders::list_in_state(tx, "payments/sepa", OrderState::open).size(), 1u);
        EXPECT_EQ(orders::list_overdue(tx, now_ + seconds(101), 10).size(), 1u);
        EXPECT_TRUE(orders::list_overdue(tx, now_ + seconds(100), 10).empty());
        EXPECT_TRUE(
            orders::change_state(tx, order.id, OrderState::open, OrderState::partially_paid, 2000, now_));
        const auto stale =
            orders::change_state(tx, order.id, OrderState::open, OrderState::cancelled, 0, now_);
        EXPECT_FALSE(stale);
        EXPECT_EQ(stale.error().kind, ErrorKind::conflict);
        EXPECT_EQ(orders::lock(tx, order.id)->captured_minor, 2000);
        EXPECT_EQ(orders::list(tx, mia).at(0).state, OrderState::partially_paid);
        return {};
    });
}

TEST_P(Orders, StandBesideTheCoursesThatAreTakenWhileTheyWaitForMoney) {
    const auto mia = make_learner("mia@example.org"), max = make_learner("max@example.org");
    auto first = make_order(mia, "CAL-1"), second = make_order(mia, "CAL-2");
    second.created_at += seconds(5);
    auto paid = make_order(mia, "CAL-3", "rust");
    paid.state = OrderState::paid;
    for (const auto& order : {first, second, paid, make_order(max, "CAL-4", "go")})
        ASSERT_TRUE(insert(order));
    write([&](Transaction& tx) -> Status {
        learning::enrol(tx, mia, "rust", paid.id, now_);
        learning::enrol(tx, mia, "bees", {}, now_ - seconds(9));
        learning::complete_lesson(tx, mia, "rust", "own", now_);
        learning::record_place(tx, mia, "rust", "borrow", "s-mut.1.0", now_);
        learning::record_position(tx, max, "rust", "own", 3, now_);
        learning::enrol(tx, max, "rust", {}, now_);
        return {};
    });
    const auto own =
        read([&](Transaction& tx) { return Result<CourseRecords>(learning::list_courses(tx, mia)); });
    ASSERT_EQ(own.taken.size(), 2u);
    EXPECT_EQ(own.taken[0].enrolment.course, "bees");
    EXPECT_TRUE(own.taken[0].lessons.empty());
    const auto& rust = own.taken[1];
    EXPECT_EQ(rust.enrolment.course, "rust");
    EXPECT_EQ(rust.enrolment.order, paid.id);
    ASSERT_EQ(rust.lessons.size(), 2u);
    EXPECT_EQ(rust.lessons[0].lesson, "borrow");
    EXPECT_EQ(rust.lessons[0].place, "s-mut.1.0");
    EXPECT_EQ(rust.lessons[1].state, ProgressState::completed);
    EXPECT_EQ(rust.lessons[1].completed_at, now_);
    EXPECT_EQ(own.awaiting_payment, (std::map<std::string, OrderId>{{"python", second.id}}))
        << "the newest, and nobody else's";
}

TEST_P(Orders, AddUpMoneyThatArrivesAtTheSameTime) {
    const auto order = make_order(make_learner(), "CAL-7KQ2");
    ASSERT_TRUE(insert(order));
    const auto other = Database::open(url_).value();
    std::vector<std::thread> threads;
    std::atomic<int> failures = 0;
    for (int thread = 0; thread < 4; ++thread)
        threads.emplace_back([&, thread] {
            for (int i = 0; i < 10; ++i)
                failures += !(thread % 2 ? *other : database()).transaction_blocking([&](Transaction& tx) {
                    const auto current = orders::lock(tx, order.id).value();
                    return orders::change_state(tx, order.id, current.state, OrderState::partially_paid,
                                                current.captured_minor + 100, now_);
                });
        });
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(read([&](Transaction& tx) {
                  return Result<std::int64_t>(orders::find(tx, order.id)->captured_minor);
              }),
              4000);
}

TEST_P(Orders, KeepInstructionsForTheirLearnerAlone) {
    const auto mia = make_learner("mia@example.org"), max = make_learner("max@example.org");
    const auto order = make_order(mia, "CAL-7KQ2");
    ASSERT_TRUE(insert(order));
    write([&](Transaction& tx) -> Status {
        EXPECT_EQ(orders::load_instructions(tx, cipher(), mia, order.id).error().kind, ErrorKind::not_found);
        EXPECT_TRUE(orders::store_instructions(tx, cipher(), mia, order.id, R"({"iban":"DE89"})"));
        EXPECT_FALSE(orders::store_instructions(tx, cipher(), max, order.id, "{}"));
        EXPECT_EQ(orders::load_instructions(tx, cipher(), mia, order.id).value(), R"({"iban":"DE89"})");
        EXPECT_FALSE(orders::load_instructions(tx, cipher(), max, order.id));
        return {};
    });
}

class InboundEvents : public test::StoreTest {
  protected:
    InboundEvent make_event(std::optional<SubjectId> subject) {
        return {.id = InboundEventId::make(),
                .instance = "payments/sepa",
                .dedupe_key = "statement-7",
                .event_id = "7",
                .object_ref = "CAL-7KQ2",
                .kind = "transfer",
                .subject = std::move(subject),
                .detail = R"({"amount":4900})",
                .received_at = now_,
                .handled_at = {}};
    }
};
CALYPTENORA_ON_BOTH_DATABASES(InboundEvents);

TEST_P(InboundEvents, AreTakenOnceForEachInstance) {
    const auto mia = make_learner();
    write([&](Transaction& tx) -> Status {
        const auto event = make_event({});
        EXPECT_EQ(inbound_events::insert(tx, cipher(), event).value(), inbound_events::Received::now);
        EXPECT_EQ(inbound_events::insert(tx, cipher(), make_event({})).value(),
                  inbound_events::Received::before);
        auto other = make_event(mia);
        other.instance = "payments/sepa@second";
        EXPECT_EQ(inbound_events::insert(tx, cipher(), other).value(), inbound_events::Received::now);
        const auto waiting = inbound_events::list_unhandled(tx, cipher(), "payments/sepa", 10);
        EXPECT_EQ(waiting.size(), 1u);
        EXPECT_EQ(waiting[0].detail, R"({"amount":4900})");
        EXPECT_EQ(inbound_events::list_unhandled(tx, cipher(), "payments/sepa@second", 10).at(0).subject,
                  mia);
        inbound_events::mark_handled(tx, event.id, now_);
        EXPECT_TRUE(inbound_events::list_unhandled(tx, cipher(), "payments/sepa", 10).empty());
        return {};
    });
}

TEST_P(InboundEvents, HaveNoEffectTwiceWhenTwoArriveTogether) {
    const auto other = Database::open(url_).value();
    std::atomic<int> effects = 0, failures = 0;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread)
        threads.emplace_back([&, thread] {
            const auto outcome =
                (thread % 2 ? *other : database()).transaction_blocking([&](Transaction& tx) {
                    return inbound_events::insert(tx, cipher(), make_event({}));
                });
            failures += !outcome;
            effects += outcome && *outcome == inbound_events::Received::now;
        });
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(effects, 1);
}

class Cases : public test::StoreTest {
  protected:
    Case open_case(const LearnerId& learner) {
        Case opened{.id = CaseId::make(),
                    .learner = learner,
                    .instance = "support/mail",
                    .subject_line = "Video stockt",
                    .alias = cases::make_alias(),
                    .created_at = now_,
                    .updated_at = now_};
        write([&](Transaction& tx) { return cases::insert(tx, cipher(), opened); });
        return opened;
    }
    CaseMessage make_message(const Case& of, Author author, std::optional<std::string> external_id) {
        return {MessageId::make(), of.id, author, "Bei Minute drei.", std::move(external_id), now_};
    }
};
CALYPTENORA_ON_BOTH_DATABASES(Cases);

TEST_P(Cases, CollectMessagesOnce) {
    const auto mia = make_learner();
    const auto opened = open_case(mia);
    EXPECT_EQ(opened.alias.size(), 26u);
    write([&](Transaction& tx) -> Status {
        EXPECT_EQ(cases::add_message(tx, cipher(), make_message(opened, Author::learner, {})).value(),
                  cases::Added::now);
        EXPECT_EQ(cases::add_message(tx, cipher(), make_message(opened, Author::learner, {})).value(),
                  cases::Added::now);
        EXPECT_EQ(cases::add_message(tx, cipher(), make_message(opened, Author::support, "<a@x>")).value(),
                  cases::Added::now);
        EXPECT_EQ(cases::add_message(tx, cipher(), make_message(opened, Author::support, "<a@x>")).value(),
                  cases::Added::before);
        EXPECT_EQ(cases::list_messages(tx, cipher(), opened.id)->size(), 3u);
        const auto found = cases::find_by_alias(tx, cipher(), opened.alias);
        EXPECT_EQ(found->state, CaseState::answered);
        EXPECT_EQ(found->subject_line, "Video stockt");
        EXPECT_EQ(cases::list(tx, cipher(), mia).size(), 1u);
        EXPECT_FALSE(cases::find(tx, cipher(), CaseId::make()));
        auto lost = make_message(opened, Author::learner, {});
        lost.case_id = CaseId::make();
        EXPECT_EQ(cases::add_message(tx, cipher(), lost).error().kind, ErrorKind::not_found);
        return {};
    });
}

class PluginStore : public test::StoreTest {};
CALYPTENORA_ON_BOTH_DATABASES(PluginStore);

TEST_P(PluginStore, KeepsValuesApartByInstanceAndSubject) {
    const auto mia = make_learner();
    const std::string bytes("a\0\xff", 3);
    write([&](Transaction& tx) -> Status {
        EXPECT_TRUE(plugin_store::put(tx, cipher(), "auth/password", mia, "p", "hash", bytes, now_));
        EXPECT_TRUE(plugin_store::put(tx, cipher(), "auth/password", {}, "p", "hash", "nobody's", now_));
        EXPECT_EQ(plugin_store::find(tx, cipher(), "auth/password", mia, "hash").value(), bytes);
        EXPECT_EQ(plugin_store::find(tx, cipher(), "auth/password", {}, "hash").value(), "nobody's");
        EXPECT_EQ(plugin_store::find(tx, cipher(), "auth/other", mia, "hash").value(), std::nullopt);
        EXPECT_TRUE(plugin_store::put(tx, cipher(), "auth/password", mia, "p", "hash", "new", now_));
        EXPECT_EQ(plugin_store::find(tx, cipher(), "auth/password", mia, "hash").value(), "new");
        EXPECT_TRUE(plugin_store::put(tx, cipher(), "auth/password", mia, "p", "throttle", "1", now_));
        EXPECT_EQ(plugin_store::list(tx, "auth/password", mia, ""),
                  (std::vector<std::string>{"hash", "throttle"}));
        EXPECT_EQ(plugin_store::list(tx, "auth/password", mia, "th"), (std::vector<std::string>{"throttle"}));
        EXPECT_TRUE(plugin_store::erase(tx, "auth/password", mia, "throttle"));
        EXPECT_FALSE(plugin_store::erase(tx, "auth/password", mia, "throttle"));
        return {};
    });
}

TEST_P(PluginStore, RefusesValuesMovedToAnotherPlugin) {
    const auto mia = make_learner();
    write([&](Transaction& tx) -> Status {
        EXPECT_TRUE(plugin_store::put(tx, cipher(), "auth/password", mia, "p", "hash", "secret", now_));
        tx.execute("update plugin_store set instance = 'auth/other'");
        const auto stolen = plugin_store::find(tx, cipher(), "auth/other", mia, "hash");
        EXPECT_FALSE(stolen);
        EXPECT_EQ(stolen.error().kind, ErrorKind::denied);
        return {};
    });
}

TEST_P(PluginStore, HasLimits) {
    const auto mia = make_learner();
    write([&](Transaction& tx) -> Status {
        const auto put = [&](std::string_view key, std::string_view value) {
            return plugin_store::put(tx, cipher(), "auth/password", mia, "p", key, value, now_);
        };
        EXPECT_TRUE(put("k", std::string(plugin_store::max_value_size, 'x')));
        EXPECT_EQ(put("k", std::string(plugin_store::max_value_size + 1, 'x')).error().kind,
                  ErrorKind::invalid_input);
        EXPECT_EQ(put("", "x").error().kind, ErrorKind::invalid_input);
        EXPECT_EQ(put(std::string(plugin_store::max_key_size + 1, 'k'), "x").error().kind,
                  ErrorKind::invalid_input);
        for (int i = 1; i < plugin_store::max_keys; ++i)
            EXPECT_TRUE(put("k" + std::to_string(i), "x"));
        EXPECT_EQ(put("one more", "x").error().kind, ErrorKind::rate_limited);
        EXPECT_TRUE(put("k", "changed"));
        return {};
    });
}

class Throttle : public test::StoreTest {};
CALYPTENORA_ON_BOTH_DATABASES(Throttle);

TEST_P(Throttle, CountsInWindowsOfTime) {
    write([&](Transaction& tx) -> Status {
        const auto count = [&](std::string_view who, seconds later) {
            return throttle::count(tx, secrets(), "sign_in", who, seconds(60), now_ + later);
        };
        EXPECT_EQ(count("mia", seconds(0)), 1);
        EXPECT_EQ(count("mia", seconds(59)), 2);
        EXPECT_EQ(count("max", seconds(59)), 1);
        EXPECT_EQ(count("mia", seconds(60)), 1);
        throttle::reset(tx, secrets(), "sign_in", "mia");
        EXPECT_EQ(count("mia", seconds(60)), 1);
        EXPECT_EQ(throttle::sweep(tx, now_ + seconds(60)), 1);
        return {};
    });
}

}  // namespace
}  // namespace calyptenora::storage
