#include "platform/staff/staff.hpp"

#include "platform/staff/reminders.hpp"
#include "storage/stores/learning.hpp"
#include "storage/stores/orders.hpp"
#include "support/awaited.hpp"
#include "support/databases.hpp"

#include <gmock/gmock.h>

namespace calyptenora::platform {
namespace {

using storage::LearnerId;
using storage::Role;
using storage::StaffEventKind;
using storage::Transaction;
using test::awaited;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

constexpr const char* reason = "asked about an order";

class StaffTest : public test::StoreTest {
  protected:
    void must(Status status) { EXPECT_TRUE(status) << status.error().message; }

    /// Somebody whose role has effect.
    LearnerId make_staff(Role role, const std::string& email) {
        const auto account = make_learner(email);
        must(awaited(staff_.appoint(account, role, {}, "system:root")));
        must(awaited(
            staff_.record(account, StaffEventKind::undertaking, "2026-11-01", "sheet 4", "system:root")));
        must(awaited(staff_.record(account, StaffEventKind::training, "2026-11-01", "list", "system:root")));
        return account;
    }
    /// A learner with a course, an order and what else roles differ in.
    LearnerId make_person() {
        const auto mia = make_learner("mia@example.org");
        write([&](Transaction& tx) -> Status {
            storage::learning::enrol(tx, mia, "python", {}, now_);
            storage::learning::complete_lesson(tx, mia, "python", "loops", now_);
            return storage::orders::insert(tx, {.id = storage::OrderId::make(),
                                                .learner = mia,
                                                .course = "python",
                                                .instance = "payments/sepa",
                                                .amount_minor = 4900,
                                                .currency = "EUR",
                                                .reference = "CA-11112222",
                                                .created_at = now_,
                                                .updated_at = now_,
                                                .due_at = now_});
        });
        return mia;
    }
    Result<PersonRecord> open(const LearnerId& who, const std::string& whom = "mia@example.org",
                              const std::string& why = reason) {
        return awaited(staff_.open_record(who, whom, why));
    }
    ErrorKind refusal(const LearnerId& who, const std::string& whom = "mia@example.org",
                      const std::string& why = reason) {
        const auto opened = open(who, whom, why);
        EXPECT_FALSE(opened);
        return opened ? ErrorKind::permanent : opened.error().kind;
    }
    std::vector<storage::Access> accesses(const LearnerId& whose) {
        return awaited(staff_.list_accesses(whose, 10)).value();
    }
    std::vector<std::string> reminders() { return awaited(staff_.list_reminders()).value(); }

