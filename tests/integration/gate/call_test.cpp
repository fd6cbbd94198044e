#include "integration/gate/gate_fixture.hpp"
#include "storage/stores/consents.hpp"
#include "storage/stores/learners.hpp"

#include <gmock/gmock.h>

namespace calyptenora::gate {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

class GateCall : public GateTest {
  protected:
    std::string refusal(const storage::SubjectId& subject, const PolicyFlow& to, CallOptions options = {}) {
        const auto calls = plugins_.calls.size();
        const auto answer = open_case(subject, to, std::move(options));
        EXPECT_EQ(plugins_.calls.size(), calls) << "a refused call reaches no plugin";
        if (answer)
            return "not refused";
        EXPECT_EQ(answer.error().kind, ErrorKind::denied);
        return answer.error().message;
    }
    const PolicyFlow& improve() { return flow("support/desk", service_improve); }
};
CALYPTENORA_ON_BOTH_DATABASES(GateCall);

TEST_P(GateCall, ReleasesGrantedFieldsByteForByteAndNoOthers) {
    const auto mia = make_learner();
    choose(mia, desk(), true);
    const auto answer = open_case(mia, desk());
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->external_ref, "T-1");
    ASSERT_EQ(plugins_.calls.size(), 1u);
    const auto& call = plugins_.calls[0];
    EXPECT_EQ(call.document,
              R"({"case_ref":"C-1","message_id":"M-1","locale":"de","learner":")" + pseudonym(mia, desk()) +
                  R"(","name":"canary-name","subject":"Frage","message":"Wie \"geht\" das?"})");
    EXPECT_EQ(call.operation, "open");
    ASSERT_EQ(call.scope.records.size(), 1u);
    EXPECT_EQ(call.scope.records[0].subject, mia);
    EXPECT_EQ(call.scope.records[0].categories, desk().flow.granted);
}

TEST_P(GateCall, ADeniedFieldIsByteForByteAnAbsentOne) {
    const auto mia = make_learner();
    choose(mia, desk(), true);
    ASSERT_TRUE(open_case(mia, desk()));
    auto without = full_case();
    without.email = {};
    without.course = {};
    ASSERT_TRUE(run(gate_.call<support::Open>(desk().instance, operations_support, mia, without)));
    EXPECT_EQ(plugins_.calls[0].document, plugins_.calls[1].document);
}

TEST_P(GateCall, EachInstanceSeesAnotherPseudonym) {
    const auto mia = make_learner();
    const auto& second = flow("support/desk@second", operations_support);
    choose(mia, desk(), true);
    choose(mia, second, true);
    ASSERT_TRUE(open_case(mia, desk()));
    ASSERT_TRUE(open_case(mia, second));
    const auto learner = [&](std::size_t call) {
        return boost::json::parse(plugins_.calls.at(call).document).at("learner").as_string();
    };
    EXPECT_EQ(learner(0).size(), 32u);
    EXPECT_NE(learner(0), learner(1));
    EXPECT_NE(pseudonym(make_learner("tom@example.org"), desk()), pseudonym(mia, desk()));
    EXPECT_THAT(plugins_.calls[1].document, HasSubstr("canary@example.org"));
}

TEST_P(GateCall, RefusesWithItsReason) {
    const auto mia = make_learner();
    EXPECT_EQ(refusal(mia, desk()),
              "the gate refuses support/desk for essential.service.operations.support: "
              "there is no valid consent (Art. 6(1)(a) GDPR)");
    choose(mia, desk(), false);
    EXPECT_THAT(refusal(mia, desk()), HasSubstr("there is no valid consent"));
    EXPECT_THAT(refusal(storage::SubjectId::make(), improve()), HasSubstr("could not be read (rule 1)"));
    auto without_message = run(gate_.call<support::Open>(
        settings::parse_instance_id("support/desk@third").value(), operations_support, mia, full_case()));
    ASSERT_FALSE(without_message);
    EXPECT_EQ(without_message.error().message,
              "support/desk@third is not enabled for essential.service.operations.support");
}

