#include "storage/stores/outbox.hpp"

#include "storage/stores/leases.hpp"
#include "support/databases.hpp"

#include <thread>

namespace calyptenora::storage {
namespace {

using std::chrono::seconds;

class Outbox : public test::StoreTest {
  protected:
    EventId append(const SubjectId& subject, Timestamp at, std::string instance = "analytics/xapi") {
        const auto id = EventId::make();
        write([&](Transaction& tx) {
            return outbox::append(
                tx, cipher(),
                {id, std::move(instance), "analytics.record",
                 Purpose::analytics_reporting_content_performance, subject, R"({"verb":"completed"})"},
                at);
        });
        return id;
    }
    std::vector<OutboxEvent> claim(const NodeName& node, int limit, Timestamp at,
                                   std::string_view instance = "") {
        return write([&](Transaction& tx) {
            return Result<std::vector<OutboxEvent>>(
                outbox::claim(tx, cipher(), instance, node, limit, at, seconds(30)));
        });
    }
    long long count(OutboxState state) {
        return read([&](Transaction& tx) { return Result<long long>(outbox::count(tx, "")[state]); });
    }
};
CALYPTENORA_ON_BOTH_DATABASES(Outbox);

TEST_P(Outbox, HandsOutWhatIsDueInOrder) {
    const auto mia = make_learner();
    const auto first = append(mia, now_), second = append(mia, now_ + seconds(1));
    append(mia, now_ + seconds(60));
    append(mia, now_, "support/mail");
    const auto claimed = claim("node-a", 10, now_ + seconds(1), "analytics/xapi");
    ASSERT_EQ(claimed.size(), 2u);
    EXPECT_EQ(claimed[0].id, first);
    EXPECT_EQ(claimed[1].id, second);
    EXPECT_EQ(claimed[0].payload, R"({"verb":"completed"})");
    EXPECT_EQ(claimed[0].attempts, 1);
    EXPECT_TRUE(claim("node-b", 10, now_ + seconds(1), "analytics/xapi").empty());
    EXPECT_EQ(claim("node-b", 10, now_ + seconds(1)).size(), 1u);
}

TEST_P(Outbox, SettlesOnlyForTheHolder) {
    const auto id = append(make_learner(), now_);
    claim("node-a", 1, now_);
    write([&](Transaction& tx) -> Status {
        EXPECT_FALSE(outbox::deliver(tx, id, "node-b", now_));
        EXPECT_TRUE(outbox::deliver(tx, id, "node-a", now_));
        EXPECT_FALSE(outbox::deliver(tx, id, "node-a", now_));
        return {};
    });
    EXPECT_EQ(count(OutboxState::delivered), 1);
    const auto payload = read([](Transaction& tx) {
        return Result<std::string>(std::get<0>(*tx.find<std::string>("select payload_enc from outbox")));
    });
    EXPECT_EQ(payload, "");
}

TEST_P(Outbox, KeepsWhatWasSetAsideUntilSomebodyHasItTriedAgain) {
    const auto mia = make_learner(), tom = make_learner("tom@example.org");
    const auto letter = append(mia, now_, "core/mail"), other = append(tom, now_, "core/mail");
    const auto event = append(mia, now_);
    const auto notes = [&] {
        return read([&](Transaction& tx) {
            return Result<std::vector<OutboxNote>>(outbox::list_undelivered(tx, "core/mail", 10));
        });
    };
    const auto retry = [&](const EventId& id, Timestamp at) {
        return write([&](Transaction& tx) -> Result<bool> { return outbox::retry(tx, id, "core/mail", at); });
    };
    const auto is_waiting = [&](const SubjectId& subject) {
        return read([&](Transaction& tx) -> Result<bool> {
            return outbox::is_waiting(tx, subject, "core/mail", "analytics.record");
        });
    };
    EXPECT_TRUE(is_waiting(mia));
    EXPECT_EQ(claim("node-a", 10, now_).size(), 1u) << "letters are no plugin's";
    ASSERT_EQ(claim("node-a", 10, now_, "core/mail").size(), 2u);
    EXPECT_FALSE(is_waiting(mia)) << "it is under way";
    EXPECT_FALSE(retry(letter, now_)) << "somebody is at it";
    write([&](Transaction& tx) -> Status {
        EXPECT_FALSE(outbox::set_aside(tx, letter, "node-b", "550", now_)) << "it is not theirs";
        EXPECT_TRUE(outbox::set_aside(tx, letter, "node-a", "550", now_));
        EXPECT_TRUE(outbox::fail(tx, other, "node-a", "gone", now_));
        return {};
    });
    ASSERT_EQ(notes().size(), 2u);
    EXPECT_EQ(notes()[0].id, letter);
    EXPECT_EQ(notes()[0].state, OutboxState::failed);
    EXPECT_EQ(notes()[0].last_error, "550");
    EXPECT_EQ(notes()[0].settled_at, now_);
    EXPECT_FALSE(retry(other, now_)) << "there is nothing left of it";
    EXPECT_FALSE(retry(event, now_)) << "it is no letter";

    EXPECT_TRUE(retry(letter, now_ + seconds(5)));
    EXPECT_EQ(notes()[0].settled_at, std::nullopt);
    const auto again = claim("node-b", 10, now_ + seconds(5), "core/mail");
    ASSERT_EQ(again.size(), 1u);
    EXPECT_EQ(again[0].payload, R"({"verb":"completed"})");
    EXPECT_EQ(again[0].attempts, 1);
}

TEST_P(Outbox, GivesAwayWhatACrashedNodeHeld) {
    const auto id = append(make_learner(), now_);
    claim("node-a", 1, now_);
    EXPECT_TRUE(claim("node-b", 1, now_ + seconds(29)).empty());
    const auto again = claim("node-b", 1, now_ + seconds(30));
    ASSERT_EQ(again.size(), 1u);
    EXPECT_EQ(again[0].attempts, 2);
    write([&](Transaction& tx) -> Status {
        EXPECT_FALSE(outbox::deliver(tx, id, "node-a", now_)) << "it came back too late";
        EXPECT_TRUE(outbox::drop(tx, id, "node-b", "withdrawn", now_));
        return {};
    });
    EXPECT_EQ(count(OutboxState::dropped), 1);
}

TEST_P(Outbox, WaitsLongerEachTime) {
    const auto id = append(make_learner(), now_);
    claim("node-a", 1, now_);
    write([&](Transaction& tx) -> Status {
        EXPECT_TRUE(outbox::requeue(tx, id, "node-a", "503", now_ + outbox::backoff(1)));
        EXPECT_EQ(outbox::find_next_due(tx), now_ + seconds(2));
        return {};
    });
    EXPECT_TRUE(claim("node-a", 1, now_ + seconds(1)).empty());
    EXPECT_EQ(claim("node-a", 1, now_ + seconds(2)).at(0).attempts, 2);
    write([&](Transaction& tx) -> Status {
        EXPECT_TRUE(outbox::requeue(tx, id, "node-a", "batch cancelled", now_, outbox::CountAttempt::no));
        return {};
    });
    EXPECT_EQ(claim("node-a", 1, now_ + seconds(2)).at(0).attempts, 2);
    EXPECT_LT(outbox::backoff(3), outbox::backoff(4));
    EXPECT_EQ(outbox::backoff(1000), std::chrono::hours(1));
}

TEST_P(Outbox, DropsWhatAWithdrawalForbids) {
    const auto mia = make_learner("mia@example.org"), max = make_learner("max@example.org");
    const auto id = append(mia, now_);
    append(mia, now_, "support/mail");
    append(max, now_);
    claim("node-a", 1, now_, "analytics/xapi");
    write([&](Transaction& tx) -> Status {
        EXPECT_EQ(
            outbox::drop_all(tx, mia, "analytics/xapi", Purpose::marketing_communications_email, "", now_),
            0);
        EXPECT_EQ(outbox::drop_all(tx, mia, "analytics/xapi",
                                   Purpose::analytics_reporting_content_performance, "withdrawn", now_),
                  1);
        EXPECT_FALSE(outbox::deliver(tx, id, "node-a", now_));
        return {};
    });
    EXPECT_EQ(count(OutboxState::queued) + count(OutboxState::claimed), 2);
    write([&](Transaction& tx) -> Status {
        EXPECT_EQ(outbox::sweep(tx, now_), 0);
        EXPECT_EQ(outbox::sweep(tx, now_ + seconds(1)), 1);
        return {};
    });
}

TEST_P(Outbox, RollsBackWithTheChangeItTellsAbout) {
    const auto mia = make_learner();
    (void)database().transaction_blocking([&](Transaction& tx) -> Status {
        outbox::append(tx, cipher(),
                       {EventId::make(), "a/b", "c.d", Purpose::essential_fraud_detection, mia, "{}"}, now_)
            .value();
        return Error(ErrorKind::conflict, "the change failed");
    });
    EXPECT_EQ(count(OutboxState::queued), 0);
}

TEST_P(Outbox, HasNoPayloadOnceTheKeyIsGone) {
    const auto mia = make_learner();
    append(mia, now_);
    ASSERT_TRUE(keys().destroy(mia));
    const auto claimed = claim("node-a", 1, now_);
    ASSERT_EQ(claimed.size(), 1u);
    EXPECT_EQ(claimed[0].payload, std::nullopt);
    EXPECT_FALSE(database().transaction_blocking([&](Transaction& tx) {
        return outbox::append(tx, cipher(),
                              {EventId::make(), "a/b", "c.d", Purpose::essential_fraud_detection, mia, "{}"},
                              now_);
    }));
}

TEST_P(Outbox, NeverGivesOneEventToTwo) {
    constexpr int total = 120;
    const auto mia = make_learner();
    write([&](Transaction& tx) -> Status {
        for (int i = 0; i < total; ++i)
            outbox::append(tx, cipher(),
                           {EventId::make(), "a/b", "c.d", Purpose::essential_fraud_detection, mia, "{}"},
                           now_)
                .value();
        return {};
    });
    const auto other = Database::open(url_).value();
    std::array<std::vector<EventId>, 4> taken;
    std::vector<std::thread> threads;
    std::atomic<int> failures = 0;
    for (std::size_t thread = 0; thread < taken.size(); ++thread)
        threads.emplace_back([&, thread] {
            for (;;) {
                const auto claimed =
                    (thread % 2 ? *other : database()).transaction_blocking([&](Transaction& tx) {
                        return Result<std::vector<OutboxEvent>>(outbox::claim(
                            tx, cipher(), "", "node-" + std::to_string(thread), 7, now_, seconds(30)));
                    });
                failures += !claimed;
                if (!claimed || claimed->empty())
                    return;
                for (const auto& event : *claimed)
                    taken[thread].push_back(event.id);
            }
        });
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(failures, 0);
    std::set<EventId> all;
    std::size_t sum = 0;
    for (const auto& mine : taken) {
        all.insert(mine.begin(), mine.end());
        sum += mine.size();
    }
    EXPECT_EQ(sum, all.size()) << "claimed twice";
    // Whoever finds all remaining rows locked by others stops early; what is left is still there to be
    // claimed.
    EXPECT_EQ(all.size() + claim("node-last", total, now_).size(), static_cast<std::size_t>(total));
}

class Leases : public test::StoreTest {
  protected:
    std::vector<Lease> grant(const std::set<SubjectId>& subjects) {
        return write([&](Transaction& tx) {
            return Result<std::vector<Lease>>(leases::grant(tx, subjects, "node-a", now_, seconds(10)));
        });
    }
    std::vector<Lease> held(const SubjectId& subject, Timestamp at) {
        return read(
            [&](Transaction& tx) { return Result<std::vector<Lease>>(leases::list_held(tx, subject, at)); });
    }
    std::size_t remaining(const std::vector<Lease>& waited_for, Timestamp at) {
        return read([&](Transaction& tx) {
            return Result<std::size_t>(leases::list_remaining(tx, waited_for, at).size());
        });
    }
};
CALYPTENORA_ON_BOTH_DATABASES(Leases);

TEST_P(Leases, AreSeenUntilReleased) {
    const auto mia = make_guest(), max = make_guest();
    const auto granted = grant({mia, max});
    ASSERT_EQ(granted.size(), 2u);
    const auto waited_for = held(mia, now_);
    ASSERT_EQ(waited_for.size(), 1u);
    const auto later = grant({mia});
    EXPECT_EQ(remaining(waited_for, now_), 1u);
    write([&](Transaction& tx) -> Status {
        leases::release(tx, granted);
        return {};
    });
    EXPECT_EQ(remaining(waited_for, now_), 0u) << "a lease granted later is not waited for";
    EXPECT_EQ(held(mia, now_).size(), 1u);
    EXPECT_EQ(held(mia, now_)[0].id, later[0].id);
}

TEST_P(Leases, EndByThemselves) {
    const auto mia = make_guest();
    grant({mia});
    const auto waited_for = held(mia, now_);
    EXPECT_EQ(remaining(waited_for, now_ + seconds(9)), 1u);
    EXPECT_EQ(remaining(waited_for, now_ + seconds(10)), 0u);
    EXPECT_TRUE(held(mia, now_ + seconds(10)).empty());
    write([&](Transaction& tx) -> Status {
        EXPECT_EQ(leases::sweep(tx, now_ + seconds(10)), 0);
        EXPECT_EQ(leases::sweep(tx, now_ + seconds(11)), 1);
        return {};
    });
}

}  // namespace
}  // namespace calyptenora::storage
