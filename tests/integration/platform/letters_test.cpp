#include "platform/letters/letters.hpp"

#include "cli/processing_documents.hpp"
#include "gate/choices.hpp"
#include "gate/emission.hpp"
#include "host/egress.hpp"
#include "host/egress_connection.hpp"
#include "host/host.hpp"
#include "host/sealed_store.hpp"
#include "platform/account_mail.hpp"
#include "platform/rights/own_records.hpp"
#include "storage/stores/disclosures.hpp"
#include "storage/stores/learners.hpp"
#include "support/databases.hpp"
#include "support/mail_sink.hpp"
#include "support/policies.hpp"

#include <calyptenora/families/rights.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gmock/gmock.h>

#include <set>
#include <thread>

// The core's own letters, from what they tell about to a real mail server: outbox, gate, ledger, host and
// SMTP are the program's own.
namespace calyptenora::platform {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using storage::OutboxState;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using Making = PolicyVersions::Making;

constexpr days lead{30};
constexpr auto purpose = Purpose::essential_legal_obligation;

std::string text_of(const boost::json::value& mail, std::string_view key) {
    return std::string(mail.at(key).as_string());
}

class LettersTest : public test::StoreTest {
  protected:
    LettersTest()
        : gate_(database(), cipher(), clock_, gate::Policy::compile({})),
          emissions_(context_.get_executor(), database(), cipher(), gate_, "node-a"),
          store_(database(), cipher(), clock_),
          thread_([this] { context_.run(); }) {
        if (!sink_.runs())
            throw std::runtime_error("the mail sink does not start; run npm ci in tests/browser");
        setenv("LETTERS_TEST_PASSWORD", sink_.text("password").c_str(), 1);
        settings::Egress egress;
        egress.allow_private = {{"localhost", sink_.port()}};
        egress.ca_file = sink_.text("ca_file");
        network_ = *host::EgressNetwork::open(egress);
        egress_ = std::make_unique<host::Egress>(*network_, emissions_, [](const auto&) {});
        host_ = std::make_unique<host::Host>(
            context_.get_executor(), host::HostOptions{},
            host::ServiceProviders{emissions_, store_, *egress_, [](LogLevel, const auto&, const auto&) {}});
        gate_.connect(*host_);
        choices_ =
            std::make_unique<gate::Choices>(database(), cipher(), gate_, *host_, gate::ChoiceDurations{});
        use(settings_with(""));
    }
    ~LettersTest() override {
        await(host_->stop());
        emissions_.stop();
        work_.reset();
        thread_.join();
    }

    template <class T>
    T await(boost::asio::awaitable<T> work) {
        return boost::asio::co_spawn(context_, std::move(work), boost::asio::use_future).get();
    }

    std::string mail(const std::string& recipient = "{self: true}") const {
        return fmt::format(
            "mail: {{host: localhost, port: {}, username: calyptenora, password: "
            "'${{env:LETTERS_TEST_PASSWORD}}', from: "
            "lernhaus@lms.example, from_name: Lernhaus, recipient: {}}}\n",
            sink_.port(), recipient);
    }
    static std::string post() {
        return "{legal_name: Post GmbH, address: Weg 6, country: DE, role: processor, privacy_policy: "
               "'https://post.example/p', contract: {reference: AVV-1, date: 2026-01-02}}";
    }
    /// `instances` as under `plugins`; the mail section is ours unless another is given.
    std::string settings_with(const std::string& instances,
                              std::optional<std::string> mail_section = std::nullopt) const {
        return test::settings_head() + mail_section.value_or(mail()) +
               (instances.empty() ? "" : "plugins:\n" + instances);
    }
    /// Another recipient, of whom people are told and not asked.
    static std::string recipient(const std::string& label, const std::string& name) {
        return fmt::format(
            "  analytics/probe@{}:\n    recipient: {{legal_name: {}, address: Weg 2, country: DE, role: "
            "controller, privacy_policy: 'https://lrs.example/privacy'}}\n    settings: {{endpoint: "
            "'https://lrs.example/xapi'}}\n",
            label, name);
    }

