#include "support/plugin_driver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace calyptenora {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view settings =
    R"({"smtp_server":"smtp.example:587","username":"lms","password":["pw"],"from":"lms@lms.example",)"
    R"("support_address":"help@desk.example","alias_domain":"cases.lms.example",)"
    R"("alias_keys":["kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"]})";
const std::string case_ref = "mfrggzdfmztwq2lknnwg23tpob";
// python3: hmac.new(b"k" * 32, case_ref, "sha256").hexdigest()[:16]
const std::string tag = "73ee623aeb92a07f";
const std::string alias = "case-" + case_ref + "-" + tag + "@cases.lms.example";

std::string settings_with_keys(const std::string& keys) {
    std::string changed(settings);
    const auto at = changed.find("\"alias_keys\"");
    return changed.substr(0, at) + "\"alias_keys\":" + keys + "}";
}

class MailPlugin : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(plugin_.create(settings));
        plugin_.on_mail = [](const MailRequest&) { return MailReceipt{"250 2.0.0 queued"}; };
    }
    static Request<support::Open> case_of(const std::string& message) {
        Request<support::Open> request;
        request.case_ref = case_ref;
        request.message_id = "m-1";
        request.locale = "de";
        request.subject = "Frage\r\nBcc: evil@example.org";
        request.message = message;
        return request;
    }
    Result<std::vector<Signal>> ingest(const std::string& mail) {
        Request<support::Ingest> request;
        request.kind = InboundKind::mail;
        request.document = Bytes{mail};
        const auto reply = plugin_.call<support::Ingest>(request);
        if (!reply)
            return reply.error();
        return reply->signals;
    }
    std::string text_of(const std::string& mail) {
        const auto signals = ingest(mail);
        if (!signals || signals->size() != 1)
            return "(no signal)";
        return std::string(boost::json::parse(signals->front().detail).at("text").as_string());
    }
    static std::string mail(const std::string& body, const std::string& more_headers = "") {
        return "From: help@desk.example\r\nTo: " + alias + "\r\nMessage-ID: <a@desk.example>\r\n" +
               more_headers + "\r\n" + body;
    }
    PluginDriver plugin_{"support/mail"};
};

TEST_F(MailPlugin, ACaseBecomesAMailWithAnAddressOfItsOwn) {
    auto request = case_of("Wie geht das?");
    request.learner = "PSEUDONYMCANARY";
    const auto opened = plugin_.call<support::Open>(request);
    ASSERT_TRUE(opened) << opened.error().message;
    ASSERT_EQ(plugin_.mails.size(), 1u);
    const auto& sent = plugin_.mails[0];
    EXPECT_EQ(sent.to, "help@desk.example");
    EXPECT_EQ(sent.from, "lms@lms.example");
    EXPECT_EQ(opened->external_ref, case_ref);
    EXPECT_EQ(sent.reply_to, alias);
    EXPECT_LE(sent.reply_to.find('@'), 64u);
    EXPECT_EQ(sent.subject, "[mfrggzdf] Frage  Bcc: evil@example.org");
    EXPECT_EQ(sent.message_id, "m-1@cases.lms.example");
    EXPECT_FALSE(sent.headers.contains("Auto-Submitted"));
    EXPECT_THAT(to_json(sent), Not(HasSubstr("CANARY")));
    EXPECT_THAT(sent.text, Not(HasSubstr("Name:")));

    auto next = request;
    next.external_ref = opened->external_ref;
    next.message_id = "m-2";
    next.name = "Ada Lovelace";
    next.email = "ada@example.org";
    EXPECT_EQ(plugin_.call<support::Append>(next)->external_ref, opened->external_ref);
    EXPECT_THAT(plugin_.mails[1].text, HasSubstr("Name: Ada Lovelace\nE-Mail: ada@example.org"));
    EXPECT_EQ(plugin_.call<support::Open>(request)->external_ref, opened->external_ref);
    request.case_ref.back() = 'x';
    EXPECT_EQ(plugin_.call<support::Open>(request)->external_ref, request.case_ref);
    EXPECT_NE(plugin_.mails.back().reply_to.substr(32), alias.substr(32));
    for (const auto* odd : {"", "C-7F3K", "a@b", "a\r\nb", "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopq"}) {
        request.case_ref = odd;
        EXPECT_EQ(plugin_.call<support::Open>(request).error().kind, ErrorKind::permanent) << odd;
    }
}

