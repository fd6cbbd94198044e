#include "host/egress.hpp"
#include "host/egress_target.hpp"
#include "host/smtp_client.hpp"
#include "support/host_fixture.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

// The SMTP client against smtp-server, a real one, run by node (tests/peers/mail_sink.mjs).
namespace calyptenora::host {
namespace {

/// The mail sink as a child process; it ends when its standard input is closed.
class MailSink {
  public:
    MailSink() {
        const std::string command = "node " CALYPTENORA_SOURCE_DIR "/tests/peers/mail_sink.mjs";
        int input[2], output[2];
        if (pipe(input) != 0 || pipe(output) != 0)
            return;
        child_ = fork();
        if (child_ == 0) {
            dup2(input[0], 0);
            dup2(output[1], 1);
            close(input[1]);
            execlp("sh", "sh", "-c", ("exec " + command).c_str(), nullptr);
            _exit(127);
        }
        close(input[0]);
        close(output[1]);
        input_ = input[1];
        std::string line;
        for (char c = 0; ::read(output[0], &c, 1) == 1 && c != '\n';)
            line += c;
        close(output[0]);
        boost::json::error_code failed;
        addresses_ = boost::json::parse(line, failed);
    }
    ~MailSink() {
        close(input_);
        int status = 0;
        waitpid(child_, &status, 0);
    }
    MailSink(const MailSink&) = delete;
    MailSink& operator=(const MailSink&) = delete;

    bool runs() const { return addresses_.is_object(); }
    std::string text(const char* name) const { return std::string(addresses_.at(name).as_string()); }
    std::uint16_t port() const { return addresses_.at("port").to_number<std::uint16_t>(); }

  private:
    int input_ = -1;
    pid_t child_ = -1;
    boost::json::value addresses_;
};

class Smtp : public HostFixture {
  protected:
    void SetUp() override {
        ASSERT_TRUE(sink_.runs()) << "the mail sink does not start; run npm ci in tests/browser";
        settings::Egress settings;
        settings.allow_private = {where()};
        settings.ca_file = sink_.text("ca_file");
        network_ = *EgressNetwork::open(settings, nullptr);
    }
    settings::HostPort where() const { return {"localhost", sink_.port()}; }

    static MailMessage message() {
        return {"Kurs Ärger <kurs@lms.example>",
                "support@desk.example",
                "case-7f@lms.example",
                "Frage zum Modul 3: ¿qué?",
                "Grüße\n.\n..zwei Punkte\nEine Zeile, die " + std::string(200, 'x') + " lang ist =\n",
                "m1@lms.example",
                {{"Auto-Submitted", "auto-generated"}},
                std::chrono::system_clock::now()};
    }
    Result<std::string> send(const MailMessage& mail, std::string username = "calyptenora",
                             std::string password = "smtp-secret") {
        const SmtpServer server{where(), SmtpSecurity::starttls, std::move(username), std::move(password)};
        const auto scope = make_call("support/mail", "open", "{}").scope;
        return run(send_mail(*network_, server, mail, [&] {
            return guard_.begin(scope, gate::EmissionRequest{{}, "localhost", "SMTP"});
        }));
    }
    /// Asks the sink's page; through our own broker, since that is an HTTP client.
    std::string page(const std::string& method, const std::string& path, const std::string& body = "") {
        const auto url = sink_.text("page") + path;
        const auto where = parse_target(url)->where;
        settings::Egress settings;
        settings.allow_private = {where};
        const auto network = *EgressNetwork::open(settings, nullptr);
        RecordingGuard guard;
        Egress egress(*network, guard, [](const auto&) {});
        const EgressOrigin origin{make_call("support/mail", "open", "{}").scope, {where}, false};
        const HttpRequest request{.method = method, .url = url, .headers = {}, .body = {body}, .records = {}};
        const auto response = run(egress.http(origin, request));
        return response ? response->body.data : response.error().message;
    }
    /// The only mail that arrived.
    boost::json::object received() {
        const auto list = boost::json::parse(page("GET", "/__received")).as_array();
        EXPECT_EQ(list.size(), 1u);
        return list.empty() ? boost::json::object() : list[0].as_object();
    }

