#include "platform/staff/legal_demands.hpp"

#include "platform/receipts.hpp"
#include "platform/rights/own_records.hpp"
#include "storage/stores/erasure.hpp"
#include "storage/stores/subject_records.hpp"
#include "storage/stores/subjects.hpp"
#include "support/awaited.hpp"
#include "support/databases.hpp"

#include <gmock/gmock.h>

namespace calyptenora::platform {
namespace {

using storage::DemandDecision;
using storage::DemandScope;
using storage::LearnerId;
using storage::LegalDemand;
using storage::LegalDemandId;
using storage::Role;
using storage::StaffEventKind;
using storage::Transaction;
using test::awaited;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

constexpr auto name_and_mail = CategoryMask(Category::user_name) | Category::user_contact_email;

class LegalDemandsTest : public test::StoreTest {
  protected:
    LegalDemandsTest() {
        for (const auto* user : {"ada", "eve", "otto", "sue"})
            accounts_.emplace(user, make_learner(std::string(user) + "@lms.example"));
        write([&](Transaction& tx) -> Status {
            for (const auto& [user, account] : accounts_) {
                const auto role = user == "otto"  ? Role::operator_
                                  : user == "sue" ? Role::support
                                                  : Role::data_protection;
                storage::learners::set_role(tx, account, role);
                for (const auto kind :
                     {StaffEventKind::appointed, StaffEventKind::undertaking, StaffEventKind::training})
                    storage::staff_events::append(tx, cipher(),
                                                  {.id = storage::StaffEventId::make(),
                                                   .learner = account,
                                                   .kind = kind,
                                                   .role = role,
                                                   .system_user = user,
                                                   .on_day = "2026-11-01",
                                                   .evidence = "sheet 4",
                                                   .actor = "system:root",
                                                   .at = now_});
            }
            return {};
        });
    }
    void must(Status status) { EXPECT_TRUE(status) << status.error().message; }
    static ErrorKind kind_of(const Status& status) {
        EXPECT_FALSE(status);
        return status ? ErrorKind::permanent : status.error().kind;
    }

    LegalDemand demand(const LearnerId& whom) const {
        return {.learner = whom,
                .authority = "Staatsanwaltschaft Musterstadt",
                .address = "Gerichtsweg 1",
                .reference = "123 Js 456/26",
                .ground = "section 22 TDDDG, section 100j StPO",
                .asked = {name_and_mail, "2026-01-01", "2026-06-30"},
                .received_on = "2026-11-24",
                .due_on = "2026-12-01"};
    }
    LegalDemand deferred(const LearnerId& whom) const {
        auto made = demand(whom);
        made.deferred_until = "2026-12-24";
        made.deferral_ground = "section 95a StPO";
        return made;
    }
    Result<LegalDemandId> try_to_enter(LegalDemand made, const std::string& actor = "system:ada") {
        return awaited(demands_.enter(std::move(made), actor));
    }
    LegalDemandId enter(LegalDemand made) { return try_to_enter(std::move(made)).value(); }
    Status assess(const LegalDemandId& id, DemandDecision decision, DemandScope scope = {},
                  const std::string& actor = "system:ada") {
        return awaited(demands_.assess(id, decision, "the norm obliges us", std::move(scope), actor));
    }
    Status release(const LegalDemandId& id, const std::string& actor = "system:otto",
                   CategoryMask categories = name_and_mail) {
        const auto opened = awaited(demands_.open_for_release(id, actor));
        if (!opened)
            return opened.error();
        return awaited(demands_.release(id, {categories, "digest", opened->assessed_at}, actor));
    }
    LegalDemand find(const LegalDemandId& id) {
        return read([&](Transaction& tx) -> Result<LegalDemand> {
            return storage::legal_demands::find(tx, cipher(), id).value();
        });
    }

