#include "host/egress_connection.hpp"
#include "host/smtp_client.hpp"
#include "support/host_fixture.hpp"
#include "support/mail_sink.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

// The SMTP client against smtp-server, a real one, run by node (tests/peers/mail_sink.mjs).
namespace calyptenora::host {
namespace {

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
    /// The only mail that arrived.
    boost::json::object received() {
        const auto list = sink_.received();
        EXPECT_EQ(list.size(), 1u);
        return list.empty() ? boost::json::object() : list[0].as_object();
    }

    test::MailSink sink_;
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
        sink_.control(order);
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

TEST_F(Smtp, WhomAServerRefusesItMaySayButNobodyKeepsIt) {
    sink_.control(
        R"({"at":"recipient","code":550,"text":"<support@desk.example> is unknown, support is no user"})");
    const auto receipt = send(message());
    ASSERT_FALSE(receipt);
    EXPECT_EQ(receipt.error().kind, ErrorKind::permanent);
    for (const auto& text : {receipt.error().message, guard_.asked().at(0).outcome}) {
        EXPECT_NE(text.find("is unknown"), std::string::npos) << text;
        EXPECT_EQ(text.find("support"), std::string::npos) << "the ledger never forgets: " << text;
    }
}

TEST_F(Smtp, AServerIsTriedWithoutAWordAboutAnybody) {
    const auto tried = [&](const std::string& password) {
        return run(
            try_mail_server(*network_, SmtpServer{where(), SmtpSecurity::starttls, "calyptenora", password}));
    };
    EXPECT_TRUE(tried("smtp-secret"));
    const auto refused = tried("wrong");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid_config);
    sink_.control(R"({"state":"down"})");
    EXPECT_FALSE(tried("smtp-secret"));
    EXPECT_TRUE(sink_.received().empty());
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
