#include "integration/cli/program.hpp"
#include "support/databases.hpp"
#include "support/page_client.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>

namespace calyptenora::cli::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view password = "seventeen brown owls sing";

/// A platform on databases of either kind.
class DemoSeed : public ::testing::TestWithParam<storage::Dialect> {
  public:
    DemoSeed() { move_to(place_, databases_); }

    static void move_to(const Place& place, const calyptenora::test::TemporaryFolder& databases) {
        if (GetParam() == storage::Dialect::sqlite)
            return;
        std::ifstream stream(place.config());
        const std::string yaml(std::istreambuf_iterator<char>(stream), {});
        const auto url = [&](const char* name) {
            return calyptenora::test::make_database_url(GetParam(), databases, name);
        };
        place.write("calyptenora.yaml", yaml + "database: {url: '" + url("data") + "'}\nkey_store: {url: '" +
                                            url("keys") + "'}\n");
    }

    static Outcome seed(const Place& place, std::vector<std::string> more = {}) {
        std::vector<std::string> words{"demo",   "seed", "--learners", "200",        "--courses", "5",
                                       "--seed", "7",    "--until",    "2026-11-01", "--json"};
        words.insert(words.end(), more.begin(), more.end());
        return place.run(words, std::string(password) + "\n");
    }

    const calyptenora::test::TemporaryFolder databases_;
    const Place place_;
};
CALYPTENORA_ON_BOTH_DATABASES(DemoSeed);

TEST_P(DemoSeed, MakesAPlatformThatLivesOn) {
    const auto seeded = seed(place_, {"--password-stdin"});
    ASSERT_EQ(seeded.code, 0) << seeded.err;
    EXPECT_THAT(seeded.err, HasSubstr("learners: 100 %"));
    const auto made = boost::json::parse(seeded.out);
    EXPECT_EQ(made.at("learners"), 200);
    EXPECT_EQ(made.at("courses"), 5);
    EXPECT_EQ(made.at("until"), "2026-11-01");
    EXPECT_GT(made.at("enrolments").as_int64(), 200);
    EXPECT_GT(made.at("lessons").as_int64(), 300);
    ASSERT_EQ(made.at("can_sign_in").as_array().size(), 10u);
    const std::string address(made.at("can_sign_in").at(0).as_string());

    const auto intact = place_.run({"ledger", "verify"});
    EXPECT_EQ(intact.code, 0) << intact.out << intact.err;

    const auto copy = place_.folder() / "copy.zip";
    const auto exported =
        place_.run({"privacy", "export", address, "--output", copy.string(), "--reason", "asked by mail"});
    EXPECT_EQ(exported.code, 0) << exported.err;
    EXPECT_GT(std::filesystem::file_size(copy), 1000u);

    {
        const RunningServer server(place_);
        ASSERT_TRUE(server.is_open()) << server.output();
        const auto refused = place_.run({"demo", "seed", "--into-existing"});
        EXPECT_EQ(refused.code, 1);
        EXPECT_THAT(refused.err, HasSubstr("is in use by process"));

        calyptenora::test::PageClient client(server.port());
        EXPECT_THAT(client.get("/").body, HasSubstr("/courses/demo-7-"));
        client.get("/sign-in");
        EXPECT_EQ(client.post("/sign-in", {{"email", address}, {"password", std::string(password)}}).status,
                  303);
        const auto front = client.get("/");
        EXPECT_EQ(front.status, 200);
        EXPECT_THAT(front.body, HasSubstr("/sign-out"));
        for (const auto* page : {"/account", "/privacy", "/?q=Beispiel"})
            EXPECT_EQ(client.get(page).status, 200) << page;

        // Another password opens nothing.
        calyptenora::test::PageClient stranger(server.port());
        stranger.get("/sign-in");
        EXPECT_NE(
            stranger.post("/sign-in", {{"email", address}, {"password", "eighteen brown owls sing"}}).status,
            303);
    }

    const auto erased =
        place_.run({"requests", "enter", "--learner", address, "--kind", "erasure", "--at-once"});
    EXPECT_EQ(erased.code, 0) << erased.err;
    {
        const RunningServer server(place_);
        ASSERT_TRUE(server.is_open()) << server.output();
        const auto gone = [&] {
            return place_
                       .run({"gate", "explain", "--learner", address, "--plugin", "auth/password",
                             "--purpose", "essential.service.authentication", "--reason", "is it gone?"})
                       .code != 0;
        };
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (!gone() && std::chrono::steady_clock::now() < give_up)
            std::this_thread::sleep_for(std::chrono::milliseconds(200));
        EXPECT_TRUE(gone());
    }
    const auto still_intact = place_.run({"ledger", "verify"});
    EXPECT_EQ(still_intact.code, 0) << still_intact.out << still_intact.err;
}

TEST_P(DemoSeed, RefusesWherePeopleAre) {
    const auto empty = place_.run({"demo", "seed", "--learners", "20", "--courses", "2"});
    ASSERT_EQ(empty.code, 0) << empty.err;
    EXPECT_THAT(empty.out, HasSubstr("20 learners in 2 courses"));
    EXPECT_THAT(empty.out, HasSubstr("None of them can sign in"));

    const auto full = place_.run({"demo", "seed", "--learners", "20", "--courses", "2", "--seed", "2"});
    EXPECT_EQ(full.code, 1);
    EXPECT_THAT(full.err, HasSubstr("has 20 accounts"));
    EXPECT_THAT(full.err, HasSubstr("--into-existing"));
    const auto same = place_.run({"demo", "seed", "--learners", "20", "--courses", "2", "--into-existing"});
    EXPECT_EQ(same.code, 1);
    EXPECT_THAT(same.err, HasSubstr("another --seed"));
    const auto more =
        place_.run({"demo", "seed", "--learners", "30", "--courses", "2", "--seed", "2", "--into-existing"});
    EXPECT_EQ(more.code, 0) << more.err;
    EXPECT_EQ(place_.run({"ledger", "verify"}).code, 0);
}

TEST_P(DemoSeed, MakesTheSamePeopleTwice) {
    const calyptenora::test::TemporaryFolder other_databases;
    const Place other;
    move_to(other, other_databases);
    const auto one = seed(place_), two = seed(other);
    ASSERT_EQ(one.code, 0) << one.err;
    EXPECT_EQ(one.out, two.out);
    const auto names = [](const Place& place) {
        std::set<std::string> all;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(place.data() / "courses"))
            all.insert(std::filesystem::relative(entry.path(), place.data()).string());
        return all;
    };
    EXPECT_EQ(names(place_), names(other));
    EXPECT_GT(names(place_).size(), 20u);
}

TEST(DemoSeedWords, AreChecked) {
    const Place place;
    for (const auto& words : {std::vector<std::string>{"--learners", "0"},
                              {"--courses", "many"},
                              {"--until", "yesterday"},
                              {"--until", "2026-02-30"},
                              {"--until", "2999-01-01"}}) {
        std::vector<std::string> all{"demo", "seed"};
        all.insert(all.end(), words.begin(), words.end());
        const auto refused = place.run(all);
        EXPECT_EQ(refused.code, 2) << words[1];
        EXPECT_THAT(refused.err, HasSubstr(words[0]));
    }
    EXPECT_FALSE(std::filesystem::exists(place.data() / "calyptenora.db")) << "nothing was opened";
}

}  // namespace
}  // namespace calyptenora::cli::test