    settings::Staff rules_;
    storage::ManualClock clock_{now_};
    Staff staff_{database(), cipher(), clock_, [this] { return rules_; }};
};
CALYPTENORA_ON_BOTH_DATABASES(StaffTest);

/// "name address learning orders cases requests choices", as far as they were opened.
std::string parts_of(const PersonRecord& record) {
    std::string parts = record.name.is_known() ? "name" : "";
    for (const auto& [is_there, part] : {std::pair(record.email.is_known(), " address"),
                                         {record.learning.has_value(), " learning"},
                                         {record.orders.has_value(), " orders"},
                                         {record.cases.has_value(), " cases"},
                                         {record.requests.has_value(), " requests"},
                                         {record.choices.has_value(), " choices"}})
        if (is_there)
            parts += part;
    return parts;
}

TEST_P(StaffTest, EachRoleOpensWhatItNeedsAndNoMore) {
    const auto mia = make_person();
    for (const auto& [role, parts] :
         {std::pair(Role::teacher, "name learning"), std::pair(Role::support, "name address orders cases"),
          std::pair(Role::data_protection, "name address requests choices"),
          std::pair(Role::operator_, "name address orders")}) {
        const auto who = make_staff(role, std::string(key_of(role)) + "@example.org");
        const auto record = open(who);
        ASSERT_TRUE(record) << key_of(role) << ": " << record.error().message;
        EXPECT_EQ(parts_of(*record), parts) << key_of(role);
        const auto newest = accesses(mia).front();
        EXPECT_EQ(newest.role, role);
        EXPECT_EQ(newest.actor, actor_of(who));
        EXPECT_EQ(newest.part, storage::AccessedPart::record);
        EXPECT_EQ(newest.reason, reason);
        clock_.advance(1s);
    }
    EXPECT_EQ(accesses(mia).size(), 4);
}

TEST_P(StaffTest, LearnersOpenNothing) {
    const auto mia = make_person();
    EXPECT_EQ(refusal(make_learner("ben@example.org")), ErrorKind::denied);
    EXPECT_EQ(refusal(mia), ErrorKind::denied) << "not even their own, on this way";
    EXPECT_THAT(accesses(mia), IsEmpty());
}

TEST_P(StaffTest, ARoleHasEffectOnceUndertakingAndTrainingAreRecorded) {
    const auto mia = make_person();
    const auto ada = make_learner("ada@example.org");
    const auto standing = [&] { return awaited(staff_.standing(ada)).value(); };
    EXPECT_FALSE(awaited(staff_.appoint(ada, Role::support, "system:ada", "system:root")))
        << "that is how the log names the user ada";
    must(awaited(staff_.appoint(ada, Role::support, {}, "system:root")));
    EXPECT_TRUE(standing().is_staff());
    EXPECT_EQ(refusal(ada), ErrorKind::denied) << "neither";
    must(awaited(staff_.record(ada, StaffEventKind::training, "2026-11-01", "list", "system:root")));
    EXPECT_EQ(refusal(ada), ErrorKind::denied) << "no undertaking";
    EXPECT_THAT(accesses(mia), IsEmpty());
    must(awaited(staff_.record(ada, StaffEventKind::undertaking, "2026-11-01", "sheet 4", "system:root")));
    EXPECT_TRUE(open(ada));

    // Taken from them, it ends with the next look.
    must(awaited(staff_.appoint(ada, Role::learner, {}, "system:root")));
    EXPECT_EQ(refusal(ada), ErrorKind::denied);
    EXPECT_EQ(accesses(mia).size(), 1);
    must(awaited(staff_.appoint(ada, Role::teacher, {}, "system:root")));
    EXPECT_EQ(parts_of(open(ada).value()), "name learning");
}

TEST_P(StaffTest, NothingIsOpenedOrWrittenWithoutAReason) {
    const auto mia = make_person();
    const auto ada = make_staff(Role::support, "ada@example.org");
    for (const auto& why : {std::string(), std::string(" \n"), std::string(2001, 'x'), std::string("\xff")})
        EXPECT_EQ(refusal(ada, "mia@example.org", why), ErrorKind::invalid_input) << why;
    EXPECT_THAT(accesses(mia), IsEmpty());
}

TEST_P(StaffTest, PeopleAreFoundByWhatTheyName) {
    const auto mia = make_person();
    const auto ada = make_staff(Role::support, "ada@example.org");
    for (const auto& whom : {std::string("MIA@example.org"), mia.text(), std::string("CA-11112222")})
        EXPECT_EQ(open(ada, whom).value().account.id, mia) << whom;
    EXPECT_EQ(refusal(ada, "nobody@example.org"), ErrorKind::not_found);
    EXPECT_EQ(refusal(ada, ""), ErrorKind::not_found);
    EXPECT_EQ(refusal(ada, storage::SubjectId::make().text()), ErrorKind::not_found);
    const auto tim = make_staff(Role::teacher, "tim@example.org");
    EXPECT_EQ(refusal(tim, "CA-11112222"), ErrorKind::not_found) << "who sees no orders finds nobody by one";
    EXPECT_EQ(refusal(ada, "nobody@example.org", " "), ErrorKind::invalid_input)
        << "without a reason, who is there and who is not look alike";
    EXPECT_EQ(refusal(ada, "mia@example.org", " "), ErrorKind::invalid_input);
}

TEST_P(StaffTest, WhatIsOnlyKeptIsOpenedForTheRequestAlone) {
    const auto mia = make_person();
    const auto ada = make_staff(Role::support, "ada@example.org");
    const auto noor = make_staff(Role::data_protection, "noor@example.org");
    write([&](Transaction& tx) -> Status {
        storage::learners::restrict(tx, mia, now_);
        return {};
    });
    EXPECT_EQ(refusal(ada), ErrorKind::not_found) << "who has used Art. 18 is nobody's business";
    EXPECT_TRUE(open(noor));
    EXPECT_EQ(accesses(mia).size(), 1);
}

TEST_P(StaffTest, EvidenceIsOfADayThatHasBeenAndSaysWhereItIs) {
    const auto ada = make_learner("ada@example.org");
    const auto kind = StaffEventKind::training;
    for (const auto* day : {"", "soon", "2026-02-30", "2026-11-26"})
        EXPECT_FALSE(awaited(staff_.record(ada, kind, day, "list", "system:root"))) << day;
    EXPECT_FALSE(awaited(staff_.record(ada, kind, "2026-11-25", "", "system:root")));
    EXPECT_TRUE(awaited(staff_.record(ada, kind, "2026-11-25", "list", "system:root")));
    EXPECT_FALSE(
        awaited(staff_.record(storage::SubjectId::make(), kind, "2026-11-25", "list", "system:root")));
    const auto changed = database().transaction_blocking([&](Transaction& tx) -> Status {
        tx.execute("update staff_events set on_day = '2026-11-25'");
        return {};
    });
    EXPECT_FALSE(changed) << "it is proof";
}

TEST_P(StaffTest, WhatIsMissingOrDueIsSaidOnceADay) {
    EXPECT_THAT(reminders(), IsEmpty());
    const auto ada = make_learner("ada@example.org");
    must(awaited(staff_.appoint(ada, Role::support, {}, "system:root")));
    EXPECT_THAT(reminders(), ElementsAre(HasSubstr("undertaking of confidentiality of account:"),
                                         HasSubstr("is not recorded: 'calyptenora staff training'")));
    must(awaited(staff_.record(ada, StaffEventKind::undertaking, "2026-11-01", "sheet", "system:root")));
    must(awaited(staff_.record(ada, StaffEventKind::training, "2025-11-24", "list", "system:root")));
    EXPECT_THAT(reminders(), ElementsAre(HasSubstr("of 2025-11-24 and due again")));
    EXPECT_TRUE(awaited(staff_.standing(ada)).value().is_in_effect()) << "due, but not over";
    rules_.training_days = std::chrono::days(730);
    EXPECT_THAT(reminders(), IsEmpty());
    rules_.training_days = std::chrono::days(365);

    std::vector<std::string> log;
    Reminders loop({[this] { return staff_.list_reminders(); }}, clock_,
                   [&](const std::string& line) { log.push_back(line); });
    const auto look = [&] {
        awaited(loop.run_once());
        return log.size();
    };
    EXPECT_EQ(look(), 1);
    clock_.advance(23h);
    EXPECT_EQ(look(), 1);
    clock_.advance(1h);
    EXPECT_EQ(look(), 2);
    must(awaited(staff_.record(ada, StaffEventKind::training, "2026-11-26", "list", "system:root")));
    clock_.advance(25h);
    EXPECT_EQ(look(), 2);
}

}  // namespace
}  // namespace calyptenora::platform
