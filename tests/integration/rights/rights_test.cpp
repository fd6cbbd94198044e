#include "integration/gate/gate_fixture.hpp"
#include "platform/housekeeping.hpp"
#include "platform/learning_events.hpp"
#include "platform/rights/deadlines.hpp"
#include "platform/rights/own_part.hpp"
#include "platform/rights/request_runner.hpp"
#include "platform/rights/requests.hpp"
#include "storage/stores/cases.hpp"
#include "storage/stores/copies.hpp"
#include "storage/stores/declarations.hpp"
#include "storage/stores/disclosures.hpp"
#include "storage/stores/erasure.hpp"
#include "storage/stores/inbound_events.hpp"
#include "storage/stores/learners.hpp"
#include "storage/stores/orders.hpp"
#include "storage/stores/outbox.hpp"
#include "storage/stores/retained.hpp"
#include "storage/stores/subjects.hpp"

#include <calyptenora/json.hpp>

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

#include <fstream>

// What a person asks for is done at the platform at once, and by every recipient in the end.
namespace calyptenora::platform {
namespace {

using gate::GateTest;
using storage::RequestKind;
using storage::RequestStatus;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using namespace std::chrono_literals;
using std::chrono::days;

constexpr auto rights_purpose = R"(  - purpose: essential.legal_obligation
    legal_basis: legal_obligation
    fields:
      - {category: user.unique_id.pseudonymous, required: true, transform: pseudonym, why: {de: W, en: W}}
egress:)";

class Rights : public GateTest {
  protected:
    Rights() {
        gate_.replace_policy(test::compile_policy(
            test::probe_settings(), {test::replaced(test::probe_manifest(), "egress:", rights_purpose),
                                     test::replaced(test::desk_manifest(), "egress:", rights_purpose)}));
        plugins_.answer = [this](gate::PluginCall call) -> boost::asio::awaitable<Result<std::string>> {
            asked_.push_back(call.scope.instance.text() + " " + call.operation);
            if (while_asking_)
                co_await std::exchange(while_asking_, nullptr)();
            const auto found = answers_.find(call.scope.instance.text());
            co_return found == answers_.end() ? Result<std::string>(std::string(done)) : found->second;
        };
    }

    RequestRunner make_runner(const std::string& node) {
        return RequestRunner(database(), cipher(), gate_, choices_, own_part_, copies_, node,
                             [this](const std::string& line) { log_.push_back(line); });
    }
    int work() { return run(runner_.run_once()); }
    /// Until nothing is due any more.
    void work_on(int most = 20) {
        while (work() > 0 && --most > 0) {
        }
        EXPECT_GT(most, 0) << "it goes on for ever";
    }