TEST_P(GateCall, DecidesEachTimeAnew) {
    const auto mia = make_learner();
    choose(mia, desk(), true);
    EXPECT_TRUE(open_case(mia, desk()));
    choose(mia, desk(), false);
    EXPECT_THAT(refusal(mia, desk()), HasSubstr("there is no valid consent"));
    choose(mia, desk(), true);
    EXPECT_TRUE(open_case(mia, desk()));
}

TEST_P(GateCall, ConsentEnds) {
    const auto mia = make_learner();
    choose(mia, desk(), true);
    clock_.advance(180 * 24h - 1s);
    EXPECT_TRUE(open_case(mia, desk()));
    clock_.advance(1s);
    EXPECT_THAT(refusal(mia, desk()), HasSubstr("the consent has ended (rule 13)"));

    auto once = shown();
    once.validity = 60s;
    choose(mia, desk(), true, once);
    EXPECT_TRUE(open_case(mia, desk()));
    clock_.advance(60s);
    EXPECT_THAT(refusal(mia, desk()), HasSubstr("the consent has ended"));
}

TEST_P(GateCall, RestrictionEndsAllButSignIn) {
    const auto mia = make_learner();
    choose(mia, desk(), true);
    write([&](storage::Transaction& tx) -> Status {
        storage::learners::restrict(tx, mia, now_);
        return {};
    });
    EXPECT_THAT(refusal(mia, desk()), HasSubstr("processing is restricted (Art. 18 GDPR)"));
    EXPECT_THAT(refusal(mia, improve()), HasSubstr("processing is restricted"));
}

TEST_P(GateCall, WhatIsAllowedUnderRestrictionIsAllowed) {
    const auto mia = make_learner();
    choose(mia, desk(), true);
    const auto restrict = [&] {
        write([&](storage::Transaction& tx) -> Status {
            storage::learners::restrict(tx, mia, clock_.now());
            return {};
        });
    };
    restrict();
    EXPECT_THAT(refusal(mia, desk()), HasSubstr("Art. 18 GDPR")) << "allowed before";
    clock_.advance(1s);
    choose(mia, desk(), true);
    EXPECT_TRUE(open_case(mia, desk())) << "Art. 18(2): with the person's consent";
    EXPECT_THAT(refusal(mia, improve()), HasSubstr("Art. 18 GDPR")) << "and just this";
    restrict();
    EXPECT_TRUE(open_case(mia, desk())) << "restricted already: since the first time";
    clock_.advance(1s);
    choose(mia, desk(), false);
    EXPECT_FALSE(open_case(mia, desk()));
    write([&](storage::Transaction& tx) -> Status {
        storage::learners::lift_restriction(tx, mia);
        return {};
    });
    choose(mia, desk(), true);
    clock_.advance(1s);
    restrict();
    EXPECT_THAT(refusal(mia, desk()), HasSubstr("Art. 18 GDPR")) << "a new restriction begins anew";
}

TEST_P(GateCall, AnObjectionHoldsUntilThereAreGroundsAgainstEachOfThem) {
    namespace consents = storage::consents;
    const auto mia = make_learner();
    EXPECT_TRUE(open_case(mia, improve()));
    const auto change = [&](auto function) {
        write([&](storage::Transaction& tx) -> Status {
            function(tx);
            return {};
        });
    };
    change([&](auto& tx) { consents::object(tx, mia, "support/desk@second", service_improve, now_); });
    EXPECT_TRUE(open_case(mia, improve())) << "an objection to another recipient";

    change([&](auto& tx) { consents::object(tx, mia, "", service_improve, now_); });
    EXPECT_THAT(refusal(mia, improve()), HasSubstr("the person has objected (Art. 21 GDPR)"));
    // One objection to all recipients, and one to this one: grounds against either leave the other.
    change([&](auto& tx) { consents::object(tx, mia, "support/desk", service_improve, now_); });
    for (const std::string answered : {"", "support/desk"}) {
        change([&](auto& tx) {
            consents::withdraw_objection(tx, mia, answered, service_improve);
            consents::object(tx, mia, answered, service_improve, now_);
            consents::record_compelling_grounds(tx, mia, answered, service_improve, "fraud", now_);
        });
        const auto other = answered.empty() ? "support/desk" : "";
        change([&](auto& tx) {
            consents::withdraw_objection(tx, mia, other, service_improve);
            consents::object(tx, mia, other, service_improve, now_);
        });
        EXPECT_THAT(refusal(mia, improve()), HasSubstr("the person has objected")) << answered;
    }
    change([&](auto& tx) {
        for (const std::string_view answered : {"", "support/desk"})
            consents::record_compelling_grounds(tx, mia, answered, service_improve, "fraud", now_);
    });
    EXPECT_TRUE(open_case(mia, improve()));
}

