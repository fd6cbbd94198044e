#include "support/plugin_driver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

namespace calyptenora {
namespace {

using analytics::DeliveryOutcome;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view settings =
    R"({"endpoint":"https://lrs.example/xapi/","username":"key","password":["secret","old"]})";

Request<analytics::Deliver> event(int number) {
    Request<analytics::Deliver> out;
    out.id = "019a8c00-0000-7000-8000-00000000000" + std::to_string(number);
    out.platform = "https://lms.example";
    out.learner = "pseudonym-1";
    out.progress = analytics::Progress{
        analytics::Verb::completed, "chess", "Schach", "opening", "Eröffnung", "de", 1'795'000'000'000'000};
    return out;
}

boost::json::array posted(const HttpRequest& request) {
    return boost::json::parse(request.body.data).as_array();
}

/// A store that behaves as the standard says, and finds fault where a test wants it.
class FakeStore {
  public:
    std::set<std::string> bad, conflicting;
    std::string complaint = R"({"message":"bad"})";

    Result<HttpResponse> operator()(const HttpRequest& request) const {
        boost::json::array ids;
        bool has_conflict = false;
        for (const auto& statement : posted(request)) {
            const std::string id(statement.at("id").as_string());
            if (bad.contains(id))
                return HttpResponse{400, {}, {complaint}};
            has_conflict = has_conflict || conflicting.contains(id);
            ids.emplace_back(id);
        }
        if (has_conflict)
            return HttpResponse{409, {}, {}};
        return HttpResponse{200, {}, {boost::json::serialize(ids)}};
    }
};

class XapiPlugin : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(plugin_.create(settings));
        plugin_.on_http = [this](const HttpRequest& request) { return store_(request); };
    }
    std::map<std::string, analytics::Delivery> deliver(
        const std::vector<Request<analytics::Deliver>>& events) {
        std::map<std::string, analytics::Delivery> by_id;
        const auto reply = plugin_.call<analytics::Deliver>(events);
        EXPECT_TRUE(reply) << (reply ? "" : reply.error().message);
        if (reply) {
            for (const auto& delivery : reply->deliveries)
                EXPECT_TRUE(by_id.emplace(delivery.id, delivery).second) << "two outcomes for one event";
            EXPECT_EQ(by_id.size(), events.size());
        }
        return by_id;
    }

