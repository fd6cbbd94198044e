#include "integration/cli/program.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace calyptenora::cli::test {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(Program, HelpsInGeneral) {
    const auto help = run_program({"--help"});
    EXPECT_EQ(help.code, 0);
    for (const auto* command : {"serve",
                                "migrate",
                                "keys rotate",
                                "demo seed",
                                "check FILE",
                                "plugins list",
                                "plugins verify",
                                "user add",
                                "guardian record",
                                "course list",
                                "course new FOLDER",
                                "course preview FOLDER",
                                "course import PATH",
                                "payments import FILE",
                                "contracts list",
                                "support receive",
                                "gate explain",
                                "ledger verify",
                                "ledger checkpoint",
                                "ledger witness FILE",
                                "ledger proof LEARNER",
                                "ledger key",
                                "consent receipt FILE",
                                "consent schema",
                                "privacy export LEARNER",
                                "privacy schema",
                                "privacy inventory",
                                "privacy record",
                                "privacy processors",
                                "privacy retention",
                                "privacy map",
                                "privacy changes FILE",
                                "retention plan",
                                "retention run",
                                "retention log",

                                "requests list",
                                "requests enter",
                                "requests confirm",
                                "requests extend",
                                "restriction lift",
                                "staff appoint",
                                "staff undertaking",
                                "staff training",
                                "staff list",
                                "access list",
                                "review list",
                                "review report",
                                "figures",
                                "figures technical",
                                "incident open",
                                "incident list",
                                "incident assess",
                                "incident extend",
                                "incident notice",
                                "incident people",
                                "incident told",
                                "incident close",
                                "authority enter",
                                "authority list",
                                "authority show",
                                "authority assess",
                                "authority release",
                                "authority defer",
                                "authority notify",
                                "announcement add",
                                "announcement list",
                                "announcement withdraw",
                                "mail list",
                                "mail retry",
                                "doctor"}) {
        EXPECT_THAT(help.out, HasSubstr(std::string("\n  ") + command));
        std::vector<std::string> words{"help"};
        for (std::string word; const char c : std::string(command) + " ") {
            if (c != ' ') {
                word += c;
            } else {
                if (word != "FILE" && word != "PATH" && word != "LEARNER")
                    words.push_back(word);
                word.clear();
            }
        }
        const auto one = run_program(words);
        EXPECT_EQ(one.code, 0) << command;
        EXPECT_THAT(one.out, StartsWith(std::string("usage: calyptenora ") + command));
        EXPECT_THAT(one.out, HasSubstr("\nExample\n  "));
        EXPECT_THAT(one.out, HasSubstr("--data DIR"));
        EXPECT_THAT(one.out, HasSubstr("--config FILE"));
    }
}

TEST(Program, TellsUsageErrorsByTheirExitCode) {
    for (const auto& words :
         std::vector<std::vector<std::string>>{{},
                                               {"chekc"},
                                               {"check"},
                                               {"check", "x", "--jsn"},
                                               {"serve", "--port", "80000"},
                                               {"serve", "--port", "80x"},
                                               {"gate", "explain", "--learner", "a"},
                                               {"privacy", "inventory", "--json", "--csv"},
                                               {"privacy", "export", "ada@lms.example"},
                                               {"privacy", "record"},
                                               {"privacy", "map", "--svg", "--json"}}) {
        const auto outcome = run_program(words);
        EXPECT_EQ(outcome.code, 2) << outcome.err;
        EXPECT_EQ(outcome.out, "");
        EXPECT_THAT(outcome.err, StartsWith("calyptenora: "));
    }
    EXPECT_THAT(run_program({"chekc"}).err, HasSubstr("did you mean \"check\"?"));
}