    std::vector<storage::Disclosure> sent(const LearnerId& whose) {
        return awaited(receipts_.page(whose, "", 0, 100)).value().rows;
    }
    std::vector<storage::Access> looks(const LearnerId& whose) {
        return awaited(staff_.list_accesses(whose, 100)).value();
    }
    std::vector<LegalDemand> told(const LearnerId& whose) {
        return awaited(demands_.list_told(whose)).value();
    }
    /// How many rows of these sets are in the person's copy.
    long long copied(const LearnerId& whose) {
        return read([&](Transaction& tx) -> Result<long long> {
            storage::SubjectRecords records(tx, cipher(), whose);
            long long rows = 0;
            for (const auto& set : storage::record_sets())
                if (set.name == "disclosures" || set.name == "accesses" || set.name == "legal_demands")
                    rows += records.count(set);
            return rows;
        });
    }
    bool shows_nothing(const LearnerId& whose) {
        return sent(whose).empty() && looks(whose).empty() && told(whose).empty() && copied(whose) == 0;
    }
    std::vector<storage::LedgerBreak> breaks() {
        return read([&](Transaction& tx) -> Result<std::vector<storage::LedgerBreak>> {
            auto found = storage::disclosures::verify_all(tx, secrets());
            std::ranges::move(storage::accesses::verify_all(tx, secrets()), std::back_inserter(found));
            return found;
        });
    }
    std::vector<std::string> reminders() { return awaited(demands_.list_reminders()).value(); }

