// What awaits a learner, what the operator announces, and to whom that is written.
#include "storage/stores/notifications.hpp"

#include "storage/stores/announcements.hpp"
#include "storage/stores/cases.hpp"
#include "storage/stores/consents.hpp"
#include "storage/stores/copies.hpp"
#include "storage/stores/due.hpp"
#include "storage/stores/learners.hpp"
#include "storage/stores/learning.hpp"
#include "storage/stores/requests.hpp"
#include "storage/stores/sessions.hpp"
#include "support/databases.hpp"

#include <gmock/gmock.h>

namespace calyptenora::storage {
namespace {

using std::chrono::days;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Notifications : public test::StoreTest {
  protected:
    AnnouncementId announce(std::optional<std::string> course, Timestamp at) {
        const Announcement made{.id = AnnouncementId::make(),
                                .course = std::move(course),
                                .de = {},
                                .en = AnnouncementText{"Maintenance", "On Monday."},
                                .made_at = at,
                                .shown_until = at + days(30)};
        write([&](Transaction& tx) -> Status {
            announcements::insert(tx, made);
            return {};
        });
        return made.id;
    }
    std::vector<std::string> awaiting(const LearnerId& learner, Timestamp at) {
        return read([&](Transaction& tx) -> Result<std::vector<std::string>> {
            std::vector<std::string> about;
            for (const auto& notification : notifications::list(tx, learner, at))
                about.push_back(notification.about);
            EXPECT_EQ(notifications::count(tx, learner, at), std::ssize(about));
            return about;
        });
    }
    std::vector<std::string> awaiting(const LearnerId& learner) { return awaiting(learner, now_); }
    void enrol(const LearnerId& learner) {
        write([&](Transaction& tx) -> Status {
            learning::enrol(tx, learner, "python", std::nullopt, now_);
            return {};
        });
    }
    LearnerId make_confirmed(const std::string& email) {
        const auto learner = make_learner(email);
        write([&](Transaction& tx) -> Status {
            learners::confirm_email(tx, learner, now_);
            return {};
        });
        return learner;
    }
    /// What they say holds for ten days.
    void subscribe(const LearnerId& learner, ConsentState state) {
        write([&](Transaction& tx) {
            return consents::record(tx, cipher().keys().service(),
                                    {.record_id = RecordId::make(),
                                     .pii_principal_id = learner,
                                     .event_time = now_,
                                     .event_type = std::string(key_of(state)),
                                     .event_state = state,
                                     .entity_id = learner.text(),
                                     .instance = "core/mail",
                                     .purpose = Purpose::marketing_communications_email,
                                     .recipient_third_parties = "Post",
                                     .privacy_notice = "1",
                                     .language = "en",
                                     .action = "test",
                                     .validity_duration = std::chrono::seconds(days(10)),
                                     .text_hash = "shown",
                                     .choices_hash = "choices",
                                     .manifest_hash = "manifest",
                                     .policy_hash = "policy"},
                                    ConsentOrigin::account);
        });
    }
    std::optional<announcements::Mailing> mailing(Timestamp at) {
        return read([&](Transaction& tx) -> Result<std::optional<announcements::Mailing>> {
            return announcements::find_mailing(tx, at);
        });
    }
    std::vector<LearnerId> addressees(const announcements::Mailing& mailing, int limit = 10) {
        return read([&](Transaction& tx) -> Result<std::vector<LearnerId>> {
            return announcements::list_addressees(tx, mailing, now_, limit);
        });
    }
    bool advance(const announcements::Mailing& mailing, const LearnerId& last, bool done) {
        return write([&](Transaction& tx) -> Result<bool> {
            return announcements::advance(tx, mailing, last.text(), done, now_);
        });
    }
};
CALYPTENORA_ON_BOTH_DATABASES(Notifications);

TEST_P(Notifications, OfAnAnnouncementEndWhenItIsReadOrOver) {
    const auto mia = make_learner("mia@example.org"), noor = make_learner("noor@example.org");
    const auto first = announce({}, now_ - seconds(2)), second = announce({}, now_ - seconds(1));
    EXPECT_THAT(awaiting(mia), ElementsAre(second.text(), first.text()));
    write([&](Transaction& tx) -> Status {
        announcements::note_read(tx, mia, first, now_);
        announcements::note_read(tx, mia, first, now_ + seconds(1));
        return {};
    });
    EXPECT_THAT(awaiting(mia), ElementsAre(second.text()));
    EXPECT_THAT(awaiting(noor), SizeIs(2)) << "each reads for themselves";
    const auto shown = read([&](Transaction& tx) -> Result<std::vector<OwnAnnouncement>> {
        return announcements::list_for(tx, mia, now_);
    });
    ASSERT_THAT(shown, SizeIs(2)) << "also what was read";
    EXPECT_FALSE(shown[0].read_at);
    EXPECT_EQ(shown[1].read_at, now_);
    EXPECT_THAT(awaiting(mia, now_ + days(30)), IsEmpty());

    EXPECT_TRUE(
        write([&](Transaction& tx) -> Result<bool> { return announcements::withdraw(tx, second, now_); }));
    EXPECT_FALSE(
        write([&](Transaction& tx) -> Result<bool> { return announcements::withdraw(tx, second, now_); }));
    EXPECT_THAT(awaiting(mia), IsEmpty());
}

TEST_P(Notifications, AboutACourseReachThoseWhoTakeIt) {
    const auto mia = make_learner("mia@example.org"), noor = make_learner("noor@example.org");
    const auto about_python = announce("python", now_);
    EXPECT_THAT(awaiting(mia), IsEmpty());
    enrol(mia);
    EXPECT_THAT(awaiting(mia), ElementsAre(about_python.text())) << "also who came later";
    EXPECT_THAT(awaiting(noor), IsEmpty());
    write([&](Transaction& tx) -> Status {
        learning::set_enrolment_state(tx, mia, "python", EnrolmentState::cancelled);
        return {};
    });
    EXPECT_THAT(awaiting(mia), IsEmpty());
}

TEST_P(Notifications, OfAnAnswerEndWhenItWasLookedAtAndComeBackWithTheNext) {
    const auto mia = make_learner();
    const Case opened{.id = CaseId::make(),
                      .learner = mia,
                      .instance = "support/mail",
                      .subject_line = "Video",
                      .alias = cases::make_alias(),
                      .created_at = now_,
                      .updated_at = now_};
    const auto answer = [&](Timestamp at) {
        write([&](Transaction& tx) {
            return cases::add_message(tx, cipher(),
                                      {MessageId::make(), opened.id, Author::support, "So", {}, at});
        });
    };
    write([&](Transaction& tx) { return cases::insert(tx, cipher(), opened); });
    EXPECT_THAT(awaiting(mia), IsEmpty()) << "nobody has answered";
    answer(now_ + seconds(1));
    EXPECT_THAT(awaiting(mia), ElementsAre(opened.id.text()));
    write([&](Transaction& tx) -> Status {
        cases::note_seen(tx, opened.id, now_ + seconds(2));
        return {};
    });
    EXPECT_THAT(awaiting(mia), IsEmpty());
    answer(now_ + seconds(3));
    EXPECT_THAT(awaiting(mia), ElementsAre(opened.id.text()));
}

TEST_P(Notifications, OfACopyEndWhenItWasFetchedOrHasRunOut) {
    const auto mia = make_learner();
    const SubjectRequest request{.id = RequestId::make(),
                                 .subject = mia,
                                 .kind = RequestKind::access,
                                 .language = "de",
                                 .entered_by = "subject",
                                 .details = {},
                                 .received_at = now_,
                                 .starts_at = now_,
                                 .due_at = now_};
    write([&](Transaction& tx) { return requests::insert(tx, cipher(), request, sessions::make_token()); });
    EXPECT_THAT(awaiting(mia), IsEmpty());
    write([&](Transaction& tx) -> Status {
        copies::put(tx, {.request = request.id,
                         .subject = mia,
                         .size = 9,
                         .made_at = now_,
                         .expires_at = now_ + days(7)});
        return {};
    });
    EXPECT_THAT(awaiting(mia), ElementsAre(request.id.text()));
    EXPECT_THAT(awaiting(mia, now_ + days(7)), IsEmpty());
    write([&](Transaction& tx) -> Status {
        copies::note_fetched(tx, request.id, now_);
        return {};
    });
    EXPECT_THAT(awaiting(mia), IsEmpty());
}

TEST_P(Notifications, AreMailedToWhoWantsThemPieceByPiece) {
    const auto ada = make_confirmed("ada@example.org"), bob = make_confirmed("bob@example.org"),
               cem = make_confirmed("cem@example.org");
    make_learner("unconfirmed@example.org");
    write([&](Transaction& tx) -> Status {
        notifications::choose(tx, bob, MailTopic::announcements, false);
        notifications::choose(tx, cem, MailTopic::case_answers, false);
        return {};
    });
    EXPECT_FALSE(mailing(now_));
    const auto id = announce({}, now_);
    const auto begun = mailing(now_).value();
    EXPECT_EQ(begun.id, id);
    EXPECT_THAT(addressees(begun), ElementsAre(ada, cem));
    EXPECT_THAT(addressees(begun, 1), ElementsAre(ada));
    EXPECT_TRUE(advance(begun, ada, false));
    EXPECT_FALSE(advance(begun, ada, false)) << "another node was quicker";
    const auto rest = mailing(now_).value();
    EXPECT_THAT(addressees(rest), ElementsAre(cem));
    EXPECT_TRUE(advance(rest, cem, true));
    EXPECT_FALSE(mailing(now_));

    enrol(cem);
    announce("python", now_);
    EXPECT_THAT(addressees(mailing(now_).value()), ElementsAre(cem));
    EXPECT_FALSE(mailing(now_ + days(30))) << "over before everybody had it";
}

TEST_P(Notifications, NewsAreForSubscribersAndByMailOnly) {
    const auto ada = make_confirmed("ada@example.org"), bob = make_confirmed("bob@example.org"),
               cem = make_confirmed("cem@example.org"), dot = make_confirmed("dot@example.org"),
               eve = make_learner("unconfirmed@example.org");
    subscribe(ada, ConsentState::given);
    subscribe(bob, ConsentState::withdrawn);
    subscribe(cem, ConsentState::renewed);
    subscribe(eve, ConsentState::given);
    const Announcement news{.id = AnnouncementId::make(),
                            .course = {},
                            .de = {},
                            .en = AnnouncementText{"New courses", "Three."},
                            .made_at = now_,
                            .shown_until = now_ + days(30),
                            .is_news = true};
    write([&](Transaction& tx) -> Status {
        announcements::insert(tx, news);
        return {};
    });
    EXPECT_THAT(awaiting(ada), IsEmpty());
    EXPECT_TRUE(read([&](Transaction& tx) -> Result<bool> {
        return announcements::list_for(tx, ada, now_).empty() && announcements::find(tx, news.id)->is_news;
    }));
    const auto begun = mailing(now_).value();
    EXPECT_THAT(addressees(begun), ElementsAre(ada, cem)) << "and not " << dot.text();
    EXPECT_THAT(addressees(begun, 1), ElementsAre(ada));
    EXPECT_TRUE(advance(begun, ada, false));
    EXPECT_THAT(addressees(mailing(now_).value()), ElementsAre(cem));
    now_ += days(10);
    EXPECT_THAT(addressees(begun), IsEmpty()) << "what was allowed has run out";
}

TEST_P(Notifications, MarksOfReadingGoWithTheAnnouncement) {
    const auto mia = make_learner();
    const auto id = announce({}, now_);
    write([&](Transaction& tx) -> Status {
        announcements::note_read(tx, mia, id, now_);
        return {};
    });
    const auto sweep = [&](Timestamp at) {
        return write(
            [&](Transaction& tx) -> Result<long long> { return announcements::sweep_reads(tx, at); });
    };
    const auto due_at = [&](Timestamp at) {
        return read([&](Transaction& tx) -> Result<Due> { return due::reads(tx, at); });
    };
    EXPECT_EQ(sweep(now_), 0);
    EXPECT_EQ(due_at(now_), (Due{0, {}, 1, now_ + days(30)}));
    EXPECT_EQ(due_at(now_ + days(30)), (Due{1, now_ + days(30), 0, {}}));
    EXPECT_EQ(sweep(now_ + days(30)), 1);
    EXPECT_EQ(sweep(now_ + days(30)), 0);
}

}  // namespace
}  // namespace calyptenora::storage
