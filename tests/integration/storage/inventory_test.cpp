#include "storage/inventory.hpp"

#include "support/databases.hpp"

namespace calyptenora::storage {
namespace {

class Inventory : public test::StoreTest {};
CALYPTENORA_ON_BOTH_DATABASES(Inventory);

constexpr auto inventory_header =
    "database,table,column,category,whose,protection,export,rectification,restriction,erasure,retention\n";

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

TEST(InventoryFile, RefusesWhatIsUnknownOrLeftOpenAndNamesTheLine) {
    const std::string header = inventory_header;
    EXPECT_TRUE(parse_inventory(
        header + "data,t,c,user.name,learner,subject_key,portable,request,held,emptied,until erasure\n"));
    for (const auto* line : {
             "data,t,c,user.nickname,learner,none,access,none,held,deleted,until erasure",
             "data,t,c,none,everyone,none,none,none,none,deleted,a day",
             "data,t,c,none,none,rot13,none,none,none,none,a day",
             "other,t,c,none,none,none,none,none,none,none,a day",
             "data,t,c,none,none,none,none,none,none,none,",
             "data,t,c,none,none,none,none,none,none,none",
             "data,t,c,system,learner,none,maybe,none,held,deleted,a day",
             "data,t,c,system,learner,none,access,perhaps,held,deleted,a day",
             "data,t,c,system,learner,none,access,none,frozen,deleted,a day",
             "data,t,c,system,learner,none,access,none,held,forgotten,a day",
             // Left open how the person's rights reach it.
             "data,t,c,system,learner,none,none,none,held,deleted,a day",
             "data,t,c,system,learner,none,access,none,none,deleted,a day",
             "data,t,c,none,learner,none,none,none,none,none,a day",
             "data,t,c,none,none,none,none,none,none,deleted,a day",
         }) {
        const auto parsed = parse_inventory(header + line + "\n");
        ASSERT_FALSE(parsed) << line;
        EXPECT_NE(parsed.error().message.find("line 2"), std::string::npos) << parsed.error().message;
    }
    const std::string line = "data,t,c,none,none,none,none,none,none,none,a day\n";
    EXPECT_TRUE(parse_inventory(header + line));
    EXPECT_FALSE(parse_inventory(header + line + line));
}

}  // namespace
}  // namespace calyptenora::storage