    MailSink sink_;
    std::unique_ptr<EgressNetwork> network_;
};

TEST_F(Smtp, SubmitsAMail) {
    const auto receipt = send(message());
    ASSERT_TRUE(receipt) << receipt.error().message;
    EXPECT_TRUE(receipt->starts_with("250 "));
    ASSERT_EQ(guard_.asked().size(), 1u);
    EXPECT_EQ(guard_.asked()[0].outcome, "SMTP 250");

    const auto mail = received();
    const auto text = [&](const char* name) { return std::string(mail.at(name).as_string()); };
    EXPECT_EQ(mail.at("tls"), true);
    EXPECT_EQ(text("user"), "calyptenora");
    EXPECT_EQ(text("subject"), message().subject);
    EXPECT_EQ(text("text"), message().text);
    EXPECT_EQ(text("message_id"), "<m1@lms.example>");
    EXPECT_EQ(mail.at("to"), boost::json::array{"support@desk.example"});
    EXPECT_EQ(mail.at("reply_to"), boost::json::array{"case-7f@lms.example"});
    EXPECT_EQ(mail.at("envelope"),
              (boost::json::value{{"from", "kurs@lms.example"}, {"to", {"support@desk.example"}}}));
    EXPECT_NE(text("raw").find("Auto-Submitted: auto-generated\r\n"), std::string::npos);
}

TEST_F(Smtp, RefusalsAreTemporaryOrPermanent) {
    const auto refused = [&](const std::string& order) {
        page("POST", "/__control", order);
        const auto receipt = send(message());
        return receipt ? Error(ErrorKind::conflict, "taken") : receipt.error();
    };
    const auto greylisted = refused(R"({"at":"recipient","code":451,"text":"greylisted"})");
    EXPECT_EQ(greylisted.kind, ErrorKind::temporary);
    EXPECT_NE(greylisted.message.find("refused the recipient: 451 greylisted"), std::string::npos)
        << greylisted.message;
    const auto unknown = refused(R"({"at":"recipient","code":550,"text":"no such user"})");
    EXPECT_EQ(unknown.kind, ErrorKind::permanent);
    const auto full = refused(R"({"at":"message","code":452,"text":"full"})");
    EXPECT_EQ(full.kind, ErrorKind::temporary);
    EXPECT_NE(full.message.find("refused the message: 452 full"), std::string::npos) << full.message;
    EXPECT_EQ(refused(R"({"at":"message","code":554,"text":"spam"})").kind, ErrorKind::permanent);
    EXPECT_EQ(refused(R"({"reset":true})").message, "taken");
    EXPECT_EQ(guard_.asked().size(), 5u);
    EXPECT_TRUE(guard_.asked()[0].outcome.starts_with("failed: "));
}

TEST_F(Smtp, WrongCredentialsAreTheOperatorsAffair) {
    const auto receipt = send(message(), "calyptenora", "wrong");
    ASSERT_FALSE(receipt);
    EXPECT_EQ(receipt.error().kind, ErrorKind::invalid_config);
    EXPECT_NE(receipt.error().message.find("refused the user name and password: 535"), std::string::npos);
    EXPECT_TRUE(guard_.asked().empty());
}

TEST_F(Smtp, AnUnknownCertificateEndsIt) {
    settings::Egress settings;
    settings.allow_private = {where()};
    network_ = *EgressNetwork::open(settings, nullptr);
    const auto receipt = send(message());
    ASSERT_FALSE(receipt);
    EXPECT_NE(receipt.error().message.find("has no valid certificate"), std::string::npos);
    EXPECT_TRUE(guard_.asked().empty());
}

TEST_F(Smtp, NothingIsSaidWithoutPermission) {
    guard_.denies = true;
    const auto receipt = send(message());
    ASSERT_FALSE(receipt);
    EXPECT_EQ(receipt.error().kind, ErrorKind::denied);
}

}  // namespace
}  // namespace calyptenora::host
