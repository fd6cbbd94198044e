#pragma once

#include "integration/cli/program.hpp"
#include "support/mail_sink.hpp"
#include "support/page_client.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

namespace calyptenora::http::test {

using calyptenora::test::MailSink;
using calyptenora::test::PageClient;
using cli::test::RunningServer;

inline constexpr const char* password = "seventeen brown owls sing";
inline constexpr const char* mia = "mia@example.org";

/// The settings of a platform that sends mail to this sink.
class MailingPlace : public cli::test::Place {
  public:
    explicit MailingPlace(const MailSink& sink) : sink_(sink) {
        write("mail.key", sink.text("password"));
        std::ifstream stream(config());
        plain_.assign(std::istreambuf_iterator<char>(stream), {});
        write_settings(true);
    }

    /// With news, which people may subscribe to, or without.
    void write_settings(bool news) const {
        auto yaml = plain_;
        yaml.insert(yaml.find("}\nplugins:"), ", support_hours: Monday to Friday");
        yaml.insert(yaml.find("plugins:"),
                    fmt::format("egress: {{allow_private: ['localhost:{0}'], ca_file: '{1}'}}\n"
                                "mail: {{host: localhost, port: {0}, username: calyptenora, password: "
                                "'${{file:mail.key}}', from: lernhaus@lms.example, from_name: Lernhaus, "
                                "recipient: {{self: true}}, news: {2}}}\n",
                                sink_.port(), sink_.text("ca_file"), news));
        write("calyptenora.yaml", yaml);
    }

  private:
    const MailSink& sink_;
    std::string plain_;
};

/// The program with one account after the other, and the mails that they get.
class MailedAccounts : public ::testing::Test {
  protected:
    MailedAccounts() {
        EXPECT_TRUE(server_.is_open()) << server_.output();
        sink_.forget();
    }

    calyptenora::test::Page open_account(PageClient& client, const std::string& email = mia,
                                         const PageClient::Fields& age = {{"age", "over"}}) {
        (void)client.get("/register");
        PageClient::Fields fields{{"name", "Mia"}, {"email", email}, {"password", password}};
        fields.insert(fields.end(), age.begin(), age.end());
        return client.post("/register", fields);
    }
    calyptenora::test::Page sign_in(PageClient& client, const std::string& with,
                                    const std::string& email = mia) {
        (void)client.get("/sign-in");
        return client.post("/sign-in", {{"email", email}, {"password", with}});
    }
    static bool is_in(PageClient& client) { return client.get("/account").status == 200; }

    /// The next mail as mail_sink.mjs shows it; it is waited for, and taken out of the list.
    boost::json::object next_letter(const std::string& to = mia) {
        for (int tries = 0; tries < 200; ++tries) {
            for (const auto& mail : sink_.received())
                // What is still coming in has an envelope only.
                if (mail.as_object().contains("text") &&
                    mail.at("envelope").at("to") == boost::json::array{to}) {
                    auto taken = mail.as_object();
                    sink_.forget();
                    return taken;
                }
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
        ADD_FAILURE() << "no mail to " << to;
        return {{"text", ""}, {"headers", boost::json::array{}}};
    }
    std::string next_mail(const std::string& to = mia) {
        return std::string(next_letter(to).at("text").as_string());
    }
    /// The path of the link in a mail.
    static std::string link_in(const std::string& text, const std::string& path) {
        const auto at = text.find(path + "?token=");
        if (at == std::string::npos) {
            ADD_FAILURE() << "no link to " << path << " in " << text;
            return {};
        }
        return text.substr(at, text.find_first_of("\r\n ", at) - at);
    }
    static std::string token_in(const std::string& link) { return link.substr(link.find('=') + 1); }
    /// Opens the page of a link and presses its button.
    static calyptenora::test::Page press(PageClient& client, const std::string& link) {
        const auto page = client.get(link);
        EXPECT_EQ(page.status, 200) << link << page.body;
        return client.post(link.substr(0, link.find('?')), {{"token", token_in(link)}});
    }
    void confirm(PageClient& client, const std::string& email = mia) {
        EXPECT_EQ(press(client, link_in(next_mail(email), "/confirm")).status, 200);
    }

    MailSink sink_;
    MailingPlace place_{sink_};
    RunningServer server_{place_};
    PageClient laptop_{server_.port()}, phone_{server_.port()};
};

}  // namespace calyptenora::http::test
