#include "storage/stores/requests.hpp"

#include "storage/stores/retained.hpp"
#include "support/databases.hpp"

namespace calyptenora::storage {
namespace {

using std::chrono::seconds;

class Requests : public test::StoreTest {
  protected:
    SubjectRequest file(const SubjectId& subject, seconds starts_in = seconds(0),
                        const std::string& token = "t") {
        const SubjectRequest request{.id = RequestId::make(),
                                     .subject = subject,
                                     .kind = RequestKind::erasure,
                                     .language = "de",
                                     .entered_by = "subject",
                                     .details = R"({"reason":"x"})",
                                     .received_at = now_,
                                     .starts_at = now_ + starts_in,
                                     .due_at = now_ + seconds(1000)};
        write([&](Transaction& tx) { return requests::insert(tx, cipher(), request, token); });
        return request;
    }
    std::vector<SubjectRequest> claim(std::string_view node, Timestamp now) {
        std::vector<SubjectRequest> claimed;
        write([&](Transaction& tx) -> Status {
            claimed = requests::claim(tx, cipher(), node, 10, now, seconds(60));
            return {};
        });
        return claimed;
    }
};
CALYPTENORA_ON_BOTH_DATABASES(Requests);

TEST_P(Requests, AreReadByTheirSubjectAndByTheirToken) {
    const auto mia = make_learner();
    const auto request = file(mia, seconds(0), "secret");
    read([&](Transaction& tx) -> Status {
        EXPECT_EQ(requests::find(tx, cipher(), request.id)->details, R"({"reason":"x"})");
        EXPECT_EQ(requests::find_by_token(tx, cipher(), "secret")->id, request.id);
        EXPECT_FALSE(requests::find_by_token(tx, cipher(), "secret2"));
        EXPECT_EQ(requests::list(tx, cipher(), mia).size(), 1);
        EXPECT_EQ(requests::list_open(tx, cipher(), 10).size(), 1);
        EXPECT_FALSE(requests::find(tx, cipher(), RequestId::make()));
        return {};
    });
}

TEST_P(Requests, AreWithOneNodeAtATimeAndComeBackWhenItIsGone) {
    const auto request = file(make_learner(), seconds(10));
    EXPECT_TRUE(claim("a", now_).empty()) << "not before its start";
    ASSERT_EQ(claim("a", now_ + seconds(10)).size(), 1);
    EXPECT_TRUE(claim("b", now_ + seconds(11)).empty());
    EXPECT_EQ(claim("b", now_ + seconds(70)).size(), 1);
    write([&](Transaction& tx) -> Status {
        const auto next = now_ + seconds(100);
        EXPECT_FALSE(requests::give_back(tx, request.id, "a", RequestStatus::completed, next, now_));
        EXPECT_TRUE(requests::give_back(tx, request.id, "b", RequestStatus::in_progress, next, now_));
        EXPECT_FALSE(requests::find(tx, cipher(), request.id)->settled_at);
        return {};
    });
    EXPECT_TRUE(claim("a", now_ + seconds(99)).empty());
    write([&](Transaction& tx) -> Status {
        requests::wake(tx, request.id, now_ + seconds(90));
        return {};
    });
    ASSERT_EQ(claim("a", now_ + seconds(99)).size(), 1);
    write([&](Transaction& tx) -> Status {
        EXPECT_TRUE(
            requests::give_back(tx, request.id, "a", RequestStatus::completed, now_, now_ + seconds(99)));
        EXPECT_EQ(requests::find(tx, cipher(), request.id)->settled_at, now_ + seconds(99));
        EXPECT_TRUE(requests::list_open(tx, cipher(), 10).empty());
        return {};
    });
    EXPECT_TRUE(claim("a", now_ + seconds(1000)).empty());
}

TEST_P(Requests, CanBeCancelledUntilTheyStartAndExtendedUntilTheyAreSettled) {
    const auto early = file(make_learner("a@example.org"), seconds(10), "1");
    const auto late = file(make_learner("b@example.org"), seconds(10), "2");
    write([&](Transaction& tx) -> Status {
        EXPECT_TRUE(requests::extend(tx, early.id, now_ + seconds(9999), "many requests"));
        EXPECT_EQ(requests::find(tx, cipher(), early.id)->extension_reason, "many requests");
        EXPECT_TRUE(requests::cancel(tx, early.id, now_ + seconds(9)));
        EXPECT_FALSE(requests::cancel(tx, early.id, now_ + seconds(9)));
        EXPECT_FALSE(requests::extend(tx, early.id, now_ + seconds(9999), "more"));
        EXPECT_FALSE(requests::cancel(tx, late.id, now_ + seconds(10)));
        return {};
    });
    const auto claimed = claim("a", now_ + seconds(10));
    ASSERT_EQ(claimed.size(), 1);
    EXPECT_EQ(claimed[0].id, late.id);
}

TEST_P(Requests, KeepOneStepForEachParty) {
    const auto mia = make_learner(), guest = make_guest();
    const auto request = file(mia);
    RequestStep step{.request = request.id,
                     .instance = "analytics/xapi",
                     .subject = mia,
                     .recipient = "Lernarchiv GmbH",
                     .next_attempt_at = now_,
                     .updated_at = now_};
    write([&](Transaction& tx) -> Status {
        requests::put_step(tx, step);
        step.status = RequestStatus::retained;
        step.attempts = 2;
        step.outcome = "tax";
        step.retained_until = "2034-12-31";
        requests::put_step(tx, step);
        requests::put_step(tx, {.request = request.id,
                                .instance = "",
                                .subject = mia,
                                .recipient = "Lernwerk",
                                .next_attempt_at = now_,
                                .updated_at = now_});
        const auto steps = requests::list_steps(tx, request.id);
        EXPECT_EQ(steps.size(), 2);
        EXPECT_EQ(steps.at(0).recipient, "Lernwerk");
        step.subject = guest;
        requests::put_step(tx, step);
        EXPECT_EQ(requests::list_steps(tx, request.id).size(), 3) << "who is known there under two names";
        EXPECT_EQ(steps.at(1).status, RequestStatus::retained);
        EXPECT_EQ(steps.at(1).attempts, 2);
        EXPECT_EQ(steps.at(1).retained_until, "2034-12-31");
        return {};
    });
}

class Retained : public test::StoreTest {
  protected:
    RetainedRecord make_record(const SubjectId& subject, std::string ground, std::string until) {
        return {RetainedId::make(), subject, std::move(ground), std::move(until), "orders", now_};
    }
    int count_keys() {
        return keys()
            .database()
            .run_blocking([](Transaction& tx) {
                return Result<int>(std::get<0>(*tx.find<int>("select count(*) from subject_keys")));
            })
            .value();
    }
};
CALYPTENORA_ON_BOTH_DATABASES(Retained);

TEST_P(Retained, OutlivesThePersonsKeyUntilItsDate) {
    const auto mia = make_learner();
    const auto first = make_record(mia, "booking_voucher", "2034-12-31");
    const auto second = make_record(mia, "booking_voucher", "2034-12-31");
    const auto letter = make_record(mia, "business_letter", "2032-12-31");
    const auto before = count_keys();
    write([&](Transaction& tx) -> Status {
        for (const auto& record : {first, second, letter})
            EXPECT_TRUE(retained::keep(tx, cipher(), record, R"({"name":"Mia"})"));
        return {};
    });
    EXPECT_EQ(count_keys(), before + 2) << "a key for each ground and date";
    ASSERT_TRUE(keys().destroy(mia));
    write([&](Transaction& tx) -> Status {
        EXPECT_EQ(retained::load_document(tx, cipher(), first.id).value(), R"({"name":"Mia"})");
        EXPECT_TRUE(retained::list_over(tx, "2032-12-31", 10).empty());
        EXPECT_EQ(retained::list_over(tx, "2033-01-01", 10).size(), 1);
        EXPECT_EQ(retained::list_over(tx, "2035-01-01", 10).size(), 3);
        EXPECT_EQ(retained::list(tx, mia).size(), 3);

        EXPECT_TRUE(retained::remove(tx, cipher(), first.id));
        EXPECT_FALSE(retained::load_document(tx, cipher(), first.id));
        EXPECT_TRUE(retained::load_document(tx, cipher(), second.id)) << "under the same key";
        EXPECT_TRUE(retained::remove(tx, cipher(), second.id));
        EXPECT_TRUE(retained::remove(tx, cipher(), second.id)) << "it can be repeated";
        EXPECT_TRUE(retained::load_document(tx, cipher(), letter.id));
        return {};
    });
    EXPECT_EQ(count_keys(), before) << "the person's and the voucher's are gone";
}

}  // namespace
}  // namespace calyptenora::storage
