#include "storage/stores/checkpoints.hpp"

#include "integration/storage/ledger_fixture.hpp"
#include "storage/signature.hpp"
#include "storage/stores/merkle_tree.hpp"
#include "storage/text.hpp"

#include <fmt/format.h>

#include <set>
#include <thread>

namespace calyptenora::storage {
namespace {

class Checkpoints : public test::LedgerTest {
  protected:
    std::string public_key() { return make_public_key(secrets().ledger_signing); }
    Inclusion inclusion(Ledger ledger, const SubjectId& subject) {
        return read([&](Transaction& tx) {
                   return Result<std::optional<Inclusion>>(
                       checkpoints::find_inclusion(tx, secrets(), ledger, subject));
               })
            .value();
    }
    bool is_due() {
        return read([](Transaction& tx) { return Result<bool>(checkpoints::is_due(tx)); });
    }
};
CALYPTENORA_ON_BOTH_DATABASES(Checkpoints);

TEST_P(Checkpoints, HoldWhatHasMovedSinceTheOneBefore) {
    EXPECT_FALSE(is_due());
    EXPECT_FALSE(take_checkpoint()) << "nothing is there";
    const auto mia = make_learner("mia@example.org"), max = make_learner("max@example.org");
    append_event(mia);
    append_event(max);
    append_disclosure(mia);
    EXPECT_TRUE(is_due());
    const auto first = take_checkpoint();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->sequence, 1);
    EXPECT_EQ(first->heads, 3);
    EXPECT_EQ(first->previous_hash, "");
    EXPECT_TRUE(is_signed_by(public_key(), make_signed_text(*first), first->signature));
    EXPECT_FALSE(is_due());
    EXPECT_FALSE(take_checkpoint()) << "nothing has moved";

    append_event(mia, 1);
    append_event(mia, 2);
    const auto second = take_checkpoint();
    ASSERT_TRUE(second);
    EXPECT_EQ(second->sequence, 2);
    EXPECT_EQ(second->heads, 1) << "two rows of one chain have one head";
    EXPECT_EQ(second->previous_hash, make_content_hash(make_signed_text(*first)));
    EXPECT_EQ(read([](Transaction& tx) { return Result<std::vector<Checkpoint>>(checkpoints::list(tx)); }),
              (std::vector{*first, *second}));
    EXPECT_TRUE(find_breaks().empty()) << find_breaks().text();
}

TEST_P(Checkpoints, ComeInBatches) {
    for (int i = 0; i < 5; ++i)
        append_disclosure(make_guest());
    for (const auto heads : {2, 2, 1})
        EXPECT_EQ(take_checkpoint(2)->heads, heads);
    EXPECT_FALSE(take_checkpoint(2));
    EXPECT_TRUE(find_breaks().empty()) << find_breaks().text();
}

TEST_P(Checkpoints, LeadFromEachHeadToTheRoot) {
    std::vector<SubjectId> subjects;
    for (int i = 0; i < 7; ++i) {
        subjects.push_back(make_guest());
        append_disclosure(subjects.back());
    }
    ASSERT_TRUE(take_checkpoint());
    for (const auto& subject : subjects) {
        const auto found = inclusion(Ledger::disclosures, subject);
        const CheckpointEntry entry{"1", "disclosures", subject.text(), "1", found.hash, {}};
        const auto leaf = make_leaf(found.salt, entry);
        EXPECT_EQ(follow_merkle_path(leaf, found.index, 7, found.path), found.checkpoint.root);
        // The controls: another place, another salt, another person.
        EXPECT_NE(follow_merkle_path(leaf, (found.index + 1) % 7, 7, found.path), found.checkpoint.root);
        EXPECT_NE(make_leaf(inclusion(Ledger::disclosures, subjects[0]).salt, entry) == leaf,
                  subject != subjects[0]);
        auto other = entry;
        other.subject = SubjectId::make().text();
        EXPECT_NE(follow_merkle_path(make_leaf(found.salt, other), found.index, 7, found.path),
                  found.checkpoint.root);
    }
}

TEST_P(Checkpoints, AreAppendOnly) {
    append_event(make_guest());
    ASSERT_TRUE(take_checkpoint());
    for (const auto* sql : {"update ledger_checkpoints set heads = 2", "delete from ledger_checkpoints",
                            "update checkpoint_heads set count = 2", "delete from checkpoint_heads"}) {
        const auto refused = database().transaction_blocking([&](Transaction& tx) -> Status {
            tx.execute(sql);
            return {};
        });
        ASSERT_FALSE(refused) << sql;
        EXPECT_NE(refused.error().message.find("append-only"), std::string::npos) << refused.error().message;
    }
}

TEST_P(Checkpoints, AreOneChainWhileOthersTakeThemAndWrite) {
    std::vector<SubjectId> subjects;
    for (int i = 0; i < 4; ++i)
        subjects.push_back(make_guest());
    const auto other = Database::open(url_).value();
    std::atomic<int> failures = 0;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread)
        threads.emplace_back([&, thread] {
            auto& mine = thread % 2 ? *other : database();
            for (int i = 0; i < 12; ++i) {
                const auto done = mine.transaction_blocking([&](Transaction& tx) -> Status {
                    if (thread < 2)
                        (void)checkpoints::take(tx, secrets(), now_);
                    else
                        disclosures::append(tx, secrets(),
                                            std::vector{make_disclosure(subjects[std::size_t(i) % 4], i)});
                    return {};
                });
                failures += !done;
            }
        });
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(failures, 0);
    (void)take_checkpoint();
    EXPECT_FALSE(is_due());
    EXPECT_TRUE(find_breaks().empty()) << find_breaks().text();
}

