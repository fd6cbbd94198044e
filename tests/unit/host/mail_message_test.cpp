#include "host/mail_message.hpp"

#include <calyptenora/json.hpp>

#include <gtest/gtest.h>

namespace calyptenora::host {
namespace {

MailMessage plain() {
    return {"a@lms.example", "b@desk.example", "", "Hello", "Text", "m1@lms.example", {}, {}};
}

TEST(MailMessage, WritesAPlainMail) {
    const auto mail = write_mail(plain());
    ASSERT_TRUE(mail) << mail.error().message;
    EXPECT_EQ(mail->sender, "a@lms.example");
    EXPECT_EQ(mail->recipient, "b@desk.example");
    EXPECT_EQ(
        mail->bytes,
        "From: a@lms.example\r\nTo: b@desk.example\r\nSubject: Hello\r\nDate: Thu, 01 Jan 1970 00:00:00 "
        "+0000\r\n"
        "Message-ID: <m1@lms.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\nText\r\n");
}

TEST(MailMessage, EncodesWhatIsNotAscii) {
    auto message = plain();
    message.from = "Kurs Ärger <a@lms.example>";
    message.to = "The \"Desk\" <b@desk.example>";
    message.subject = "Grüße " + std::string(60, 'x');
    message.text = "Grüße = \nzwei\r\n" + std::string(100, 'y');
    const auto mail = write_mail(message);
    ASSERT_TRUE(mail) << mail.error().message;
    EXPECT_NE(mail->bytes.find("From: =?utf-8?B?" + encode_base64("Kurs Ärger") + "?= <a@lms.example>\r\n"),
              std::string::npos);
    EXPECT_NE(mail->bytes.find("To: \"The \\\"Desk\\\"\" <b@desk.example>\r\n"), std::string::npos);
    EXPECT_NE(mail->bytes.find("Gr=C3=BC=C3=9Fe =3D=20\r\nzwei\r\n"), std::string::npos) << mail->bytes;
    std::size_t start = 0;
    for (auto end = mail->bytes.find("\r\n"); end != std::string::npos;
         end = mail->bytes.find("\r\n", start)) {
        EXPECT_LE(end - start, 78u) << mail->bytes.substr(start, end - start);
        start = end + 2;
    }
}

TEST(MailMessage, RefusesInjection) {
    const auto refused = [](auto change) {
        auto message = plain();
        change(message);
        return !write_mail(message);
    };
    EXPECT_FALSE(refused([](auto&) {}));
    EXPECT_TRUE(refused([](auto& m) { m.subject = "a\r\nBcc: x@y.example"; }));
    EXPECT_TRUE(refused([](auto& m) { m.to = "b@desk.example\r\nRCPT TO:<x@y.example>"; }));
    EXPECT_TRUE(refused([](auto& m) { m.to = "b@desk.example> <x@y.example"; }));
    EXPECT_TRUE(refused([](auto& m) { m.to = "b@desk.example, x@y.example"; }));
    EXPECT_TRUE(refused([](auto& m) { m.from = "Name\n <a@lms.example>"; }));
    EXPECT_TRUE(refused([](auto& m) { m.reply_to = "not an address"; }));
    EXPECT_TRUE(refused([](auto& m) { m.message_id = "a>\r\nX: y"; }));
    EXPECT_TRUE(refused([](auto& m) { m.headers["X-A"] = "1\r\nBcc: x@y.example"; }));
    EXPECT_TRUE(refused([](auto& m) { m.headers["X-A: 1\r\nBcc"] = "x@y.example"; }));
    EXPECT_TRUE(refused([](auto& m) { m.headers["bCC"] = "x@y.example"; }));
}

}  // namespace
}  // namespace calyptenora::host
