#include "storage/stores/learners.hpp"

#include "storage/stores/erasure.hpp"
#include "storage/stores/sessions.hpp"
#include "support/databases.hpp"

namespace calyptenora::storage {
namespace {

class Learners : public test::StoreTest {
  protected:
    std::optional<Learner> find(const LearnerId& id) {
        return read([&](Transaction& tx) { return Result<std::optional<Learner>>(learners::find(tx, id)); });
    }
    std::optional<Learner> find_by_email(std::string_view email) {
        return read([&](Transaction& tx) {
            return Result<std::optional<Learner>>(learners::find_by_email(tx, cipher(), email));
        });
    }
    Result<Contact> contact(const LearnerId& id) {
        return database().run_blocking(
            [&](Transaction& tx) { return learners::load_contact(tx, cipher(), id); });
    }
};
CALYPTENORA_ON_BOTH_DATABASES(Learners);

TEST_P(Learners, AreFoundByIdAndByAnySpellingOfTheAddress) {
    const auto id = make_learner("Mia@Example.org");
    const auto found = find(id);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->language, "de");
    EXPECT_EQ(found->role, Role::learner);
    EXPECT_EQ(found->created_at, now_);
    ASSERT_TRUE(find_by_email(" mia@example.ORG "));
    EXPECT_EQ(find_by_email("mia@example.org")->id, id);
    EXPECT_FALSE(find_by_email("mio@example.org"));
    EXPECT_FALSE(find(LearnerId::make()));
    EXPECT_EQ(contact(id)->email, "Mia@Example.org");
    EXPECT_EQ(contact(id)->display_name, "Mia Muster");
}

TEST_P(Learners, AddressesBelongToOneAccount) {
    const auto first = make_learner("mia@example.org");
    const auto second = LearnerId::make();
    ASSERT_TRUE(keys().create(second));
    const Learner learner{.id = second,
                          .created_at = now_,
                          .language = "en",
                          .email_confirmed_at = {},
                          .guardian_needed_until = {},
                          .auth_instance = "auth/password"};
    const auto refused = database().transaction_blocking([&](Transaction& tx) {
        return learners::insert(tx, cipher(), learner, {"Other", "MIA@example.org"});
    });
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
    EXPECT_FALSE(find(second));
    const auto third = make_learner("other@example.org");
    const auto taken = database().transaction_blocking([&](Transaction& tx) {
        return learners::update_contact(tx, cipher(), third, {"Other", "mia@example.org"});
    });
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().kind, ErrorKind::conflict);
    write([&](Transaction& tx) {
        return learners::update_contact(tx, cipher(), first, {"Mia M.", "mia@example.org"});
    });
    EXPECT_EQ(contact(first)->display_name, "Mia M.");
}

TEST_P(Learners, AChangedAddressIsNotConfirmed) {
    const auto id = make_learner("mia@example.org");
    write([&](Transaction& tx) -> Status {
        learners::confirm_email(tx, id, now_);
        return learners::update_contact(tx, cipher(), id, {"Mia", "mia@example.org"});
    });
    EXPECT_TRUE(find(id)->email_confirmed_at);
    write([&](Transaction& tx) {
        return learners::update_contact(tx, cipher(), id, {"Mia", "new@example.org"});
    });
    EXPECT_FALSE(find(id)->email_confirmed_at);
    EXPECT_EQ(find_by_email("new@example.org")->id, id);
    EXPECT_FALSE(find_by_email("mia@example.org"));
}

TEST_P(Learners, ChangeRoleStateLanguageAndGuardian) {
    const auto id = make_learner();
    write([&](Transaction& tx) -> Status {
        learners::set_role(tx, id, Role::operator_);
        learners::set_language(tx, id, "en");
        learners::set_guardian_needed_until(tx, id, "2030-04");
        EXPECT_TRUE(learners::restrict(tx, id, now_));
        return {};
    });
    const auto found = find(id);
    EXPECT_EQ(found->role, Role::operator_);
    EXPECT_EQ(found->language, "en");
    EXPECT_EQ(found->guardian_needed_until, "2030-04");
    EXPECT_EQ(found->state, LearnerState::restricted);
    const auto spelling = read([&](Transaction& tx) {
        return Result<std::string>(
            std::get<0>(*tx.find<std::string>("select role from learners where id = :id", id)));
    });
    EXPECT_EQ(spelling, "operator");
}

