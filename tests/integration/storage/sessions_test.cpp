#include "storage/stores/sessions.hpp"

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
        return read(
            [&](Transaction& tx) { return Result<std::optional<Session>>(sessions::find(tx, token, at)); });
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
