#include "storage/stores/consents.hpp"

#include "storage/stores/subjects.hpp"
#include "support/databases.hpp"

#include <thread>

namespace calyptenora::storage {
namespace {

constexpr auto purpose = Purpose::analytics_reporting_content_performance;

class Consents : public test::StoreTest {
  protected:
    ConsentEvent make_event(const SubjectId& subject, std::string type, ConsentState state) {
        return {.record_id = RecordId::make(),
                .pii_principal_id = subject,
                .event_time = now_,
                .event_type = std::move(type),
                .event_state = state,
                .entity_id = subject.text(),
                .instance = "analytics/xapi",
                .purpose = purpose,
                .recipient_third_parties = "Lernarchiv GmbH",
                .privacy_notice = "2026-11-01",
                .language = "de",
                .action = "privacy_page_switch",
                .validity_duration = state == ConsentState::given
                                         ? std::optional(std::chrono::seconds(std::chrono::hours(24 * 180)))
                                         : std::nullopt,
                .text_hash = "shown",
                .choices_hash = "choices",
                .manifest_hash = "manifest",
                .policy_hash = "policy"};
    }
    Status record(const ConsentEvent& event) {
        return database().transaction_blocking(
            [&](Transaction& tx) { return consents::record(tx, secrets(), event, ConsentOrigin::account); });
    }
    std::optional<Consent> find(const SubjectId& subject) {
        return read([&](Transaction& tx) {
            return Result<std::optional<Consent>>(consents::find(tx, subject, "analytics/xapi", purpose));
        });
    }
    std::vector<LedgerBreak> verify() {
        return read([&](Transaction& tx) {
            return Result<std::vector<LedgerBreak>>(consents::verify_all(tx, secrets()));
        });
    }
};
CALYPTENORA_ON_BOTH_DATABASES(Consents);

TEST_P(Consents, HoldWhatWasRecordedLast) {
    const auto learner = make_learner();
    EXPECT_FALSE(find(learner));
    ASSERT_TRUE(record(make_event(learner, "given", ConsentState::given)));
    const auto given = find(learner);
    ASSERT_TRUE(given);
    EXPECT_EQ(given->state, ConsentState::given);
    EXPECT_EQ(given->expires_at, now_ + std::chrono::hours(24 * 180));
    EXPECT_EQ(given->shown_at, now_);
    EXPECT_EQ(given->origin, ConsentOrigin::account);

    auto withdrawal = make_event(learner, "withdrawn", ConsentState::withdrawn);
    withdrawal.event_time = now_ + std::chrono::seconds(1);
    withdrawal.text_hash.clear();
    ASSERT_TRUE(record(withdrawal));
    const auto withdrawn = find(learner);
    EXPECT_EQ(withdrawn->state, ConsentState::withdrawn);
    EXPECT_EQ(withdrawn->expires_at, std::nullopt);
    EXPECT_EQ(withdrawn->shown_at, now_) << "when it was first shown is kept";
    EXPECT_EQ(withdrawn->record_id, withdrawal.record_id);

    const auto history = read([&](Transaction& tx) {
        return Result<std::vector<ConsentEvent>>(consents::list_events(tx, learner));
    });
    ASSERT_EQ(history.size(), 2u);
    EXPECT_EQ(history[0].event_type, "given");
    EXPECT_EQ(history[1].event_state, ConsentState::withdrawn);
    EXPECT_EQ(history[1].recipient_third_parties, "Lernarchiv GmbH");
    EXPECT_TRUE(verify().empty());
}

TEST_P(Consents, WhatWasNeverShownSaysSo) {
    const auto guest = make_guest();
    auto event = make_event(guest, "refused", ConsentState::refused);
    event.action = "gpc";
    event.text_hash.clear();
    ASSERT_TRUE(record(event));
    EXPECT_EQ(find(guest)->shown_at, std::nullopt);
}

TEST_P(Consents, NeedASubject) {
    const auto refused = record(make_event(SubjectId::make(), "given", ConsentState::given));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::not_found);
}

TEST_P(Consents, ExpireOnTime) {
    const auto learner = make_learner();
    ASSERT_TRUE(record(make_event(learner, "given", ConsentState::given)));
    const auto expired_at = [&](Timestamp at) {
        return read([&](Transaction& tx) {
                   return Result<std::vector<Consent>>(consents::list_expired(tx, at, 10));
               })
            .size();
    };
    EXPECT_EQ(expired_at(now_ + std::chrono::hours(24 * 180) - std::chrono::seconds(1)), 0u);
    EXPECT_EQ(expired_at(now_ + std::chrono::hours(24 * 180)), 1u);
}

TEST_P(Consents, KeepOneChainUnderConcurrentChanges) {
    const auto learner = make_learner();
    const auto other = Database::open(url_).value();
    std::vector<std::thread> threads;
    std::atomic<int> failures = 0;
    for (int thread = 0; thread < 4; ++thread)
        threads.emplace_back([&, thread] {
            for (int i = 0; i < 10; ++i) {
                const auto event = make_event(learner, "given", ConsentState::given);
                failures += !(thread % 2 ? *other : database()).transaction_blocking([&](Transaction& tx) {
                    return consents::record(tx, secrets(), event, ConsentOrigin::account);
                });
            }
        });
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(failures, 0);
    EXPECT_TRUE(verify().empty());
    EXPECT_EQ(
        read([&](Transaction& tx) { return Result<std::size_t>(consents::list_events(tx, learner).size()); }),
        40u);
}

TEST_P(Consents, KeepTextsOnceByTheirHash) {
    const auto hash = write([&](Transaction& tx) -> Result<std::string> {
        const auto first = consents::store_text(tx, "de", "Dürfen wir?", now_);
        EXPECT_EQ(first, consents::store_text(tx, "de", "Dürfen wir?", now_));
        EXPECT_NE(first, consents::store_text(tx, "en", "May we?", now_));
        return first;
    });
    read([&](Transaction& tx) -> Status {
        EXPECT_EQ(consents::find_text(tx, hash), "Dürfen wir?");
        EXPECT_FALSE(consents::find_text(tx, "unknown"));
        return {};
    });
}

TEST_P(Consents, AreAppendOnly) {
    const auto learner = make_learner();
    ASSERT_TRUE(record(make_event(learner, "given", ConsentState::given)));
    for (const auto* sql : {"update consent_events set event_state = 'refused'", "delete from consent_events",
                            "update consent_texts set body = 'other'", "delete from consent_texts"}) {
        write([&](Transaction& tx) -> Status {
            consents::store_text(tx, "de", "text", now_);
            return {};
        });
        const auto refused = database().transaction_blocking([&](Transaction& tx) -> Status {
            tx.execute(sql);
            return {};
        });
        ASSERT_FALSE(refused) << sql;
        EXPECT_NE(refused.error().message.find("append-only"), std::string::npos) << refused.error().message;
    }
}

TEST_P(Consents, RememberObjections) {
    const auto learner = make_learner();
    write([&](Transaction& tx) -> Status {
        consents::object(tx, learner, "", Purpose::functional_service_improve, now_);
        consents::object(tx, learner, "", Purpose::functional_service_improve, now_ + std::chrono::hours(1));
        consents::object(tx, learner, "analytics/xapi", purpose, now_);
        EXPECT_TRUE(
            consents::record_compelling_grounds(tx, learner, "analytics/xapi", purpose, "claim", now_));
        EXPECT_FALSE(consents::record_compelling_grounds(tx, learner, "video/hls", purpose, "claim", now_));
        const auto all = consents::list_objections(tx, learner);
        EXPECT_EQ(all.size(), 2u);
        EXPECT_EQ(all[0].objected_at, now_);
        EXPECT_EQ(all[1].compelling_grounds, "claim");
        consents::withdraw_objection(tx, learner, "", Purpose::functional_service_improve);
        EXPECT_EQ(consents::list_objections(tx, learner).size(), 1u);
        return {};
    });
}

}  // namespace
}  // namespace calyptenora::storage
