#include "integration/cli/program.hpp"
#include "support/mail_sink.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <functional>
#include <thread>

// The program's own letters as an operator sees them: a real mail server, settings, commands, documents.
namespace calyptenora::cli::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr const char* desk_of_our_own = "  support/mail:\n    recipient: {self: true}\n";
constexpr const char* desk_of_others =
    "  support/mail:\n    recipient: {legal_name: Hilfe GmbH, address: Weg 9, country: DE, role: processor, "
    "privacy_policy: 'https://help.example/p', contract: {reference: AVV-3, date: 2026-01-02}}\n";

class Mail : public ::testing::Test {
  protected:
    Mail() {
        if (!sink_.runs())
            throw std::runtime_error("the mail sink does not start; run npm ci in tests/browser");
        place_.write("smtp.password", sink_.text("password"));
        std::filesystem::permissions(place_.folder() / "smtp.password", std::filesystem::perms::owner_read);
        write_settings(desk_of_our_own);
    }
    void write_settings(const std::string& desk) const {
        place_.write(
            "calyptenora.yaml",
            fmt::format(
                "platform: {{name: Lernhaus, origin: 'http://localhost:8080', default_language: de}}\n"
                "operator: {{legal_name: Lernhaus e. V., address: Weg 1, country: DE, email: "
                "a@lms.example}}\n"
                "egress: {{allow_private: ['localhost:{0}'], ca_file: '{1}'}}\n"
                "mail:\n"
                "  host: localhost\n"
                "  port: {0}\n"
                "  username: calyptenora\n"
                "  password: ${{file:smtp.password}}\n"
                "  from: lernhaus@lms.example\n"
                "  recipient: {{legal_name: Post GmbH, address: Weg 6, country: DE, role: processor, "
                "privacy_policy: 'https://post.example/p', contract: {{reference: AVV-1, date: "
                "2026-01-02}}}}\n"
                "plugins:\n"
                "  auth/password: {{recipient: {{self: true}}}}\n{2}"
                "    settings:\n"
                "      smtp_server: smtp.example:587\n"
                "      from: a@lms.example\n"
                "      support_address: b@lms.example\n"
                "      alias_domain: cases.lms.example\n"
                "      alias_keys: ['${{file:alias.key}}']\n",
                sink_.port(), sink_.text("ca_file"), desk));
    }
    static bool within(std::chrono::seconds limit, const std::function<bool()>& is_so) {
        for (const auto give_up = std::chrono::steady_clock::now() + limit;
             std::chrono::steady_clock::now() < give_up; std::this_thread::sleep_for(100ms))
            if (is_so())
                return true;
        return false;
    }
    bool arrive(std::size_t count) const {
        // What is still coming in has an envelope only.
        return within(30s, [&] {
            const auto mails = sink_.received();
            return std::ranges::count_if(mails, [](const auto& mail) {
                       return mail.as_object().contains("text");
                   }) >= static_cast<std::ptrdiff_t>(count);
        });
    }
    void ask_for(const char* kind) const {
        const auto entered =
            place_.run({"requests", "enter", "--learner", "ada@lms.example", "--kind", kind});
        EXPECT_EQ(entered.code, 0) << entered.err;
    }
    boost::json::array list() const {
        return boost::json::parse(place_.run({"mail", "list", "--json"}).out).as_array();
    }
    boost::json::object finding() const {
        const auto examined = boost::json::parse(place_.run({"doctor", "--json", "--port", "0"}).out);
        for (const auto& finding : examined.at("findings").as_array())
            if (finding.at("subject") == "mail")
                return finding.as_object();
        return {};
    }

    const ::calyptenora::test::MailSink sink_;
    const Place place_;
};