TEST(Check, AcceptsAGoodFileAndNamesEveryMistakeOfABadOne) {
    const Place place;
    const auto good = place.run({"check", place.config().string()});
    EXPECT_EQ(good.code, 0) << good.out;
    EXPECT_THAT(good.out, HasSubstr("valid."));

    place.write("bad.yaml",
                "platform: {name: Lernhaus, orign: 'http://localhost:8080'}\n"
                "operator: {legal_name: L, address: A, country: Germany, email: a@lms.example}\n"
                "plugins: {payments/sepa: {recipient: {self: true}, settings: {iban: DE00}}}\n");
    const auto path = (place.folder() / "bad.yaml").string();
    const auto bad = place.run({"check", path});
    EXPECT_EQ(bad.code, 1);
    EXPECT_THAT(bad.out, HasSubstr(path + ":1:"));
    EXPECT_THAT(bad.out, HasSubstr("did you mean \"origin\"?"));
    EXPECT_THAT(bad.out, HasSubstr(path + ":2:"));
    EXPECT_THAT(bad.out, HasSubstr("payee_name")) << "settings of plugins are checked, too";

    const auto json = place.run({"check", path, "--json"});
    EXPECT_EQ(json.code, 1);
    const auto document = boost::json::parse(json.out);
    EXPECT_EQ(document.at("valid"), false);
    EXPECT_GE(document.at("problems").as_array().size(), 3u);
}

TEST(Plugins, AreListedAndPinned) {
    const Place place;
    const auto list = boost::json::parse(place.run({"plugins", "list", "--json"}).out);
    EXPECT_EQ(list.at("server_running"), false);
    const auto& first = list.at("plugins").at(0);
    EXPECT_EQ(first.at("name"), "auth/password");
    EXPECT_EQ(first.at("state"), "verified");
    EXPECT_EQ(first.at("isolation"), "worker");
    EXPECT_EQ(first.at("recipient"), "Lernhaus e. V.");

    // Other plugins may not be built here and are refused then; the one that counts is pinned all the same.
    (void)place.run({"plugins", "verify", "--pin"});
    EXPECT_THAT(place.run({"plugins", "verify"}).out,
                ContainsRegex("auth/password +[0-9a-f]{64} +as pinned"));
    place.write("data/plugins.lock", std::string(64, '0') + "  auth/password\n");
    const auto changed = place.run({"plugins", "verify"});
    EXPECT_EQ(changed.code, 1);
    EXPECT_THAT(changed.out, ContainsRegex("auth/password +- +refused"));
}

TEST(Privacy, TheInventoryComesInThreeForms) {
    const auto text = run_program({"privacy", "inventory"});
    EXPECT_EQ(text.code, 0);
    EXPECT_THAT(text.out, HasSubstr("data.learners\n"));
    EXPECT_THAT(text.out, HasSubstr("user.contact.email"));
    const auto csv = run_program({"privacy", "inventory", "--csv"}).out;
    EXPECT_THAT(csv,
                StartsWith("database,table,column,category,whose,protection,export,rectification,restriction,"
                           "erasure,retention\r\n"));
    const auto rows = boost::json::parse(run_program({"privacy", "inventory", "--json"}).out).as_array();
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(csv, '\n')), rows.size() + 1);
}

/// A platform whose questions go to somebody else.
class PlaceWithHelpDesk : public Place {
  public:
    PlaceWithHelpDesk() {
        std::ifstream stream(config());
        std::string yaml(std::istreambuf_iterator<char>(stream), {});
        const std::string self = "support/mail:\n    recipient: {self: true}";
        yaml.replace(
            yaml.find(self), self.size(),
            "support/mail:\n    recipient: {legal_name: 'Hilfe & Rat, Inc.', address: Weg 2, country: US, "
            "role: processor, privacy_policy: 'https://help.example/p', safeguard: scc, contract: "
            "{reference: AVV-7, date: 2026-05-04}}");
        write("calyptenora.yaml", yaml);
    }
};

TEST(Privacy, TheRecordNamesEachActivityInThreeForms) {
    const PlaceWithHelpDesk place;
    const auto csv = place.run({"privacy", "record", "--csv", "--language", "en"});
    EXPECT_EQ(csv.code, 0) << csv.err;
    EXPECT_THAT(csv.out, StartsWith("id,activity,purpose,legal_basis,"));
    EXPECT_THAT(csv.out,
                HasSubstr("\nkept/account,Accounts,To keep the account,Contract (Art. 6(1)(b) GDPR),"));
    EXPECT_THAT(csv.out, HasSubstr(",\"Hilfe & Rat, Inc.\",Weg 2,US,processor,United States: Standard "));

    const auto json = boost::json::parse(place.run({"privacy", "record", "--json"}).out);
    EXPECT_EQ(std::ranges::count(csv.out, '\n'),
              static_cast<std::ptrdiff_t>(1 + json.at("kept").as_array().size() +
                                          json.at("flows").as_array().size()));
    EXPECT_EQ(json.at("controller").at("name"), "Lernhaus e. V.");

    const auto html = place.run({"privacy", "record", "--html"}).out;
    EXPECT_THAT(html, StartsWith("<!DOCTYPE html>\n<html lang=\"de\">")) << "the platform's own language";
    EXPECT_THAT(html, HasSubstr("Hilfe &amp; Rat, Inc."));
    EXPECT_THAT(html, Not(ContainsRegex("(src|href)=|url\\("))) << "it loads nothing";
}