    storage::LearnerId learner_with_recipients(std::vector<std::string> instances) {
        const auto mia = make_learner("mia@example.org");
        write([&](storage::Transaction& tx) -> Status {
            storage::learners::confirm_email(tx, mia, clock_.now());
            return {};
        });
        send(mia, std::move(instances));
        return mia;
    }
    void send(const storage::SubjectId& subject, std::vector<std::string> instances) {
        write([&](storage::Transaction& tx) -> Status {
            for (const auto& instance : instances)
                storage::disclosures::append(tx, secrets(),
                                             std::vector<storage::Disclosure>{{
                                                 .id = storage::DisclosureId::make(),
                                                 .subject = subject,
                                                 .kind = storage::DisclosureKind::attempted,
                                                 .call_id = storage::CallId::make(),
                                                 .instance = instance,
                                                 .recipient = "Recipient of " + instance,
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
    /// Somebody who looked round before they had an account, and was seen by recipients then.
    storage::SubjectId guest_of(const storage::LearnerId& learner, std::vector<std::string> instances) {
        const auto guest = make_guest();
        send(guest, std::move(instances));
        write([&](storage::Transaction& tx) -> Status {
            storage::subjects::merge_guest(tx, guest, learner);
            return {};
        });
        return guest;
    }
    Received receive(const storage::LearnerId& learner, RequestKind kind, RequestDetails details = {}) {
        auto received = run(wrap(requests_.receive(learner, kind, std::move(details), "", "subject")));
        EXPECT_TRUE(received) << received.error().message;
        return *received->at(0);
    }
    Error refusal(const storage::LearnerId& learner, RequestKind kind, RequestDetails details = {}) {
        const auto received = run(wrap(requests_.receive(learner, kind, std::move(details), "", "subject")));
        EXPECT_FALSE(received);
        return received.error();
    }
    RequestView view(const std::string& token) {
        return run(wrap(requests_.find_by_token(token)))->at(0).value();
    }
    /// "completed: instance=status ...".
    std::string standing(const std::string& token) {
        const auto found = view(token);
        auto text = std::string(boost::describe::enum_to_string(found.request.status, "")) + ":";
        for (const auto& step : found.steps)
            text += " " + (step.instance.empty() ? "platform" : step.instance) + "=" +
                    boost::describe::enum_to_string(step.status, "");
        return text;
    }
    std::string outcome(const std::string& token, const std::string& instance) {
        for (const auto& step : view(token).steps)
            if (step.instance == instance)
                return step.outcome;
        return "no such part";
    }
    std::optional<storage::Contact> contact(const storage::LearnerId& learner) {
        return read([&](storage::Transaction& tx) -> Result<std::optional<storage::Contact>> {
            auto found = storage::learners::load_contact(tx, cipher(), learner);
            return found ? std::optional(*found) : std::nullopt;
        });
    }

    static const web::Translations& texts() {
        static const auto loaded = web::Translations::load(
            std::filesystem::path(CALYPTENORA_SOURCE_DIR) / "core/web/texts", web::AddressForm::sie);
        return loaded.value();
    }
    Copies make_copies() {
        return {folder_.path() / "copies", database(), cipher(), clock_, texts(), [] {
                    return ExportIssuer{"Lernhaus", "https://lms.example", "Lernhaus GmbH", "a@lms.example",
                                        "LfDI",     "Europe/Berlin"};
                }};
    }
    /// The files of a copy, by name, as a program reads them that shares no code with the platform.
    std::map<std::string, std::string> unzip(const storage::LearnerId& learner,
                                             const storage::RequestId& id) {
        auto copy = run(wrap(copies_.fetch(learner, id)));
        if (!copy) {
            ADD_FAILURE() << copy.error().message;
            return {};
        }
        const auto zip = folder_.path() / "copy.zip", out = folder_.path() / "copy.json";
        std::ofstream plain(zip, std::ios::binary);
        while (const auto chunk = copy->at(0)->reader.read().value())
            plain << *chunk;
        plain.close();
        const auto command = fmt::format(
            "/usr/bin/python3 -c 'import json, sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); "
            "json.dump({{n: z.read(n).decode() for n in z.namelist()}}, open(sys.argv[2], \"w\"))' {} {}",
            zip.string(), out.string());
        EXPECT_EQ(std::system(command.c_str()), 0);
        std::ifstream in(out);
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        return parse_json<std::map<std::string, std::string>>(text).value();
    }
    /// What data.json says of each recipient: `instance status outcome-or-reason`.
    static std::vector<std::string> recipients_in(const std::map<std::string, std::string>& files) {
        std::vector<std::string> lines;
        const auto document = boost::json::parse(files.at("data.json")).as_object();
        for (const auto& each : document.at("recipients").as_array()) {
            const auto& recipient = each.as_object();
            const auto& outcome = recipient.at("outcome");
            lines.push_back(fmt::format("{} {} {}", std::string(recipient.at("instance").as_string()),
                                        std::string(recipient.at("status").as_string()),
                                        outcome.is_null() ? std::string(recipient.at("reason").as_string())
                                                          : boost::json::serialize(outcome)));
        }
        return lines;
    }
    std::vector<std::string> files_on_the_shelf() {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(folder_.path() / "copies"))
            names.push_back(entry.path().filename().string());
        return names;
    }
    std::vector<storage::RecipientAnswerRecord> answers_kept(const storage::RequestId& id) {
        return read([&](storage::Transaction& tx) -> Result<std::vector<storage::RecipientAnswerRecord>> {
            return storage::copies::list_answers(tx, cipher(), id);
        });
    }

    /// From now on the core sends mail.
    void send_mail() {
        gate_.replace_policy(test::compile_policy(
            test::probe_settings() +
                "mail: {host: smtp.example, from: a@lms.example, recipient: {self: true}}\n",
            {test::replaced(test::probe_manifest(), "egress:", rights_purpose),
             test::replaced(test::desk_manifest(), "egress:", rights_purpose)}));
    }
    /// How many letters wait; they count as sent after that.
    std::size_t letters() {
        return write([&](storage::Transaction& tx) -> Result<std::size_t> {
            const auto waiting =
                storage::outbox::claim(tx, cipher(), "core/mail", "post", 100, clock_.now(), 60s);
            for (const auto& letter : waiting)
                storage::outbox::deliver(tx, letter.id, "post", clock_.now());
            return waiting.size();
        });
    }

    static constexpr const char* done = R"({"done":{"evidence":"all gone"}})";
    std::map<std::string, Result<std::string>> answers_;
    std::vector<std::string> asked_, log_;
    /// What happens once, while a recipient is asked.
    std::function<boost::asio::awaitable<void>()> while_asking_;
    Copies copies_{make_copies()};
    settings::Retention retention_;
    OwnPart own_part_{database(), cipher(), gate_, choices_, "Lernhaus", [this] { return retention_; }};
    Requests requests_{database(), cipher(), gate_, own_part_};
    RequestRunner runner_ = make_runner("node-a");

    /// As a list, since what a coroutine of the tests yields must have a default.
    template <class T>
    static boost::asio::awaitable<Result<std::vector<std::optional<T>>>> wrap(
        boost::asio::awaitable<Result<T>> work) {
        auto result = co_await std::move(work);
        if (!result)
            co_return result.error();
        std::vector<std::optional<T>> list;
        list.push_back(std::move(*result));
        co_return list;
    }
};
CALYPTENORA_ON_BOTH_DATABASES(Rights);

TEST_P(Rights, AnErasureWaitsThenDeletesThenTellsAndInTheEndDestroysTheKey) {
    const auto mia = learner_with_recipients({"analytics/probe", "support/desk"});
    const auto pseudonym_there = cipher().pseudonym(mia, "analytics/probe").value();
    answers_.emplace("analytics/probe",
                     Result<std::string>(R"({"done":{"evidence":"erased )" + pseudonym_there + R"("}})"));
    answers_.emplace("support/desk", Result<std::string>(R"({"pending":{"job":"J-1","poll_after_s":3600}})"));
    const auto request = receive(mia, RequestKind::erasure);
    EXPECT_EQ(request.due_at, months_after(now_, 1));
    EXPECT_EQ(work(), 0);
    EXPECT_TRUE(contact(mia));

    clock_.advance(days(3));
    work_on();
    EXPECT_EQ(standing(request.token),
              "in_progress: platform=completed analytics/probe=completed "
              "support/desk=in_progress");
    EXPECT_THAT(asked_, ElementsAre("analytics/probe erase_subject", "support/desk erase_subject"));
    const auto document = boost::json::parse(plugins_.calls.at(0).document).as_object();
    EXPECT_EQ(document.at("learner").as_string(), pseudonym_there);
    EXPECT_EQ(document.at("request_id").as_string(), request.id.text());
    EXPECT_EQ(document.size(), 2) << "nothing else was granted: " << plugins_.calls.at(0).document;
    EXPECT_TRUE(contact(mia)) << "until all have confirmed";
    read([&](storage::Transaction& tx) -> Status {
        EXPECT_EQ(storage::learners::find(tx, mia)->state, storage::LearnerState::erased);
        return {};
    });

    answers_.at("support/desk") = std::string(done);
    work_on();
    EXPECT_EQ(asked_.size(), 2) << "not before the recipient asked for it";
    clock_.advance(1h);
    work_on();
    EXPECT_EQ(standing(request.token),
              "completed: platform=completed analytics/probe=completed support/desk=completed");
    EXPECT_EQ(outcome(request.token, "analytics/probe"), "erased [pseudonym]");
    EXPECT_FALSE(contact(mia));
    EXPECT_FALSE(cipher().pseudonym(mia, "analytics/probe"));
    EXPECT_EQ(view(request.token).request.details, "");
    make_learner("mia@example.org");
}

TEST_P(Rights, WhoKnowsThePersonAsAGuestTooIsToldUnderBothNames) {
    const auto mia = learner_with_recipients({"support/desk"});
    const auto guest = guest_of(mia, {"analytics/probe", "support/desk"});
    const auto name_of_guest = cipher().pseudonym(guest, "analytics/probe").value();
    const auto copy = receive(mia, RequestKind::access);
    answers_.emplace("analytics/probe", Result<std::string>(R"({"done":{"evidence":"a page view"}})"));
    answers_.emplace("support/desk", Result<std::string>(R"({"done":{"evidence":"a letter"}})"));
    work_on();
    EXPECT_THAT(recipients_in(unzip(mia, copy.id)),
                ElementsAre(R"(analytics/probe answered {"done":{"evidence":"a page view"}})",
                            R"(support/desk answered {"done":{"evidence":"a letter"}})",
                            R"(support/desk answered {"done":{"evidence":"a letter"}})"));

    plugins_.calls.clear();
    answers_.at("analytics/probe") = R"({"done":{"evidence":"forgot )" + name_of_guest + R"("}})";
    answers_.at("support/desk") = Error(ErrorKind::temporary, "down");
    const auto request = receive(mia, RequestKind::erasure);
    clock_.advance(days(3));
    work_on();
    EXPECT_EQ(standing(request.token),
              "in_progress: platform=completed analytics/probe=completed support/desk=in_progress "
              "support/desk=in_progress");
    EXPECT_EQ(outcome(request.token, "analytics/probe"), "forgot [pseudonym]") << "long before the end";
    const std::set<std::string> wanted{name_of_guest, cipher().pseudonym(mia, "support/desk").value(),
                                       cipher().pseudonym(guest, "support/desk").value()};
    std::set<std::string> named;
    for (const auto& call : plugins_.calls)
        named.emplace(boost::json::parse(call.document).as_object().at("learner").as_string());
    EXPECT_EQ(named, wanted);
    EXPECT_TRUE(cipher().keys().load(guest)) << "until all have confirmed";

    answers_.at("support/desk") = std::string(done);
    clock_.advance(1h);
    work_on();
    EXPECT_THAT(standing(request.token), StartsWith("completed:"));
    for (const auto& subject : {storage::SubjectId(mia), guest})
        EXPECT_EQ(cipher().keys().load(subject).error().kind, ErrorKind::not_found);
    read([&](storage::Transaction& tx) -> Status {
        EXPECT_FALSE(storage::subjects::find(tx, guest)->merged_into);
        return {};
    });
}

TEST_P(Rights, WhatIsEnteredByHandMeanwhileIsNotLost) {
    const auto mia = learner_with_recipients({"analytics/gone", "analytics/probe"});
    answers_.emplace("analytics/probe", Result<std::string>(done));
    const auto request = receive(mia, RequestKind::access);
    work_on();
    ASSERT_EQ(outcome(request.token, "analytics/gone"), "it is not connected for this any more");
    while_asking_ = [&]() -> boost::asio::awaitable<void> {
        EXPECT_TRUE(co_await requests_.confirm(request.id, "analytics/gone", "their letter"));
    };
    write([&](storage::Transaction& tx) -> Status {
        auto step = storage::requests::list_steps(tx, request.id).back();
        step.status = storage::RequestStatus::in_progress;
        storage::requests::put_step(tx, step);
        storage::requests::wake(tx, request.id, clock_.now());
        return {};
    });
    work_on();
    ASSERT_FALSE(while_asking_);
    EXPECT_EQ(standing(request.token),
              "completed: platform=completed analytics/gone=completed "
              "analytics/probe=completed");
    EXPECT_THAT(recipients_in(unzip(mia, request.id)),
                Contains(R"(analytics/gone answered {"done":{"evidence":"their letter"}})"));
}

TEST_P(Rights, NothingIsKeptOfAnAnswerThatComesAfterAnErasure) {
    const auto mia = learner_with_recipients({"analytics/probe", "support/desk"});
    answers_.emplace("analytics/probe", Result<std::string>(R"({"done":{"evidence":"secret of Mia"}})"));
    const auto request = receive(mia, RequestKind::access);
    while_asking_ = [&]() -> boost::asio::awaitable<void> {
        EXPECT_TRUE(co_await database().transaction([&](storage::Transaction& tx) -> Status {
            storage::erasure::erase_records(tx, mia, clock_.now());
            return {};
        }));
    };
    work_on();
    clock_.advance(1h);
    work_on();
    EXPECT_THAT(standing(request.token), StartsWith("partial:"));
    EXPECT_TRUE(answers_kept(request.id).empty());
    EXPECT_FALSE(view(request.token).copy);
}

TEST_P(Rights, WhatLawDemandsIsKeptApartUntilItsDate) {
    const auto mia = learner_with_recipients({});
    const storage::Order paid{.id = storage::OrderId::make(),
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
                              .due_at = {}};
    auto open = paid;
    open.id = storage::OrderId::make();
    open.reference = "CA-2";
    open.state = storage::OrderState::open;
    open.captured_minor = 0;
    write([&](storage::Transaction& tx) -> Status {
        EXPECT_TRUE(storage::orders::insert(tx, paid));
        EXPECT_TRUE(storage::orders::insert(tx, open));
        EXPECT_TRUE(storage::inbound_events::insert(tx, cipher(),
                                                    {.id = storage::InboundEventId::make(),
                                                     .instance = "payments/sepa",
                                                     .dedupe_key = "d",
                                                     .event_id = "E-1",
                                                     .object_ref = "CA-1",
                                                     .kind = "transfer",
                                                     .subject = {},
                                                     .detail = R"({"amount":4900})",
                                                     .received_at = now_,
                                                     .handled_at = now_}));
        return storage::declarations::insert(tx, cipher(),
                                             {.id = storage::DeclarationId::make(),
                                              .kind = storage::DeclarationKind::withdrawal,
                                              .alias = storage::cases::make_alias(),
                                              .subject = mia,
                                              .order_id = open.id,
                                              .language = "de",
                                              .details = R"({"name":"Mia"})",
                                              .received_at = now_});
    });
    const auto request = receive(mia, RequestKind::erasure);
    retention_.letter_years = 7;
    clock_.advance(days(3));
    work_on();
    EXPECT_EQ(standing(request.token), "retained: platform=retained");
    EXPECT_EQ(view(request.token).steps.at(0).retained_until, "2034-12-31");
    EXPECT_FALSE(contact(mia));
    write([&](storage::Transaction& tx) -> Status {
        EXPECT_FALSE(storage::orders::find(tx, paid.id));
        EXPECT_TRUE(storage::inbound_events::list_about(tx, cipher(), "payments/sepa", "CA-1").empty());
        const auto kept = storage::retained::list(tx, mia);
        EXPECT_EQ(kept.size(), 2);
        EXPECT_EQ(kept.at(0).ground + " " + kept.at(0).until, "business_letter 2033-12-31");
        EXPECT_EQ(kept.at(1).ground + " " + kept.at(1).until, "booking_voucher 2034-12-31");
        const auto voucher = storage::retained::load_document(tx, cipher(), kept.at(1).id);
        EXPECT_THAT(voucher.value(), testing::AllOf(HasSubstr("CA-1"), HasSubstr("mia@example.org"),
                                                    HasSubstr("E-1"), Not(HasSubstr("CA-2"))));
        return {};
    });

    clock_.advance(days(366 * 9));
    Housekeeping keeper(database(), cipher(), clock_, [] { return KeptFor(); }, [](const std::string&) {});
    EXPECT_EQ(run(keeper.run_once())->retained, 2);
    read([&](storage::Transaction& tx) -> Status {
        EXPECT_TRUE(storage::retained::list(tx, mia).empty());
        return {};
    });
}

TEST_P(Rights, ARecipientThatIsDownIsAskedAgainAndOneThatAnswersNonsenseIsSomebodysWork) {
    const auto mia = learner_with_recipients({"analytics/probe", "support/desk", "analytics/gone"});
    answers_.emplace("analytics/probe", Error(ErrorKind::temporary, "down"));
    answers_.emplace("support/desk", std::string(R"({"retained":{"reason":"tax","until":"some day"}})"));
    const auto request = receive(mia, RequestKind::erasure);
    clock_.advance(days(3));
    work_on();
    EXPECT_EQ(standing(request.token),
              "in_progress: platform=completed analytics/gone=manual "
              "analytics/probe=in_progress support/desk=in_progress");
    EXPECT_THAT(outcome(request.token, "analytics/gone"), HasSubstr("not connected"));
    const auto asked = asked_.size();
    work_on();
    EXPECT_EQ(asked_.size(), asked) << "not at once";
    for (int i = 0; i < 7; ++i) {
        clock_.advance(1h);
        work_on();
    }
    EXPECT_EQ(standing(request.token),
              "in_progress: platform=completed analytics/gone=manual "
              "analytics/probe=in_progress support/desk=manual");
    EXPECT_THAT(outcome(request.token, "support/desk"), HasSubstr("makes no sense"));

    answers_.at("analytics/probe") = std::string(R"({"retained":{"reason":"tax","until":"2030-12-31"}})");
    clock_.advance(2h);
    work_on();
    EXPECT_EQ(standing(request.token),
              "manual: platform=completed analytics/gone=manual "
              "analytics/probe=retained support/desk=manual");
    EXPECT_TRUE(contact(mia)) << "somebody still has to write to two of them";
    EXPECT_THAT(log_, testing::Contains(HasSubstr("waits for somebody")));

    EXPECT_EQ(run(requests_.confirm(request.id, "analytics/probe", "x")).error().kind, ErrorKind::conflict);
    EXPECT_EQ(run(requests_.confirm(request.id, "no/body", "x")).error().kind, ErrorKind::not_found);
    EXPECT_EQ(run(requests_.confirm(request.id, "support/desk", "")).error().kind, ErrorKind::invalid_input);
    EXPECT_TRUE(run(requests_.confirm(request.id, "support/desk", "letter of 2026-12-01")));
    EXPECT_TRUE(run(requests_.confirm(request.id, "analytics/gone", "mail of 2026-12-01")));
    work_on();
    EXPECT_EQ(standing(request.token),
              "retained: platform=completed analytics/gone=completed "
              "analytics/probe=retained support/desk=completed");
    EXPECT_FALSE(contact(mia));
}

TEST_P(Rights, WhatIsDueAndNotConfirmedBecomesSomebodysWork) {
    const auto mia = learner_with_recipients({"analytics/probe"});
    answers_.emplace("analytics/probe", Error(ErrorKind::temporary, "down"));
    const auto request = receive(mia, RequestKind::restriction);
    work_on();
    EXPECT_EQ(standing(request.token), "in_progress: platform=completed analytics/probe=in_progress");
    EXPECT_TRUE(run(requests_.extend(request.id, "their server has burnt")));
    EXPECT_EQ(view(request.token).request.due_at, months_after(now_, 3));
    EXPECT_EQ(run(requests_.extend(request.id, "again")).error().kind, ErrorKind::conflict);
    clock_.advance(days(88));
    work_on();
    EXPECT_EQ(standing(request.token), "in_progress: platform=completed analytics/probe=in_progress");
    ASSERT_FALSE(log_.empty());
    EXPECT_THAT(log_.back(), HasSubstr("has not been confirmed by everybody"));
    clock_.advance(days(10));
    work_on();
    EXPECT_EQ(standing(request.token), "manual: platform=completed analytics/probe=manual");
    EXPECT_THAT(log_.back(), HasSubstr("is OVERDUE"));
}

TEST_P(Rights, ThePersonIsWrittenToAtEachStep) {
    send_mail();
    const auto mia = learner_with_recipients({"analytics/probe"});
    answers_.emplace("analytics/probe", Error(ErrorKind::temporary, "down"));
    const auto copy = receive(mia, RequestKind::access);
    EXPECT_EQ(letters(), 1u) << "it has been taken";
    work_on();
    EXPECT_EQ(letters(), 1u) << "there is a copy";
    EXPECT_TRUE(run(requests_.extend(copy.id, "their server has burnt")));
    EXPECT_EQ(letters(), 1u) << "it takes longer";
    answers_.clear();
    clock_.advance(1h);
    work_on();
    EXPECT_EQ(view(copy.token).request.status, RequestStatus::completed);
    EXPECT_EQ(letters(), 1u) << "it is done, and the copy is a new one: one letter for both";
    clock_.advance(days(1));
    work_on();
    EXPECT_EQ(letters(), 0u);

    receive(mia, RequestKind::rectification, {.display_name = "Mia Größer"});
    work_on();
    EXPECT_EQ(letters(), 1u) << "taken and done at once";
}

TEST_P(Rights, NobodyIsWrittenToAfterTheirErasure) {
    send_mail();
    const auto mia = learner_with_recipients({});
    const auto request = receive(mia, RequestKind::erasure);
    EXPECT_EQ(letters(), 1u) << "it has been taken, and can be taken back";
    receive(mia, RequestKind::access);
    clock_.advance(days(3));
    work_on();
    EXPECT_EQ(view(request.token).request.status, RequestStatus::completed);
    EXPECT_EQ(letters(), 0u);
    EXPECT_FALSE(run(requests_.extend(request.id, "late")));
    EXPECT_EQ(letters(), 0u);
}

TEST_P(Rights, WithoutMailNobodyIsWrittenTo) {
    const auto mia = learner_with_recipients({});
    receive(mia, RequestKind::access);
    work_on();
    EXPECT_EQ(letters(), 0u);
}

TEST_P(Rights, AnErasureCanBeTakenBackUntilItBegins) {
    const auto mia = learner_with_recipients({});
    const auto tom = make_learner("tom@example.org");
    const auto first = receive(mia, RequestKind::erasure);
    EXPECT_EQ(refusal(mia, RequestKind::erasure).kind, ErrorKind::conflict);
    EXPECT_EQ(run(requests_.cancel(tom, first.id)).error().kind, ErrorKind::not_found);
    EXPECT_TRUE(run(requests_.cancel(mia, first.id)));
    const auto second = receive(mia, RequestKind::erasure);
    EXPECT_EQ(run(requests_.cancel_by_token("somebody else's")).error().kind, ErrorKind::not_found);
    EXPECT_TRUE(run(requests_.cancel_by_token(second.token)));
    clock_.advance(days(4));
    work_on();
    EXPECT_TRUE(contact(mia));
    EXPECT_EQ(standing(second.token), "cancelled:");

    const auto third = receive(mia, RequestKind::erasure);
    clock_.advance(days(3));
    EXPECT_EQ(run(requests_.cancel_by_token(third.token)).error().kind, ErrorKind::conflict);
}

TEST_P(Rights, ARestrictionHoldsAtOnceAndUntilItIsLifted) {
    const auto mia = learner_with_recipients({"support/desk"});
    choose(mia, learning(), true);
    clock_.advance(1s);
    EXPECT_TRUE(GateTest::standing(mia, learning()).flowing);
    EXPECT_TRUE(queue_event(mia, learning()));
    receive(mia, RequestKind::restriction);
    // Whatever else the one that carries out requests is waiting for.
    EXPECT_FALSE(GateTest::standing(mia, learning()).flowing);
    read([&](storage::Transaction& tx) -> Status {
        EXPECT_EQ(storage::outbox::count(tx, "")[storage::OutboxState::dropped], 1);
        return {};
    });
    EXPECT_TRUE(std::ranges::any_of(plugins_.cancelled, [&](const auto& cancelled) {
        return cancelled.subject == mia && cancelled.instance == "analytics/probe";
    }));
    EXPECT_THAT(asked_, ElementsAre());
    work_on();
    EXPECT_THAT(asked_, ElementsAre("support/desk restrict_subject"));

    EXPECT_TRUE(run(requests_.lift_restriction(mia)));
    EXPECT_TRUE(GateTest::standing(mia, learning()).flowing);
    EXPECT_EQ(run(requests_.lift_restriction(mia)).error().kind, ErrorKind::not_found);
}

TEST_P(Rights, AnObjectionEndsWhatRestsOnLegitimateInterest) {
    const auto mia = learner_with_recipients({"support/desk"});
    choose(mia, learning(), true);
    const auto& by_interest = flow("analytics/probe", system_performance);
    EXPECT_TRUE(GateTest::standing(mia, by_interest).flowing);
    const auto request = receive(mia, RequestKind::objection);
    EXPECT_FALSE(GateTest::standing(mia, by_interest).flowing);
    work_on();
    EXPECT_EQ(standing(request.token), "completed: platform=completed");
    EXPECT_TRUE(GateTest::standing(mia, learning()).flowing) << "a consent is withdrawn, not objected to";
    EXPECT_TRUE(asked_.empty());
}

TEST_P(Rights, ARectificationCorrectsTheNameHereAndElsewhere) {
    const auto mia = learner_with_recipients({"support/desk"});
    EXPECT_EQ(refusal(mia, RequestKind::rectification).kind, ErrorKind::invalid_input);
    EXPECT_EQ(refusal(mia, RequestKind::rectification, {.display_name = std::string(201, 'x')}).kind,
              ErrorKind::invalid_input);
    receive(mia, RequestKind::rectification, {.display_name = "Mia Größer"});
    EXPECT_EQ(contact(mia)->display_name, "Mia Größer");
    work_on();
    EXPECT_EQ(contact(mia)->email, "mia@example.org");
    EXPECT_THAT(asked_, ElementsAre("support/desk rectify_subject"));
}

TEST_P(Rights, WhatWasBegunGoesOnWhereAnotherNodeHasStopped) {
    const auto mia = learner_with_recipients({"analytics/probe"});
    const auto request = receive(mia, RequestKind::erasure);
    clock_.advance(days(3));
    // A node that has claimed it and is gone before it has begun.
    write([&](storage::Transaction& tx) -> Status {
        EXPECT_EQ(storage::requests::claim(tx, cipher(), "node-b", 10, clock_.now(), 600s).size(), 1);
        return {};
    });
    EXPECT_EQ(work(), 0);
    clock_.advance(600s);
    // This one begins, and what it wrote in the end is lost.
    answers_.emplace("analytics/probe", Error(ErrorKind::temporary, "down"));
    work_on();
    write([&](storage::Transaction& tx) -> Status {
        EXPECT_EQ(storage::requests::claim(tx, cipher(), "node-c", 10, clock_.now() + 1h, 600s).size(), 1);
        return {};
    });
    answers_.at("analytics/probe") = std::string(done);
    clock_.advance(2h);
    work_on();
    EXPECT_EQ(standing(request.token), "completed: platform=completed analytics/probe=completed");
}

TEST_P(Rights, ACopyHoldsWhatTheRecipientsAnswerAndNamesThoseThatCannot) {
    const auto mia = learner_with_recipients({"analytics/probe", "support/desk", "analytics/gone"});
    const auto tom = make_learner("tom@example.org");
    answers_.emplace("analytics/probe",
                     Result<std::string>(R"({"done":{"evidence":"{\"statements\":[\"secret of Mia\"]}"}})"));
    answers_.emplace("support/desk", Error(ErrorKind::temporary, "down"));
    const auto request = receive(mia, RequestKind::access);
    EXPECT_FALSE(view(request.token).copy);
    work_on();
    EXPECT_EQ(standing(request.token),
              "in_progress: platform=completed analytics/gone=manual analytics/probe=completed "
              "support/desk=in_progress");
    EXPECT_THAT(asked_, ElementsAre("analytics/probe export_subject", "support/desk export_subject"));
    const auto document = boost::json::parse(plugins_.calls.at(0).document).as_object();
    EXPECT_EQ(document.at("learner").as_string(), cipher().pseudonym(mia, "analytics/probe").value());

    // The first copy is there at once; one recipient is down, another cannot be asked.
    EXPECT_THAT(
        recipients_in(unzip(mia, request.id)),
        ElementsAre(
            "analytics/gone unanswered Dort lässt sich nicht automatisch fragen; wir fragen schriftlich "
            "nach.",
            R"(analytics/probe answered {"done":{"evidence":"{\"statements\":[\"secret of Mia\"]}"}})",
            "support/desk unanswered Die Antwort steht noch aus; es wird noch einmal gefragt."));
    EXPECT_EQ(view(request.token).copy->fetched_at, clock_.now());
    EXPECT_THAT(outcome(request.token, "analytics/probe"), Not(HasSubstr("Mia")))
        << "evidence is kept for years, under nobody's key";
    EXPECT_EQ(run(wrap(copies_.fetch(tom, request.id))).error().kind, ErrorKind::not_found);

    answers_.at("support/desk") = std::string(R"({"retained":{"reason":"tax","until":"2030-12-31"}})");
    clock_.advance(1h);
    work_on();
    EXPECT_TRUE(run(requests_.confirm(request.id, "analytics/gone", "their letter of 2026-12-01")));
    work_on();
    EXPECT_EQ(standing(request.token),
              "retained: platform=completed analytics/gone=completed analytics/probe=completed "
              "support/desk=retained");
    const auto files = unzip(mia, request.id);
    EXPECT_THAT(recipients_in(files),
                ElementsAre(R"(analytics/gone answered {"done":{"evidence":"their letter of 2026-12-01"}})",
                            HasSubstr("analytics/probe answered"),
                            R"(support/desk answered {"retained":{"reason":"tax","until":"2030-12-31"}})"));
    EXPECT_THAT(files.at("recipients/analytics-probe.json"), HasSubstr("secret of Mia"));
    EXPECT_EQ(outcome(request.token, "analytics/gone"), "answered by hand; it is in the copy")
        << "and not in the clear among the steps, which are kept as proof";
    EXPECT_THAT(files.at("index.html"), HasSubstr("recipients/support-desk.json"));
    EXPECT_EQ(run(requests_.renew_copy(mia, request.id)).error().kind, ErrorKind::conflict);
}

TEST_P(Rights, ACopyRunsOutWithItsFileAndTheAnswers) {
    const auto mia = learner_with_recipients({"analytics/probe", "support/desk"});
    answers_.emplace("support/desk", Error(ErrorKind::temporary, "down"));
    const auto request = receive(mia, RequestKind::access);
    work_on();
    EXPECT_EQ(view(request.token).copy->expires_at, now_ + Copies::kept);
    // What a process left that was killed while it wrote.
    std::ofstream(folder_.path() / "copies" / "half.draft") << "x";
    clock_.advance(days(7) - 1s);
    work_on();
    EXPECT_THAT(files_on_the_shelf(), ElementsAre(request.id.text() + ".export"));
    EXPECT_TRUE(run(wrap(copies_.fetch(mia, request.id))));
    clock_.advance(1s);
    EXPECT_EQ(run(wrap(copies_.fetch(mia, request.id))).error().kind, ErrorKind::not_found)
        << "whether or not its file is gone yet";
    clock_.advance(1min);
    work_on();
    EXPECT_TRUE(files_on_the_shelf().empty());
    EXPECT_EQ(answers_kept(request.id).size(), 1) << "for the copy that is still to come";

    const auto tom = make_learner("tom@example.org");
    EXPECT_EQ(run(requests_.renew_copy(tom, request.id)).error().kind, ErrorKind::not_found);
    EXPECT_TRUE(run(requests_.renew_copy(mia, request.id)));
    answers_.at("support/desk") = std::string(done);
    clock_.advance(1h);
    work_on();
    EXPECT_EQ(standing(request.token),
              "completed: platform=completed analytics/probe=completed support/desk=completed");
    EXPECT_EQ(recipients_in(unzip(mia, request.id)).size(), 2);
    EXPECT_EQ(answers_kept(request.id).size(), 2);
    clock_.advance(days(8));
    work_on();
    EXPECT_TRUE(files_on_the_shelf().empty());
    EXPECT_TRUE(answers_kept(request.id).empty());
}

TEST_P(Rights, ACopyThatWasBegunIsMadeByWhoeverIsThereNext) {
    const auto mia = learner_with_recipients({"analytics/probe"});
    const auto request = receive(mia, RequestKind::portability);
    copies_.stop();
    work();
    EXPECT_EQ(standing(request.token), "in_progress: platform=in_progress analytics/probe=completed");
    EXPECT_TRUE(files_on_the_shelf().empty());
    // The process is back. Nobody is asked twice.
    auto copies = make_copies();
    RequestRunner next(database(), cipher(), gate_, choices_, own_part_, copies, "node-b",
                       [](const std::string&) {});
    clock_.advance(1h);
    EXPECT_EQ(run(next.run_once()), 1);
    EXPECT_EQ(standing(request.token), "completed: platform=completed analytics/probe=completed");
    EXPECT_EQ(asked_.size(), 1);
    EXPECT_FALSE(unzip(mia, request.id).empty());
    EXPECT_FALSE(copies.percent(request.id)) << "it is made";
}

TEST_P(Rights, AnErasureTakesTheCopyAlong) {
    const auto mia = learner_with_recipients({"support/desk"});
    answers_.emplace("support/desk", Error(ErrorKind::temporary, "down"));
    const auto access = receive(mia, RequestKind::access);
    work_on();
    answers_.at("support/desk") = std::string(done);
    receive(mia, RequestKind::erasure);
    clock_.advance(days(3));
    work_on();
    clock_.advance(2min);
    work_on();
    EXPECT_EQ(run(wrap(copies_.fetch(mia, access.id))).error().kind, ErrorKind::not_found);
    EXPECT_TRUE(files_on_the_shelf().empty());
    EXPECT_TRUE(answers_kept(access.id).empty());
    EXPECT_TRUE(view(access.token).request.settled_at) << standing(access.token);
}

TEST_P(Rights, WhatSomebodyLearnsIsReportedUnderNoLegalDuty) {
    const auto mia = make_learner("mia@example.org");
    write([&](storage::Transaction& tx) -> Status {
        auto queued =
            queue_learning_event(tx, cipher(), gate_, mia, learning_event(storage::EventId::make()));
        std::vector<std::string> purposes;
        for (auto& [purpose] : tx.rows<std::string>("select purpose from outbox"))
            purposes.push_back(purpose);
        EXPECT_EQ(purposes.size(), 2) << "one for each instance";
        EXPECT_THAT(purposes, testing::Each("analytics.reporting.system_performance"));
        return queued;
    });
}

TEST_P(Rights, NobodysRequestIsRefused) {
    EXPECT_EQ(refusal(storage::LearnerId::make(), RequestKind::access).kind, ErrorKind::not_found);
}

TEST(Deadlines, AreCountedInCalendarMonthsAndYears) {
    using namespace std::chrono;
    const auto at = [](int year, unsigned month, unsigned day) {
        return storage::Timestamp(sys_days(std::chrono::year(year) / month / day)) + 10h;
    };
    EXPECT_EQ(months_after(at(2026, 1, 15), 1), at(2026, 2, 15));
    EXPECT_EQ(months_after(at(2026, 1, 31), 1), at(2026, 2, 28));
    EXPECT_EQ(months_after(at(2028, 1, 31), 1), at(2028, 2, 29));
    EXPECT_EQ(months_after(at(2026, 11, 30), 3), at(2027, 2, 28));
    EXPECT_EQ(end_of_year_after(at(2026, 1, 1), 8), "2034-12-31");
    EXPECT_EQ(day_of(at(2026, 2, 3)), "2026-02-03");
}

}  // namespace
}  // namespace calyptenora::platform
