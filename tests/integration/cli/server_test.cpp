#include "integration/cli/program.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>

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
    const auto explained =
        place.run({"gate", "explain", "--learner", "ada@lms.example", "--plugin", "auth/password",
                   "--purpose", "essential.service.authentication", "--reason", "asked why"});
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

/// The archive as Python's zipfile sees it: its damage if it has any, and the account in data.json.
boost::json::value open_archive(const std::filesystem::path& file) {
    const auto command =
        "/usr/bin/python3 -c 'import sys, json, zipfile; archive = zipfile.ZipFile(sys.argv[1]); "
        "assert archive.testzip() is None; "
        "print(json.dumps(json.loads(archive.read(\"data.json\"))[\"records\"][\"account\"]))' " +
        file.string();
    FILE* pipe = popen(command.c_str(), "r");
    std::string out;
    char buffer[4096];
    while (const auto size = fread(buffer, 1, sizeof buffer, pipe))
        out.append(buffer, size);
    EXPECT_EQ(pclose(pipe), 0);
    return boost::json::parse(out);
}

TEST(BesideAServer, AnExportIsWrittenForItsReaderAloneAndNoted) {
    const Place place;
    const auto file = place.folder() / "ada.zip";
    const std::vector<std::string> words{"privacy",     "export",   "ada@lms.example", "--output",
                                         file.string(), "--reason", "asked by letter"};
    {
        const RunningServer server(place);
        ASSERT_TRUE(server.is_open()) << server.output();
        EXPECT_EQ(place.run(words).code, 1) << "nobody has this address yet";
        EXPECT_FALSE(std::filesystem::exists(file));
        ASSERT_EQ(place.add_user("ada@lms.example").code, 0);
        (void)server.read_more();

        const auto exported = place.run(words);
        EXPECT_EQ(exported.code, 0) << exported.err;
        EXPECT_THAT(exported.out, HasSubstr("records about"));
        EXPECT_THAT(exported.err, HasSubstr("data.json"));
        EXPECT_THAT(server.read_more(), HasSubstr(" opened: copy; people: 1"));
    }
    using std::filesystem::perms;
    EXPECT_EQ(std::filesystem::status(file).permissions(), perms::owner_read | perms::owner_write);
    const auto account = open_archive(file);
    EXPECT_EQ(account.at(0).at("email"), "ada@lms.example");

    const auto again = place.run(words);
    EXPECT_EQ(again.code, 1);
    EXPECT_THAT(again.err, HasSubstr("choose another name"));
    EXPECT_EQ(open_archive(file), account) << "what was there is left alone";

    // Without a server, and by the id.
    auto by_id = words;
    by_id[2] = account.at(0).at("id").as_string();
    by_id[4] = (place.folder() / "second.zip").string();
    by_id.emplace_back("--json");
    const auto second = place.run(by_id);
    EXPECT_EQ(second.code, 0) << second.err;
    EXPECT_EQ(boost::json::parse(second.out).at("records").at("account"), 1);
    EXPECT_EQ(open_archive(by_id[4]), account);

    const auto schema = boost::json::parse(place.run({"privacy", "schema"}).out);
    EXPECT_EQ(schema.at("$schema"), "https://json-schema.org/draft/2020-12/schema");
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
