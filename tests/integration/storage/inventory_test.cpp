#include "storage/inventory.hpp"

#include "support/databases.hpp"

namespace calyptenora::storage {
namespace {

class Inventory : public test::StoreTest {};
CALYPTENORA_ON_BOTH_DATABASES(Inventory);

std::string words(const InventoryGaps& gaps) {
    std::string text;
    for (const auto& column : gaps.unclaimed)
        text += "unclaimed: " + column + "\n";
    for (const auto& column : gaps.nonexistent)
        text += "does not exist: " + column + "\n";
    return text;
}

TEST_P(Inventory, ClaimsEveryColumnThatExistsAndNoOther) {
    const auto data = find_gaps(inventory(), "data", load_schema_columns(database()).value());
    EXPECT_TRUE(data.empty()) << words(data);
    const auto keystore = find_gaps(inventory(), "keys", load_schema_columns(keys().database()).value());
    EXPECT_TRUE(keystore.empty()) << words(keystore);
}

// The twin of the test above: it goes red for a new column and for a lost one.
TEST_P(Inventory, SeesANewAndALostColumn) {
    write([](Transaction& tx) -> Status {
        tx.execute("alter table learners add column shoe_size bigint");
        tx.execute("alter table learners drop column auth_instance");
        return {};
    });
    const auto gaps = find_gaps(inventory(), "data", load_schema_columns(database()).value());
    EXPECT_EQ(gaps.unclaimed, std::vector<std::string>{"learners.shoe_size"});
    EXPECT_EQ(gaps.nonexistent, std::vector<std::string>{"learners.auth_instance"});
}

TEST(InventoryFile, SaysThatEncryptedColumnsAreEncrypted) {
    for (const auto& entry : inventory()) {
        const bool named_so = entry.column.ends_with("_enc");
        const bool claimed_so = entry.protection == "subject_key" || entry.protection == "system_key";
        EXPECT_EQ(named_so, claimed_so) << entry.table << "." << entry.column;
        if (entry.term == Category::user_name || entry.term == Category::user_content_message)
            EXPECT_EQ(entry.protection, "subject_key") << entry.table << "." << entry.column;
    }
}

TEST(InventoryFile, RefusesUnknownWordsAndNamesTheLine) {
    const std::string header = "database,table,column,category,whose,retention,protection\n";
    EXPECT_TRUE(parse_inventory(header + "data,t,c,user.name,learner,until erasure,subject_key\n"));
    for (const auto* line :
         {"data,t,c,user.nickname,learner,until erasure,none", "data,t,c,none,everyone,a day,none",
          "data,t,c,none,none,a day,rot13", "other,t,c,none,none,a day,none", "data,t,c,none,none,,none",
          "data,t,c,none,none,none"}) {
        const auto parsed = parse_inventory(header + line + "\n");
        ASSERT_FALSE(parsed) << line;
        EXPECT_NE(parsed.error().message.find("line 2"), std::string::npos) << parsed.error().message;
    }
    EXPECT_FALSE(parse_inventory(header + "data,t,c,none,none,a,none\ndata,t,c,none,none,a,none\n"));
}

}  // namespace
}  // namespace calyptenora::storage
