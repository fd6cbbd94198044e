#include "storage/stores/accesses.hpp"

#include "integration/storage/ledger_fixture.hpp"
#include "storage/stores/ledger_proof.hpp"

#include <calyptenora/json.hpp>

namespace calyptenora::storage {
namespace {

class Accesses : public test::LedgerTest {
  protected:
    std::vector<Access> list(const SubjectId& subject) {
        return read([&](Transaction& tx) {
            return Result<std::vector<Access>>(accesses::list(tx, cipher(), subject, 10));
        });
    }
    std::vector<Access> list_since(Timestamp since) {
        return read([&](Transaction& tx) {
            return Result<std::vector<Access>>(accesses::list_all(tx, cipher(), since, 10));
        });
    }
};
CALYPTENORA_ON_BOTH_DATABASES(Accesses);

TEST_P(Accesses, AreReadAsTheyWereWritten) {
    const auto mia = make_learner("mia@example.org"), max = make_learner("max@example.org");
    const auto first = make_access(mia, 0), second = make_access(mia, 1), other = make_access(max, 2);
    write([&](Transaction& tx) -> Status {
        accesses::append(tx, cipher(), std::vector{first, other, second});
        return {};
    });
    const auto rows = list(mia);
    ASSERT_EQ(rows.size(), 2);
    EXPECT_EQ(rows[0].id, second.id) << "the newest comes first";
    EXPECT_EQ(rows[1].actor, "system:alva");
    EXPECT_EQ(rows[1].role, Role::support);
    EXPECT_EQ(rows[1].part, AccessedPart::record);
    EXPECT_EQ(rows[1].reason, "asked about an order");
    EXPECT_EQ(rows[1].at, now_);
    EXPECT_EQ(list_since(now_ + std::chrono::minutes(1)).size(), 2);
    EXPECT_EQ(list_since(now_).size(), 3);
}

TEST_P(Accesses, CannotBeChangedOrTakenBack) {
    const auto mia = make_learner();
    append_access(mia);
    for (const auto* statement : {"update accesses set reason = 'another'", "delete from accesses"}) {
        const auto changed = database().transaction_blocking([&](Transaction& tx) -> Status {
            tx.execute(statement);
            return {};
        });
        EXPECT_FALSE(changed) << statement;
    }
    EXPECT_TRUE(find_breaks().empty());
}

// The database alone does not tell who of the staff it was; nor does the proof that the person gets.
TEST_P(Accesses, KeepWhoItWasSealed) {
    const auto mia = make_learner();
    append_access(mia);
    take_checkpoint();
    const auto proof = read([&](Transaction& tx) { return make_ledger_proof(tx, secrets(), mia); });
    EXPECT_TRUE(find_faults(proof).empty());
    ASSERT_EQ(proof.chains.size(), 1);
    EXPECT_EQ(proof.chains[0].ledger, "accesses");
    EXPECT_EQ(proof.chains[0].rows.at(0).fields.at("reason"), "asked about an order");
    EXPECT_EQ(to_json(proof).find("alva"), std::string::npos);

    auto forged = proof;
    forged.chains[0].rows.at(0).fields.at("reason") = "another";
    EXPECT_FALSE(find_faults(forged).empty()) << "the control";
}

}  // namespace
}  // namespace calyptenora::storage
