#include "platform/staff/access_reviews.hpp"

#include "support/awaited.hpp"
#include "support/databases.hpp"

#include <gmock/gmock.h>

namespace calyptenora::platform {
namespace {

using storage::Access;
using storage::AccessedPart;
using storage::LearnerId;
using storage::ReviewRule;
using storage::Role;
using storage::StaffEventKind;
using storage::Transaction;
using storage::Verdict;
using test::awaited;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

struct Row {
    const char* what;
    LookFacts facts;
    std::vector<ReviewRule> rules;
};

TEST(ReviewRules, ChooseWhatIsUnusual) {
    using enum ReviewRule;
    const settings::Staff::Review settings;
    const Access access{storage::AccessId::make(),
                        storage::SubjectId::make(),
                        "account:x",
                        Role::support,
                        AccessedPart::record,
                        "asked",
                        {}};
    const auto self = access.subject.text();
    for (const auto& [what, facts, rules] : std::vector<Row>{
             {"an ordinary look", {"x", "lang", "sommer", 1, 12, 3}, {}},
             {"just as many as are usual", {"x", "", "", 20, 12, 3}, {}},
             {"one more", {"x", "", "", 21, 12, 3}, {many_records}},
             {"the same name", {"x", "lang", "lang", 1, 12, 3}, {family_name}},
             {"a part of a double name", {"x", "lang", "sommer-lang", 1, 12, 3}, {family_name}},
             {"a name within another", {"x", "lang", "langer", 1, 12, 3}, {}},
             {"no name is nobody's relative", {"x", "", "", 1, 12, 3}, {}},
             {"their own record", {self, "lang", "lang", 1, 12, 3}, {own_record}},
             {"the first minute of work", {"x", "", "", 1, 7, 3}, {}},
             {"the minute before", {"x", "", "", 1, 6, 3}, {outside_hours}},
             {"the hour after", {"x", "", "", 1, 20, 3}, {outside_hours}},
             {"Saturday", {"x", "", "", 1, 12, 6}, {outside_hours}},
             {"Sunday", {"x", "", "", 1, 12, 0}, {outside_hours}},
             {"all at once", {"x", "lang", "lang", 99, 3, 0}, {many_records, family_name, outside_hours}}})
        EXPECT_EQ(apply_rules(settings, access, facts), rules) << what;
    const settings::Staff::Review lenient{
        .many_records = 99, .same_family_name = false, .from_hour = 0, .to_hour = 24, .weekends = true};
    EXPECT_THAT(apply_rules(lenient, access, {"x", "lang", "lang", 99, 3, 0}), IsEmpty());
}

/// Somebody of this name, since the fixture's learners are all called the same.
class AccessReviewsTest : public test::StoreTest {
  protected:
    AccessReviewsTest() { rules_.review.sample_percent = 0; }

    LearnerId make_named(const std::string& email, const std::string& name) {
        const auto id = make_learner(email);
        write([&](Transaction& tx) {
            return storage::learners::update_contact(tx, cipher(), id, {name, email});
        });
        return id;
    }
    LearnerId make_staff(Role role, const std::string& email, const std::string& name,
                         std::optional<std::string> system_user = {}) {
        const auto account = make_named(email, name);
        EXPECT_TRUE(awaited(staff_.appoint(account, role, std::move(system_user), "system:root")));
        for (const auto kind : {StaffEventKind::undertaking, StaffEventKind::training})
            EXPECT_TRUE(awaited(staff_.record(account, kind, "2026-11-01", "sheet", "system:root")));
        return account;
    }
    void look(const LearnerId& who, const std::string& whom) {
        const auto opened = awaited(staff_.open_record(who, whom, "asked"));
        EXPECT_TRUE(opened) << opened.error().message;
    }
    void look_by_command(const std::string& system_user, const LearnerId& whose) {
        write([&](Transaction& tx) -> Status {
            storage::accesses::append(
                tx, cipher(),
                std::vector<Access>{{storage::AccessId::make(), whose, "system:" + system_user,
                                     Role::operator_, AccessedPart::copy, "asked", clock_.now()}});
            return {};
        });
    }
    int consider() { return awaited(reviews_.consider_new()).value(); }
    std::vector<storage::OpenReview> open() { return awaited(reviews_.list_open(100)).value(); }
    std::optional<ErrorKind> sign(const LearnerId& who, Verdict verdict = Verdict::justified,
                                  const std::string& remark = "") {
        const auto done = awaited(reviews_.sign(who, open().at(0).access.id, verdict, remark));
        return done ? std::nullopt : std::optional(done.error().kind);
    }