    /// A start or a reload with these settings.
    void use(const std::string& yaml) {
        const auto settings = settings::parse_settings(yaml, "test.yaml");
        ASSERT_TRUE(settings) << settings::to_text(settings.problems);
        const auto policy = test::compile_policy(yaml, {test::probe_manifest()});
        const auto notice = cli::notice_json(make_processing_record(*settings.value, *policy));
        gate_.replace_policy(await(versions_.apply(notice, policy, lead, Making::yes)).value());
        host_->use_mail(settings.value->mail);
    }
    Letters make_letters(const std::string& node) {
        return Letters(
            database(), cipher(), gate_, versions_, texts_,
            [] {
                return LetterHead{"Lernhaus", "https://lms.example", "Lernhaus e. V.", "kontakt@lms.example",
                                  web::Language::de};
            },
            node, [](const std::string&) {});
    }
    /// As the loop would, until there is nothing to do now.
    void send_all() {
        while (await(letters_.run_once()) > 0)
            ;
    }
    storage::LearnerId make_person(std::string_view email, std::string_view language = "de") {
        const auto id = make_learner(email);
        write([&](storage::Transaction& tx) -> Status {
            storage::learners::set_language(tx, id, language);
            storage::learners::confirm_email(tx, id, now_);
            return {};
        });
        return id;
    }
    void queue_news(const storage::LearnerId& learner) {
        write([&](storage::Transaction& tx) -> Status {
            return queue_letter(tx, cipher(), gate_, learner, LetterKind::request_news);
        });
    }
    std::vector<storage::OutboxNote> undelivered() { return await(letters_.list_undelivered(100)).value(); }
    std::map<OutboxState, long long> states() {
        return read([&](storage::Transaction& tx) {
            return Result<std::map<OutboxState, long long>>(storage::outbox::count(tx, "core/mail"));
        });
    }
    std::vector<storage::Disclosure> ledger_of(const storage::SubjectId& subject) {
        return read([&](storage::Transaction& tx) {
            return Result<std::vector<storage::Disclosure>>(storage::disclosures::list(tx, subject, 100));
        });
    }
    storage::ManualClock clock_{now_};
    test::MailSink sink_;
    boost::asio::io_context context_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
    gate::Gate gate_;
    gate::Emissions emissions_;
    host::SealedStore store_;
    std::thread thread_;
    std::unique_ptr<host::EgressNetwork> network_;
    std::unique_ptr<host::Egress> egress_;
    std::unique_ptr<host::Host> host_;
    std::unique_ptr<gate::Choices> choices_;
    PolicyVersions versions_{database(), clock_};
    web::Translations texts_ =
        web::Translations::load(CALYPTENORA_SOURCE_DIR "/core/web/texts", web::AddressForm::sie).value();
    Letters letters_ = make_letters("node-a");
};
CALYPTENORA_ON_BOTH_DATABASES(LettersTest);

TEST_P(LettersTest, AChangeIsAnnouncedOnceToEachInTheirLanguage) {
    const auto mia = make_person("mia@example.org", "de"), tom = make_person("tom@example.org", "en");
    clock_.advance(1h);
    send_all();
    EXPECT_THAT(sink_.received(), IsEmpty()) << "nothing has changed yet";

    use(settings_with(recipient("new", "Statistik AG")));
    clock_.advance(1h);
    now_ = clock_.now();
    (void)make_person("late@example.org");
    send_all();
    const auto mails = sink_.received();
    ASSERT_THAT(mails, SizeIs(2)) << "who came later was told at registration";
    for (const auto& mail : mails) {
        const bool german = mail.at("to") == boost::json::array{"mia@example.org"};
        EXPECT_EQ(mail.at("to"), (boost::json::array{german ? "mia@example.org" : "tom@example.org"}));
        EXPECT_EQ(mail.at("from"), boost::json::array{"lernhaus@lms.example"});
        EXPECT_EQ(text_of(mail, "subject"), german ? "Lernhaus: Änderung unserer Datenschutzhinweise"
                                                   : "Lernhaus: a change of our privacy notice");
        EXPECT_THAT(text_of(mail, "text"),
                    HasSubstr(german ? "zum 25. Dezember 2026" : "on 25 December 2026"));
        EXPECT_THAT(text_of(mail, "text"), HasSubstr("https://lms.example/privacy-notice/versions/2"));
        EXPECT_THAT(text_of(mail, "raw"),
                    HasSubstr(german ? "Content-Language: de\r\n" : "Content-Language: en\r\n"));
        EXPECT_THAT(text_of(mail, "raw"), HasSubstr("Auto-Submitted: auto-generated\r\n"));
        EXPECT_THAT(text_of(mail, "message_id"), testing::EndsWith("@lms.example>"));
    }
    EXPECT_NE(mails[0].at("message_id"), mails[1].at("message_id"));

    // Another start, another node.
    use(settings_with(recipient("new", "Statistik AG")));
    auto other = make_letters("node-b");
    EXPECT_EQ(await(other.run_once()), 0);
    send_all();
    EXPECT_THAT(sink_.received(), SizeIs(2));

    clock_.advance(1h);
    use(settings_with(recipient("new", "Statistik AG") + recipient("more", "Zweite AG")));
    send_all();
    EXPECT_THAT(sink_.received(), SizeIs(5)) << "the next change is another one";
    for (const auto& who : {mia, tom})
        EXPECT_THAT(ledger_of(who), SizeIs(4)) << "an attempt and an outcome each";
}

TEST_P(LettersTest, WhatIsTakenBackIsNotAnnounced) {
    (void)make_person("mia@example.org");
    clock_.advance(1h);
    use(settings_with(recipient("new", "Statistik AG")));
    sink_.control(R"({"state":"down"})");
    send_all();
    EXPECT_EQ(states()[OutboxState::queued], 1);
    clock_.advance(1h);
    use(settings_with(""));
    sink_.control(R"({"state":"up"})");
    send_all();
    EXPECT_EQ(states()[OutboxState::dropped], 1);
    EXPECT_THAT(sink_.received(), IsEmpty());
}

TEST_P(LettersTest, TwoNodesSendEachLetterOnce) {
    for (int i = 0; i < 30; ++i)
        (void)make_person(fmt::format("person{}@example.org", i));
    clock_.advance(1h);
    use(settings_with(recipient("new", "Statistik AG")));
    auto other = make_letters("node-b");
    const auto work = [&](Letters& letters) {
        while (await(letters.run_once()) > 0)
            ;
    };
    std::thread second([&] { work(other); });
    work(letters_);
    second.join();
    send_all();
    std::set<std::string> ids;
    std::set<std::string> to;
    for (const auto& mail : sink_.received()) {
        ids.insert(text_of(mail, "message_id"));
        to.insert(std::string(mail.at("to").at(0).as_string()));
    }
    EXPECT_THAT(sink_.received(), SizeIs(30));
    EXPECT_EQ(ids.size(), 30u);
    EXPECT_EQ(to.size(), 30u);
}

TEST_P(LettersTest, NewsOfARequestSaysNothingAboutIt) {
    const auto mia = make_person("mia@example.org");
    queue_news(mia);
    queue_news(mia);
    send_all();
    const auto mails = sink_.received();
    ASSERT_THAT(mails, SizeIs(1)) << "one that waits says as much as two";
    const auto raw = text_of(mails[0], "raw");
    EXPECT_THAT(raw, HasSubstr("https://lms.example/account/data"));
    EXPECT_THAT(text_of(mails[0], "text"), HasSubstr("zu Ihrem Anliegen gibt es Neues"));
    const auto contact =
        read([&](storage::Transaction& tx) { return storage::learners::load_contact(tx, cipher(), mia); });
    EXPECT_THAT(raw, Not(HasSubstr(contact.display_name)));
    EXPECT_THAT(raw, Not(HasSubstr(mia.text())));
    queue_news(mia);
    send_all();
    EXPECT_THAT(sink_.received(), SizeIs(2)) << "what comes later is news again";
}

TEST_P(LettersTest, WhoeverCarriesItStandsInTheLedger) {
    use(settings_with("", mail(post())));
    const auto mia = make_person("mia@example.org");
    queue_news(mia);
    send_all();
    const auto rows = ledger_of(mia);
    ASSERT_THAT(rows, SizeIs(2));
    for (const auto& row : rows) {
        EXPECT_EQ(row.instance, "core/mail");
        EXPECT_EQ(row.recipient, "Post GmbH");
        EXPECT_EQ(row.purpose, purpose);
        EXPECT_EQ(row.operation, "SMTP");
        EXPECT_EQ(row.host, fmt::format("localhost:{}", sink_.port()));
        EXPECT_EQ(row.categories,
                  CategoryMask(Category::user_contact_email) | Category::user_account_settings);
    }
    EXPECT_EQ(rows[1].kind, storage::DisclosureKind::attempted) << "newest first";
    EXPECT_EQ(rows[0].outcome, "SMTP 250");
}

TEST_P(LettersTest, AMailServerIsAskedNothingAndSomebodyTellsItOfAnErasure) {
    const auto mia = make_person("mia@example.org");
    const auto ask = [&]<class Op>(Op) {
        typename Op::template Record<gate::Guarded> record;
        record.request_id = "r";
        record.email = "mia@example.org";
        return await(gate_.call<Op>(settings::core_mail_id(), purpose, mia, std::move(record)));
    };
    const auto copy = ask(rights::ExportSubject{});
    ASSERT_TRUE(copy) << copy.error().message;
    EXPECT_THAT(std::get<outcome::Done>(*copy).evidence,
                HasSubstr("the address, the language and the letters"));
    EXPECT_TRUE(ask(rights::RectifySubject{}));
    EXPECT_EQ(ask(rights::EraseSubject{}).error().kind, ErrorKind::unsupported) << "it becomes manual";
    EXPECT_EQ(ask(rights::RestrictSubject{}).error().kind, ErrorKind::unsupported);
    EXPECT_THAT(sink_.received(), IsEmpty());
    EXPECT_THAT(ledger_of(mia), IsEmpty()) << "nothing was sent";
}

TEST_P(LettersTest, ALetterWaitsForAServerThatIsDown) {
    const auto mia = make_person("mia@example.org");
    sink_.control(R"({"state":"down"})");
    queue_news(mia);
    send_all();
    ASSERT_THAT(undelivered(), SizeIs(1));
    EXPECT_EQ(undelivered()[0].state, OutboxState::queued);
    EXPECT_EQ(undelivered()[0].attempts, 1);
    EXPECT_EQ(undelivered()[0].next_attempt_at, clock_.now() + 2s);
    EXPECT_THAT(ledger_of(mia), IsEmpty()) << "nothing was said about anybody";
    clock_.advance(2s);
    send_all();
    EXPECT_EQ(undelivered()[0].next_attempt_at, clock_.now() + 4s);

    sink_.control(R"({"state":"up"})");
    send_all();
    EXPECT_THAT(sink_.received(), IsEmpty()) << "not before its time";
    clock_.advance(4s);
    send_all();
    EXPECT_THAT(sink_.received(), SizeIs(1));
    EXPECT_THAT(undelivered(), IsEmpty());
}

TEST_P(LettersTest, WhatIsPutOffComesLaterUnderTheSameMessageId) {
    const auto mia = make_person("mia@example.org");
    sink_.control(R"({"at":"message","code":451,"text":"greylisted"})");
    queue_news(mia);
    send_all();
    EXPECT_EQ(undelivered().at(0).state, OutboxState::queued);
    clock_.advance(2s);
    send_all();
    const auto mails = sink_.received();
    ASSERT_THAT(mails, SizeIs(2));
    EXPECT_EQ(text_of(mails[0], "refused"), "451 greylisted");
    EXPECT_EQ(mails[0].at("message_id"), mails[1].at("message_id"));
    EXPECT_THAT(ledger_of(mia), SizeIs(4)) << "each try is a disclosure";
}

TEST_P(LettersTest, ARefusalIsFinalUntilTheOperatorHasItTriedAgain) {
    const auto mia = make_person("mia.muster@example.org");
    sink_.control(R"({"at":"recipient","code":550,"text":"<mia.muster@example.org> mia.muster is unknown"})");
    queue_news(mia);
    send_all();
    clock_.advance(days(2));
    send_all();
    ASSERT_THAT(undelivered(), SizeIs(1));
    const auto letter = undelivered()[0];
    EXPECT_EQ(letter.state, OutboxState::failed);
    EXPECT_EQ(letter.attempts, 1);
    EXPECT_THAT(letter.last_error, HasSubstr("550"));
    EXPECT_THAT(letter.last_error, Not(HasSubstr("muster"))) << "a list of failures is no list of addresses";
    EXPECT_THAT(ledger_of(mia).at(0).outcome, Not(HasSubstr("muster")));

    EXPECT_EQ(await(letters_.retry(storage::EventId::make())).error().kind, ErrorKind::not_found);
    ASSERT_TRUE(await(letters_.retry(letter.id)));
    send_all();
    EXPECT_THAT(undelivered(), IsEmpty());
    const auto mails = sink_.received();
    ASSERT_THAT(mails, SizeIs(2));
    EXPECT_THAT(text_of(mails[1], "message_id"), HasSubstr(letter.id.text()));
    EXPECT_EQ(await(letters_.retry(letter.id)).error().kind, ErrorKind::not_found) << "it has arrived";
}

TEST_P(LettersTest, ANodeThatDiesLeavesItsLetterToAnother) {
    queue_news(make_person("mia@example.org"));
    const auto claimed = write([&](storage::Transaction& tx) -> Result<std::vector<storage::OutboxEvent>> {
        return storage::outbox::claim(tx, cipher(), "core/mail", "node-dead", 10, clock_.now(), 300s);
    });
    ASSERT_THAT(claimed, SizeIs(1));
    send_all();
    EXPECT_THAT(sink_.received(), IsEmpty()) << "it is not ours";
    clock_.advance(301s);
    send_all();
    ASSERT_THAT(sink_.received(), SizeIs(1));
    EXPECT_THAT(text_of(sink_.received()[0], "message_id"), HasSubstr(claimed[0].id.text()));
}

TEST_P(LettersTest, PluginsEventsAndLettersKeepApart) {
    queue_news(make_person("mia@example.org"));
    const auto taken = write([&](storage::Transaction& tx) -> Result<std::vector<storage::OutboxEvent>> {
        return storage::outbox::claim(tx, cipher(), "", "dispatcher", 10, clock_.now(), 60s);
    });
    EXPECT_THAT(taken, IsEmpty()) << "a dispatcher would not know what to do with it";
    send_all();
    EXPECT_THAT(sink_.received(), SizeIs(1));
}

TEST_P(LettersTest, ALetterGoesToTheAddressThatThePersonHasNow) {
    const auto mia = make_person("old@example.org");
    queue_news(mia);
    write([&](storage::Transaction& tx) -> Status {
        auto updated = storage::learners::update_contact(tx, cipher(), mia, {"Mia", "new@example.org"});
        storage::learners::confirm_email(tx, mia, now_);
        return updated;
    });
    send_all();
    ASSERT_THAT(sink_.received(), SizeIs(1));
    EXPECT_EQ(sink_.received()[0].at("envelope").at("to"), boost::json::array{"new@example.org"});
}

TEST_P(LettersTest, NothingGoesToAnAddressThatIsNotConfirmed) {
    const auto mia = make_person("mia@example.org"), tom = make_learner("tom@example.org");
    queue_news(tom);
    EXPECT_THAT(undelivered(), IsEmpty()) << "it might be a stranger's";
    queue_news(mia);
    write([&](storage::Transaction& tx) -> Status {
        return storage::learners::update_contact(tx, cipher(), mia, {"Mia", "new@example.org"});
    });
    send_all();
    EXPECT_THAT(sink_.received(), IsEmpty()) << "also when it has changed since";
    write([&](storage::Transaction& tx) -> Status {
        return AccountMail(cipher(), gate_).ask_to_confirm(tx, mia, "new@example.org");
    });
    send_all();
    EXPECT_THAT(sink_.received(), SizeIs(1)) << "but a link that asks for just that";
}

TEST_P(LettersTest, AnErasedPersonsLetterIsGone) {
    const auto mia = make_person("mia@example.org"), tom = make_person("tom@example.org");
    sink_.control(R"({"state":"down"})");
    queue_news(mia);
    queue_news(tom);
    send_all();
    EXPECT_THAT(undelivered(), SizeIs(2));
    write([&](storage::Transaction& tx) -> Status {
        auto erased = erase_own_records(tx, cipher(), mia, {}, clock_.now());
        return erased ? Status() : Status(erased.error());
    });
    EXPECT_THAT(undelivered(), SizeIs(1)) << "nothing of it is left";
    sink_.control(R"({"state":"up"})");
    clock_.advance(1h);
    send_all();
    ASSERT_THAT(sink_.received(), SizeIs(1));
    EXPECT_EQ(sink_.received()[0].at("to"), boost::json::array{"tom@example.org"}) << "the control";
}

TEST_P(LettersTest, NobodyIsWrittenToPastTheGate) {
    const auto mia = make_person("mia@example.org");
    queue_news(mia);
    // Between the queue and the sending the operator takes the section away.
    use(settings_with("", ""));
    send_all();
    EXPECT_EQ(states()[OutboxState::dropped], 1);
    queue_news(mia);
    EXPECT_EQ(states()[OutboxState::queued], 0) << "without the section nothing waits";

    // A provider of whom people are told first gets nothing before its day.
    clock_.advance(1h);
    use(settings_with("", mail(post())));
    queue_news(mia);
    send_all();
    EXPECT_EQ(states()[OutboxState::queued], 0);
    EXPECT_THAT(sink_.received(), IsEmpty());
    clock_.advance(lead);
    queue_news(mia);
    send_all();
    EXPECT_THAT(sink_.received(), SizeIs(1)) << "the control: on that day it does";
}

TEST_P(LettersTest, ARestrictionDoesNotKeepFromPeopleWhatTheyMustBeTold) {
    const auto mia = make_person("mia@example.org");
    write([&](storage::Transaction& tx) -> Status {
        storage::learners::restrict(tx, mia, clock_.now());
        return {};
    });
    queue_news(mia);
    send_all();
    EXPECT_THAT(sink_.received(), SizeIs(1)) << "Art. 12(3) GDPR: decide() says what counts";
}

}  // namespace
}  // namespace calyptenora::platform