TEST_F(MailPlugin, WithoutTheMessageOrTheMailServerNothingIsClaimed) {
    auto request = case_of("");
    request.message.reset();
    EXPECT_EQ(plugin_.call<support::Open>(request).error().kind, ErrorKind::denied);
    plugin_.on_mail = [](const MailRequest&) { return Error(ErrorKind::temporary, "451"); };
    EXPECT_EQ(plugin_.call<support::Open>(case_of("x")).error().kind, ErrorKind::temporary);
}

TEST_F(MailPlugin, AnAnswerFindsItsCaseAndItsThread) {
    const auto opened = plugin_.call<support::Open>(case_of("Wie?"));
    ASSERT_TRUE(opened);
    const auto signals = ingest("Delivered-To: Case-" + case_ref + "-" + tag +
                                "@CASES.lms.example\nMessage-ID: <r1@desk>\nSubject: Re\n\nSo.\n");
    ASSERT_EQ(signals->size(), 1u);
    const auto& signal = signals->front();
    EXPECT_EQ(signal.object_ref, case_ref);
    EXPECT_EQ(signal.event_id, "r1@desk");
    Request<support::Thread> request;
    request.history.emplace().push_back({signal.event_id, signal.kind, signal.detail, 5});
    const auto thread = plugin_.call<support::Thread>(request);
    ASSERT_EQ(thread->messages.size(), 1u);
    EXPECT_EQ(thread->messages[0].text, "So.");
    EXPECT_EQ(thread->messages[0].author, support::Author::support);
    EXPECT_EQ(thread->messages[0].at, plugin_.now);
}

// Python's parser is the second opinion.
TEST_F(MailPlugin, ReadsWhatPythonWritesAsPythonReadsIt) {
    std::istringstream lines(
        run_command("python3 " CALYPTENORA_SOURCE_DIR "/tests/integration/plugins/mail_samples.py"));
    int count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
        const auto sample = boost::json::parse(line);
        const auto raw = decode_base64(std::string(sample.at("mail").as_string()));
        auto expected = std::string(sample.at("text").as_string());
        std::erase(expected, '\r');
        while (expected.ends_with('\n'))
            expected.pop_back();
        EXPECT_EQ(text_of(*raw), expected) << *raw;
    }
    EXPECT_GT(count, 40);
}

TEST_F(MailPlugin, CutsOffWhatIsQuotedBelowAndKeepsWhatIsNot) {
    EXPECT_EQ(text_of(mail("Ja.\n\nAm 20.11.2026 um 10:00 schrieb LMS:\n> Wie?\n> Danke\n")), "Ja.");
    EXPECT_EQ(text_of(mail(
                  "Yes.\r\n\r\nOn Fri, 20 Nov 2026 at 10:00, LMS\r\n<lms@lms.example> wrote:\r\n> How?\r\n")),
              "Yes.");
    EXPECT_EQ(text_of(mail("Ja.\n-----Ursprüngliche Nachricht-----\nVon: LMS\nWie?\n",
                           "Content-Type: text/plain; charset=utf-8\r\n")),
              "Ja.");
    EXPECT_EQ(text_of(mail("> Wie?\nSo.\n> Und dann?\nSo.\n")), "> Wie?\nSo.\n> Und dann?\nSo.");
    EXPECT_EQ(text_of(mail("> nur Zitat\n")), "> nur Zitat");
    EXPECT_EQ(text_of(mail("Er schrieb am Montag:\nnichts Neues\n")), "Er schrieb am Montag:\nnichts Neues");
}

TEST_F(MailPlugin, ReadsHtmlWhereThereIsNothingElse) {
    EXPECT_EQ(text_of(mail("<html><head><style>p{}</style></head><body><p>Gr&uuml;&szlig;e &amp; "
                           "&#8364;5</p><div>zwei<br>drei</div><script>alert(1)</script>"
                           "<blockquote>alt</blockquote></body></html>",
                           "Content-Type: text/html; charset=utf-8\r\n")),
              "Grüße & €5\nzwei\ndrei");
}