TEST_P(GateCall, AMinorNeedsAGuardianUntilTheMonthHasCome) {
    const auto mia = make_learner();
    choose(mia, desk(), true);
    write([&](storage::Transaction& tx) -> Status {
        storage::learners::set_guardian_needed_until(tx, mia, "2026-12");
        return {};
    });
    EXPECT_THAT(refusal(mia, desk()), HasSubstr("the person is a minor (Art. 8 GDPR)"));
    EXPECT_TRUE(open_case(mia, improve())) << "this does not rest on consent";
    clock_.advance(6 * 24h);  // 1 December
    EXPECT_TRUE(open_case(mia, desk()));
}

TEST_P(GateCall, AMinorsConsentNeedsAGuardiansBesideIt) {
    const auto mia = make_learner();
    write([&](storage::Transaction& tx) -> Status {
        storage::learners::set_guardian_needed_until(tx, mia, "2029-01");
        return {};
    });
    auto guardian = shown();
    guardian.chooser = Chooser::guardian;

    choose(mia, desk(), true, guardian);
    EXPECT_FALSE(open_case(mia, desk())) << "a guardian alone decides nothing";
    EXPECT_FALSE(standing(mia, desk()).guardian_missing);
    choose(mia, desk(), true);
    EXPECT_TRUE(open_case(mia, desk()));
    choose(mia, desk(), false, guardian);
    EXPECT_THAT(refusal(mia, desk()), HasSubstr("the person is a minor (Art. 8 GDPR)"));
    EXPECT_TRUE(standing(mia, desk()).guardian_missing);
    EXPECT_FALSE(standing(mia, desk()).asked) << "the minor has chosen";
    choose(mia, desk(), true);
    EXPECT_FALSE(open_case(mia, desk())) << "the minor cannot stand in for the guardian";

    choose(mia, desk(), true, guardian);
    EXPECT_TRUE(open_case(mia, desk()));
    reload("legal_name: Lernstatistik AG", "legal_name: Lernstatistik SE");
    choose(mia, learning(), true);
    EXPECT_TRUE(standing(mia, learning()).guardian_missing) << "granular by recipient and purpose";
    choose(mia, learning(), true, guardian);
    EXPECT_TRUE(standing(mia, learning()).flowing);
    reload("legal_name: Lernstatistik AG", "legal_name: Lernstatistik KG");
    choose(mia, learning(), true);
    EXPECT_TRUE(standing(mia, learning()).guardian_missing)
        << "the minor agrees to more than the guardian did";
    choose(mia, learning(), true, guardian);
    EXPECT_TRUE(standing(mia, learning()).flowing);

    choose(mia, desk(), true, guardian);
    clock_.advance(179 * 24h);
    choose(mia, desk(), true);
    EXPECT_TRUE(open_case(mia, desk()));
    clock_.advance(2 * 24h);
    EXPECT_FALSE(open_case(mia, desk())) << "a guardian's consent ends like any other";
}

