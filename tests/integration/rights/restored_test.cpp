#include "platform/rights/restored.hpp"

#include "integration/gate/gate_fixture.hpp"
#include "platform/privacy_control.hpp"
#include "platform/rights/request_runner.hpp"
#include "platform/rights/requests.hpp"
#include "storage/stores/disclosures.hpp"
#include "storage/stores/learners.hpp"
#include "storage/stores/orders.hpp"
#include "storage/stores/retained.hpp"
#include "storage/stores/subjects.hpp"
#include "storage/stores/tombstones.hpp"

#include <gmock/gmock.h>

// A copy of the database is made, people stop this and that, the copy is put back: what they stopped stays
// stopped. Each test looks at the copy first, as it is: there, it is not.
namespace calyptenora::platform {
namespace {

using gate::GateTest;
using storage::RequestKind;
using testing::HasSubstr;
using testing::Not;

class Restored : public GateTest {
  protected:
    void make_backup() {
        backup_url_ = test::make_database_url(GetParam(), folder_, "backup");
        test::copy_database(url_, backup_url_);
    }
    /// The copy, as the server opens it.
    storage::Database& backup() {
        if (!backup_)
            backup_ = storage::Database::open(backup_url_).value();
        return *backup_;
    }
    Reapplied reapply() {
        const auto done = reapply_tombstones(backup(), cipher(), clock_, {});
        EXPECT_TRUE(done) << done.error().message;
        return done.value();
    }
    template <class F>
    auto look(F function) {
        return backup().run_blocking(std::move(function)).value();
    }

    bool flows(const storage::SubjectId& subject, const gate::PolicyFlow& of) {
        gate::Gate gate(backup(), cipher(), clock_, gate_.policy());
        gate::Choices choices(backup(), cipher(), gate, plugins_, {});
        const auto standings = run(choices.standing(gate_.policy(), subject));
        for (const auto& standing : standings.value())
            if (standing.row->instance == of.instance && standing.row->flow.purpose == of.flow.purpose)
                return standing.flowing;
        throw std::runtime_error("the policy has no such flow");
    }
    storage::LearnerState state(const storage::LearnerId& learner) {
        return look([&](storage::Transaction& tx) -> Result<storage::LearnerState> {
            return storage::learners::find(tx, learner)->state;
        });
    }
    bool ledger_is_whole(const storage::SubjectId& subject) {
        return look([&](storage::Transaction& tx) -> Result<bool> {
            return storage::consents::verify(tx, secrets(), subject).empty();
        });
    }

    void ask_for(const storage::LearnerId& learner, RequestKind kind) {
        ASSERT_TRUE(run(receive(learner, kind)));
        RequestRunner runner(database(), cipher(), gate_, choices_, own_part_, copies_, "node-a",
                             [](const std::string&) {});
        ASSERT_GT(run(runner.run_once()), 0);
    }
    void send_something(const storage::SubjectId& subject) {
        write([&](storage::Transaction& tx) -> Status {
            storage::disclosures::append(tx, secrets(),
                                         std::vector<storage::Disclosure>{{
                                             .id = storage::DisclosureId::make(),
                                             .subject = subject,
                                             .kind = storage::DisclosureKind::attempted,
                                             .call_id = storage::CallId::make(),
                                             .instance = "analytics/probe",
                                             .recipient = "Lernstatistik AG",
                                             .purpose = content_performance,
                                             .operation = "deliver",
                                             .categories = Category::user_education_progress,
                                             .host = "lrs.example",
                                             .commitment = "c",
                                             .outcome = "",
                                             .at = now_,
                                         }});
            return {};
        });
    }

    web::Translations texts_ =
        web::Translations::load(std::filesystem::path(CALYPTENORA_SOURCE_DIR) / "core/web/texts",
                                web::AddressForm::sie)
            .value();
    Copies copies_{folder_.path() / "copies",    database(), cipher(), clock_, texts_,
                   [] { return ExportIssuer(); }};

  private:
    boost::asio::awaitable<Status> receive(storage::LearnerId learner, RequestKind kind) {
        const auto received =
            co_await requests_.receive(std::move(learner), kind, {}, "de", "subject", Start::at_once);
        co_return received ? Status() : Status(received.error());
    }

