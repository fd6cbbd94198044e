#include "dispatch/dispatcher.hpp"
#include "integration/gate/gate_fixture.hpp"
#include "storage/stores/consents.hpp"
#include "storage/stores/learners.hpp"

#include <gmock/gmock.h>

namespace calyptenora::gate {
namespace {

using namespace std::chrono_literals;
using storage::OutboxState;

class PeoplesChoices : public GateTest {
  protected:
    std::map<OutboxState, long long> queue() {
        return read([&](storage::Transaction& tx) {
            return Result<std::map<OutboxState, long long>>(storage::outbox::count(tx, ""));
        });
    }
    std::optional<storage::Consent> consent(const storage::SubjectId& subject, const PolicyFlow& of) {
        return read([&](storage::Transaction& tx) -> Result<std::optional<storage::Consent>> {
            return storage::consents::find(tx, subject, of.instance.text(), of.flow.purpose);
        });
    }
    std::vector<storage::ConsentEvent> events(const storage::SubjectId& subject) {
        return read([&](storage::Transaction& tx) -> Result<std::vector<storage::ConsentEvent>> {
            EXPECT_TRUE(storage::consents::verify(tx, secrets(), subject).empty());
            return storage::consents::list_events(tx, subject);
        });
    }
    void dispatch() {
        dispatch::Dispatcher dispatcher(database(), cipher(), gate_, "node-a", [](const std::string&) {});
        while (run(dispatcher.run_once()) > 0) {
        }
    }
};
CALYPTENORA_ON_BOTH_DATABASES(PeoplesChoices);

TEST_P(PeoplesChoices, AreAskedForOnceAndThenStand) {
    const auto mia = make_guest();
    EXPECT_TRUE(standing(mia, learning()).asked);
    EXPECT_FALSE(standing(mia, learning()).flowing);
    EXPECT_EQ(standing(mia, learning()).state, ConsentState::unknown);
    EXPECT_FALSE(standing(mia, flow("analytics/probe", system_performance)).asked);
    EXPECT_TRUE(standing(mia, flow("analytics/probe", system_performance)).flowing);

    choose(mia, learning(), true);
    EXPECT_FALSE(standing(mia, learning()).asked);
    EXPECT_TRUE(standing(mia, learning()).flowing);
    EXPECT_TRUE(standing(mia, flow("analytics/probe@second", content_performance)).asked)
        << "granular by recipient";

    choose(mia, learning(), false);
    EXPECT_FALSE(standing(mia, learning()).asked);
    EXPECT_FALSE(standing(mia, learning()).flowing);
    EXPECT_EQ(standing(mia, learning()).state, ConsentState::withdrawn);
}

TEST_P(PeoplesChoices, AreAskedForAgainWhenTheyEnd) {
    const auto mia = make_guest(), tom = make_guest();
    choose(mia, learning(), true);
    choose(tom, learning(), false);
    clock_.advance(180 * 24h - 1s);
    EXPECT_FALSE(standing(mia, learning()).asked);
    EXPECT_FALSE(standing(tom, learning()).asked) << "a refusal is respected at least as long";
    clock_.advance(1s);
    EXPECT_TRUE(standing(mia, learning()).asked);
    EXPECT_FALSE(standing(mia, learning()).flowing);
    EXPECT_TRUE(standing(tom, learning()).asked);
}

TEST_P(PeoplesChoices, ThatAreNoLongerChoicesAreAskedForAgain) {
    for (const auto state :
         {ConsentState::requested, ConsentState::expired, ConsentState::invalidated, ConsentState::unknown}) {
        const auto mia = make_guest();
        choose(mia, learning(), true);
        auto event = events(mia).back();
        event.record_id = storage::RecordId::make();
        event.event_type = key_of(state);
        event.event_state = state;
        event.validity_duration.reset();
        write([&](storage::Transaction& tx) {
            return storage::consents::record(tx, secrets(), event, storage::ConsentOrigin::account);
        });
        EXPECT_TRUE(standing(mia, learning()).asked) << key_of(state);
        EXPECT_FALSE(standing(mia, learning()).flowing) << key_of(state);
    }
}

TEST_P(PeoplesChoices, AGuardiansWordIsProofBesideThem) {
    const auto mia = make_learner();
    write([&](storage::Transaction& tx) -> Status {
        storage::learners::set_guardian_needed_until(tx, mia, "2029-01");
        return {};
    });
    choose(mia, learning(), true);
    auto guardian = shown();
    guardian.chooser = Chooser::guardian;
    guardian.shown_text = "signed form of 2026-11-20, folder 12";
    guardian.action = "guardian_recorded";
    choose(mia, learning(), true, guardian);
    ASSERT_TRUE(queue_event(mia, learning()));
    const auto before = consent(mia, learning())->record_id;
    choose(mia, learning(), false, guardian);
    EXPECT_EQ(queue()[OutboxState::dropped], 1) << "what waits goes with a guardian's withdrawal";
    EXPECT_EQ(consent(mia, learning())->record_id, before) << "what the minor chose stays as it is";

    const auto proof = events(mia);
    ASSERT_EQ(proof.size(), 3u);
    EXPECT_EQ(proof[0].entity_id, mia.text());
    EXPECT_EQ(proof[1].entity_id, "guardian");
    EXPECT_EQ(proof[1].event_state, ConsentState::given);
    EXPECT_EQ(proof[1].action, "guardian_recorded");
    EXPECT_EQ(proof[2].event_state, ConsentState::withdrawn);
    EXPECT_EQ(read([&](storage::Transaction& tx) -> Result<std::string> {
                  return *storage::consents::find_text(tx, proof[1].text_hash);
              }),
              guardian.shown_text);
}

TEST_P(PeoplesChoices, AreAskedForAgainWhenTermsWidenAndOnlyThen) {
    const auto mia = make_guest(), tom = make_guest();
    choose(mia, learning(), true);
    choose(tom, learning(), false);
    struct Change {
        std::string from, to;
        bool asks;
    };
    for (const auto& change : std::vector<Change>{
             {"legal_name: Lernstatistik AG", "legal_name: Lernstatistik SE", true},
             {"endpoint: 'https://lrs.example/xapi'", "endpoint: 'https://other.example/xapi'", true},
             {"address: Weg 2, country: DE", "address: Weg 2, country: AT", false},
             {"retention_days: 60", "retention_days: 61", true},
             {"{user.education.progress: true,", "{user.education.progress: true, user.contact: true,", true},
             {"user.education.progress: true", "user.education.progress: true, user.education.grade: true",
              true},
             {"retention_days: 60", "retention_days: 59", false},
             {"progress: true, user.name: true", "progress: true", false},
             {"summary: {de: Probe, en: Probe}", "summary: {de: Anders gesagt, en: Reworded}", false},
             {"address: Weg 2", "address: Weg 20", false},
             {"endpoint: 'https://lrs.example/xapi'", "endpoint: 'https://lrs.example/xapi/v2'", false}}) {
        reload(change.from, change.to);
        EXPECT_EQ(standing(mia, learning()).asked, change.asks) << change.to;
        EXPECT_TRUE(standing(mia, flow("analytics/probe@second", content_performance)).asked);
        EXPECT_FALSE(standing(tom, learning()).asked) << "a refusal holds for wider terms, too";
        EXPECT_EQ(consent(mia, learning())->state, ConsentState::given) << "a reload changes no choice";
    }
    reload("legal_name: Lernstatistik AG", "legal_name: Lernstatistik SE");
    EXPECT_FALSE(standing(mia, learning()).flowing);
    reload("user.education.progress: true", "user.education.progress: true, user.education.grade: true");
    EXPECT_FALSE(run(gate_.explain(learning().instance, content_performance, mia, learning().flow.granted))
                     .value()
                     .decision.released.contains(Category::user_education_grade))
        << "what was agreed to flows on, what is new does not";
    choose(mia, learning(), true);
    EXPECT_FALSE(standing(mia, learning()).asked);
}

TEST_P(PeoplesChoices, AreProved) {
    const auto mia = make_guest();
    choose(mia, learning(), false);
    clock_.advance(1s);
    choose(mia, learning(), true);
    clock_.advance(1s);
    choose(mia, learning(), true);
    clock_.advance(1s);
    choose(mia, learning(), false);
    const auto proof = events(mia);
    ASSERT_EQ(proof.size(), 4u);
    EXPECT_EQ(proof[0].event_state, ConsentState::refused);
    EXPECT_EQ(proof[1].event_state, ConsentState::given);
    EXPECT_EQ(proof[2].event_state, ConsentState::renewed);
    EXPECT_EQ(proof[3].event_state, ConsentState::withdrawn);
    for (const auto& event : proof) {
        EXPECT_EQ(event.recipient_third_parties, "Lernstatistik AG");
        EXPECT_EQ(event.language, "de");
        EXPECT_EQ(event.action, "privacy_page");
        EXPECT_EQ(event.privacy_notice, "2026-11");
        EXPECT_EQ(event.manifest_hash, sha256_hex(test::probe_manifest()));
        EXPECT_EQ(event.validity_duration, std::chrono::seconds(180 * 24h));
        const auto kept = read([&](storage::Transaction& tx) -> Result<std::vector<std::string>> {
            return std::vector{storage::consents::find_text(tx, event.text_hash).value_or(""),
                               storage::consents::find_text(tx, event.policy_hash).value_or("")};
        });
        EXPECT_EQ(kept[0], shown().shown_text);
        EXPECT_EQ(kept[1], learning().terms_document);
    }
}

TEST_P(PeoplesChoices, AboutNothingThatAsksAreRefusedAsAWhole) {
    const auto mia = make_guest();
    const auto& system = flow("analytics/probe", system_performance);
    const auto recorded = run(choices_.record(
        mia, {{learning().instance, content_performance, true}, {system.instance, system_performance, true}},
        shown()));
    ASSERT_FALSE(recorded);
    EXPECT_EQ(recorded.error().kind, ErrorKind::invalid_input);
    EXPECT_TRUE(events(mia).empty());
    EXPECT_FALSE(run(choices_.record(storage::SubjectId::make(),
                                     {{learning().instance, content_performance, true}}, shown())));
}

TEST_P(PeoplesChoices, OfAGuestCarryOverOnlyWhereTheyClose) {
    const auto guest = make_guest(), account = make_learner();
    const auto& second = flow("analytics/probe@second", content_performance);
    const auto& second_desk = flow("support/desk@second", operations_support);
    choose(guest, learning(), false);  // refused
    choose(guest, second, true);       // given
    choose(guest, desk(), true);       // withdrawn
    choose(guest, desk(), false);
    choose(guest, second_desk, false);  // refused, but the account has allowed it
    choose(account, second_desk, true);
    auto context = shown();
    context.action = "sign_in";
    ASSERT_TRUE(run(choices_.carry_over(guest, account, context)));

    EXPECT_EQ(consent(account, learning())->state, ConsentState::refused);
    EXPECT_FALSE(consent(account, second)) << "grants never carry over";
    EXPECT_TRUE(standing(account, second).asked);
    EXPECT_EQ(consent(account, desk())->state, ConsentState::refused);
    EXPECT_EQ(consent(account, second_desk)->state, ConsentState::given) << "the account's own choice wins";
    EXPECT_EQ(events(account).size(), 3u);
    EXPECT_EQ(events(account).back().action, "sign_in");
}

TEST_P(PeoplesChoices, WithdrawalDropsWhatWaitsAndItIsNotSentWhenConsentComesBack) {
    const auto mia = make_learner(), tom = make_learner("tom@example.org");
    const auto& second = flow("analytics/probe@second", content_performance);
    choose(mia, learning(), true);
    choose(mia, second, true);
    choose(tom, learning(), true);
    EXPECT_TRUE(queue_event(mia, learning()));
    EXPECT_TRUE(queue_event(mia, learning()));
    const auto others = queue_event(mia, second);
    const auto toms = queue_event(tom, learning());
    choose(mia, learning(), false);
    EXPECT_EQ(queue()[OutboxState::dropped], 2);
    EXPECT_EQ(queue()[OutboxState::queued], 2) << "other recipients and other people";

    EXPECT_FALSE(queue_event(mia, learning())) << "what happens while it is denied is not even queued";
    choose(mia, learning(), true);
    dispatch();
    std::string sent;
    for (const auto& call : plugins_.calls)
        sent += call.document;
    EXPECT_EQ(plugins_.calls.size(), 2u);
    EXPECT_THAT(sent, ::testing::HasSubstr(others->text()));
    EXPECT_THAT(sent, ::testing::HasSubstr(toms->text()));
    EXPECT_THAT(sent, ::testing::Not(::testing::HasSubstr(pseudonym(mia, learning()))));
    EXPECT_EQ(queue()[OutboxState::dropped], 2);

    EXPECT_TRUE(queue_event(mia, learning()));
    dispatch();
    EXPECT_THAT(plugins_.calls.at(2).document, ::testing::HasSubstr(pseudonym(mia, learning())));
}

TEST_P(PeoplesChoices, WithdrawalCancelsWhatIsUnderWayAtThisRecipientOnly) {
    const auto mia = make_learner();
    choose(mia, learning(), true);
    choose(mia, desk(), true);
    EXPECT_TRUE(plugins_.cancelled.empty());
    choose(mia, learning(), false);
    ASSERT_EQ(plugins_.cancelled.size(), 1u);
    EXPECT_EQ(plugins_.cancelled[0].subject, mia);
    EXPECT_EQ(plugins_.cancelled[0].instance, "analytics/probe");
    EXPECT_EQ(plugins_.cancelled[0].purpose, content_performance);
    EXPECT_EQ(consent(mia, desk())->state, ConsentState::given);
}

}  // namespace
}  // namespace calyptenora::gate
