#include "storage/stores/subject_records.hpp"
#include "support/databases.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

// A copy of one person's data does not read everybody's: each of its questions finds its rows by an index.
namespace calyptenora::storage {
namespace {

int count(const std::string& text, const std::string& word) {
    int times = 0;
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1))
        ++times;
    return times;
}

/// PostgreSQL also walks along a whole index, for its order, without a condition on it.
bool reads_it_all(const std::string& plan) {
    const int walks = count(plan, "Index Scan using") + count(plan, "Index Only Scan using");
    return count(plan, "SCAN") > 0 || count(plan, "Seq Scan") > 0 ||
           walks > count(plan, "Index Cond:") - count(plan, "Bitmap Index Scan on");
}

class RecordPlans : public test::StoreTest {
  protected:
    /// As the database means to answer, one step a line.
    std::string plan_of(Transaction& tx, const std::string& sql) {
        std::string plan;
        if (tx.dialect() == Dialect::postgresql) {
            tx.each_row("explain " + sql, {}, std::array{SqlType::text},
                        [&](std::span<SqlValue> row) { plan += row[0].text + "\n"; });
        } else {
            tx.each_row("explain query plan " + sql, {},
                        std::array{SqlType::bigint, SqlType::bigint, SqlType::bigint, SqlType::text},
                        [&](std::span<SqlValue> row) { plan += row[3].text + "\n"; });
        }
        return plan;
    }

    /// Questions that are answered by reading a table from its beginning to its end.
    std::vector<std::string> find_scans(const std::string& first = "select 1") {
        std::vector<std::string> scans;
        const auto ended = database().transaction_blocking([&](Transaction& tx) -> Status {
            // Small tables are scanned for good reasons; what counts is what is there for large ones.
            if (tx.dialect() == Dialect::postgresql)
                tx.execute("set local enable_seqscan = off");
            tx.execute_script(first);
            for (const auto& [name, sql] : questions()) {
                // A new text each time: SQLite goes on explaining a prepared statement as it was.
                const auto plan = plan_of(tx, fmt::format("{} -- {}", sql, first));
                EXPECT_FALSE(plan.empty());
                if (reads_it_all(plan))
                    scans.push_back(name);
            }
            return Error(ErrorKind::conflict, "as it was before");
        });
        EXPECT_EQ(ended.error().message, "as it was before");
        return scans;
    }

    /// What the copy asks, as SubjectRecords puts it together, with values in it.
    static std::vector<std::pair<std::string, std::string>> questions() {
        std::vector<std::pair<std::string, std::string>> all;
        for (const auto& set : record_sets()) {
            std::string whose(set.whose);
            for (const auto& [word, value] : {std::pair<std::string, std::string>(":persons", "'a', 'b'"),
                                              std::pair<std::string, std::string>(":subject", "'a'")})
                for (auto at = whose.find(word); at != std::string::npos; at = whose.find(word))
                    whose.replace(at, word.size(), value);
            std::string after;
            for (const auto column : set.order) {
                const auto form = set.fields[set.index_of(column)].form;
                const bool is_number = form == FieldForm::number || form == FieldForm::moment;
                after += fmt::format("{}{}", after.empty() ? "" : ", ", is_number ? "1" : "'a'");
            }
            all.emplace_back(
                std::string(set.name),
                fmt::format("select * from {} where ({}) and ({}) > ({}) order by {} limit 500", set.table,
                            whose, fmt::join(set.order, ", "), after, fmt::join(set.order, ", ")));
        }
        all.emplace_back("guests", "select id from subjects where merged_into = 'a' order by id");
        return all;
    }
};
CALYPTENORA_ON_BOTH_DATABASES(RecordPlans);

TEST_P(RecordPlans, FindTheRowsOfOnePersonByAnIndex) {
    EXPECT_THAT(find_scans(), testing::IsEmpty());
}

TEST_P(RecordPlans, AreMissedWhereAnIndexIsMissing) {
    EXPECT_THAT(find_scans("drop index outbox_subject; drop index inbound_events_subject; "
                           "drop index subjects_merged_into"),
                testing::ElementsAre("events", "inbound_events", "guests"));
    EXPECT_THAT(find_scans(), testing::IsEmpty()) << "the trial changed something";
}

}  // namespace
}  // namespace calyptenora::storage