    settings::Staff rules_;
    storage::ManualClock clock_{now_};
    Staff staff_{database(), cipher(), clock_, [this] { return rules_; }};
    Receipts receipts_{database()};
    LegalDemands demands_{database(), cipher(), clock_, staff_};
    std::map<std::string, LearnerId> accounts_;
};
CALYPTENORA_ON_BOTH_DATABASES(LegalDemandsTest);

TEST_P(LegalDemandsTest, AreEnteredAssessedAndReleasedIntoTheLedger) {
    const auto mia = make_learner("mia@example.org"), ben = make_learner("ben@example.org");
    const auto id = enter(demand(mia));
    ASSERT_EQ(looks(mia).size(), 1) << "that somebody looked is seen at once";
    EXPECT_EQ(looks(mia).front().part, storage::AccessedPart::demand);
    EXPECT_EQ(looks(mia).front().role, Role::data_protection);
    EXPECT_EQ(looks(mia).front().actor, "system:ada");
    EXPECT_THAT(looks(mia).front().reason, HasSubstr("123 Js 456/26"));
    must(assess(id, DemandDecision::full));
    EXPECT_THAT(sent(mia), IsEmpty());
    must(release(id));

    ASSERT_EQ(sent(mia).size(), 1);
    const auto entry = sent(mia).front();
    EXPECT_EQ(entry.recipient, "Staatsanwaltschaft Musterstadt");
    EXPECT_EQ(entry.purpose, Purpose::essential_legal_obligation);
    EXPECT_EQ(entry.operation, "authority.hand_over");
    EXPECT_EQ(entry.categories, name_and_mail);
    EXPECT_EQ(entry.call_id, find(id).call);
    EXPECT_FALSE(entry.commitment.empty());
    EXPECT_EQ(looks(mia).size(), 2) << "whoever released looked, too";
    ASSERT_EQ(told(mia).size(), 1);
    EXPECT_EQ(told(mia).front().id, id);
    EXPECT_EQ(copied(mia), 1 + 2 + 1);
    EXPECT_TRUE(shows_nothing(ben));

    EXPECT_EQ(kind_of(release(id)), ErrorKind::conflict) << "once";
    EXPECT_EQ(kind_of(assess(id, DemandDecision::refused)), ErrorKind::conflict) << "too late";
    EXPECT_EQ(sent(mia).size(), 1);
    EXPECT_THAT(breaks(), IsEmpty());

    // An authority is nobody whom a later request is passed on to.
    read([&](Transaction& tx) -> Status {
        EXPECT_THAT(storage::disclosures::list_recipients(tx, find(id).subject), IsEmpty());
        return {};
    });
}

TEST_P(LegalDemandsTest, ALostEntryIsFound) {
    const auto id = enter(deferred(make_learner()));
    must(assess(id, DemandDecision::full));
    must(release(id));
    EXPECT_THAT(breaks(), IsEmpty());
    write([](Transaction& tx) -> Status {
        tx.execute_script(std::string("drop trigger disclosures_no_delete") +
                          (tx.dialect() == storage::Dialect::sqlite ? "" : " on disclosures"));
        tx.execute("delete from disclosures where operation = 'authority.hand_over'");
        return {};
    });
    EXPECT_EQ(breaks().size(), 1);
}

TEST_P(LegalDemandsTest, WhoeverEnteredOrAssessedDoesNotRelease) {
    const auto mia = make_learner();
    const auto id = enter(demand(mia));
    EXPECT_EQ(kind_of(release(id)), ErrorKind::conflict) << "not assessed";
    must(assess(id, DemandDecision::full, {}, "system:eve"));
    EXPECT_EQ(kind_of(release(id, "system:ada")), ErrorKind::denied) << "entered it";
    EXPECT_EQ(kind_of(release(id, "system:eve")), ErrorKind::denied) << "assessed it";
    EXPECT_EQ(kind_of(release(id, actor_of(accounts_.at("ada")))), ErrorKind::denied) << "under another name";
    EXPECT_EQ(
        kind_of(awaited(demands_.release(id, {name_and_mail, "d", find(id).assessed_at}, "system:eve"))),
        ErrorKind::denied)
        << "nor without having opened it";
    EXPECT_EQ(looks(mia).size(), 1) << "nothing was opened";
    EXPECT_THAT(sent(mia), IsEmpty());
    must(release(id));
}

TEST_P(LegalDemandsTest, AreForThoseWhoseRoleHasEffect) {
    const auto mia = make_learner();
    for (const auto* actor : {"system:otto", "system:sue", "system:nobody", ""}) {
        const auto entered = try_to_enter(demand(mia), actor);
        ASSERT_FALSE(entered) << actor;
        EXPECT_EQ(entered.error().kind, ErrorKind::denied) << actor;
    }
    const auto id = enter(demand(mia));
    EXPECT_EQ(kind_of(assess(id, DemandDecision::full, {}, "system:otto")), ErrorKind::denied);
    must(assess(id, DemandDecision::full));
    EXPECT_EQ(kind_of(release(id, "system:sue")), ErrorKind::denied);
    EXPECT_FALSE(awaited(demands_.open(id, "curious", "system:sue")));
    EXPECT_FALSE(awaited(demands_.open(id, "", "system:otto"))) << "without a reason";
    EXPECT_EQ(looks(mia).size(), 1);
    EXPECT_TRUE(awaited(demands_.open(id, "before the release", "system:otto")));
    EXPECT_EQ(looks(mia).size(), 2);

    // A name that two people go by is nobody's.
    must(awaited(staff_.appoint(accounts_.at("eve"), Role::data_protection, "otto", "system:root")));
    EXPECT_EQ(kind_of(release(id)), ErrorKind::denied);
    must(awaited(staff_.appoint(accounts_.at("eve"), Role::learner, {}, "system:root")));
    must(release(id));
}

TEST_P(LegalDemandsTest, NobodyHandlesADemandAboutThemselves) {
    const auto about_ada = try_to_enter(demand(accounts_.at("ada")));
    ASSERT_FALSE(about_ada);
    EXPECT_EQ(about_ada.error().kind, ErrorKind::denied);
    const auto id = enter(deferred(accounts_.at("otto")));
    must(assess(id, DemandDecision::full));
    EXPECT_EQ(kind_of(release(id)), ErrorKind::not_found) << "as if there were none";
    EXPECT_EQ(awaited(demands_.open(id, "curious", "system:otto")).error().kind, ErrorKind::not_found);
    must(release(id, "system:eve"));
    EXPECT_TRUE(shows_nothing(accounts_.at("otto")));
}

TEST_P(LegalDemandsTest, ADeferralHidesAllOfItUntilItEnds) {
    const auto mia = make_learner();
    const auto id = enter(deferred(mia));
    must(assess(id, DemandDecision::full));
    must(release(id));
    EXPECT_TRUE(awaited(demands_.open(id, "asked by the authority", "system:otto")));
    EXPECT_TRUE(shows_nothing(mia));
    EXPECT_THAT(breaks(), IsEmpty());

    EXPECT_EQ(kind_of(awaited(demands_.end_deferral(id, "", "system:ada"))), ErrorKind::conflict)
        << "its day is not reached";
    EXPECT_TRUE(shows_nothing(mia));
    clock_.advance(24h * 29);
    EXPECT_TRUE(shows_nothing(mia)) << "it does not end by itself";
    EXPECT_EQ(kind_of(awaited(demands_.end_deferral(id, "", "system:otto"))), ErrorKind::denied);
    must(awaited(demands_.end_deferral(id, "", "system:ada")));
    EXPECT_EQ(sent(mia).size(), 1);
    EXPECT_EQ(looks(mia).size(), 3);
    ASSERT_EQ(told(mia).size(), 1);
    EXPECT_EQ(told(mia).front().told_at, clock_.now());
    EXPECT_EQ(copied(mia), 1 + 3 + 1);
    EXPECT_THAT(breaks(), IsEmpty());
    EXPECT_EQ(kind_of(awaited(demands_.end_deferral(id, "", "system:ada"))), ErrorKind::conflict);
    EXPECT_EQ(kind_of(awaited(demands_.defer(id, "2027-03-01", "again", "system:ada"))), ErrorKind::conflict)
        << "what is known cannot be hidden any more";
}

TEST_P(LegalDemandsTest, ADeferralEndsEarlyForAReasonAndTellsWhenAllIsDone) {
    const auto mia = make_learner();
    const auto id = enter(deferred(mia));
    must(awaited(demands_.end_deferral(id, "the court lifted it on 2026-11-25", "system:ada")));
    EXPECT_EQ(looks(mia).size(), 1);
    EXPECT_THAT(told(mia), IsEmpty()) << "nothing has been decided yet";
    must(assess(id, DemandDecision::refused));
    ASSERT_EQ(told(mia).size(), 1);
    EXPECT_FALSE(told(mia).front().released_at);
    EXPECT_EQ(kind_of(release(id)), ErrorKind::conflict) << "it was refused";
    EXPECT_THAT(sent(mia), IsEmpty());
}

TEST_P(LegalDemandsTest, NoDeferralIsUnlimited) {
    const auto mia = make_learner();
    const auto expect_refused = [&](const char* until, const char* ground) {
        auto made = demand(mia);
        made.deferred_until = until;
        made.deferral_ground = ground;
        const auto entered = try_to_enter(made);
        ASSERT_FALSE(entered) << until;
        EXPECT_EQ(entered.error().kind, ErrorKind::invalid_input) << until;
    };
    expect_refused("2026-12-24", "");
    expect_refused("for ever", "section 95a StPO");
    expect_refused("2026-11-25", "section 95a StPO");  // today
    expect_refused("2027-05-28", "section 95a StPO");  // 184 days
    auto longest = deferred(mia);
    longest.deferred_until = "2027-05-27";
    const auto id = enter(longest);
    EXPECT_EQ(kind_of(awaited(demands_.defer(id, "2027-05-28", "still", "system:ada"))),
              ErrorKind::invalid_input);
    clock_.advance(24h * 183);
    EXPECT_EQ(kind_of(awaited(demands_.defer(id, "2027-08-01", "", "system:ada"))), ErrorKind::invalid_input);
    must(awaited(demands_.defer(id, "2027-08-01", "section 95a StPO, order of 2027-05-20", "system:ada")));
    EXPECT_EQ(find(id).deferred_until, "2027-08-01");
    EXPECT_TRUE(shows_nothing(mia));
}

TEST_P(LegalDemandsTest, WhatWaitsIsSaid) {
    EXPECT_THAT(reminders(), IsEmpty());
    const auto id = enter(deferred(make_learner()));
    EXPECT_THAT(reminders(), ElementsAre(HasSubstr("is not assessed yet; it is due by 2026-12-01:")));
    must(assess(id, DemandDecision::full));
    clock_.advance(24h * 7);
    EXPECT_THAT(reminders(), ElementsAre(HasSubstr("is not released yet; it is due by 2026-12-01, OVERDUE")));
    must(release(id));
    EXPECT_THAT(reminders(), IsEmpty());
    clock_.advance(24h * 22);
    EXPECT_THAT(reminders(), ElementsAre(HasSubstr("was deferred until 2026-12-24")));
    must(awaited(demands_.end_deferral(id, "", "system:ada")));
    EXPECT_THAT(reminders(), IsEmpty());
}

TEST_P(LegalDemandsTest, WhatIsAcceptedInPartIsLessThanWhatWasAskedFor) {
    const auto mia = make_learner();
    const auto id = enter(demand(mia));
    const CategoryMask name = Category::user_name;
    for (const auto& scope :
         {DemandScope{name | Category::user_payment_transaction, "2026-01-01", "2026-06-30"},
          DemandScope{name, {}, "2026-06-30"}, DemandScope{name, "2025-12-31", "2026-06-30"},
          DemandScope{name, "2026-01-01", "2026-07-01"}, DemandScope{name, "2026-01-01", {}},
          DemandScope{{}, "2026-01-01", "2026-06-30"}, demand(mia).asked})
        EXPECT_EQ(kind_of(assess(id, DemandDecision::part, scope)), ErrorKind::invalid_input);
    must(assess(id, DemandDecision::part, {name, "2026-02-01", "2026-06-30"}));
    EXPECT_EQ(kind_of(release(id, "system:otto", name_and_mail)), ErrorKind::denied)
        << "a file with more than that";
    const auto opened = awaited(demands_.open_for_release(id, "system:otto")).value();
    EXPECT_EQ(opened.granted, (DemandScope{name, "2026-02-01", "2026-06-30"}));
    clock_.advance(1s);
    must(assess(id, DemandDecision::part, {name, "2026-03-01", "2026-06-30"}));
    EXPECT_EQ(kind_of(awaited(demands_.release(id, {name, "d", opened.assessed_at}, "system:otto"))),
              ErrorKind::conflict)
        << "made by an assessment that was replaced";
    must(release(id, "system:otto", name));
    EXPECT_EQ(sent(mia).front().categories, name);
}

TEST_P(LegalDemandsTest, WithoutSenseAreNotRecorded) {
    const auto mia = make_learner();
    const auto expect_refused = [&](const char* what, auto spoil) {
        auto made = demand(mia);
        spoil(made);
        const auto entered = try_to_enter(made);
        ASSERT_FALSE(entered) << what;
        EXPECT_EQ(entered.error().kind, ErrorKind::invalid_input) << what;
    };
    expect_refused("nobody asks", [](LegalDemand& d) { d.authority = " "; });
    expect_refused("no ground", [](LegalDemand& d) { d.ground = ""; });
    expect_refused("no reference", [](LegalDemand& d) { d.reference = ""; });
    expect_refused("asks for nothing", [](LegalDemand& d) { d.asked.categories = {}; });
    expect_refused("ends before it begins", [](LegalDemand& d) { d.asked.until = "2025-12-31"; });
    expect_refused("received tomorrow", [](LegalDemand& d) { d.received_on = "2026-11-26"; });
    expect_refused("due before it came", [](LegalDemand& d) { d.due_on = "2026-11-23"; });
    expect_refused("no day", [](LegalDemand& d) { d.due_on = "soon"; });
    auto of_nobody = demand(LearnerId::make());
    EXPECT_EQ(try_to_enter(of_nobody).error().kind, ErrorKind::not_found);
    EXPECT_THAT(awaited(demands_.list(10)).value(), IsEmpty());
    EXPECT_THAT(looks(mia), IsEmpty());
}

TEST_P(LegalDemandsTest, NeitherRestrictionNorErasureStopThem) {
    const auto mia = make_learner("mia@example.org"), ben = make_learner("ben@example.org");
    write([&](Transaction& tx) -> Status {
        storage::learners::restrict(tx, mia, now_);
        return {};
    });
    const auto of_mia = enter(demand(mia));
    must(assess(of_mia, DemandDecision::full));
    must(release(of_mia));
    EXPECT_EQ(sent(mia).size(), 1) << "Art. 18(2) GDPR";

    // Of somebody erased nothing is there, and that is what is handed over; the proof stays.
    const auto known = enter(demand(ben)), hidden = enter(deferred(ben));
    write([&](Transaction& tx) -> Status {
        if (auto erased = erase_own_records(tx, cipher(), ben, {}, now_); !erased)
            return erased.error();
        return destroy_identity(tx, cipher(), ben);
    });
    for (const auto& id : {known, hidden}) {
        must(assess(id, DemandDecision::full));
        must(release(id, "system:otto", {}));
        EXPECT_TRUE(find(id).call);
    }
    must(awaited(demands_.end_deferral(hidden, "lifted", "system:ada")));
    EXPECT_THAT(breaks(), IsEmpty());
    read([&](Transaction& tx) -> Status {
        EXPECT_THAT(storage::erasure::list_guests(tx, ben), IsEmpty());
        return {};
    });
}

}  // namespace
}  // namespace calyptenora::platform