TEST(Privacy, ProcessorsComeWithContractAndSafeguard) {
    const PlaceWithHelpDesk place;
    const auto text = place.run({"privacy", "processors", "--language", "en"});
    EXPECT_EQ(text.code, 0) << text.err;
    EXPECT_THAT(text.out, ContainsRegex("support/mail +Hilfe & Rat, Inc\\. +Weg 2 +United States"));
    EXPECT_THAT(text.out, HasSubstr("AVV-7 of 4 May 2026"));
    const auto json = boost::json::parse(place.run({"privacy", "processors", "--json"}).out).as_array();
    ASSERT_EQ(json.size(), 1u) << "what the operator runs itself is nobody else";
    EXPECT_EQ(json[0].at("contract").at("date"), "2026-05-04");
    EXPECT_EQ(json[0].at("safeguard"), "scc");
    const auto none = boost::json::parse(Place().run({"privacy", "processors", "--json"}).out).as_array();
    EXPECT_TRUE(none.empty());
}

TEST(Privacy, TheRetentionScheduleSaysWhoDeletes) {
    const PlaceWithHelpDesk place;
    const auto rows = boost::json::parse(place.run({"privacy", "retention", "--json"}).out).as_array();
    const auto find = [&](std::string_view where) {
        for (const auto& row : rows)
            if (row.at("place").as_string() == where)
                return row.as_object();
        return boost::json::object();
    };
    EXPECT_EQ(find("data.orders").at("deleted_by"), "program");
    EXPECT_EQ(find("data.disclosures").at("deleted_by"), "people");
    EXPECT_EQ(find("support/mail").at("how_long"), "730 days");
    EXPECT_EQ(find("support/mail").at("deleted_by"), "recipient");
    EXPECT_TRUE(find("data.schema_migrations").empty()) << "nothing about people";
    EXPECT_THAT(place.run({"privacy", "retention", "--language", "de"}).out, HasSubstr("§ 147 AO"));
}

TEST(Privacy, TheMapIsADrawingAndAGraph) {
    const PlaceWithHelpDesk place;
    const auto map = boost::json::parse(place.run({"privacy", "map", "--json"}).out);
    ASSERT_EQ(map.at("nodes").as_array().size(), 3u);
    EXPECT_EQ(map.at("nodes").at(2).at("name"), "Hilfe & Rat, Inc.");
    const auto& edges = map.at("edges").as_array();
    const auto& edge = edges.at(edges.size() - 2);
    EXPECT_EQ(edge.at("from"), "platform");
    EXPECT_EQ(edge.at("to"), "support/mail");
    EXPECT_EQ(edge.at("data"), boost::json::array{"user.content.message"}) << "all that is required";
    EXPECT_EQ(edges.back().at("data"), boost::json::array{"user.unique_id.pseudonymous"})
        << "and by which it is told of an erasure";

    const auto english = place.run({"privacy", "map", "--svg", "--language", "en"});
    EXPECT_EQ(english.code, 0) << english.err;
    EXPECT_THAT(english.out, StartsWith("<svg xmlns="));
    EXPECT_THAT(english.out, HasSubstr("Hilfe &amp; Rat, Inc. (United States) receives from the platform"));
    EXPECT_THAT(place.run({"privacy", "map", "--svg"}).out, HasSubstr("erhält von der Plattform"));
    EXPECT_THAT(Place().run({"privacy", "map", "--svg"}).out, HasSubstr("Sonst erhält niemand etwas."));
}