    settings::Staff rules_;
    storage::ManualClock clock_{now_};
    Staff staff_{database(), cipher(), clock_, [this] { return rules_; }};
    AccessReviews reviews_{database(), cipher(), clock_, staff_, [this] { return rules_; }};
};
CALYPTENORA_ON_BOTH_DATABASES(AccessReviewsTest);

TEST_P(AccessReviewsTest, ChanceChoosesAsOftenAsTheSettingsSay) {
    const auto ada = make_staff(Role::support, "ada@example.org", "Ada Lang");
    make_named("mia@example.org", "Mia Sommer");
    look(ada, "mia@example.org");
    EXPECT_EQ(consider(), 0) << "never at 0 per cent";
    rules_.review.sample_percent = 100;
    EXPECT_EQ(consider(), 0) << "what was considered once is not thrown again";
    look(ada, "mia@example.org");
    EXPECT_EQ(consider(), 1);
    EXPECT_EQ(open().at(0).rules, std::vector{ReviewRule::sample});

    rules_.review.sample_percent = 50;
    for (int i = 0; i < 200; ++i)
        look_by_command("alva", ada);
    const int chosen = consider();
    EXPECT_GT(chosen, 50);
    EXPECT_LT(chosen, 150);
}

TEST_P(AccessReviewsTest, ManyPeopleInAShortTimeAreNoticed) {
    rules_.review.many_records = 2;
    const auto ada = make_staff(Role::support, "ada@example.org", "Ada Lang");
    for (const auto* email : {"a@example.org", "b@example.org", "c@example.org", "d@example.org"})
        make_named(email, std::string("Mia ") + email[0]);
    look(ada, "a@example.org");
    look(ada, "a@example.org");
    look(ada, "b@example.org");
    EXPECT_EQ(consider(), 0) << "two people, one of them twice";
    clock_.advance(30min);
    look(ada, "c@example.org");
    EXPECT_EQ(consider(), 1) << "also over what was considered before";
    EXPECT_EQ(open().at(0).rules, std::vector{ReviewRule::many_records});
    clock_.advance(61min);
    look(ada, "d@example.org");
    EXPECT_EQ(consider(), 0) << "the window has moved on";
}

TEST_P(AccessReviewsTest, RelativesAreNoticedByName) {
    const auto ada = make_staff(Role::support, "ada@example.org", "Ada LANG");
    make_named("tom@example.org", "Tom Sommer-Lang");
    make_named("mia@example.org", "Mia Sommer");
    look(ada, "tom@example.org");
    look(ada, "mia@example.org");
    look(ada, "ada@example.org");
    EXPECT_EQ(consider(), 2);
    EXPECT_EQ(open().at(0).rules, std::vector{ReviewRule::family_name});
    EXPECT_EQ(open().at(1).rules, std::vector{ReviewRule::own_record});
}

TEST_P(AccessReviewsTest, HoursAreThoseOfThePlace) {
    const auto ada = make_staff(Role::support, "ada@example.org", "Ada Lang");
    make_named("mia@example.org", "Mia Sommer");
    // It is 13:00 on a Wednesday in Berlin, an hour before that by Greenwich.
    look(ada, "mia@example.org");
    clock_.advance(6h + 59min);
    look(ada, "mia@example.org");
    EXPECT_EQ(consider(), 0) << "19:59";
    clock_.advance(1min);
    look(ada, "mia@example.org");
    EXPECT_EQ(consider(), 1) << "20:00";
    EXPECT_EQ(open().at(0).rules, std::vector{ReviewRule::outside_hours});
}

TEST_P(AccessReviewsTest, FourEyesSignOff) {
    const auto ada = make_staff(Role::operator_, "ada@example.org", "Ada Lang", "alva");
    const auto noor = make_staff(Role::data_protection, "noor@example.org", "Noor Muster");
    const auto tom = make_staff(Role::support, "tom@example.org", "Tom Lang");
    const auto mia = make_named("mia@example.org", "Mia Sommer");
    rules_.review.sample_percent = 100;
    look(ada, "mia@example.org");
    EXPECT_EQ(consider(), 1);
    EXPECT_EQ(sign(ada), ErrorKind::denied) << "her own look";
    EXPECT_EQ(sign(tom), ErrorKind::denied) << "no reviewer";
    EXPECT_EQ(sign(mia), ErrorKind::denied) << "no staff at all";
    EXPECT_EQ(sign(noor, Verdict::unjustified), ErrorKind::invalid_input) << "without a word";
    EXPECT_EQ(sign(noor, Verdict::justified, std::string(2001, 'x')), ErrorKind::invalid_input);
    const auto signed_id = open().at(0).access.id;
    EXPECT_EQ(sign(noor), std::nullopt);
    EXPECT_THAT(open(), IsEmpty());
    EXPECT_EQ(awaited(reviews_.sign(noor, signed_id, Verdict::unjustified, "no")).error().kind,
              ErrorKind::not_found)
        << "a verdict stays";

    // The same person under another name.
    look_by_command("alva", mia);
    EXPECT_EQ(consider(), 1);
    EXPECT_EQ(sign(ada), ErrorKind::denied);
    EXPECT_EQ(sign(noor, Verdict::unjustified, "nobody had asked"), std::nullopt);
    look_by_command("bo", mia);
    EXPECT_EQ(consider(), 1);
    EXPECT_EQ(sign(ada), std::nullopt) << "the control: somebody else's";
    EXPECT_TRUE(awaited(staff_.appoint(noor, Role::learner, {}, "system:root")));
    look_by_command("bo", mia);
    EXPECT_EQ(consider(), 1);
    EXPECT_EQ(sign(noor), ErrorKind::denied) << "the role is gone";
    EXPECT_THAT(awaited(reviews_.list_reminders()).value(), ElementsAre(HasSubstr("since 2026-11-25")));

    const auto report = awaited(reviews_.report(now_ - 24h)).value();
    EXPECT_EQ(report.looks, 4);
    EXPECT_EQ(report.chosen.at(ReviewRule::sample), 4);
    EXPECT_EQ(report.justified, 2);
    EXPECT_EQ(report.unjustified, 1);
    EXPECT_EQ(report.open, 1);
    EXPECT_EQ(report.looks_by_actor.at("system:bo"), 2);
    EXPECT_EQ(awaited(reviews_.report(now_ + 24h)).value().looks, 0);
}

}  // namespace
}  // namespace calyptenora::platform