    OwnPart own_part_{database(), cipher(), gate_, choices_, "Lernhaus"};
    Requests requests_{database(), cipher(), gate_, own_part_};
    std::string backup_url_;
    std::unique_ptr<storage::Database> backup_;
};
CALYPTENORA_ON_BOTH_DATABASES(Restored);

TEST_P(Restored, NothingIsDoneWhereNothingWasLost) {
    const auto mia = make_learner();
    choose(mia, learning(), true);
    choose(mia, learning(), false);
    make_backup();
    EXPECT_EQ(reapply(), Reapplied());
}

TEST_P(Restored, AWithdrawalHolds) {
    const auto mia = make_learner("mia@example.org"), ben = make_learner("ben@example.org");
    choose(mia, learning(), true);
    choose(ben, learning(), true);
    make_backup();
    clock_.advance(std::chrono::hours(1));
    choose(mia, learning(), false);

    EXPECT_TRUE(flows(mia, learning()));
    EXPECT_EQ(reapply(), Reapplied{.withdrawals = 1});
    EXPECT_FALSE(flows(mia, learning()));
    EXPECT_TRUE(flows(ben, learning())) << "who has withdrawn nothing";
    EXPECT_TRUE(ledger_is_whole(mia));
    const auto last = look([&](storage::Transaction& tx) -> Result<storage::ConsentEvent> {
        return storage::consents::list_events(tx, mia).back();
    });
    EXPECT_EQ(last.action, "restored_backup");
    EXPECT_EQ(last.entity_id, "system");
    EXPECT_EQ(reapply(), Reapplied()) << "once";
}

TEST_P(Restored, AConsentThatWasGivenAnewAfterTheWithdrawalHolds) {
    const auto mia = make_learner();
    choose(mia, learning(), true);
    clock_.advance(std::chrono::hours(1));
    choose(mia, learning(), false);
    clock_.advance(std::chrono::hours(1));
    choose(mia, learning(), true);
    make_backup();
    EXPECT_EQ(reapply(), Reapplied());
    EXPECT_TRUE(flows(mia, learning()));
}

TEST_P(Restored, AnObjectionHolds) {
    const auto mia = make_learner();
    const auto& by_interest = flow("analytics/probe", system_performance);
    make_backup();
    ask_for(mia, RequestKind::objection);

    EXPECT_TRUE(flows(mia, by_interest));
    int open = 0;
    for (const auto& instance : gate_.policy()->instances())
        open += static_cast<int>(std::ranges::count_if(
            instance.flows, [](const auto& row) { return gate::is_open_to_objection(row.flow); }));
    EXPECT_EQ(reapply(), Reapplied{.objections = open});
    EXPECT_FALSE(flows(mia, by_interest));
    EXPECT_EQ(reapply(), Reapplied()) << "once";
}

TEST_P(Restored, ARestrictionHoldsUntilItIsLifted) {
    const auto mia = make_learner();
    make_backup();
    ask_for(mia, RequestKind::restriction);
    EXPECT_EQ(state(mia), storage::LearnerState::active);
    EXPECT_EQ(reapply(), Reapplied{.restrictions = 1});
    EXPECT_EQ(state(mia), storage::LearnerState::restricted);

    OwnPart own_part(database(), cipher(), gate_, choices_, "Lernhaus");
    Requests requests(database(), cipher(), gate_, own_part);
    ASSERT_TRUE(run(requests.lift_restriction(mia)));
    EXPECT_EQ(storage::tombstones::list(keys())->size(), 0);
}

TEST_P(Restored, GlobalPrivacyControlIsNotForgotten) {
    const auto mia = make_learner("mia@example.org"), ben = make_learner("ben@example.org");
    const auto note = [&] {
        write(
            [&](storage::Transaction& tx) { return note_privacy_control(tx, cipher(), mia, clock_.now()); });
    };
    const auto seen = [&](const storage::LearnerId& who) {
        return look([&](storage::Transaction& tx) -> Result<std::optional<storage::Timestamp>> {
            return storage::subjects::find(tx, who)->gpc_seen_at;
        });
    };
    make_backup();
    const auto first = clock_.now();
    note();
    clock_.advance(std::chrono::hours(1));
    note();

    EXPECT_FALSE(seen(mia));
    EXPECT_EQ(reapply(), Reapplied{.privacy_controls = 1});
    EXPECT_EQ(seen(mia), first);
    EXPECT_FALSE(seen(ben)) << "whose browser sent nothing";
    EXPECT_EQ(reapply(), Reapplied()) << "once";
    EXPECT_EQ(reapply_tombstones(database(), cipher(), clock_, {}).value(), Reapplied())
        << "nothing was restored";
}

TEST_P(Restored, WhoIsErasedStaysErasedAndVouchersStayWithoutTheName) {
    const auto mia = make_learner("mia@example.org");
    write([&](storage::Transaction& tx) -> Status {
        return storage::orders::insert(tx, {.id = storage::OrderId::make(),
                                            .learner = mia,
                                            .course = "python",
                                            .instance = "payments/sepa",
                                            .amount_minor = 4900,
                                            .currency = "EUR",
                                            .reference = "CA-1",
                                            .state = storage::OrderState::paid,
                                            .captured_minor = 4900,
                                            .created_at = now_,
                                            .updated_at = now_,
                                            .due_at = {}});
    });
    make_backup();
    ask_for(mia, RequestKind::erasure);

    EXPECT_EQ(state(mia), storage::LearnerState::active);
    EXPECT_EQ(reapply(), Reapplied{.erasures = 1});
    EXPECT_EQ(state(mia), storage::LearnerState::erased);
    const auto documents = look([&](storage::Transaction& tx) -> Result<std::vector<std::string>> {
        EXPECT_TRUE(storage::orders::list(tx, mia).empty());
        EXPECT_FALSE(storage::learners::find_by_email(tx, cipher(), "mia@example.org"));
        std::vector<std::string> found;
        for (const auto& record : storage::retained::list(tx, mia))
            found.push_back(storage::retained::load_document(tx, cipher(), record.id).value());
        return found;
    });
    ASSERT_EQ(documents.size(), 1);
    EXPECT_THAT(documents.at(0), HasSubstr("CA-1"));
    EXPECT_THAT(documents.at(0), Not(HasSubstr("Mia")));
    EXPECT_EQ(reapply(), Reapplied()) << "once";
}

TEST_P(Restored, WhatTheErasedHadStoppedDoesNotComeBack) {
    const auto mia = make_learner("mia@example.org");
    choose(mia, learning(), true);
    choose(mia, learning(), false);
    ask_for(mia, RequestKind::objection);
    make_backup();
    ask_for(mia, RequestKind::erasure);
    ASSERT_FALSE(keys().load(mia));
    EXPECT_EQ(reapply_tombstones(database(), cipher(), clock_, {}).value(), Reapplied())
        << "nothing was restored";

    EXPECT_EQ(reapply(), Reapplied{.erasures = 1});
    EXPECT_EQ(reapply(), Reapplied());
    const auto left = look([&](storage::Transaction& tx) -> Result<std::size_t> {
        return storage::consents::list_objections(tx, mia).size();
    });
    EXPECT_EQ(left, 0);
}

TEST_P(Restored, AnErasureThatWasUnderWayAndIsOverAsksNobodyAnyMore) {
    const auto mia = make_learner("mia@example.org");
    send_something(mia);
    plugins_.answer = [](gate::PluginCall) -> boost::asio::awaitable<Result<std::string>> {
        co_return Error(ErrorKind::temporary, "down");
    };
    ask_for(mia, RequestKind::erasure);
    make_backup();
    ASSERT_TRUE(cipher().keys().destroy(mia));

    EXPECT_EQ(reapply(), Reapplied());
    clock_.advance(std::chrono::days(2));
    OwnPart own_part(backup(), cipher(), gate_, choices_, "Lernhaus");
    RequestRunner runner(backup(), cipher(), gate_, choices_, own_part, copies_, "node-b",
                         [](const std::string&) {});
    EXPECT_EQ(run(runner.run_once()), 1);
    look([&](storage::Transaction& tx) -> Status {
        EXPECT_TRUE(storage::requests::list_open(tx, cipher(), 10).empty());
        return {};
    });
}

TEST_P(Restored, RecipientsThatHadNotConfirmedAnErasureAreAskedAgain) {
    const auto mia = make_learner("mia@example.org");
    send_something(mia);
    make_backup();
    ask_for(mia, RequestKind::erasure);
    ASSERT_TRUE(keys().load(mia)) << "the recipient has not confirmed";

    EXPECT_EQ(reapply(), Reapplied{.erasures = 1});
    EXPECT_EQ(state(mia), storage::LearnerState::erased);
    const auto open = look([&](storage::Transaction& tx) -> Result<std::vector<storage::SubjectRequest>> {
        return storage::requests::list_open(tx, cipher(), 10);
    });
    ASSERT_EQ(open.size(), 1);
    EXPECT_EQ(open.at(0).kind, RequestKind::erasure);
    EXPECT_EQ(open.at(0).entered_by, "restored_backup");
    EXPECT_EQ(open.at(0).language, "de");
    EXPECT_EQ(reapply(), Reapplied()) << "and no second request";

    OwnPart own_part(backup(), cipher(), gate_, choices_, "Lernhaus");
    RequestRunner runner(backup(), cipher(), gate_, choices_, own_part, copies_, "node-b",
                         [](const std::string&) {});
    EXPECT_EQ(run(runner.run_once()), 1);
    look([&](storage::Transaction& tx) -> Status {
        const auto steps = storage::requests::list_steps(tx, open.at(0).id);
        EXPECT_EQ(steps.size(), 2);
        EXPECT_EQ(steps.back().instance, "analytics/probe");
        return {};
    });
}

}  // namespace
}  // namespace calyptenora::platform