// The file may have changed since: what is documented is what is followed.
TEST(Privacy, DocumentsFollowTheRunningServer) {
    const PlaceWithHelpDesk place;
    const RunningServer server(place);
    ASSERT_TRUE(server.is_open()) << server.output();
    const auto before = place.run({"privacy", "processors", "--json"}).out;
    std::ifstream stream(place.config());
    std::string yaml(std::istreambuf_iterator<char>(stream), {});
    const std::string name = "Hilfe & Rat, Inc.";
    yaml.replace(yaml.find(name), name.size(), "Somebody Else Ltd");
    place.write("calyptenora.yaml", yaml);
    EXPECT_EQ(place.run({"privacy", "processors", "--json"}).out, before);
    EXPECT_THAT(before, HasSubstr(name));
    EXPECT_EQ(place.run({"privacy", "map", "--svg", "--language", "fr"}).code, 1)
        << "no texts in that language";
}

TEST(Privacy, ChangesAreSaidInPlainWords) {
    const Place place;
    place.write("kept.json", place.run({"privacy", "record", "--json"}).out);
    const auto kept = (place.folder() / "kept.json").string();
    EXPECT_EQ(place.run({"privacy", "changes", kept}).out, "Nothing changes.\n");

    const PlaceWithHelpDesk other;
    const auto more = other.run({"privacy", "changes", kept, "--language", "de"});
    EXPECT_EQ(more.code, 0) << more.err;
    EXPECT_EQ(
        more.out,
        "Wesentlich, also vorher anzukündigen:\n"
        "- Neu: Hilfe & Rat, Inc. (Vereinigte Staaten) erhält für „Gesetzliche Pflichten“: ein Pseudonym, "
        "das nur "
        "dieser Empfänger kennt.\n"
        "- Neu: Hilfe & Rat, Inc. (Vereinigte Staaten) erhält für „Hilfe“: Nachrichten an die Hilfe.\n");
    other.write("now.json", other.run({"privacy", "record", "--json"}).out);
    const auto back = place.run({"privacy", "changes", (other.folder() / "now.json").string()});
    EXPECT_EQ(back.out,
              "Besides:\n- Hilfe & Rat, Inc. receives nothing more for “Legal duties”.\n"
              "- Hilfe & Rat, Inc. receives nothing more for “Help”.\n");
    const auto files =
        place.run({"privacy", "changes", kept, "--after", (other.folder() / "now.json").string(), "--json"});
    const auto list = boost::json::parse(files.out).as_array();
    ASSERT_EQ(list.size(), 2u);
    EXPECT_EQ(list[0].at("change"), "flow_added");
    EXPECT_EQ(list[0].at("material"), true);

    place.write("other.json", "{}");
    const auto wrong = place.run({"privacy", "changes", (place.folder() / "other.json").string()});
    EXPECT_EQ(wrong.code, 1);
    EXPECT_THAT(wrong.err, HasSubstr("no record of processing"));
    EXPECT_THAT(place.run({"privacy", "changes", "nowhere.json"}).err,
                HasSubstr("nowhere.json cannot be read"));
}

TEST(Migrate, MakesBothDatabasesOnce) {
    const Place place;
    const auto first = place.run({"migrate"});
    EXPECT_EQ(first.code, 0) << first.err;
    EXPECT_THAT(first.out, HasSubstr("data: now at version"));
    EXPECT_THAT(first.out, HasSubstr("keys: now at version"));
    const auto second = place.run({"migrate"});
    EXPECT_EQ(second.code, 0);
    EXPECT_THAT(second.out, HasSubstr("data: up to date"));
}

TEST(User, IsAddedOnceAndOnlyWithAGoodPassword) {
    const Place place;
    const auto added = place.add_user("ada@lms.example", {"--role", "teacher"});
    EXPECT_EQ(added.code, 0) << added.err;
    EXPECT_THAT(added.out, HasSubstr("The role teacher has effect once"));
    const auto again = place.add_user("ADA@lms.example");
    EXPECT_EQ(again.code, 1);
    EXPECT_THAT(again.err, HasSubstr("already has an account"));
    const auto weak =
        place.run({"user", "add", "--email", "b@lms.example", "--name", "B", "--password-stdin"}, "short\n");
    EXPECT_EQ(weak.code, 1);
    EXPECT_THAT(weak.err, HasSubstr("password"));
    EXPECT_THAT(weak.err, Not(HasSubstr("short\n")));
    const auto role = place.add_user("c@lms.example", {"--role", "teachr"});
    EXPECT_EQ(role.code, 2);
    EXPECT_THAT(role.err, HasSubstr("did you mean \"teacher\"?"));
    const auto no_terminal = place.run({"user", "add", "--email", "d@lms.example", "--name", "D"});
    EXPECT_EQ(no_terminal.code, 1);
    EXPECT_THAT(no_terminal.err, HasSubstr("--password-stdin"));
}

