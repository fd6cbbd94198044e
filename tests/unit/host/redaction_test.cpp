#include "host/redaction.hpp"

#include <calyptenora/json.hpp>

#include <gtest/gtest.h>

namespace calyptenora::host {
namespace {

TEST(Redaction, TakesOutSecretsInEachForm) {
    const Redactor redactor({"p&ss w\"rd", "abc"});
    EXPECT_EQ(redactor.line("with p&ss w\"rd inside"), "with [secret] inside");
    EXPECT_EQ(redactor.line("?key=p%26ss%20w%22rd&x"), "?key=[secret]&x");
    EXPECT_EQ(redactor.line(R"({"k":"p&ss w\"rd"})"), R"({"k":"[secret]"})");
    EXPECT_EQ(redactor.line(encode_base64("p&ss w\"rd")), "[secret]");
    EXPECT_EQ(redactor.line("abc stays"), "abc stays");
    EXPECT_EQ(redactor.with({"typed by hand"}).line("typed by hand: p&ss w\"rd"), "[secret]: [secret]");
    EXPECT_EQ(redactor.line("typed by hand"), "typed by hand");
    EXPECT_EQ(redactor.with(Redactor({"longer p&ss w\"rd", "typed by hand"}))
                  .line("longer p&ss w\"rd, typed by hand, p&ss w\"rd"),
              "[secret], [secret], [secret]");
}

TEST(Redaction, TakesOutAddresses) {
    const Redactor redactor({});
    EXPECT_EQ(redactor.line("to anna.b+c@mail.example, and <x@y.z>"), "to [e-mail], and <[e-mail]>");
    EXPECT_EQ(redactor.line("müller@schön.example ok"), "[e-mail] ok");
    EXPECT_EQ(redactor.line("a@b and @handle and 3@"), "a@b and @handle and 3@");
}

TEST(Redaction, MakesOneBoundedLine) {
    const Redactor redactor({});
    EXPECT_EQ(redactor.line("a\nb\x1b[31mc"), "a b [31mc");
    const auto cut = redactor.line(std::string(999, 'x') + "ü and more");
    EXPECT_EQ(cut, std::string(999, 'x') + " [cut]");
    EXPECT_EQ(redactor.line("ok \xff bad"), "ok [not UTF-8]");
}

}  // namespace
}  // namespace calyptenora::host