TEST_P(GateCall, AGuardianSpeaksForMinorsOnly) {
    const auto mia = make_learner();
    auto guardian = shown();
    guardian.chooser = Chooser::guardian;
    const auto told = run(choices_.record(mia, {{desk().instance, desk().flow.purpose, true}}, guardian));
    ASSERT_FALSE(told);
    EXPECT_EQ(told.error().kind, ErrorKind::invalid_input);
}

TEST_P(GateCall, PrivacyControlClosesAnalyticsByThirdPartiesUnlessChosenHere) {
    const auto fields = CategoryMask(Category::user_education_progress);
    const auto& system = flow("analytics/probe", system_performance);
    const auto decision = [&](const storage::SubjectId& subject, const PolicyFlow& to, bool header) {
        return run(gate_.explain(to.instance, to.flow.purpose, subject,
                                 fields | CategoryMask(Category::user_unique_id_pseudonymous),
                                 {.privacy_control = header}))
            .value()
            .decision;
    };
    const auto mia = make_learner();
    EXPECT_FALSE(decision(mia, system, false).refused);
    EXPECT_TRUE(decision(mia, system, true).refused);
    EXPECT_TRUE(decision(mia, system, true).forbids(RuleId::privacy_control));
    choose(mia, learning(), true);
    EXPECT_FALSE(decision(mia, learning(), true).refused) << "a later choice on the site wins";

    // Seen once, it holds where there is no request: in queues.
    EXPECT_TRUE(queue_event(mia, system));
    write([&](storage::Transaction& tx) -> Status {
        storage::subjects::record_gpc(tx, mia, now_);
        return {};
    });
    EXPECT_TRUE(decision(mia, system, false).refused);
    EXPECT_FALSE(queue_event(mia, system));
    EXPECT_TRUE(queue_event(mia, learning()));
}

TEST_P(GateCall, WhatAPluginAnswersIsReadOrCountsForNothing) {
    const auto mia = make_learner();
    for (const std::string answer : {"", "[]", "{}", R"({"external_ref":7})", "{\"external_ref\":\"T\"}x"}) {
        plugins_.answer = [&](PluginCall) -> boost::asio::awaitable<Result<std::string>> {
            co_return answer;
        };
        const auto reply = open_case(mia, improve());
        ASSERT_FALSE(reply) << answer;
        EXPECT_EQ(reply.error().kind, ErrorKind::permanent);
    }
}

TEST_P(GateCall, ACallAboutNobodyHoldsNoPersonalField) {
    const auto reply =
        run(gate_.call_without_subject<support::Open>(desk().instance, operations_support, full_case()));
    EXPECT_TRUE(reply);
    EXPECT_EQ(plugins_.calls.at(0).document, R"({"case_ref":"C-1","message_id":"M-1","locale":"de"})");
    EXPECT_TRUE(plugins_.calls[0].scope.records.empty());
}

TEST_P(GateCall, AQueuedDocumentIsFilteredAgainAndCoarsened) {
    const auto mia = make_learner();
    choose(mia, learning(), true);
    const auto id = storage::EventId::make();
    const auto document = read([&](storage::Transaction& tx) -> Result<std::string> {
        return gate_
            .write_queued<analytics::Deliver>(tx, learning().instance, content_performance, mia,
                                              learning_event(id))
            .value();
    });
    EXPECT_THAT(document, HasSubstr(R"("ip_address":"203.0.113.0")"));
    EXPECT_THAT(document, HasSubstr("canary-name"));
    EXPECT_THAT(document, ::testing::Not(HasSubstr("canary@example.org")));
    EXPECT_THAT(document, ::testing::Not(HasSubstr("grade")));

    reload("progress: true, user.name: true", "progress: true, user.name: false");
    const auto sent = run(
        gate_.send_queued<analytics::Deliver>(learning().instance, content_performance, {{mia, document}}));
    ASSERT_TRUE(sent.reply && *sent.reply);
    EXPECT_EQ(plugins_.calls.at(0).document,
              "[" + test::replaced(document, R"("name":"canary-name",)", "") + "]");
}

}  // namespace
}  // namespace calyptenora::gate
