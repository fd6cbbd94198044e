#include "integration/cli/program.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace calyptenora::cli::test {
namespace {

using ::testing::HasSubstr;

TEST(BesideAServer, CommandsAreCarriedOutByIt) {
    const Place place;
    const RunningServer server(place);
    ASSERT_TRUE(server.is_open()) << server.output();

    const auto second = place.run({"serve", "--port", "0"});
    EXPECT_EQ(second.code, 1);
    EXPECT_THAT(second.err, HasSubstr("is in use by process " + std::to_string(server.pid())));
    EXPECT_EQ(place.run({"migrate"}).code, 1) << "no second writer";

    const auto added = place.add_user("ada@lms.example");
    EXPECT_EQ(added.code, 0) << added.err;
    EXPECT_EQ(place.add_user("ada@lms.example").code, 1);
    const auto explained = place.run({"gate", "explain", "--learner", "ada@lms.example", "--plugin",
                                      "auth/password", "--purpose", "essential.service.authentication"});
    EXPECT_EQ(explained.code, 0) << explained.err;
    const auto verified = place.run({"ledger", "verify"});
    EXPECT_EQ(verified.code, 0) << verified.err;

    const auto list = boost::json::parse(place.run({"plugins", "list", "--json"}).out);
    EXPECT_EQ(list.at("server_running"), true);
    EXPECT_EQ(list.at("plugins").at(0).at("state"), "ready");

    place.write("source/course.yaml",
                "title: Kurze Reise\nlanguage: de\nsummary: Ein Satz.\nlicence: CC BY 4.0\nauthors: [Ada]\n"
                "slug: reise\nmodules:\n  - title: Anfang\n    lessons: [01-los.md]\n");
    place.write("source/01-los.md", "---\ntitle: Los\n---\n\nEs geht los.\n");
    const auto imported = place.run({"course", "import", (place.folder() / "source").string()});
    EXPECT_EQ(imported.code, 0) << imported.err;
    EXPECT_THAT(imported.out, HasSubstr("Open now at /courses/reise"));
}

TEST(BesideAServer, AfterItsEndCommandsWorkByThemselves) {
    const Place place;
    {
        const RunningServer server(place);
        ASSERT_TRUE(server.is_open()) << server.output();
        ASSERT_EQ(place.add_user("ada@lms.example").code, 0);
    }
    EXPECT_EQ(place.add_user("ada@lms.example").code, 1) << "what the server wrote is there";
    const auto other = place.add_user("bob@lms.example");
    EXPECT_EQ(other.code, 0) << other.err;
}

}  // namespace
}  // namespace calyptenora::cli::test
