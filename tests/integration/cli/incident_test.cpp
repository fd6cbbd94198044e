#include "integration/cli/program.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace calyptenora::cli::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> opening(const std::string& aware = "2026-01-06 09:10") {
    return {"incident", "open",        "--title", "Store open to others", "--nature", "No password",
            "--who",    "system:alva", "--from",  "2026-01-05 08:00",     "--until",  "2026-01-05 18:00",
            "--aware",  aware};
}

TEST(Incident, IsRecordedAssessedToldAndClosed) {
    const Place place;
    ASSERT_EQ(place.add_user("ada@lms.example").code, 0);
    EXPECT_EQ(place.run({"incident", "open", "--title", "x"}).code, 2);
    EXPECT_THAT(place.run(opening("yesterday")).err, HasSubstr("times are written like"));
    EXPECT_THAT(place.run(opening("2999-01-01 00:00")).err, HasSubstr("the times do not fit"));

    auto words = opening();
    words.emplace_back("--json");
    const auto opened = place.run(words);
    ASSERT_EQ(opened.code, 0) << opened.err;
    const auto incident = boost::json::parse(opened.out);
    const std::string id(incident.at("id").as_string());
    EXPECT_EQ(incident.at("due"), "2026-01-09 09:10 UTC");
    EXPECT_EQ(incident.at("overdue"), true);
    EXPECT_THAT(place.run({"incident", "list"}).out, HasSubstr("OVERDUE since 2026-01-09 09:10 UTC"));

    const auto draft =
        place.run({"incident", "notice", "--incident", id, "--whom", "authority", "--language", "en"});
    EXPECT_EQ(draft.code, 0) << draft.err;
    for (const auto* part :
         {"Art. 33", "Store open to others", "No password", "People concerned, by our records: 0",
          "Known to us since 6 January 2026", "Lernhaus", "[Something is missing here.]",
          "Why this notification comes after its time"})
        EXPECT_THAT(draft.out, HasSubstr(part));

    EXPECT_THAT(place
                    .run({"incident", "assess", "--incident", id, "--risk", "hihg", "--consequences", "c",
                          "--measures", "m"})
                    .err,
                HasSubstr("did you mean \"high\"?"));
    EXPECT_EQ(place
                  .run({"incident", "assess", "--incident", id, "--risk", "high", "--consequences",
                        "Andere wissen es.", "--measures", "Geschlossen."})
                  .code,
              0);
    const auto letter =
        place.run({"incident", "notice", "--incident", id, "--whom", "people", "--language", "de"});
    for (const auto* part : {"Art. 34", "Andere wissen es.", "Geschlossen."})
        EXPECT_THAT(letter.out, HasSubstr(part));
    for (const auto* part : {"fehlt noch", "Betroffene Personen", "72 Stunden"})
        EXPECT_THAT(letter.out, Not(HasSubstr(part))) << "is for the authority";

    EXPECT_EQ(place.run({"incident", "close", "--incident", id}).code, 1);
    for (const auto* whom : {"authority", "people"})
        EXPECT_EQ(
            place.run({"incident", "told", "--incident", id, "--whom", whom, "--evidence", "form 4711"}).code,
            0);
    EXPECT_EQ(place.run({"incident", "people", "--incident", id}).code, 2) << "without a reason";
    EXPECT_EQ(place.run({"incident", "people", "--incident", id, "--reason", "to tell them"}).code, 0);
    EXPECT_EQ(place.run({"incident", "close", "--incident", id}).code, 0);
    EXPECT_THAT(place.run({"incident", "list"}).out, HasSubstr("(closed)"));
}

TEST(Incident, ThatGoesOnIsExtendedAndConcernsWhomItReachesByThen) {
    const Place place;
    const auto look = [&](const std::string& address) {
        ASSERT_EQ(place
                      .run({"privacy", "export", address, "--output", (place.folder() / address).string(),
                            "--reason", "curious"})
                      .code,
                  0);
    };
    for (const auto* address : {"ada@lms.example", "ben@lms.example", "eve@lms.example"})
        ASSERT_EQ(place.add_user(address).code, 0);
    look("ada@lms.example");
    const auto accesses = boost::json::parse(place.run({"access", "list", "--json"}).out);
    const std::string who(accesses.at(0).at("who").as_string());
    const auto open = [&](const std::string& named) {
        return place.run({"incident", "open", "--title", "t", "--nature", "n", "--from", "2026-01-05 08:00",
                          "--aware", "2026-01-06 09:10", "--who", named, "--json"});
    };
    EXPECT_THAT(open("eva@lms.example").err, HasSubstr("is nobody of the staff"));
    EXPECT_EQ(boost::json::parse(open("eve@lms.example").out).at("people"), 0) << "who has not looked";
    const auto incident = boost::json::parse(open(who).out);
    EXPECT_EQ(incident.at("people"), 1);

    look("ben@lms.example");
    const std::string id(incident.at("id").as_string());
    EXPECT_THAT(place.run({"incident", "extend", "--incident", id, "--until", "2026-01-05 09:00"}).err,
                HasSubstr("a later end is one that has come"));
    const auto extended = place.run({"incident", "extend", "--incident", id});
    EXPECT_THAT(extended.out, HasSubstr("concerns 2 people")) << extended.err;
}

}  // namespace
}  // namespace calyptenora::cli::test