TEST_P(Learners, AreRestrictedSinceTheFirstTime) {
    const auto id = make_learner();
    EXPECT_FALSE(find(id)->restricted_at);
    const auto change = [&](auto function) {
        write([&](Transaction& tx) -> Status {
            EXPECT_TRUE(function(tx));
            return {};
        });
    };
    change([&](Transaction& tx) { return learners::restrict(tx, id, now_); });
    change([&](Transaction& tx) { return learners::restrict(tx, id, now_ + std::chrono::hours(1)); });
    EXPECT_EQ(find(id)->restricted_at, now_);
    change([&](Transaction& tx) { return learners::lift_restriction(tx, id); });
    EXPECT_EQ(find(id)->state, LearnerState::active);
    EXPECT_FALSE(find(id)->restricted_at);
    change([&](Transaction& tx) { return learners::restrict(tx, id, now_ + std::chrono::hours(2)); });
    EXPECT_EQ(find(id)->restricted_at, now_ + std::chrono::hours(2));
}

TEST_P(Learners, AreErasedForGood) {
    const auto id = make_learner("mia@example.org");
    write([&](Transaction& tx) -> Status {
        sessions::insert(tx, sessions::make_token(),
                         {SessionId::make(), id, Privilege::signed_in, now_, now_,
                          now_ + std::chrono::hours(1), now_ + std::chrono::hours(1), now_, "Firefox 144"});
        EXPECT_TRUE(learners::restrict(tx, id, now_));
        erasure::erase_records(tx, id, now_);
        erasure::erase_identifiers(tx, id);
        return {};
    });
    ASSERT_TRUE(keys().destroy(id));
    EXPECT_EQ(find(id)->state, LearnerState::erased);
    EXPECT_FALSE(find(id)->restricted_at);
    EXPECT_FALSE(find_by_email("mia@example.org"));
    EXPECT_EQ(contact(id).error().kind, ErrorKind::not_found);
    write([&](Transaction& tx) -> Status {
        EXPECT_FALSE(learners::restrict(tx, id, now_));
        EXPECT_FALSE(learners::lift_restriction(tx, id));
        EXPECT_TRUE(sessions::list(tx, id, now_).empty());
        EXPECT_TRUE(subjects::find(tx, id)->erased_at);
        return {};
    });
    make_learner("mia@example.org");
}

TEST_P(Learners, AreListedPageByPage) {
    std::vector<LearnerId> made;
    for (int i = 0; i < 5; ++i)
        made.push_back(make_learner(std::to_string(i) + "@example.org"));
    std::vector<LearnerId> seen;
    std::optional<LearnerId> after;
    for (;;) {
        const auto page =
            read([&](Transaction& tx) { return Result<std::vector<Learner>>(learners::list(tx, after, 2)); });
        if (page.empty())
            break;
        for (const auto& learner : page)
            seen.push_back(learner.id);
        after = seen.back();
    }
    EXPECT_EQ(seen, made);
}

TEST_P(Learners, GuestsAreSubjectsToo) {
    const auto guest = make_guest();
    const auto account = make_learner();
    write([&](Transaction& tx) -> Status {
        subjects::record_gpc(tx, guest, now_);
        subjects::merge_guest(tx, guest, account);
        subjects::touch(tx, guest, now_ + std::chrono::seconds(5));
        EXPECT_FALSE(subjects::lock(tx, SubjectId::make()));
        return subjects::lock(tx, guest);
    });
    const auto found =
        read([&](Transaction& tx) { return Result<std::optional<Subject>>(subjects::find(tx, guest)); });
    ASSERT_TRUE(found);
    EXPECT_EQ(found->kind, SubjectKind::guest);
    EXPECT_EQ(found->merged_into, account);
    EXPECT_EQ(found->gpc_seen_at, now_);
    EXPECT_EQ(found->last_seen_at, now_ + std::chrono::seconds(5));
}

// What is stored must not hold what was typed in, anywhere.
TEST_P(Learners, StoreNoPersonalTextInTheClear) {
    make_learner("canary.address@example.org");
    for (const auto& [table, column] : load_schema_columns(database()).value()) {
        const auto sql = "select cast(" + column + " as text) from " + table + " where cast(" + column +
                         " as text) like '%canary%' or cast(" + column + " as text) like '%Muster%'";
        const auto found = read([&](Transaction& tx) {
            return Result<std::vector<std::tuple<std::optional<std::string>>>>(
                tx.rows<std::optional<std::string>>(sql));
        });
        EXPECT_TRUE(found.empty()) << table << "." << column;
    }
}

}  // namespace
}  // namespace calyptenora::storage
