#include "integration/pages/shop.hpp"
#include "storage/database.hpp"
#include "support/page_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

namespace calyptenora::http::test {
namespace {

using calyptenora::test::PageClient;
using cli::test::RunningServer;
using ::testing::HasSubstr;
using ::testing::Not;

/// What somebody sends again who got no answer, since the server was killed, happens once.
class Repetition : public testing::Test {
  protected:
    Repetition() {
        EXPECT_TRUE(server_.is_open()) << server_.output();
        learner_.get("/register");
        learner_.post("/register", {{"name", "Mia Muster"},
                                    {"email", "mia@lms.example"},
                                    {"password", "seventeen brown owls sing"},
                                    {"age", "over"}});
    }

    std::string open_case(const std::string& message) {
        learner_.get("/support");
        const auto answer = learner_.post("/support", {{"subject", "A question"}, {"message", message}});
        EXPECT_EQ(answer.status, 303);
        return answer.location;
    }
    std::string order() {
        learner_.get("/courses/reise/order");
        const auto answer =
            learner_.post("/courses/reise/order", {{"method", "payments/sepa"}, {"begin_now", "yes"}});
        EXPECT_EQ(answer.status, 303);
        return answer.location;
    }
    static std::ptrdiff_t count(const std::string& text, const std::string& pattern) {
        const std::regex regex(pattern);
        return std::distance(std::sregex_iterator(text.begin(), text.end(), regex), {});
    }

    Shop shop_;
    RunningServer server_{shop_};
    PageClient learner_{server_.port()};
};

TEST_F(Repetition, OfACaseOpensNoSecondOne) {
    const auto first = open_case("Nothing happens.");
    EXPECT_EQ(open_case("Nothing happens."), first);
    EXPECT_NE(open_case("Now it burns."), first);
    EXPECT_EQ(count(learner_.get("/support").body, "href=\"/support/cases/"), 2);
}

TEST_F(Repetition, OfAMessageAddsNoSecondOne) {
    const auto path = open_case("Nothing happens.");
    const auto append = [&](const std::string& message) {
        learner_.get(path);
        EXPECT_EQ(learner_.post(path, {{"message", message}}).status, 303);
    };
    append("Still nothing.");
    append("Still nothing.");
    EXPECT_EQ(count(learner_.get(path).body, "class=\"message "), 2);
    append("Now it burns.");
    append("Still nothing.");
    EXPECT_EQ(count(learner_.get(path).body, "class=\"message "), 4) << "the same words in answer to others";
}

TEST_F(Repetition, OfAnOrderGoesOnWhereItsStartWasCutOff) {
    const auto path = order();
    EXPECT_THAT(learner_.get(path).body, HasSubstr("<code>CA-"));
    // As the server leaves it when it is killed before the plugin has said how to pay.
    const auto database =
        storage::Database::open("sqlite:" + (shop_.data() / "calyptenora.db").string()).value();
    ASSERT_TRUE(database->transaction_blocking([](storage::Transaction& tx) -> Status {
        tx.execute("update orders set instructions_enc = null");
        return {};
    }));
    const auto cut_off = learner_.get(path).body;
    EXPECT_THAT(cut_off, Not(HasSubstr("<code>CA-")));
    EXPECT_THAT(cut_off, HasSubstr("href=\"/courses/reise/order\""));

    EXPECT_EQ(order(), path);
    const auto mended = learner_.get(path).body;
    EXPECT_THAT(mended, HasSubstr("<code>CA-"));
    EXPECT_THAT(mended, Not(HasSubstr("href=\"/courses/reise/order\"")));
}

}  // namespace
}  // namespace calyptenora::http::test
