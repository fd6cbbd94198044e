#include "storage/stores/ledger_proof.hpp"

#include "integration/storage/ledger_fixture.hpp"
#include "storage/stores/erasure.hpp"
#include "storage/text.hpp"
#include "storage/witness.hpp"

#include <calyptenora/json.hpp>

#include <functional>

namespace calyptenora::storage {
namespace {

class LedgerProofs : public test::LedgerTest {
  protected:
    Result<LedgerProof> try_to_prove(const SubjectId& subject) {
        return database().run_blocking(
            [&](Transaction& tx) { return make_ledger_proof(tx, secrets(), subject); });
    }
    LedgerProof prove(const SubjectId& subject) { return try_to_prove(subject).value(); }
};
CALYPTENORA_ON_BOTH_DATABASES(LedgerProofs);

/// Calls `change` with each value in the document that is neither list nor object, and its place.
void for_each_value(boost::json::value& json, const std::string& place,
                    const std::function<void(boost::json::value&, const std::string&)>& change) {
    if (json.is_object())
        for (auto& [key, item] : json.get_object())
            for_each_value(item, place + "." + std::string(key), change);
    else if (json.is_array())
        for (std::size_t i = 0; i < json.get_array().size(); ++i)
            for_each_value(json.get_array()[i], place + "[" + std::to_string(i) + "]", change);
    else
        change(json, place);
}

std::vector<std::string> faults_of(const boost::json::value& json) {
    const auto proof = parse_json<LedgerProof>(boost::json::serialize(json));
    return proof ? find_faults(*proof) : std::vector<std::string>{proof.error().message};
}

TEST_P(LedgerProofs, HoldByThemselvesAndNotWithAnythingAltered) {
    const auto mia = make_learner("mia@example.org"), max = make_learner("max@example.org");
    for (int i = 0; i < 3; ++i) {
        append_event(mia, i);
        append_event(max, i);
        append_disclosure(mia, i);
        ASSERT_TRUE(take_checkpoint());
    }
    append_event(mia, 4);
    const auto proof = prove(mia);
    EXPECT_EQ(find_faults(proof), std::vector<std::string>());
    ASSERT_EQ(proof.chains.size(), 2u);
    EXPECT_EQ(proof.chains[0].rows.size(), 3u);
    EXPECT_EQ(proof.chains[0].uncovered, 1);
    EXPECT_EQ(proof.chains[0].rows[0].fields.at("event_type"), "given");
    EXPECT_EQ(proof.chains[1].rows[1].fields.at("host"), "lrs.example.org");

    auto json = boost::json::parse(to_json(proof));
    ASSERT_TRUE(faults_of(json).empty()) << "the control: as it is, also when it was text in between";
    int altered = 0;
    for_each_value(json, "", [&](boost::json::value& item, const std::string& place) {
        // What was not covered when it was made is told, not proven.
        if (place.ends_with(".uncovered"))
            return;
        const auto before = item;
        if (item.is_string()) {
            auto& text = item.get_string();
            text.empty() ? text.push_back('x') : void(text.back() = text.back() == 'a' ? 'b' : 'a');
        } else {
            item = item.to_number<std::int64_t>() + 1;
        }
        EXPECT_FALSE(faults_of(json).empty()) << place;
        ++altered;
        item = before;
    });
    EXPECT_GT(altered, 100);
    EXPECT_TRUE(faults_of(json).empty());
}

TEST_P(LedgerProofs, DoNotHoldWithRowsLeftOutAddedOrReordered) {
    const auto mia = make_guest();
    for (int i = 0; i < 4; ++i)
        append_disclosure(mia, i);
    ASSERT_TRUE(take_checkpoint());
    const auto proof = prove(mia);
    ASSERT_TRUE(find_faults(proof).empty());
    const std::vector<std::pair<const char*, std::function<void(LedgerProof&)>>> changes{
        {"the first left out", [](auto& p) { p.chains[0].rows.erase(p.chains[0].rows.begin()); }},
        {"one in the middle left out", [](auto& p) { p.chains[0].rows.erase(p.chains[0].rows.begin() + 1); }},
        {"the last left out", [](auto& p) { p.chains[0].rows.pop_back(); }},
        {"all left out", [](auto& p) { p.chains[0].rows.clear(); }},
        {"one twice", [](auto& p) { p.chains[0].rows.push_back(p.chains[0].rows.back()); }},
        {"two exchanged", [](auto& p) { std::swap(p.chains[0].rows[1], p.chains[0].rows[2]); }},
        {"a field too many", [](auto& p) { p.chains[0].rows[1].fields["grade"] = "A"; }},
        {"the ledger twice", [](auto& p) { p.chains.push_back(p.chains[0]); }},
        {"no ledger", [](auto& p) { p.chains.clear(); }},
        {"a row that fits, after the end",
         [](auto& p) {
             auto row = p.chains[0].rows.back();
             row.sequence = 5;
             row.previous_hash = row.hash;
             std::vector<std::string> fields;
             for (const auto name : disclosures::chain_fields)
                 fields.push_back(row.fields.at(std::string(name)));
             row.hash = make_link("5", row.previous_hash, fields);
             p.chains[0].rows.push_back(row);
         }},
    };
    for (const auto& [name, change] : changes) {
        auto altered = proof;
        change(altered);
        EXPECT_FALSE(find_faults(altered).empty()) << name;
    }
}

// What stands in it of others are hashes, and whoever knows all about the others but the salts cannot tell
// whose they are.
TEST_P(LedgerProofs, TellNothingOfAnybodyElse) {
    std::vector<SubjectId> others;
    const auto mia = make_learner("mia@example.org");
    append_disclosure(mia);
    for (int i = 0; i < 6; ++i) {
        others.push_back(make_learner("other" + std::to_string(i) + "@example.org"));
        append_disclosure(others.back());
    }
    ASSERT_TRUE(take_checkpoint());
    const auto proof = prove(mia);
    const auto text = to_json(proof);
    const auto& path = proof.chains[0].inclusion.path;
    std::set<std::string> shown(path.begin(), path.end());
    ASSERT_FALSE(path.empty());
    bool is_sibling_found = false;
    for (const auto& other : others) {
        EXPECT_EQ(text.find(other.text()), std::string::npos);
        const auto theirs = prove(other).chains[0];
        for (const auto& row : theirs.rows)
            for (const auto& [name, value] : row.fields)
                if (name == "id" || name == "call_id")
                    EXPECT_EQ(text.find(value), std::string::npos) << name;
        const CheckpointEntry entry{"1", "disclosures", other.text(), "1", theirs.inclusion.hash, {}};
        for (const auto& salt : {std::string(), std::string(64, '0'), proof.chains[0].inclusion.salt})
            EXPECT_FALSE(shown.contains(make_leaf(salt, entry)));
        EXPECT_FALSE(shown.contains(make_content_hash(other.text())));
        // The control: with the right salt one is the sibling of Mia's leaf.
        is_sibling_found |= shown.contains(make_leaf(theirs.inclusion.salt, entry));
    }
    // Of seven leaves the last by hash has no leaf beside it.
    EXPECT_EQ(is_sibling_found, proof.chains[0].inclusion.index != 6);
}

TEST_P(LedgerProofs, HoldForPeopleWhoWereErased) {
    const auto mia = make_learner("mia@example.org");
    append_event(mia);
    append_disclosure(mia);
    ASSERT_TRUE(take_checkpoint());
    write([&](Transaction& tx) -> Status {
        erasure::erase_records(tx, mia, now_);
        return {};
    });
    ASSERT_TRUE(keys().destroy(mia));
    EXPECT_TRUE(find_breaks().empty()) << find_breaks().text();
    EXPECT_TRUE(find_faults(prove(mia)).empty());
}

TEST_P(LedgerProofs, AreNotMadeWithoutSomethingToProve) {
    const auto mia = make_guest();
    EXPECT_EQ(try_to_prove(mia).error().kind, ErrorKind::not_found);
    append_disclosure(mia);
    EXPECT_EQ(try_to_prove(mia).error().kind, ErrorKind::not_found) << "not covered yet";
    ASSERT_TRUE(take_checkpoint());
    EXPECT_TRUE(try_to_prove(mia));
    drop_triggers();
    write([&](Transaction& tx) -> Status {
        tx.execute("update disclosures set host = 'x'");
        return {};
    });
    EXPECT_EQ(try_to_prove(mia).error().kind, ErrorKind::permanent);
}

// Somebody with every key rewrites all of it, so that it fits itself. A witness knows.
TEST_P(LedgerProofs, AWitnessKnowsAHistoryThatWasRewrittenWithAllKeys) {
    const auto mia = make_guest();
    append_disclosure(mia);
    ASSERT_TRUE(take_checkpoint());
    const auto witness = read([&](Transaction& tx) { return list_for_witness(tx, secrets(), {}); });
    ASSERT_EQ(witness.size(), 1u);
    const auto compare = [&] {
        return read([&](Transaction& tx) {
            return Result<std::vector<CheckpointBreak>>(compare_with_witness(tx, secrets(), witness));
        });
    };
    EXPECT_TRUE(compare().empty()) << "the control";
    const auto proof = prove(mia);

    drop_triggers();
    write([&](Transaction& tx) -> Status {
        for (const auto* table : {"disclosures", "ledger_heads", "ledger_checkpoints", "checkpoint_heads"})
            tx.execute_script(std::string("delete from ") + table);
        return {};
    });
    EXPECT_EQ(compare(), (std::vector<CheckpointBreak>{{1, "", "missing, the witness holds it"}}));
    append_disclosure(mia);
    ASSERT_TRUE(take_checkpoint());
    EXPECT_TRUE(find_breaks().empty()) << "it fits itself";
    EXPECT_EQ(compare(), (std::vector<CheckpointBreak>{{1, "", "not the one that the witness holds"}}));
    EXPECT_TRUE(find_faults(proof).empty()) << "what was proven stays proven";
}

}  // namespace
}  // namespace calyptenora::storage