// Neither a row that is appended later nor a checkpoint may hide what was done to a head.
TEST_P(Checkpoints, DoNotSignWhatSomebodyForged) {
    const auto subject = make_guest();
    append_disclosure(subject, 0);
    append_disclosure(subject, 1);
    drop_triggers();
    write([&](Transaction& tx) -> Status {
        tx.execute_script("delete from disclosures where sequence = 2");
        tx.execute_script("update ledger_heads set count = 1, hash = (select hash from disclosures)");
        return {};
    });
    EXPECT_FALSE(take_checkpoint());
    append_disclosure(subject, 2);
    EXPECT_FALSE(take_checkpoint());
    EXPECT_EQ(find_breaks().rows,
              (std::vector<LedgerBreak>{{Ledger::disclosures, subject, 0, "head altered"}}));
    // Others' checkpoints go on.
    append_disclosure(make_guest());
    EXPECT_EQ(take_checkpoint()->heads, 1);
}

TEST_P(Checkpoints, KnowAChainThatWasRemovedAndBegunAnew) {
    const auto subject = make_guest();
    append_disclosure(subject);
    ASSERT_TRUE(take_checkpoint());
    drop_triggers();
    write([&](Transaction& tx) -> Status {
        tx.execute_script("delete from disclosures");
        tx.execute_script("delete from ledger_heads");
        return {};
    });
    EXPECT_EQ(find_breaks().rows,
              (std::vector<LedgerBreak>{{Ledger::disclosures, subject, 0, "head missing"}}));
    append_disclosure(subject);
    EXPECT_EQ(find_breaks().rows,
              (std::vector<LedgerBreak>{{Ledger::disclosures, subject, 0, "head altered"}}));
}

// Whoever holds the seal's key can make rows and head fit each other; the checkpoint's entry still does not.
TEST_P(Checkpoints, KnowAChainThatWasRewrittenUnderItsSeal) {
    const auto subject = make_guest();
    append_disclosure(subject, 0);
    append_disclosure(subject, 1);
    ASSERT_TRUE(take_checkpoint());
    drop_triggers();
    write([&](Transaction& tx) -> Status {
        auto head = lock_chain_head(tx, secrets(), Ledger::disclosures, subject);
        tx.execute_script("delete from disclosures");
        store_chain_head(tx, secrets(), Ledger::disclosures, subject, {});
        disclosures::append(tx, secrets(),
                            std::vector{make_disclosure(subject, 0), make_disclosure(subject, 1)});
        auto forged = lock_chain_head(tx, secrets(), Ledger::disclosures, subject);
        forged.covered = head.covered;
        store_chain_head(tx, secrets(), Ledger::disclosures, subject, forged);
        return {};
    });
    EXPECT_EQ(find_breaks().rows,
              (std::vector<LedgerBreak>{{Ledger::disclosures, subject, 2, "not what checkpoint 1 holds"}}));
}

// Rows, head and seal out of an old copy fit each other. The checkpoints since then do not.
TEST_P(Checkpoints, KnowAChainThatWasSetBack) {
    for (const bool is_covered : {false, true}) {
        const auto subject = make_guest();
        append_disclosure(subject, 0);
        if (is_covered)
            ASSERT_TRUE(take_checkpoint());
        const auto [count, hash, seal, covered] = read([&](Transaction& tx) {
            return Result<std::tuple<std::int64_t, std::string, std::string, std::int64_t>>(
                *tx.find<std::int64_t, std::string, std::string, std::int64_t>(
                    "select count, hash, seal, covered from ledger_heads where subject = :subject", subject));
        });
        append_disclosure(subject, 1);
        append_disclosure(subject, 2);
        ASSERT_TRUE(take_checkpoint());
        ASSERT_TRUE(find_breaks().empty()) << "the control";
        const auto mine = " where subject = '" + subject.text() + "'";
        if (!is_covered)
            drop_triggers();
        const auto found = find_breaks_after(
            {"delete from disclosures" + mine + " and sequence > 1",
             fmt::format("update ledger_heads set count = {}, hash = '{}', seal = '{}', covered = {}{}",
                         count, hash, seal, covered, mine)});
        EXPECT_EQ(found.rows, (std::vector<LedgerBreak>{{Ledger::disclosures, subject, 2, "cut off"}}));
    }
}

