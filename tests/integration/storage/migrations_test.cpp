#include "storage/migrations.hpp"

#include "storage/server_clock.hpp"
#include "support/databases.hpp"

#include <thread>

namespace calyptenora::storage {
namespace {

constexpr std::array<Migration, 2> two{Migration{1, "0001_a.sql", "create table a (id text primary key);\n"},
                                       Migration{2, "0002_b.sql", "create table b (id text primary key);\n"}};

class Migrations : public ::testing::TestWithParam<Dialect> {
  protected:
    std::unique_ptr<Database> open() { return Database::open(url_).value(); }

    test::TemporaryFolder folder_;
    std::string url_ = test::make_database_url(GetParam(), folder_, "data");
};
CALYPTENORA_ON_BOTH_DATABASES(Migrations);

TEST_P(Migrations, AppliesEachOnce) {
    const auto database = open();
    EXPECT_EQ(find_schema_version(*database).value(), 0);
    const auto first = migrate(*database, std::span(two).first(1));
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(first->size(), 1u);
    const auto second = migrate(*database, two);
    ASSERT_TRUE(second) << second.error().message;
    ASSERT_EQ(second->size(), 1u);
    EXPECT_EQ(second->front().version, 2);
    EXPECT_TRUE(migrate(*database, two).value().empty());
    EXPECT_EQ(find_schema_version(*database).value(), 2);
}

TEST_P(Migrations, TellTheTimeOfTheirServer) {
    const auto database = open();
    const auto before = SystemClock().now();
    const auto there = read_server_clock(*database);
    ASSERT_TRUE(there) << there.error().message;
    // The test's server runs on this machine.
    EXPECT_GE(*there, before);
    EXPECT_LE(*there, SystemClock().now());
}

TEST_P(Migrations, RefusesANewerDatabase) {
    const auto database = open();
    ASSERT_TRUE(migrate(*database, two));
    const auto refused = migrate(*database, std::span(two).first(1));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid_config);
    EXPECT_NE(refused.error().message.find("version 2"), std::string::npos) << refused.error().message;
}

TEST_P(Migrations, RefusesAChangedMigration) {
    const auto database = open();
    ASSERT_TRUE(migrate(*database, two));
    auto changed = two;
    changed[0].sql = "create table a (id text primary key, more text);\n";
    const auto refused = migrate(*database, changed);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid_config);
}

TEST_P(Migrations, LeavesNothingOfAFailedOne) {
    const auto database = open();
    const std::array<Migration, 2> broken{
        two[0], Migration{2, "0002_b.sql", "create table b (id text);\ncreate table b (id text);\n"}};
    ASSERT_FALSE(migrate(*database, broken));
    EXPECT_EQ(find_schema_version(*database).value(), 0);
    EXPECT_TRUE(load_schema_columns(*database)->empty());
    EXPECT_EQ(migrate(*database, two).value().size(), 2u);
}

TEST_P(Migrations, RunOnceWhenManyStartTogether) {
    std::array<Result<std::vector<Migration>>, 4> outcomes;
    std::vector<std::unique_ptr<Database>> databases;
    for (std::size_t i = 0; i < outcomes.size(); ++i)
        databases.push_back(open());
    std::vector<std::thread> starting;
    for (std::size_t i = 0; i < outcomes.size(); ++i)
        starting.emplace_back([&, i] { outcomes[i] = migrate(*databases[i], data_migrations()); });
    for (auto& thread : starting)
        thread.join();
    std::size_t applied = 0;
    for (const auto& outcome : outcomes) {
        ASSERT_TRUE(outcome) << outcome.error().message;
        applied += outcome->size();
    }
    EXPECT_EQ(applied, data_migrations().size());
}

TEST_P(Migrations, MakeTheSameSchemaOnBothDatabases) {
    const auto database = open();
    ASSERT_TRUE(migrate(*database, data_migrations()));
    test::TemporaryFolder folder;
    const auto other = Database::open(test::make_database_url(Dialect::sqlite, folder, "data")).value();
    ASSERT_TRUE(migrate(*other, data_migrations()));
    const auto columns = load_schema_columns(*database).value();
    EXPECT_GT(columns.size(), 100u);
    EXPECT_EQ(columns, load_schema_columns(*other).value());
}

}  // namespace
}  // namespace calyptenora::storage
