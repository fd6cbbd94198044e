#include "host/lock_file.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace calyptenora::host {
namespace {

namespace fs = std::filesystem;

TEST(LockFile, WritesWhatItReads) {
    const auto path = fs::path(testing::TempDir()) / "written.lock";
    LockFile lock;
    lock.pin("analytics/xapi", std::string(64, 'a'));
    ASSERT_TRUE(lock.save(path));
    const auto again = LockFile::load(path);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->find("analytics/xapi"), std::string(64, 'a'));
    EXPECT_EQ(again->find("analytics/other"), std::nullopt);
}

TEST(LockFile, AnAbsentFilePinsNothing) {
    const auto lock = LockFile::load("/nonexistent/plugins.lock");
    ASSERT_TRUE(lock);
    EXPECT_EQ(lock->find("analytics/xapi"), std::nullopt);
}

TEST(LockFile, ABadLineIsNamed) {
    const auto path = fs::path(testing::TempDir()) / "bad.lock";
    std::ofstream(path) << "# comment\n\n"
                        << std::string(64, 'a') << "  a/b\n"
                        << std::string(63, 'a') << "  a/c\n";
    const auto lock = LockFile::load(path);
    ASSERT_FALSE(lock);
    EXPECT_NE(lock.error().message.find("bad.lock:4: expected a SHA-256"), std::string::npos);
}

}  // namespace
}  // namespace calyptenora::host
