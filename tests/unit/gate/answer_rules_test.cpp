#include "gate/answer_rules.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace calyptenora::gate {
namespace {

const DeclaredOrigins declared{"https://player.example", "http://localhost:8090"};

template <class Reply>
std::string problem(std::string_view json) {
    const auto reply = parse_json<Reply>(json);
    if (!reply)
        return "no such document: " + reply.error().message;
    const auto checked = check_answer(*reply, declared);
    return checked ? "" : checked.error().message;
}

const std::string undeclared = "the address is of an origin that the plugin's manifest does not declare";
const std::string no_url = "the address is no absolute URL";

TEST(AnswerRules, AddressesAreOfDeclaredOrigins) {
    const auto frame = [](const std::string& url) {
        return problem<video::PlayReply>(R"({"iframe":{"url":")" + url +
                                         R"(","sandbox":[],"allow":[],"message_protocol":""}})");
    };
    EXPECT_EQ(frame("https://player.example/embed/1?x=2#t"), "");
    EXPECT_EQ(frame("http://localhost:8090/embed/1"), "");
    for (const auto* url :
         {"https://elsewhere.example/", "http://player.example/", "https://player.example:8443/",
          "https://player.example.elsewhere.example/", "https://localhost:8090/"})
        EXPECT_EQ(frame(url), "iframe: " + undeclared) << url;
    for (const auto* url : {"javascript:alert(1)", "data:text/html,x", "//player.example/", "/embed", "",
                            "https://player.example@elsewhere.example/", "https:player.example"})
        EXPECT_NE(frame(url), "") << url;

    const auto pay = [](const std::string& url) {
        return problem<payments::StartReply>(R"({"redirect":{"url":")" + url + R"(","provider_ref":"p"}})");
    };
    EXPECT_EQ(pay("https://player.example/pay"), "");
    EXPECT_EQ(pay("https://elsewhere.example/pay"), "redirect: " + undeclared);
    EXPECT_EQ(pay("javascript:alert(1)"), "redirect: " + no_url);
    const auto sign_in = [](const std::string& url) {
        return problem<auth::Step>(R"({"redirect":{"url":")" + url + R"(","state":"s"}})");
    };
    EXPECT_EQ(sign_in("https://player.example/authorize"), "");
    EXPECT_EQ(sign_in("https://elsewhere.example/authorize"), "redirect: " + undeclared);
}

TEST(AnswerRules, PathsStayInTheirFolder) {
    const auto play = [](const std::string& path) {
        return problem<video::PlayReply>(R"({"manifest":{"path":")" + path + R"(","renew_after_s":60}})");
    };
    EXPECT_EQ(play("e3/s..1/film.m3u8"), "");
    for (const auto* path :
         {"../secret", "a/../../secret", "a/..", "..", "%2e%2e/logout", "a/%2E%2E/b", "/etc/passwd", "a//b",
          "a\\\\b", "javascript:alert(1)", "https://player.example/film.m3u8"})
        EXPECT_EQ(play(path), "manifest: the path leaves its folder") << path;
    const auto file = [](const std::string& path) {
        return problem<video::AuthoriseReply>(R"({"allowed":true,"file":")" + path + R"("})");
    };
    EXPECT_EQ(file("ab12/segment-1.m4s"), "");
    EXPECT_EQ(file("../../data/master.key"), "the path leaves its folder");
}

TEST(AnswerRules, TextsCanBeStored) {
    const auto message = [](const std::string& text, const std::string& at = "1795000000000000") {
        return problem<support::ThreadReply>(
            R"({"messages":[{"external_id":"1","author":"support","text":")" + text + R"(","at":)" + at +
            "}]}");
    };
    // What a person may have written goes through, and is escaped where it is shown.
    EXPECT_EQ(message(R"(Grüße,\n\t<b>1 < 2</b> \u000c – \u202bשלום\u202c)"), "");
    EXPECT_EQ(message(R"(\u0000)"), "messages[0].text: the text has a NUL");
    EXPECT_EQ(message(std::string(256 * 1024, 'x')), "");
    EXPECT_EQ(message(std::string(256 * 1024 + 1, 'x')),
              "messages[0].text: the text is longer than 262144 bytes");
    EXPECT_EQ(message("late", "9223372036854775807"),
              "messages[0]: at is not between 0 and 7258118400000000");
    EXPECT_EQ(message("unknown", "0"), "");
    EXPECT_NE(message("early", "-1"), "");
}