TEST_F(MailPlugin, DropsWhatNobodyWroteAndWhatIsForNobody) {
    for (const auto* header :
         {"Auto-Submitted: auto-replied\r\n", "Precedence: bulk\r\n", "Return-Path: <>\r\n",
          "Content-Type: multipart/report; boundary=x\r\n", "List-Id: <x>\r\n", "X-Autoreply: yes\r\n"})
        EXPECT_TRUE(ingest(mail("Ich bin im Urlaub.", header))->empty()) << header;
    EXPECT_EQ(ingest(mail("Von Hand.", "Auto-Submitted: no\r\n"))->size(), 1u);
    EXPECT_TRUE(ingest("To: someone@cases.lms.example\n\nx")->empty());
    EXPECT_TRUE(ingest("To: case-" + case_ref + "-" + tag + "@elsewhere.example\n\nx")->empty());
    EXPECT_TRUE(ingest("To: case-short@cases.lms.example\n\nx")->empty());
    EXPECT_TRUE(ingest(mail(""))->empty());
}

TEST_F(MailPlugin, AnAddressThatWeDidNotGiveOutIsNobodys) {
    const auto is_taken = [&](const std::string& local) {
        return !ingest("To: " + local + "@cases.lms.example\n\nx")->empty();
    };
    const auto good = "case-" + case_ref + "-" + tag;
    EXPECT_TRUE(is_taken(good));
    for (std::size_t i = 5; i < good.size(); ++i) {
        auto forged = good;
        forged[i] = forged[i] == 'a' ? 'b' : 'a';
        EXPECT_FALSE(is_taken(forged)) << forged;
    }
    for (const auto& forged : {"case-" + case_ref, "case-" + case_ref + "-", "case--" + tag, "case-" + tag,
                               good.substr(0, good.size() - 1), good + "0"})
        EXPECT_FALSE(is_taken(forged)) << forged;
}

TEST_F(MailPlugin, AnswersAreTakenUnderOldKeysToo) {
    const std::string next(32, 'n'), old(32, 'k');
    PluginDriver rotated("support/mail");
    ASSERT_TRUE(rotated.create(settings_with_keys("[\"" + next + "\",\"" + old + "\"]")));
    rotated.on_mail = [](const MailRequest&) { return MailReceipt{"250"}; };
    ASSERT_TRUE(rotated.call<support::Open>(case_of("Wie?")));
    EXPECT_NE(rotated.mails.front().reply_to, alias);
    for (const auto& address : {alias, rotated.mails.front().reply_to}) {
        Request<support::Ingest> request;
        request.kind = InboundKind::mail;
        request.document = Bytes{"To: " + address + "\n\nSo."};
        const auto reply = rotated.call<support::Ingest>(request);
        ASSERT_TRUE(reply);
        ASSERT_EQ(reply->signals.size(), 1u) << address;
        EXPECT_EQ(reply->signals[0].object_ref, case_ref);
    }
    PluginDriver weak("support/mail");
    EXPECT_FALSE(weak.create(settings_with_keys("[\"" + next + "\",\"short\"]")));
}

TEST_F(MailPlugin, RepetitionsHaveOneKeyAndOddMailDoesNoHarm) {
    EXPECT_EQ(ingest(mail("a"))->front().dedupe_key, ingest(mail("b"))->front().dedupe_key);
    const auto anonymous = [&](const std::string& body) {
        return ingest("To: " + alias + "\n\n" + body)->front().dedupe_key;
    };
    EXPECT_NE(anonymous("a"), anonymous("b"));
    EXPECT_FALSE(ingest(std::string(2 * 1024 * 1024, 'x')));
    EXPECT_FALSE(ingest(""));
    std::string nested = "Content-Type: multipart/mixed; boundary=b\r\n";
    for (int i = 0; i < 50; ++i)
        nested += "\r\n--b\r\nContent-Type: multipart/mixed; boundary=b\r\n";
    EXPECT_TRUE(ingest(mail(nested, nested)));
    EXPECT_EQ(text_of(mail("caf\xe9 \xff\xfe", "Content-Type: text/plain; charset=utf-8\r\n")),
              "caf\xEF\xBF\xBD "
              "\xEF\xBF\xBD\xEF\xBF\xBD");
    for (std::size_t cut = 0; cut < mail("x").size(); cut += 3)
        std::ignore =
            ingest(mail("=?utf-8?q?", "Content-Type: multipart/mixed; boundary=\"\r\n").substr(0, cut));
}

}  // namespace
}  // namespace calyptenora