TEST(Gate, ExplainsADecision) {
    const Place place;
    const std::vector<std::string> question{
        "gate",     "explain",       "--learner", "ada@lms.example",
        "--plugin", "auth/password", "--purpose", "essential.service.authentication",
        "--reason", "asked why"};
    const auto nothing = place.run(question);
    EXPECT_EQ(nothing.code, 1);
    EXPECT_FALSE(std::filesystem::exists(place.data())) << "looking makes nothing";

    ASSERT_EQ(place.add_user("ada@lms.example").code, 0);
    const auto text = place.run(question);
    EXPECT_EQ(text.code, 0) << text.err;
    EXPECT_THAT(text.out, HasSubstr("Released: user.unique_id.pseudonymous."));
    auto with_more = question;
    with_more.insert(with_more.end(), {"--json", "--fields", "user.unique_id.pseudonymous,user.name"});
    const auto json = place.run(with_more);
    EXPECT_EQ(json.code, 0) << json.err;
    const auto document = boost::json::parse(json.out);
    EXPECT_EQ(document.at("legal_basis"), "contract");
    EXPECT_EQ(document.at("explanation").at("released"), boost::json::array({"user.unique_id.pseudonymous"}));

    auto wrong_plugin = question;
    wrong_plugin[5] = "auth/pasword";
    EXPECT_THAT(place.run(wrong_plugin).err, HasSubstr("did you mean \"auth/password\"?"));
    auto wrong_learner = question;
    wrong_learner[3] = "nobody@lms.example";
    EXPECT_THAT(place.run(wrong_learner).err, HasSubstr("no learner has the address or id"));
}

TEST(Course, IsImportedListedAndReplaced) {
    const Place place;
    place.write("source/course.yaml",
                "title: Kurze Reise\nlanguage: de\nsummary: Ein Satz.\nlicence: CC BY 4.0\nauthors: [Ada]\n"
                "modules:\n  - title: Anfang\n    lessons: [01-los.md]\n");
    place.write("source/01-los.md", "---\ntitle: Los\n---\n\nEs geht los.\n");
    place.write("source/.secret", "not for learners");
    const auto source = (place.folder() / "source").string();
    const auto first = place.run({"course", "import", source, "--slug", "reise"});
    EXPECT_EQ(first.code, 0) << first.err;
    EXPECT_TRUE(std::filesystem::exists(place.data() / "courses/reise/01-los.md"));
    EXPECT_FALSE(std::filesystem::exists(place.data() / "courses/reise/.secret"));
    const auto second = place.run({"course", "import", source, "--slug", "reise"});
    EXPECT_EQ(second.code, 1);
    EXPECT_THAT(second.err, HasSubstr("--replace"));
    place.write("source/01-los.md", "---\ntitle: Los\n---\n\nEs geht weiter.\n");
    EXPECT_EQ(place.run({"course", "import", source, "--slug", "reise", "--replace"}).code, 0);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(place.data() / "courses"), {}), 1);

    const auto list = boost::json::parse(place.run({"course", "list", "--json"}).out);
    ASSERT_EQ(list.as_array().size(), 1u);
    EXPECT_EQ(list.at(0).at("slug"), "reise");
    EXPECT_EQ(list.at(0).at("price"), "free");

    place.write("source/course.yaml", "titel: x\n");
    const auto faulty = place.run({"course", "import", source});
    EXPECT_EQ(faulty.code, 1);
    EXPECT_THAT(faulty.err, HasSubstr("course.yaml:1: error: "));
}

