#include "integration/cli/program.hpp"
#include "storage/key_store.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace calyptenora::cli::test {
namespace {

using ::testing::HasSubstr;

class KeysPlace : public Place {
  public:
    KeysPlace() {
        learner_ = std::string(
            boost::json::parse(add_user("ada@lms.example", {"--json"}).out).at("learner").as_string());
    }

    std::filesystem::path key_file() const { return data() / "master.key"; }
    storage::MasterKey master() const { return storage::MasterKey::load_or_create(key_file()).value(); }
    Result<std::unique_ptr<storage::KeyStore>> open(const std::filesystem::path& file,
                                                    const storage::MasterKey& key) const {
        return storage::KeyStore::open("sqlite:" + file.string(), key, {.sessions = 1, .on_fatal = {}});
    }
    std::filesystem::path store() const { return data() / "keys.db"; }
    storage::SubjectId ada() const { return storage::SubjectId::from_database(learner_); }

  private:
    std::string learner_;
};

TEST(KeysRotate, MakesOldCopiesOfTheKeyStoreUselessWithoutTheOldKey) {
    const KeysPlace place;
    const auto old_key = place.master();
    const auto copy = place.folder() / "copy.db";
    std::filesystem::copy_file(place.store(), copy);

    const auto rotated = place.run({"keys", "rotate"});
    ASSERT_EQ(rotated.code, 0) << rotated.err;
    EXPECT_THAT(rotated.out, HasSubstr("delete its copies"));
    const auto new_key = place.master();
    EXPECT_NE(new_key.id(), old_key.id());
    EXPECT_FALSE(std::filesystem::exists(place.data() / "master.key.next"));
    EXPECT_EQ(std::filesystem::status(place.key_file()).permissions() & std::filesystem::perms::all,
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);

    EXPECT_TRUE(place.open(place.store(), new_key).value()->load(place.ada()));
    EXPECT_FALSE(place.open(copy, new_key)) << "the copy is of no use with the new key";
    EXPECT_TRUE(place.open(copy, old_key).value()->load(place.ada())) << "and would be with the old one";
    EXPECT_EQ(place.run({"ledger", "verify"}).code, 0);
}

TEST(KeysRotate, IsFinishedByWhateverComesNextIfItWasBrokenOff) {
    const KeysPlace place;
    const auto next = storage::MasterKey::make();
    ASSERT_TRUE(next.save(place.data() / "master.key.next"));
    EXPECT_EQ(place.run({"ledger", "verify"}).code, 0) << "before the key store is wrapped by it";
    EXPECT_NE(place.master().id(), next.id());
    ASSERT_TRUE(place.open(place.store(), place.master()).value()->rewrap(next));

    EXPECT_EQ(place.run({"ledger", "verify"}).code, 0);
    EXPECT_EQ(place.master().id(), next.id());
    EXPECT_FALSE(std::filesystem::exists(place.data() / "master.key.next"));
}

TEST(KeysRotate, GoesOnWithAKeyThatWasMadeAndNotUsed) {
    const KeysPlace place;
    const auto next = storage::MasterKey::make();
    ASSERT_TRUE(next.save(place.data() / "master.key.next"));
    ASSERT_EQ(place.run({"keys", "rotate"}).code, 0);
    EXPECT_EQ(place.master().id(), next.id());
}

TEST(KeysRotate, IsRefusedBesideARunningServer) {
    const KeysPlace place;
    const auto before = place.master().id();
    const RunningServer server(place);
    ASSERT_TRUE(server.is_open());
    EXPECT_EQ(place.run({"keys", "rotate"}).code, 1);
    EXPECT_EQ(place.master().id(), before);
}

TEST(KeysRotate, SaysWhatIsMissing) {
    const KeysPlace place;
    const auto wrong = place.run({"keys", "rotate", "--new-key", "somewhere"});
    EXPECT_EQ(wrong.code, 2);
    EXPECT_THAT(wrong.err, HasSubstr("--new-key is for a master key that the settings name"));
}

}  // namespace
}  // namespace calyptenora::cli::test