TEST(AnswerRules, LinesReadAsWhatTheySay) {
    const auto line = [](const std::string& value) {
        return problem<payments::StartReply>(R"({"instructions":{"lines":[{"label":"payee","value":")" +
                                             value + R"("}],"due":"2026-12-01"}})");
    };
    EXPECT_EQ(line("Lernwerk Größer & Söhne"), "");
    EXPECT_EQ(line(R"(\u0007)"), "instructions.lines[0]: the line has control characters");
    for (const auto* ending :
         {R"(two\nlines)", R"(two\u0085lines)", R"(\u009b31m)", R"(two\u2028lines)", R"(\u2029)"})
        EXPECT_EQ(line(ending), "instructions.lines[0]: the line has control characters") << ending;
    EXPECT_EQ(line(R"(\u00a0\u00fc\u2027\u2030\u202f\u061b)"), "") << "their neighbours";
    for (const auto* turning :
         {R"(\u202egpj.exe)", R"(\u2066)", R"(x\u2069)", R"(\u061c)", R"(\u200e)", R"(x\u200f)"})
        EXPECT_EQ(line(turning),
                  "instructions.lines[0]: the line has characters that turn the direction of writing");
    EXPECT_EQ(line(std::string(4097, 'x')), "instructions.lines[0]: the line is longer than 4096 bytes");
}

TEST(AnswerRules, AnEventHasOneOutcome) {
    const auto deliveries = [](const std::string& second) {
        return problem<analytics::DeliverReply>(R"({"deliveries":[{"id":"a","outcome":"accepted"},{"id":")" +
                                                second + R"(","outcome":"retry"}]})");
    };
    EXPECT_EQ(deliveries("b"), "");
    EXPECT_EQ(deliveries("a"), "an event has two outcomes");
}

TEST(AnswerRules, AmountsCanBeCountedWith) {
    const auto state = [](std::int64_t captured, std::int64_t refunded) {
        return problem<payments::PaymentState>(
            fmt::format(R"({{"status":"paid","authorised_minor":0,"captured_minor":{},"refunded_minor":{}}})",
                        captured, refunded));
    };
    EXPECT_EQ(state(4900, 0), "");
    EXPECT_EQ(state(4900, 4900), "");
    EXPECT_EQ(state(0, 4900), "") << "of a transfer that was never imported";
    EXPECT_EQ(state(-1, 0), "captured_minor is not between 0 and 1000000000000");
    EXPECT_NE(state(std::numeric_limits<std::int64_t>::max(), 0), "");
}

TEST(AnswerRules, QrCodesAreSquares) {
    const auto instructions = [](int width, const std::string& modules) {
        return problem<payments::StartReply>(fmt::format(
            R"({{"instructions":{{"lines":[],"qr":{{"width":{},"modules":"{}"}},"due":"2026-12-01"}}}})",
            width, modules));
    };
    EXPECT_EQ(instructions(21, std::string(441, '1')), "");
    EXPECT_EQ(instructions(21, std::string(440, '1')),
              "instructions.qr: the modules are not width times width of 0 and 1");
    EXPECT_NE(instructions(21, std::string(441, '2')), "");
    EXPECT_NE(instructions(100'000, "1"), "");
    EXPECT_NE(instructions(-21, std::string(441, '1')), "");
}

TEST(AnswerRules, SignalsAndRepliesAreBounded) {
    const auto signal = [](const std::string& kind) {
        return problem<IngestReply>(
            R"({"signals":[{"event_id":"e","dedupe_key":"d","object_ref":"o","detail":"","kind":")" + kind +
            R"("}]})");
    };
    EXPECT_EQ(signal(std::string(40, 'k')), "");
    EXPECT_EQ(signal(std::string(41, 'k')), "signals[0]: kind is longer than 40 bytes");
    const auto reply = [](int status, const std::string& type) {
        return problem<IngestReply>(fmt::format(
            R"({{"reply":{{"status":{},"content_type":"{}","body":""}},"signals":[]}})", status, type));
    };
    EXPECT_EQ(reply(204, "text/plain"), "");
    EXPECT_NE(reply(99, "text/plain"), "");
    EXPECT_EQ(reply(200, R"(text/plain\r\nSet-Cookie: a=b)"), "reply: the line has control characters");
}

}  // namespace
}  // namespace calyptenora::gate