TEST(Course, BegunInEitherLanguageItIsImportedAtOnce) {
    const Place place;
    for (const char* language : {"de", "en"}) {
        const auto folder = (place.folder() / fmt::format("my-\"bees\"-{}", language)).string();
        const auto begun = place.run({"course", "new", folder, "--language", language});
        EXPECT_EQ(begun.code, 0) << begun.err;
        EXPECT_EQ(place.run({"course", "new", folder}).code, 1);
        const auto imported =
            place.run({"course", "import", folder, "--json", "--slug", fmt::format("bees-{}", language)});
        EXPECT_EQ(imported.code, 0) << imported.err;
        const auto answer = boost::json::parse(imported.out);
        EXPECT_EQ(answer.at("title").as_string(), fmt::format("My \"bees\" {}", language));
        EXPECT_EQ(answer.at("lessons"), 2);
        EXPECT_TRUE(answer.at("report").at("problems").as_array().empty()) << imported.out;
    }
    EXPECT_EQ(place.run({"course", "new", (place.folder() / "x").string(), "--language", "fr"}).code, 1);
}

TEST(Course, ComesFromAnArchiveWithAReport) {
    const Place place;
    place.write("notes/README.md", "# Notes\n\nWhat I know.\n");
    place.write("notes/1-one.md", "# One\n\n[gone](gone.md)\n");
    const auto folder = place.folder().string();
    ASSERT_EQ(std::system(fmt::format("tar -C '{0}' -czf '{0}/notes.tar.gz' notes", folder).c_str()), 0);
    const auto imported = place.run({"course", "import", folder + "/notes.tar.gz", "--json", "--language",
                                     "en", "--licence", "CC0", "--author", "Ada"});
    ASSERT_EQ(imported.code, 0) << imported.err;
    const auto answer = boost::json::parse(imported.out);
    EXPECT_EQ(answer.at("slug"), "notes");
    ASSERT_EQ(answer.at("report").at("missing").as_array().size(), 1u);
    EXPECT_THAT(answer.at("report").at("missing").at(0).as_string().c_str(),
                HasSubstr("1-one.md:3: the link"));
    EXPECT_TRUE(answer.at("report").at("changed").as_array().empty()) << imported.out;
    // Nothing is left of an archive that is refused.
    ASSERT_EQ(
        std::system(
            fmt::format("ln -s /etc/passwd '{0}/notes/link' && tar -C '{0}' -czf '{0}/evil.tar.gz' notes",
                        folder)
                .c_str()),
        0);
    const auto refused = place.run({"course", "import", folder + "/evil.tar.gz", "--slug", "evil"});
    EXPECT_EQ(refused.code, 1);
    EXPECT_THAT(refused.err, HasSubstr("\"notes/link\" is a link"));
    for (const auto& entry : std::filesystem::directory_iterator(place.data()))
        EXPECT_FALSE(entry.path().filename().string().starts_with(".import-"));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(place.data() / "courses"), {}), 1);
}

