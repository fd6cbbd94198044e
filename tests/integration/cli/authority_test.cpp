#include "integration/cli/program.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace calyptenora::cli::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

std::string read_all(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// A platform with a learner, and two of the staff; one at a time goes by the name of whoever runs the tests.
class AuthorityPlace : public Place {
  public:
    AuthorityPlace() {
        for (const auto* email : {"mia@lms.example", "ada@lms.example", "otto@lms.example"})
            EXPECT_EQ(add_user(email).code, 0);
        // The access log knows how the system calls whoever runs this.
        (void)run({"contracts", "list", "--reason", "to see"});
        EXPECT_EQ(run({"privacy", "export", "ada@lms.example", "--output", (folder() / "x.zip").string(),
                       "--reason", "to see who I am"})
                      .code,
                  0);
        const auto looks = boost::json::parse(run({"access", "list", "--json"}).out);
        user_ =
            std::string(looks.as_array().at(0).at("who").as_string()).substr(std::string("system:").size());
        for (const auto* email : {"ada@lms.example", "otto@lms.example"})
            for (const auto* kind : {"undertaking", "training"})
                EXPECT_EQ(
                    run({"staff", kind, "--account", email, "--date", "2026-01-02", "--evidence", "sheet 4"})
                        .code,
                    0);
    }
    /// From now on the tests' user is this one of the staff.
    void act_as(const std::string& email, const std::string& role) const {
        for (const auto* other : {"ada@lms.example", "otto@lms.example"})
            EXPECT_EQ(run({"staff", "appoint", "--account", other, "--role", "learner"}).code, 0);
        EXPECT_EQ(run({"staff", "appoint", "--account", email, "--role", role, "--system-user", user_}).code,
                  0);
    }
    Outcome enter(std::vector<std::string> more = {}) const {
        std::vector<std::string> words{"authority",   "enter",
                                       "--learner",   "mia@lms.example",
                                       "--authority", "Staatsanwaltschaft",
                                       "--address",   "Gerichtsweg 1",
                                       "--reference", "123 Js 456/26",
                                       "--ground",    "section 22 TDDDG",
                                       "--fields",    "user.name,user.contact",
                                       "--received",  "2026-01-05",
                                       "--due",       "2026-01-12",
                                       "--json"};
        words.insert(words.end(), more.begin(), more.end());
        return run(words);
    }
    boost::json::value list() const { return boost::json::parse(run({"authority", "list", "--json"}).out); }

  private:
    std::string user_;
};

TEST(Authority, IsAnsweredByTwoPeople) {
    const AuthorityPlace place;
    EXPECT_THAT(place.enter().err, HasSubstr("no role that may do this is in effect"))
        << "nobody of the staff yet";
    place.act_as("ada@lms.example", "data_protection");
    EXPECT_THAT(place.enter({"--defer-until", "2999-01-01"}).err, HasSubstr("both a day and a ground"));
    EXPECT_THAT(place.enter({"--defer-until", "2999-01-01", "--defer-ground", "x"}).err,
                HasSubstr("looked at again"));
    const auto entered = place.enter();
    ASSERT_EQ(entered.code, 0) << entered.err;
    const std::string id(boost::json::parse(entered.out).at("id").as_string());
    EXPECT_THAT(place.run({"authority", "list"}).out, HasSubstr("OVERDUE since 2026-01-12"));
    EXPECT_THAT(
        place.run({"authority", "assess", "--demand", id, "--decision", "ful", "--reason", "obliged"}).err,
        HasSubstr("did you mean \"full\"?"));
    EXPECT_EQ(place
                  .run({"authority", "assess", "--demand", id, "--decision", "part", "--fields",
                        "user.contact.email", "--reason", "no more is due"})
                  .code,
              0);

    const auto output = (place.folder() / "answer.zip").string();
    const std::vector<std::string> release{"authority", "release", "--demand", id,
                                           "--output",  output,    "--json"};
    EXPECT_THAT(place.run(release).err,
                HasSubstr("whoever entered or assessed a demand does not release it"));
    EXPECT_FALSE(fs::exists(output));
    place.act_as("otto@lms.example", "operator");
    const auto released = place.run(release);
    ASSERT_EQ(released.code, 0) << released.err;
    const auto made = boost::json::parse(released.out);
    EXPECT_EQ(made.at("fields"), boost::json::array({"user.contact.email"}));
    EXPECT_EQ(made.at("records"), boost::json::object({{"account", 1}, {"account_links", 0}}));
    EXPECT_EQ(fs::status(output).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    const auto zip = read_all(output);
    EXPECT_THAT(zip, HasSubstr("csv/account.csv"));
    EXPECT_THAT(zip, HasSubstr("demand.json"));
    EXPECT_EQ(place.list().at(0).at("state"), "released");
    EXPECT_EQ(place.list().at(0).at("digest"), made.at("digest"));
    EXPECT_FALSE(place.list().at(0).at("told").as_string().empty());
    EXPECT_THAT(place.run(release).err, HasSubstr("choose another name"));
    fs::remove(output);
    EXPECT_THAT(place.run(release).err, HasSubstr("it is released already"));
    EXPECT_FALSE(fs::exists(output));

    EXPECT_EQ(place.run({"authority", "show", "--demand", id}).code, 2) << "without a reason";
    EXPECT_THAT(place.run({"authority", "show", "--demand", id, "--reason", "asked"}).out,
                HasSubstr("user.contact.email"));
    const auto looks =
        boost::json::parse(place.run({"access", "list", "--learner", "mia@lms.example", "--json"}).out);
    EXPECT_EQ(looks.as_array().size(), 3) << "entered, released, shown";
    EXPECT_EQ(looks.at(1).at("what"), "demand");
    EXPECT_EQ(place.run({"ledger", "verify"}).code, 0);
}

TEST(Authority, IsNotNamedToTheLearnerWhileThatIsDeferred) {
    const AuthorityPlace place;
    place.act_as("ada@lms.example", "data_protection");
    const auto day = [](int days) {
        const auto date =
            std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()) + std::chrono::days(days);
        const std::chrono::year_month_day parts(date);
        char text[16];
        std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(parts.year()),
                      static_cast<unsigned>(parts.month()), static_cast<unsigned>(parts.day()));
        return std::string(text);
    };
    const auto entered = place.enter({"--defer-until", day(30), "--defer-ground", "section 95a StPO"});
    ASSERT_EQ(entered.code, 0) << entered.err;
    const std::string id(boost::json::parse(entered.out).at("id").as_string());
    EXPECT_EQ(
        place.run({"authority", "assess", "--demand", id, "--decision", "full", "--reason", "obliged"}).code,
        0);
    place.act_as("otto@lms.example", "operator");
    EXPECT_EQ(
        place.run({"authority", "release", "--demand", id, "--output", (place.folder() / "a.zip").string()})
            .code,
        0);
    place.act_as("ada@lms.example", "data_protection");
    EXPECT_THAT(place.run({"authority", "list"}).out, HasSubstr("deferred until " + day(30)));
    const auto mias_looks = [&] { return place.run({"access", "list", "--learner", "mia@lms.example"}).out; };
    EXPECT_THAT(mias_looks(), Not(HasSubstr("123 Js")));
    EXPECT_EQ(place.run({"authority", "defer", "--demand", id, "--until", day(60), "--ground", "still"}).code,
              0);
    EXPECT_THAT(place.run({"authority", "notify", "--demand", id}).err,
                HasSubstr("is deferred until " + day(60)));
    EXPECT_EQ(place.run({"authority", "notify", "--demand", id, "--lifted", "by the court today"}).code, 0);
    EXPECT_THAT(mias_looks(), HasSubstr("123 Js"));
    EXPECT_EQ(place.run({"ledger", "verify"}).code, 0);
}

}  // namespace
}  // namespace calyptenora::cli::test
