#include "storage/master_key.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

namespace calyptenora::storage {
namespace {

class MasterKeyFile : public ::testing::Test {
  protected:
    MasterKeyFile() {
        auto name = (std::filesystem::temp_directory_path() / "calyptenora-key-XXXXXX").string();
        if (!::mkdtemp(name.data()))
            throw std::runtime_error("no temporary folder");
        folder_ = name;
        file_ = folder_ / "master.key";
    }
    ~MasterKeyFile() override { std::filesystem::remove_all(folder_); }

    std::filesystem::path folder_;
    std::filesystem::path file_;
};

TEST_F(MasterKeyFile, IsMadeOnceForTheOwnerAlone) {
    const auto made = MasterKey::load_or_create(file_);
    ASSERT_TRUE(made) << made.error().message;
    struct stat status{};
    ASSERT_EQ(::stat(file_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
    EXPECT_EQ(status.st_size, 32);
    const auto again = MasterKey::load_or_create(file_);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->id(), made->id());
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1)
        << "a draft was left behind";
}

TEST_F(MasterKeyFile, IsNeverOverwritten) {
    const auto made = MasterKey::load_or_create(file_);
    ASSERT_TRUE(made);
    const auto saved = MasterKey::make().save(file_);
    ASSERT_FALSE(saved);
    EXPECT_EQ(saved.error().kind, ErrorKind::conflict);
    EXPECT_EQ(MasterKey::load_or_create(file_)->id(), made->id());
}

TEST_F(MasterKeyFile, RefusesWrongSizeAndOpenPermissions) {
    for (const auto size : {0, 31, 33, 64}) {
        std::ofstream(file_, std::ios::trunc) << std::string(static_cast<std::size_t>(size), 'k');
        ::chmod(file_.c_str(), 0600);
        const auto loaded = MasterKey::load_or_create(file_);
        ASSERT_FALSE(loaded) << size;
        EXPECT_EQ(loaded.error().kind, ErrorKind::invalid_config);
    }
    std::ofstream(file_, std::ios::trunc) << std::string(32, 'k');
    ::chmod(file_.c_str(), 0640);
    ASSERT_FALSE(MasterKey::load_or_create(file_));
    ::chmod(file_.c_str(), 0600);
    EXPECT_TRUE(MasterKey::load_or_create(file_));
}

TEST(SealedText, OpensOnlyWithItsKeyAndContext) {
    const auto key = SecretKey::make();
    const auto sealed = seal_text(key, "learners/1/email", "mia@example.org");
    EXPECT_EQ(sealed.find("mia"), std::string::npos);
    ASSERT_TRUE(open_sealed_text(key, "learners/1/email", sealed));
    EXPECT_EQ(*open_sealed_text(key, "learners/1/email", sealed), "mia@example.org");
    EXPECT_FALSE(open_sealed_text(key, "learners/2/email", sealed));
    EXPECT_FALSE(open_sealed_text(SecretKey::make(), "learners/1/email", sealed));
}

TEST(SealedText, RefusesEveryAlteredCharacter) {
    const auto key = SecretKey::make();
    const auto sealed = seal_text(key, "c", "secret");
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        auto altered = sealed;
        altered[i] = altered[i] == 'A' ? 'B' : 'A';
        const auto opened = open_sealed_text(key, "c", altered);
        ASSERT_FALSE(opened) << i;
        EXPECT_EQ(opened.error().kind, ErrorKind::denied);
    }
    for (std::size_t length = 0; length < sealed.size(); ++length)
        EXPECT_FALSE(open_sealed_text(key, "c", std::string_view(sealed).substr(0, length)));
}

TEST(SealedText, NeverLooksTheSameTwice) {
    const auto key = SecretKey::make();
    EXPECT_NE(seal_text(key, "c", "secret"), seal_text(key, "c", "secret"));
}

}  // namespace
}  // namespace calyptenora::storage