TEST_F(Mail, AnAnnouncedChangeArrivesOnceInEachLanguage) {
    ASSERT_EQ(place_.add_user("ada@lms.example", {"--language", "de", "--confirmed"}).code, 0);
    ASSERT_EQ(place_.add_user("bob@lms.example", {"--language", "en", "--confirmed"}).code, 0);
    {
        const RunningServer server(place_);
        ASSERT_TRUE(server.is_open()) << server.output();
        write_settings(desk_of_others);
        kill(server.pid(), SIGHUP);
        ASSERT_TRUE(arrive(2)) << server.read_more();
    }
    {
        const RunningServer again(place_);
        ASSERT_TRUE(again.is_open()) << again.output();
        std::this_thread::sleep_for(3s);
    }
    std::vector<std::string> subjects;
    for (const auto& mail : sink_.received()) {
        subjects.emplace_back(mail.at("subject").as_string());
        EXPECT_THAT(std::string(mail.at("text").as_string()),
                    HasSubstr("http://localhost/privacy-notice/versions/2\n"));
    }
    EXPECT_THAT(subjects, UnorderedElementsAre("Lernhaus: Änderung unserer Datenschutzhinweise",
                                               "Lernhaus: a change of our privacy notice"));
    EXPECT_EQ(place_.run({"mail", "list"}).out, "Every letter has arrived.\n");
    EXPECT_EQ(place_.run({"ledger", "verify"}).code, 0);
}

TEST_F(Mail, WhatDoesNotArriveIsListedAndTriedAgain) {
    ASSERT_EQ(place_.add_user("ada@lms.example", {"--language", "en", "--confirmed"}).code, 0);
    // Without a server it waits for one.
    sink_.control(R"({"state":"down"})");
    ask_for("restriction");
    ASSERT_THAT(list(), SizeIs(1));
    EXPECT_EQ(list()[0].at("letter"), "request_news");
    EXPECT_EQ(list()[0].at("attempts"), 0);

    const RunningServer server(place_);
    ASSERT_TRUE(server.is_open()) << server.output();
    ASSERT_TRUE(within(30s, [&] { return list().at(0).at("attempts").as_int64() > 0; }));
    EXPECT_TRUE(
        within(10s, [&] { return place_.run({"mail", "list"}).out.find("waits") != std::string::npos; }));
    sink_.control(R"({"state":"up"})");
    ASSERT_TRUE(arrive(1));
    EXPECT_EQ(sink_.received()[0].at("to"), boost::json::array{"ada@lms.example"});

    sink_.control(R"({"at":"recipient","code":550,"text":"no such user: ada@lms.example","times":10})");
    ask_for("objection");
    ASSERT_TRUE(within(30s, [&] {
        const auto letters = list();
        return !letters.empty() && letters.at(0).at("state") == "failed";
    }));
    const auto shown = place_.run({"mail", "list"}).out;
    EXPECT_THAT(shown, HasSubstr("given up"));
    EXPECT_THAT(shown, HasSubstr("550"));
    EXPECT_THAT(shown, Not(HasSubstr("ada"))) << "names nobody";

    EXPECT_EQ(place_.run({"mail", "retry"}).code, 2) << "neither one nor all";
    EXPECT_EQ(place_.run({"mail", "retry", "--letter", "nonsense"}).code, 1);
    sink_.control(R"({"reset":true})");
    sink_.forget();
    EXPECT_THAT(place_.run({"mail", "retry", "--all"}).out, HasSubstr("due now"));
    EXPECT_TRUE(arrive(1));
    EXPECT_TRUE(within(10s, [&] { return list().empty(); }));
}

TEST_F(Mail, EveryDocumentNamesWhoCarriesTheLetters) {
    ASSERT_EQ(place_.add_user("ada@lms.example").code, 0);
    for (const auto& document : std::vector<std::vector<std::string>>{
             {"privacy", "processors"}, {"privacy", "record", "--json"}, {"privacy", "map", "--json"}})
        EXPECT_THAT(place_.run(document).out, HasSubstr("Post GmbH")) << document[1];
    const auto explained =
        place_.run({"gate", "explain", "--learner", "ada@lms.example", "--plugin", "core/mail", "--purpose",
                    "essential.legal_obligation", "--reason", "asked why"});
    EXPECT_EQ(explained.code, 0) << explained.err;
    EXPECT_THAT(explained.out, HasSubstr("Post GmbH"));

    EXPECT_EQ(finding().at("verdict"), "good");
    sink_.control(R"({"state":"down"})");
    EXPECT_EQ(finding().at("verdict"), "warning");
    EXPECT_THAT(sink_.received(), SizeIs(0));

    const Place without;
    const auto examined = without.run({"doctor", "--port", "0"});
    EXPECT_EQ(examined.code, 0) << examined.out;
    EXPECT_THAT(examined.out, HasSubstr("mail: is not configured"));
    EXPECT_THAT(without.run({"privacy", "processors"}).out, Not(HasSubstr("Post GmbH"))) << "the control";
}

}  // namespace
}  // namespace calyptenora::cli::test
