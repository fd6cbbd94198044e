#include "storage/stores/consents.hpp"
#include "storage/stores/persons.hpp"
#include "support/databases.hpp"

namespace calyptenora::storage {
namespace {

using std::chrono::hours;

class Sessions : public test::StoreTest {
  protected:
    std::pair<std::string, Session> make_session(const SubjectId& subject) {
        const auto token = sessions::make_token();
        Session session{SessionId::make(), subject, Privilege::guest, now_, now_, now_ + hours(1),
                        now_ + hours(10),  {},      "Firefox 144"};
        write([&](Transaction& tx) -> Status {
            sessions::insert(tx, token, session);
            return {};
        });
        return {token, session};
    }
    std::optional<Session> find(std::string_view token, Timestamp at) {
        auto found = find_with_person(token, at);
        return found ? std::optional(std::move(found->session)) : std::nullopt;
    }
    std::optional<SignedIn> find_with_person(std::string_view token, Timestamp at) {
        return read([&](Transaction& tx) {
            return Result<std::optional<SignedIn>>(persons::find_by_session(tx, token, at));
        });
    }
};
CALYPTENORA_ON_BOTH_DATABASES(Sessions);

TEST_P(Sessions, AreFoundByTokenUntilTheyExpire) {
    const auto [token, session] = make_session(make_guest());
    ASSERT_TRUE(find(token, now_));
    EXPECT_EQ(find(token, now_)->id, session.id);
    EXPECT_FALSE(find("x" + token, now_));
    EXPECT_FALSE(find(token, now_ + hours(1))) << "idle";
    write([&](Transaction& tx) -> Status {
        sessions::touch(tx, session.id, now_ + hours(9), now_ + hours(20));
        return {};
    });
    EXPECT_TRUE(find(token, now_ + hours(9)));
    EXPECT_FALSE(find(token, now_ + hours(10))) << "absolute";
}

TEST_P(Sessions, ChangeTheirTokenWithThePrivilege) {
    const auto learner = make_learner();
    const auto [token, session] = make_session(make_guest());
    const auto fresh = sessions::make_token();
    write([&](Transaction& tx) -> Status {
        EXPECT_TRUE(
            sessions::rotate(tx, session.id, fresh, learner, Privilege::recently_authenticated, now_));
        EXPECT_FALSE(sessions::rotate(tx, SessionId::make(), "t", learner, Privilege::signed_in, now_));
        return {};
    });
    EXPECT_FALSE(find(token, now_));
    ASSERT_TRUE(find(fresh, now_));
    EXPECT_EQ(find(fresh, now_)->subject, learner);
    EXPECT_EQ(find(fresh, now_)->privilege, Privilege::recently_authenticated);
    EXPECT_EQ(find(fresh, now_)->authenticated_at, now_);
}

TEST_P(Sessions, BringThePersonWithThem) {
    const auto mia = make_learner("mia@example.org");
    const auto [token, session] = make_session(mia);
    write([&](Transaction& tx) -> Status {
        learners::set_presentation(tx, mia, {"Europe/Berlin", Theme::dark, {}});
        subjects::record_gpc(tx, mia, now_ + hours(1));
        return {};
    });
    const auto found = find_with_person(token, now_).value();
    const auto& person = found.person;
    EXPECT_EQ(found.session.id, session.id);
    EXPECT_EQ(found.session.user_agent, "Firefox 144");
    EXPECT_EQ(person.subject.id, mia);
    EXPECT_EQ(person.subject.kind, SubjectKind::learner);
    EXPECT_EQ(person.subject.gpc_seen_at, now_ + hours(1));
    ASSERT_TRUE(person.learner);
    EXPECT_EQ(person.learner->id, mia);
    EXPECT_EQ(person.learner->presentation.time_zone, "Europe/Berlin");
    EXPECT_EQ(person.learner->presentation.theme, Theme::dark);
    EXPECT_FALSE(person.has_objected);
    EXPECT_EQ(learners::open_contact(cipher(), mia, found.contact)->email, "mia@example.org");

    write([&](Transaction& tx) -> Status {
        consents::object(tx, mia, "", Purpose::marketing_communications_email, now_);
        return {};
    });
    EXPECT_TRUE(find_with_person(token, now_)->person.has_objected);
}

/// All that is told of a learner, so that no column is forgotten in one of the statements.
std::vector<std::string> told(const Subject& subject, const Learner& learner) {
    const auto at = [](const std::optional<Timestamp>& moment) {
        return moment ? std::to_string(microseconds_of(*moment)) : "-";
    };
    const auto& [time_zone, theme, text_size] = learner.presentation;
    return {subject.id.text(),
            std::string(key_of(subject.kind)),
            at(subject.created_at),
            at(subject.last_seen_at),
            at(subject.gpc_seen_at),
            subject.merged_into ? subject.merged_into->text() : "-",
            at(subject.erased_at),
            learner.id.text(),
            at(learner.created_at),
            std::string(key_of(learner.state)),
            std::string(key_of(learner.role)),
            learner.language,
            at(learner.email_confirmed_at),
            learner.guardian_needed_until.value_or("-"),
            learner.auth_instance,
            at(learner.restricted_at),
            time_zone.value_or("-"),
            theme ? std::string(key_of(*theme)) : "-",
            text_size ? std::string(key_of(*text_size)) : "-"};
}

TEST_P(Sessions, TellOfThePersonWhatTheirOwnStoresTell) {
    const Learner tom{.id = LearnerId::make(),
                      .created_at = now_ - hours(3),
                      .role = Role::teacher,
                      .language = "en",
                      .email_confirmed_at = now_ - hours(2),
                      .guardian_needed_until = "2029-03",
                      .auth_instance = "auth/password"};
    ASSERT_TRUE(keys().create(tom.id));
    write([&](Transaction& tx) -> Status {
        if (auto inserted = learners::insert(tx, cipher(), tom, {"Tom", "tom@example.org"}); !inserted)
            return inserted;
        learners::set_presentation(tx, tom.id, {"Asia/Tokyo", Theme::light, TextSize::largest});
        learners::restrict(tx, tom.id, now_ - hours(1));
        subjects::record_gpc(tx, tom.id, now_);
        return {};
    });
    read([&](Transaction& tx) -> Result<bool> {
        const auto person = persons::find(tx, tom.id).value();
        const auto expected = told(subjects::find(tx, tom.id).value(), learners::find(tx, tom.id).value());
        EXPECT_EQ(told(person.subject, person.learner.value()), expected);
        EXPECT_EQ(std::ranges::count(expected, "-"), 2) << "but for these, all is filled in";
        return true;
    });
}

TEST_P(Sessions, OfGuestsHaveNoAccount) {
    const auto guest = make_guest();
    const auto [token, session] = make_session(guest);
    const auto found = find_with_person(token, now_).value();
    EXPECT_EQ(found.person.subject.id, guest);
    EXPECT_FALSE(found.person.learner);
    EXPECT_FALSE(learners::open_contact(cipher(), guest, found.contact));
}

TEST_P(Sessions, AreRevokedOnlyByTheirOwner) {
    const auto mia = make_learner("mia@example.org"), max = make_learner("max@example.org");
    const auto [first, first_session] = make_session(mia);
    const auto [second, second_session] = make_session(mia);
    const auto [third, third_session] = make_session(mia);
    write([&](Transaction& tx) -> Status {
        EXPECT_FALSE(sessions::revoke(tx, max, first_session.id));
        EXPECT_TRUE(sessions::revoke(tx, mia, first_session.id));
        EXPECT_EQ(sessions::list(tx, mia, now_).size(), 2u);
        EXPECT_EQ(sessions::revoke_all(tx, mia, third_session.id), 1);
        return {};
    });
    EXPECT_FALSE(find(first, now_));
    EXPECT_FALSE(find(second, now_));
    EXPECT_TRUE(find(third, now_));
}

TEST_P(Sessions, AreSweptWhenExpired) {
    const auto guest = make_guest();
    make_session(guest);
    make_session(guest);
    write([&](Transaction& tx) -> Status {
        EXPECT_EQ(sessions::sweep(tx, now_), 0);
        EXPECT_EQ(sessions::sweep(tx, now_ + hours(2)), 2);
        return {};
    });
}

TEST_P(Sessions, DoNotStoreTheToken) {
    const auto [token, session] = make_session(make_guest());
    EXPECT_GE(token.size(), 43u);
    const auto stored = read([&](Transaction& tx) {
        return Result<std::string>(std::get<0>(*tx.find<std::string>("select token_hash from sessions")));
    });
    EXPECT_NE(stored, token);
    EXPECT_EQ(stored, sessions::token_hash(token));
}

}  // namespace
}  // namespace calyptenora::storage
