#include "platform/courses/image_size.hpp"

#include <gtest/gtest.h>

#include <string>

namespace calyptenora::platform {
namespace {

using namespace std::string_literals;

TEST(ImageSize, IsReadFromEachFormat) {
    EXPECT_EQ(find_image_size("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0"s),
              (ImageSize{640, 480}));
    EXPECT_EQ(find_image_size("GIF89a\x10\0\x20\0"s), (ImageSize{16, 32}));
    EXPECT_EQ(find_image_size("\xff\xd8\xff\xe0\0\x04xx\xff\xc2\0\x11\x08\0\x30\0\x40\x03"s),
              (ImageSize{64, 48}));
    EXPECT_EQ(find_image_size("RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x0f\0\0\x1f\0\0"s),
              (ImageSize{16, 32}));
    EXPECT_EQ(find_image_size("<?xml version='1.0'?><svg xmlns='a' width=\"10.4\" height=\"20px\">"s),
              (ImageSize{10, 20}));
    EXPECT_EQ(find_image_size("<svg width='100%' viewBox='0 0 300 150.5'>"s), (ImageSize{300, 151}));
    EXPECT_EQ(find_image_size("<svg width='72pt' height='36pt'>"s), (ImageSize{96, 48}));
}

TEST(ImageSize, IsUnknownForBrokenOrAbsurdFiles) {
    EXPECT_EQ(find_image_size(""s), std::nullopt);
    EXPECT_EQ(find_image_size("GIF89a"s), std::nullopt);
    EXPECT_EQ(find_image_size("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0"s), std::nullopt);
    EXPECT_EQ(find_image_size("\xff\xd8\xff\xe0\0\0\xff\xe0"s), std::nullopt);
    EXPECT_EQ(find_image_size("\xff\xd8\xff\xe0\xff\xff"s), std::nullopt);
    EXPECT_EQ(find_image_size("GIF89a\0\0\x20\0"s), std::nullopt);
    EXPECT_EQ(find_image_size("<svg viewBox='0 0 1e9 1'>"s), std::nullopt);
    EXPECT_EQ(find_image_size("<svg width='nan' height='1'>"s), std::nullopt);
    EXPECT_EQ(find_image_size("<html>"s), std::nullopt);
}

}  // namespace
}  // namespace calyptenora::platform
