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

}  // namespace
}  // namespace calyptenora::cli::test