TEST(Course, NamesAConvertedLessonByThePlaceWhereItIsFound) {
    const Place place;
    place.write("lesson/config.yaml",
                "title: 'Bread'\ncarpentry: 'swc'\nlang: 'en'\nepisodes:\n- 01-flour.md\n");
    place.write("lesson/index.md", "Bread in an hour.\n");
    place.write("lesson/episodes/01-flour.md",
                "---\ntitle: Flour\nteaching: 5\nexercises: 5\n---\n\n![](fig/dot.svg)\n");
    place.write("lesson/episodes/fig/dot.svg",
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>");
    const auto imported = place.run({"course", "import", (place.folder() / "lesson").string()});
    EXPECT_EQ(imported.code, 0) << imported.err;
    const auto lesson = (place.data() / "courses/bread/01-flour.md").string();
    EXPECT_THAT(imported.out, HasSubstr(lesson + ":"));
    EXPECT_TRUE(std::filesystem::exists(lesson));
}

boost::json::object finding(const Outcome& outcome, std::string_view subject) {
    const auto answer = boost::json::parse(outcome.out);
    for (const auto& one : answer.at("findings").as_array())
        if (one.at("subject").as_string() == subject)
            return one.as_object();
    ADD_FAILURE() << subject << " is not in " << outcome.out;
    return {};
}

TEST(Doctor, FindsNothingWrongAndChangesNothing) {
    const Place place;
    const auto fresh = place.run({"doctor", "--json", "--port", "0"});
    EXPECT_EQ(fresh.code, 0) << fresh.out << fresh.err;
    EXPECT_FALSE(std::filesystem::exists(place.data()));
    EXPECT_EQ(finding(fresh, "database").at("verdict"), "good");

    ASSERT_EQ(place.run({"migrate"}).code, 0);
    const auto ready = place.run({"doctor", "--port", "0"});
    EXPECT_EQ(ready.code, 0) << ready.out << ready.err;
    EXPECT_THAT(ready.out, HasSubstr("Ready to start"));
    EXPECT_THAT(ready.out, HasSubstr("answers, at version"));
}

TEST(Doctor, NamesEachHindranceWithItsRemedy) {
    const Place place;
    ASSERT_EQ(place.run({"migrate"}).code, 0);
    std::ofstream(place.data() / "master.key") << "too short";
    std::filesystem::permissions(place.data(), std::filesystem::perms::all);
    const auto hurt = place.run({"doctor", "--json", "--port", "0"});
    EXPECT_EQ(hurt.code, 1);
    EXPECT_EQ(finding(hurt, "master key").at("verdict"), "failed");
    EXPECT_EQ(finding(hurt, "data folder").at("verdict"), "warning");
    EXPECT_NE(finding(hurt, "data folder").at("remedy"), "");

    place.write("calyptenora.yaml", "platform: {}\n");
    const auto unreadable = place.run({"doctor"});
    EXPECT_EQ(unreadable.code, 1);
    EXPECT_THAT(unreadable.out, HasSubstr("calyptenora check "));
    EXPECT_EQ(place.run({"doctor", "--port", "80800"}).code, 2);
}

TEST(Doctor, ReadsTheCertificate) {
    const Place place;
    const auto certificate = (place.folder() / "lms.crt").string(),
               key = (place.folder() / "lms.key").string();
    const auto make = [&](const std::string& name, int days) {
        return std::system(
            fmt::format("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
                        "-subj /CN=x -addext subjectAltName=DNS:{} -days {} -keyout {} -out {} "
                        "2>/dev/null",
                        name, days, key, certificate)
                .c_str());
    };
    place.write("calyptenora.yaml",
                "platform: {name: Lernhaus, origin: 'https://lms.example'}\n"
                "operator: {legal_name: Lernhaus e. V., address: Weg 1, country: DE, email: a@lms.example}\n"
                "server: {tls: {certificate: lms.crt, key: lms.key}}\n");
    const auto verdict = [&] {
        return finding(place.run({"doctor", "--json", "--port", "0"}), "certificate");
    };
    ASSERT_EQ(make("lms.example", 90), 0);
    EXPECT_EQ(verdict().at("verdict"), "good") << verdict();
    ASSERT_EQ(make("lms.example", 5), 0);
    EXPECT_EQ(verdict().at("verdict"), "warning") << verdict();
    ASSERT_EQ(make("other.example", 90), 0);
    EXPECT_EQ(verdict().at("verdict"), "failed") << verdict();
    ASSERT_EQ(make("lms.example", 90), 0);
    place.write("lms.key", "no key");
    EXPECT_THAT(std::string(verdict().at("what").as_string()), HasSubstr("holds no private key"));
}

TEST(Support, TellsTheMailServerWhatToDo) {
    const Place place;
    ASSERT_EQ(place.run({"migrate"}).code, 0);
    const std::string mail =
        "From: b@lms.example\r\nTo: case-unknown@cases.lms.example\r\nSubject: Hallo\r\n"
        "Message-ID: <1@lms.example>\r\n\r\nHallo\r\n";
    const auto nobody = place.run({"support", "receive"}, mail);
    EXPECT_EQ(nobody.code, 67) << nobody.err;
    place.write("calyptenora.yaml", "platform: {}\n");
    EXPECT_EQ(place.run({"support", "receive"}, mail).code, 75)
        << "a mistake of the operator's loses no mail";
}

TEST(Payments, ReportsWhatAStatementHolds) {
    const Place place;
    EXPECT_EQ(place.run({"payments", "import", "nowhere.xml"}).code, 1);
    place.write("no.xml", "<html/>");
    const auto foreign = place.run({"payments", "import", (place.folder() / "no.xml").string()});
    EXPECT_EQ(foreign.code, 1);
    EXPECT_THAT(foreign.err, HasSubstr("calyptenora: "));
}

}  // namespace
}  // namespace calyptenora::cli::test