    FakeStore store_;
    PluginDriver plugin_{"analytics/xapi"};
};

TEST_F(XapiPlugin, ABatchIsOnePostOfStatements) {
    const auto outcomes = deliver({event(1), event(2)});
    EXPECT_EQ(outcomes.at(event(1).id).outcome, DeliveryOutcome::accepted);
    ASSERT_EQ(plugin_.http_requests.size(), 1u);
    const auto& request = plugin_.http_requests[0];
    EXPECT_EQ(request.url, "https://lrs.example/xapi/statements");
    EXPECT_EQ(request.headers.at("Authorization"), "Basic a2V5OnNlY3JldA==");
    EXPECT_EQ(request.headers.at("X-Experience-API-Version"), "1.0.3");
    EXPECT_TRUE(request.records.empty());
    const auto statement = posted(request).at(0);
    EXPECT_EQ(boost::json::serialize(statement.at("actor")),
              R"({"objectType":"Agent","account":{"homePage":"https://lms.example","name":"pseudonym-1"}})");
    EXPECT_EQ(statement.at("verb").at("id").as_string(), "http://adlnet.gov/expapi/verbs/completed");
    EXPECT_EQ(statement.at("object").at("id").as_string(),
              "https://lms.example/courses/chess/lessons/opening");
    EXPECT_EQ(statement.at("timestamp").as_string(), "2026-11-18T11:06:40.000Z");
    EXPECT_FALSE(statement.as_object().contains("result"));
}

// Whatever else is released by mistake must not find its way into a request.
TEST_F(XapiPlugin, FieldsThatTheManifestDoesNotDeclareAreNeverSent) {
    auto rich = event(1);
    rich.email = "CANARY@mail.example";
    rich.education = rich.page = rich.ip_address = rich.user_agent = rich.language = "CANARY";
    deliver({rich});
    ASSERT_EQ(plugin_.http_requests.size(), 1u);
    EXPECT_THAT(to_json(plugin_.http_requests[0]) + plugin_.http_requests[0].body.data,
                Not(HasSubstr("CANARY")));
    rich.name = "CANARY";
    rich.grade = analytics::Score{87, true};
    deliver({rich});
    const auto statement = posted(plugin_.http_requests[1]).at(0);
    EXPECT_EQ(statement.at("actor").at("name").as_string(), "CANARY");
    EXPECT_EQ(statement.at("result").at("score").at("scaled").as_double(), 0.87);
    EXPECT_TRUE(plugin_.log.empty());
}

TEST_F(XapiPlugin, AnEventThatSaysNothingAboutAnybodyIsRejectedUnsent) {
    auto nobody = event(1), nothing = event(2);
    nobody.learner.reset();
    nothing.progress.reset();
    nothing.grade = analytics::Score{10, false};
    const auto outcomes = deliver({nobody, event(3), nothing});
    EXPECT_EQ(outcomes.at(nobody.id).outcome, DeliveryOutcome::rejected);
    EXPECT_EQ(outcomes.at(nothing.id).outcome, DeliveryOutcome::rejected);
    EXPECT_EQ(outcomes.at(event(3).id).outcome, DeliveryOutcome::accepted);
    ASSERT_EQ(plugin_.http_requests.size(), 1u);
    EXPECT_EQ(plugin_.http_requests[0].records, std::vector<std::int64_t>{1});
    plugin_.http_requests.clear();
    deliver({nobody});
    EXPECT_TRUE(plugin_.http_requests.empty());
}

TEST_F(XapiPlugin, TheFaultyEventIsFoundAndTheOthersAreDelivered) {
    store_.bad = {event(4).id};
    store_.complaint =
        "Problem in actor: received 'pseudonym-1' of Er\xc3\xb6"
        "ffnung " +
        std::string(500, 'x');
    std::vector<Request<analytics::Deliver>> events;
    for (int i = 1; i <= 7; ++i)
        events.push_back(event(i));
    const auto outcomes = deliver(events);
    for (const auto& [id, delivery] : outcomes)
        EXPECT_EQ(delivery.outcome,
                  id == event(4).id ? DeliveryOutcome::rejected : DeliveryOutcome::accepted);
    const auto reason = *outcomes.at(event(4).id).reason;
    EXPECT_THAT(reason, HasSubstr("Problem in actor"));
    EXPECT_THAT(reason, Not(HasSubstr("pseudonym-1")));
    EXPECT_LE(reason.size(), 210u);
    for (std::size_t i = 1; i < plugin_.http_requests.size(); ++i) {
        const auto& request = plugin_.http_requests[i];
        ASSERT_EQ(request.records.size(), posted(request).size());
        for (std::size_t k = 0; k < request.records.size(); ++k)
            EXPECT_EQ(posted(request)[k].at("id").as_string(),
                      events[static_cast<std::size_t>(request.records[k])].id);
    }
}

TEST_F(XapiPlugin, AConflictIsADuplicateOfThatEventOnly) {
    store_.conflicting = {event(2).id};
    const auto outcomes = deliver({event(1), event(2), event(3)});
    EXPECT_EQ(outcomes.at(event(1).id).outcome, DeliveryOutcome::accepted);
    EXPECT_EQ(outcomes.at(event(2).id).outcome, DeliveryOutcome::duplicate);
    EXPECT_EQ(outcomes.at(event(3).id).outcome, DeliveryOutcome::accepted);
}

TEST_F(XapiPlugin, A200ThatDoesNotNameTheStatementConfirmsNothing) {
    plugin_.on_http = [](const HttpRequest&) { return HttpResponse{200, {}, {"[]"}}; };
    EXPECT_EQ(deliver({event(1)}).at(event(1).id).outcome, DeliveryOutcome::unconfirmed);
}

TEST_F(XapiPlugin, AStoreThatFailsIsTriedAgainLater) {
    const auto error_at = [&](HttpResponse response) {
        plugin_.on_http = [=](const HttpRequest&) { return response; };
        return plugin_.call<analytics::Deliver>({event(1)}).error();
    };
    EXPECT_EQ(error_at({503, {{"retry-after", "7"}}, {}}).retry_after, std::chrono::seconds(7));
    EXPECT_EQ(error_at({503, {}, {}}).kind, ErrorKind::temporary);
    EXPECT_EQ(error_at({429, {{"retry-after", "soon"}}, {}}).kind, ErrorKind::rate_limited);
    EXPECT_EQ(error_at({401, {}, {}}).kind, ErrorKind::invalid_config);
    EXPECT_THAT(error_at({403, {}, {"secret"}}).message, HasSubstr("username and password"));
    EXPECT_EQ(error_at({302, {}, {}}).kind, ErrorKind::invalid_config);
    EXPECT_EQ(error_at({404, {}, {}}).kind, ErrorKind::invalid_config);
}

TEST_F(XapiPlugin, WhatWasDeliveredBeforeTheFailureStaysDelivered) {
    store_.bad = {event(3).id};
    plugin_.on_http = [&](const HttpRequest& request) -> Result<HttpResponse> {
        if (plugin_.http_requests.size() >= 3)
            return HttpResponse{503, {}, {}};
        return store_(request);
    };
    const auto outcomes = deliver({event(1), event(2), event(3)});
    EXPECT_EQ(outcomes.at(event(1).id).outcome, DeliveryOutcome::accepted);
    EXPECT_EQ(outcomes.at(event(3).id).outcome, DeliveryOutcome::retry);
}

TEST_F(XapiPlugin, RetractingIsHonestlyPartial) {
    Request<analytics::Retract> request;
    request.ids = {event(1).id};
    const auto outcome = plugin_.call<analytics::Retract>(request);
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_THAT(std::get<outcome::Partial>(*outcome).residuals.at(0), HasSubstr("does not delete"));
    const auto statement = posted(plugin_.http_requests.at(0)).at(0);
    EXPECT_EQ(statement.at("verb").at("id").as_string(), "http://adlnet.gov/expapi/verbs/voided");
    EXPECT_EQ(statement.at("object").at("id").as_string(), event(1).id);
    EXPECT_NE(statement.at("id").as_string(), event(1).id);
}

// The real store, over a socket: a fake one accepts what its author believes.
TEST_F(XapiPlugin, ARealStoreAcceptsTheStatements) {
    if (!std::filesystem::exists(CALYPTENORA_SOURCE_DIR "/tests/browser/node_modules"))
        GTEST_SKIP() << "the store's npm packages are not installed: npm ci in tests/browser";
    auto graded = event(2);
    graded.name = "Ada";
    graded.grade = analytics::Score{87, true};
    auto watched = event(3);
    watched.progress.reset();
    watched.media = analytics::MediaUse{"chess", "opening", "intro video", 61.5, 70, 1'795'000'000'000'000};
    auto enrolled = event(4);
    enrolled.enrolment = enrolled.progress;
    enrolled.progress.reset();
    enrolled.enrolment->verb = analytics::Verb::enrolled;
    enrolled.enrolment->lesson.reset();
    deliver({event(1), graded, watched, enrolled});
    Request<analytics::Retract> retract;
    retract.ids = {event(1).id};
    ASSERT_TRUE(plugin_.call<analytics::Retract>(retract));
    ASSERT_EQ(plugin_.http_requests.size(), 2u);
    auto bad = posted(plugin_.http_requests[0]);
    bad.at(0).at("actor").at("account").as_object().erase("homePage");
    bad.at(0).as_object()["id"] = "019a8c00-0000-7000-8000-0000000000ff";
    const boost::json::array bodies{posted(plugin_.http_requests[0]), posted(plugin_.http_requests[1]), bad};
    const auto answer = run_command("node " CALYPTENORA_SOURCE_DIR "/tests/integration/plugins/ask_lrs.mjs",
                                    boost::json::serialize(bodies));
    const auto statuses = boost::json::parse(answer.empty() ? "[]" : answer);
    EXPECT_EQ(boost::json::serialize(statuses), "[200,200,400]");
}

}  // namespace
}  // namespace calyptenora
