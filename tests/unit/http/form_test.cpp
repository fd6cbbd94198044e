#include "http/form.hpp"

#include <gtest/gtest.h>

namespace calyptenora::http {
namespace {

constexpr std::string_view multipart = "multipart/form-data; boundary=\"x y\"";

std::string part(std::string_view header, std::string_view content) {
    return "--x y\r\n" + std::string(header) + "\r\n\r\n" + std::string(content) + "\r\n";
}

TEST(Form, ReadsMultipart) {
    auto form =
        parse_form(multipart, part("content-disposition: form-data; name=\"a;b\"", "1\r\n--x\r\n2") +
                                  part("Content-Disposition: form-data; name=f; filename=\"../n\\\"m\"\r\n"
                                       "Content-Type: text/plain",
                                       std::string_view("\0\xff", 2)) +
                                  "--x y--\r\n");
    ASSERT_TRUE(form);
    EXPECT_EQ(form->fields.find("a;b"), "1\r\n--x\r\n2");
    ASSERT_EQ(form->uploads.size(), 1U);
    EXPECT_EQ(form->uploads[0].file_name, "n\"m");
    EXPECT_EQ(form->uploads[0].content, std::string_view("\0\xff", 2));
}

TEST(Form, RefusesWhatIsNotWellFormed) {
    const auto good = part("Content-Disposition: form-data; name=a", "1");
    ASSERT_TRUE(parse_form(multipart, good + "--x y--"));
    EXPECT_FALSE(parse_form(multipart, good)) << "no closing boundary";
    EXPECT_FALSE(parse_form(multipart, good + "--x y--\r\nmore")) << "data behind the end";
    EXPECT_FALSE(parse_form(multipart, "preamble" + good + "--x y--"));
    EXPECT_FALSE(parse_form(multipart, ""));
    EXPECT_FALSE(parse_form("multipart/form-data", good + "--x y--")) << "no boundary";
    EXPECT_FALSE(parse_form(multipart, part("Content-Disposition: form-data", "1") + "--x y--")) << "no name";
    EXPECT_FALSE(parse_form(multipart, part("Content-Disposition: attachment; name=a", "1") + "--x y--"));
    EXPECT_FALSE(parse_form(multipart, part("Content-Disposition: form-data; name=\"a", "1") + "--x y--"));
    EXPECT_FALSE(parse_form(multipart, part("Content-Disposition: form-data; name=a", "\xff") + "--x y--"));
    EXPECT_FALSE(parse_form("application/x-www-form-urlencoded", "a=%zz"));
    EXPECT_FALSE(parse_form("application/x-www-form-urlencoded", "a=%00"));
}

TEST(Form, IsBounded) {
    std::string many;
    for (int i = 0; i < 201; ++i) {
        many += "a=1&";
    }
    EXPECT_FALSE(parse_form("application/x-www-form-urlencoded", many));
    EXPECT_TRUE(parse_form("application/x-www-form-urlencoded", many.substr(4)));
    auto one = part("Content-Disposition: form-data; name=a", "1");
    EXPECT_FALSE(parse_form(multipart, one + one + "--x y--", {.max_fields = 1}));
    auto file = part("Content-Disposition: form-data; name=a; filename=b", "1");
    EXPECT_FALSE(parse_form(multipart, file + file + "--x y--", {.max_uploads = 1}));
    EXPECT_FALSE(parse_form(multipart, part("X: " + std::string(3000, 'a'), "1") + "--x y--"));
}

TEST(Form, LeavesOtherBodiesAlone) {
    auto form = parse_form("application/json", "{}");
    ASSERT_TRUE(form);
    EXPECT_TRUE(form->fields.is_empty());
}

}  // namespace
}  // namespace calyptenora::http