TEST_P(Checkpoints, AnyAlterationOfThemIsFound) {
    const auto mia = make_guest(), max = make_guest();
    for (int i = 0; i < 4; ++i) {
        append_event(mia, i);
        append_event(max, i);
        ASSERT_TRUE(take_checkpoint());
    }
    drop_triggers();
    ASSERT_TRUE(find_breaks().empty()) << "a negative control: without alteration nothing is found";
    const auto entry = "consents " + mia.text();
    struct Case {
        std::string name;
        std::vector<std::string> statements;
        CheckpointBreak expected;
    };
    const std::string mine = " where subject = '" + mia.text() + "' and count = 2";
    const std::vector<Case> cases{
        {"a checkpoint removed", {"delete from ledger_checkpoints where sequence = 2"}, {2, "", "missing"}},
        {"the first removed", {"delete from ledger_checkpoints where sequence = 1"}, {1, "", "missing"}},
        {"the last removed", {"delete from ledger_checkpoints where sequence = 4"}, {4, "", "missing"}},
        {"all removed", {"delete from ledger_checkpoints"}, {1, "", "missing"}},
        {"another time",
         {"update ledger_checkpoints set at = at + 1 where sequence = 2"},
         {2, "", "altered"}},
        {"another signature",
         {"update ledger_checkpoints set signature = (select signature from ledger_checkpoints where "
          "sequence = 1) where sequence = 2"},
         {2, "", "altered"}},
        {"two exchanged",
         {"update ledger_checkpoints set sequence = 99 where sequence = 2",
          "update ledger_checkpoints set sequence = 2 where sequence = 3",
          "update ledger_checkpoints set sequence = 3 where sequence = 99"},
         {2, "", "altered"}},
        {"an entry removed", {"delete from checkpoint_heads" + mine}, {2, "", "an entry is missing"}},
        {"an entry altered", {"update checkpoint_heads set hash = 'x'" + mine}, {2, entry + " 2", "altered"}},
        {"a leaf altered", {"update checkpoint_heads set leaf = 'x'" + mine}, {2, entry + " 2", "altered"}},
        {"an entry moved to another checkpoint",
         {"update checkpoint_heads set checkpoint = 3" + mine},
         {2, "", "an entry is missing"}},
        {"an entry moved to a checkpoint that is not there",
         {"update checkpoint_heads set checkpoint = 3000000000" + mine},
         {2, "", "an entry is missing"}},
        {"an entry given to the other ledger",
         {"update checkpoint_heads set ledger = 'disclosures'" + mine},
         {2, "disclosures " + mia.text() + " 2", "altered"}},
        {"an entry inserted",
         {"insert into checkpoint_heads (checkpoint, ledger, subject, count, hash, leaf) values (2, "
          "'disclosures', 'x', 1, 'x', 'x')"},
         {2, "disclosures x 1", "altered"}},
    };
    for (const auto& altered : cases) {
        const auto found = find_breaks_after(altered.statements);
        ASSERT_FALSE(found.checkpoints.empty()) << altered.name;
        EXPECT_EQ(found.checkpoints.front(), altered.expected) << altered.name << ":\n" << found.text();
    }
    EXPECT_TRUE(find_breaks().empty());
}

// A checkpoint that somebody else's key signed is none, however well it fits.
TEST_P(Checkpoints, AreSignedWithThisKeyAlone) {
    append_event(make_guest());
    drop_triggers();
    const auto forger =
        KeyStore::open(test::make_database_url(GetParam(), folder_, "forged"), MasterKey::make()).value();
    auto mixed = secrets();
    mixed.ledger_signing = forger->service().ledger_signing;
    write([&](Transaction& tx) -> Status {
        EXPECT_TRUE(checkpoints::take(tx, mixed, now_));
        return {};
    });
    EXPECT_EQ(find_breaks().checkpoints, (std::vector<CheckpointBreak>{{1, "", "altered"}}));
}

}  // namespace
}  // namespace calyptenora::storage
