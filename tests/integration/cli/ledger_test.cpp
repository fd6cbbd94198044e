#include "integration/cli/program.hpp"
#include "storage/stores/consents.hpp"
#include "storage/stores/disclosures.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdlib>
#include <fstream>

namespace calyptenora::cli::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// A platform with two accounts, of both of which something was disclosed.
class LedgerPlace : public Place {
  public:
    LedgerPlace() {
        ada_ = learner_of(add_user("ada@lms.example", {"--json"}));
        bob_ = learner_of(add_user("bob@lms.example", {"--json"}));
        disclose(ada_);
        disclose(bob_);
        record_consent(ada_);
    }

    /// As if something of theirs had been sent; also beside a running server.
    void disclose(const std::string& learner) const {
        const storage::Disclosure row{.id = storage::DisclosureId::make(),
                                      .subject = storage::SubjectId::from_database(learner),
                                      .kind = storage::DisclosureKind::attempted,
                                      .call_id = storage::CallId::make(),
                                      .instance = "auth/password",
                                      .recipient = "Lernhaus e. V.",
                                      .purpose = Purpose::essential_service_authentication,
                                      .operation = "auth.verify",
                                      .categories = Category::user_unique_id_pseudonymous,
                                      .host = "",
                                      .commitment = "c",
                                      .outcome = "",
                                      .at = storage::SystemClock().now()};
        change([&](storage::Transaction& tx, const storage::ServiceSecrets& secrets) -> Status {
            storage::disclosures::append(tx, secrets, std::vector{row});
            return {};
        });
    }

    void record_consent(const std::string& learner) const {
        const storage::ConsentEvent event{.record_id = storage::RecordId::make(),
                                          .pii_principal_id = storage::SubjectId::from_database(learner),
                                          .event_time = storage::SystemClock().now(),
                                          .event_type = "given",
                                          .event_state = ConsentState::given,
                                          .entity_id = learner,
                                          .instance = "support/mail",
                                          .purpose = Purpose::essential_service_authentication,
                                          .recipient_third_parties = "Grüße GmbH",
                                          .privacy_notice = "1",
                                          .language = "de",
                                          .action = "privacy_page_switch",
                                          .validity_duration = std::chrono::hours(24),
                                          .text_hash = "t",
                                          .choices_hash = "c",
                                          .manifest_hash = "m",
                                          .policy_hash = "p"};
        change([&](storage::Transaction& tx, const storage::ServiceSecrets& secrets) {
            return storage::consents::record(tx, secrets, event, storage::ConsentOrigin::account);
        });
    }

    std::filesystem::path database() const { return data() / "calyptenora.db"; }
    std::filesystem::path witness() const { return folder() / "witness.jsonl"; }
    std::filesystem::path proof() const { return folder() / "proof.json"; }
    const std::string& ada() const { return ada_; }
    const std::string& bob() const { return bob_; }

    void alter(const std::string& sql) const {
        sqlite3* handle = nullptr;
        ASSERT_EQ(sqlite3_open(database().c_str(), &handle), SQLITE_OK);
        char* message = nullptr;
        EXPECT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message;
        sqlite3_close(handle);
    }
    std::string read(const std::filesystem::path& file) const {
        std::ifstream stream(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }
    Outcome extend_witness() const { return run({"ledger", "witness", witness().string()}); }
    Outcome verify_with_witness() const { return run({"ledger", "verify", "--witness", witness().string()}); }
    /// Far from the platform: neither settings nor data.
    Outcome verify_proof(std::vector<std::string> more = {}) const {
        std::vector<std::string> words{"ledger", "verify", "--proof", proof().string()};
        words.insert(words.end(), more.begin(), more.end());
        return run_program(words);
    }

  private:
    template <class F>
    void change(F function) const {
        const auto keys =
            storage::KeyStore::open("sqlite:" + (data() / "keys.db").string(),
                                    storage::MasterKey::load_or_create(data() / "master.key").value());
        ASSERT_TRUE(keys) << keys.error().message;
        const auto opened = storage::Database::open("sqlite:" + database().string());
        ASSERT_TRUE(opened) << opened.error().message;
        const Status done = (*opened)->transaction_blocking(
            [&](storage::Transaction& tx) { return function(tx, (*keys)->service()); });
        EXPECT_TRUE(done) << done.error().message;
    }

    static std::string learner_of(const Outcome& added) {
        EXPECT_EQ(added.code, 0) << added.err;
        return std::string(boost::json::parse(added.out).at("learner").as_string());
    }

    std::string ada_;
    std::string bob_;
};

TEST(Ledger, FindsWhatWasAltered) {
    const Place place;
    const auto nothing = place.run({"ledger", "verify"});
    EXPECT_EQ(nothing.code, 1);
    EXPECT_THAT(nothing.err, HasSubstr("is missing"));

    const LedgerPlace full;
    const auto clean = full.run({"ledger", "verify"});
    EXPECT_EQ(clean.code, 0) << clean.err;
    EXPECT_THAT(clean.out, HasSubstr("intact"));
    EXPECT_THAT(clean.out,
                HasSubstr("Not signed yet, since they moved after the last checkpoint: 3 chains."));
    ASSERT_EQ(full.run({"ledger", "checkpoint"}).code, 0);
    full.alter(
        "drop trigger disclosures_no_update; drop trigger ledger_checkpoints_no_update;"
        "update disclosures set host = 'x' where subject = '" +
        full.ada() + "' and sequence = 1; update ledger_checkpoints set at = at + 1");
    const auto text = full.run({"ledger", "verify"});
    EXPECT_EQ(text.code, 1) << text.err;
    EXPECT_THAT(text.out, HasSubstr("disclosures: subject " + full.ada() + ", row 1: altered\n"));
    EXPECT_THAT(text.out, HasSubstr("checkpoints: number 1: altered\n"));
    EXPECT_THAT(text.out, HasSubstr("2 breaks found"));
    const auto json = full.run({"ledger", "verify", "--json"});
    EXPECT_EQ(json.code, 1) << json.err;
    const auto document = boost::json::parse(json.out);
    EXPECT_EQ(document.at("intact"), false);
    EXPECT_EQ(document.at("breaks").at(0).at("subject"), boost::json::string_view(full.ada()));
    EXPECT_EQ(document.at("checkpoint_breaks").at(0).at("checkpoint"), 1);
}

TEST(Ledger, IsSignedOnDemandAndNotTwice) {
    const Place place;
    const auto nowhere = place.run({"ledger", "checkpoint"});
    EXPECT_EQ(nowhere.code, 1);
    EXPECT_FALSE(std::filesystem::exists(place.data())) << "nothing is made";

    const LedgerPlace full;
    const auto first = boost::json::parse(full.run({"ledger", "checkpoint", "--json"}).out);
    EXPECT_EQ(first.at("taken"), 1);
    EXPECT_EQ(first.at("newest"), 1);
    EXPECT_THAT(full.run({"ledger", "checkpoint"}).out, HasSubstr("Nothing new: checkpoint 1"));
    full.disclose(full.bob());
    EXPECT_THAT(full.run({"ledger", "checkpoint"}).out, HasSubstr("Taken: checkpoint 2."));
    EXPECT_EQ(full.run({"ledger", "verify"}).code, 0);

    const auto key = full.run({"ledger", "key"});
    EXPECT_EQ(key.code, 0) << key.err;
    const auto same = boost::json::parse(full.run({"ledger", "key", "--json"}).out);
    EXPECT_THAT(key.out, HasSubstr(std::string(same.at("public_key").as_string())));
    EXPECT_THAT(key.out, HasSubstr(std::string(same.at("fingerprint").as_string())));
}

TEST(Ledger, AWitnessKnowsADatabaseThatWasRolledBack) {
    const LedgerPlace place;
    ASSERT_EQ(place.run({"ledger", "checkpoint"}).code, 0);
    EXPECT_THAT(place.extend_witness().out, HasSubstr("one checkpoint added; the newest is number 1 "));
    const auto before = place.read(place.witness());
    EXPECT_THAT(before, Not(HasSubstr(place.ada())));
    EXPECT_THAT(place.extend_witness().out, HasSubstr("0 checkpoints added"));
    EXPECT_EQ(place.read(place.witness()), before);

    std::filesystem::copy_file(place.database(), place.folder() / "old.db");
    place.disclose(place.bob());
    ASSERT_EQ(place.run({"ledger", "checkpoint"}).code, 0);
    EXPECT_THAT(place.extend_witness().out, HasSubstr("one checkpoint added; the newest is number 2 "));
    const auto good = place.verify_with_witness();
    EXPECT_EQ(good.code, 0) << good.out << good.err;
    EXPECT_THAT(good.out, HasSubstr("unaltered: checkpoints up to number 2."));

    std::filesystem::rename(place.folder() / "old.db", place.database());
    for (const auto* rest : {"-wal", "-shm"})
        std::filesystem::remove(place.database().string() + rest);
    EXPECT_EQ(place.run({"ledger", "verify"}).code, 0) << "the old state fits itself";
    const auto rolled_back = place.verify_with_witness();
    EXPECT_EQ(rolled_back.code, 1);
    EXPECT_THAT(rolled_back.out, HasSubstr("checkpoints: number 2: missing, the witness holds it\n"));

    // Another history from there on is none that the witness takes.
    place.disclose(place.ada());
    ASSERT_EQ(place.run({"ledger", "checkpoint"}).code, 0);
    EXPECT_EQ(place.run({"ledger", "verify"}).code, 0);
    EXPECT_THAT(place.verify_with_witness().out,
                HasSubstr("checkpoints: number 2: not the one that the witness holds\n"));
    const auto held = place.read(place.witness());
    const auto refused = place.extend_witness();
    EXPECT_EQ(refused.code, 1);
    EXPECT_THAT(refused.err, HasSubstr("checkpoint 2: not the one that the witness holds"));
    EXPECT_EQ(place.read(place.witness()), held);
}

TEST(Ledger, AWitnessFileThatWasChangedIsNone) {
    const LedgerPlace place;
    ASSERT_EQ(place.run({"ledger", "checkpoint"}).code, 0);
    ASSERT_EQ(place.extend_witness().code, 0);
    const auto good = place.read(place.witness());
    EXPECT_EQ(place.verify_with_witness().code, 0) << "the control";
    auto altered = good;
    altered.replace(altered.find("\"heads\":") + 8, 1, "9");
    place.write("witness.jsonl", altered);
    const auto found = place.verify_with_witness();
    EXPECT_EQ(found.code, 1);
    EXPECT_THAT(found.err, HasSubstr("witness.jsonl:1: checkpoint 1 is not signed with the key"));
    place.write("witness.jsonl", good.substr(0, good.size() - 5));
    EXPECT_THAT(place.verify_with_witness().err, HasSubstr("witness.jsonl:1: the last line has no end"));
    place.write("witness.jsonl", good + "{}\n");
    EXPECT_THAT(place.extend_witness().err, HasSubstr("witness.jsonl:2: public_key: is missing"));

    // Well signed, by the key of another platform.
    const LedgerPlace other;
    ASSERT_EQ(other.run({"ledger", "checkpoint"}).code, 0);
    ASSERT_EQ(other.extend_witness().code, 0);
    place.write("witness.jsonl", place.read(other.witness()));
    EXPECT_THAT(place.verify_with_witness().out,
                HasSubstr("number 1: signed with another key than the witness names"));
}

TEST(Ledger, AProofShowsOnePersonAndNobodyElse) {
    const LedgerPlace place;
    const auto printed = place.run({"ledger", "proof", "ada@lms.example", "--reason", "asked"});
    ASSERT_EQ(printed.code, 0) << printed.err;
    place.write("proof.json", printed.out);
    EXPECT_THAT(printed.out, HasSubstr(place.ada()));
    EXPECT_THAT(printed.out, Not(HasSubstr(place.bob())));
    EXPECT_THAT(printed.out, Not(HasSubstr("@lms.example")));

    const auto valid = place.verify_proof();
    EXPECT_EQ(valid.code, 0) << valid.out << valid.err;
    EXPECT_THAT(valid.out, HasSubstr("valid for subject " + place.ada()));
    const auto key = boost::json::parse(place.run({"ledger", "key", "--json"}).out);
    EXPECT_THAT(valid.out, HasSubstr(std::string(key.at("fingerprint").as_string())));

    // So says a program that shares nothing with this one.
    const auto check = "/usr/bin/python3 " CALYPTENORA_SOURCE_DIR "/tests/integration/cli/check_proof.py " +
                       place.proof().string() + " > /dev/null";
    EXPECT_EQ(std::system(check.c_str()), 0);

    ASSERT_EQ(place.extend_witness().code, 0);
    const auto witnessed = place.verify_proof({"--witness", place.witness().string()});
    EXPECT_EQ(witnessed.code, 0) << witnessed.out << witnessed.err;
    // Of another platform, with a key of its own, it is as good as this one's, but for the witness.
    const LedgerPlace other;
    place.write("proof.json", other.run({"ledger", "proof", other.ada(), "--reason", "asked"}).out);
    EXPECT_EQ(place.verify_proof().code, 0);
    const auto foreign = place.verify_proof({"--witness", place.witness().string(), "--json"});
    EXPECT_EQ(foreign.code, 1);
    EXPECT_EQ(boost::json::parse(foreign.out).at("valid"), false);

    // Anything altered in it, and it proves nothing.
    auto altered = printed.out;
    altered.replace(altered.find(place.ada()), 36, place.bob());
    place.write("proof.json", altered);
    const auto refused = place.verify_proof();
    EXPECT_EQ(refused.code, 1);
    EXPECT_THAT(refused.out, HasSubstr("proves nothing"));
    EXPECT_NE(std::system((check + " 2>&1").c_str()), 0) << "the control";
    place.write("proof.json", "{}");
    EXPECT_THAT(place.verify_proof().err, HasSubstr("format: is missing"));
    EXPECT_EQ(place.run({"ledger", "proof", "nobody@lms.example", "--reason", "asked"}).code, 1);
}

TEST(Ledger, AServerSignsAtItsStartAndAtItsEnd) {
    const LedgerPlace place;
    {
        const RunningServer server(place);
        ASSERT_TRUE(server.is_open()) << server.output();
        // Taken at the start, so what the command finds to do is nothing, or it came first.
        const auto at_start = boost::json::parse(place.run({"ledger", "checkpoint", "--json"}).out);
        EXPECT_EQ(at_start.at("newest"), 1);
        place.disclose(place.bob());
        EXPECT_EQ(place.run({"ledger", "verify"}).code, 0);
    }
    const auto after = boost::json::parse(place.run({"ledger", "checkpoint", "--json"}).out);
    EXPECT_EQ(after.at("taken"), 0) << "the server left nothing unsigned";
    EXPECT_EQ(after.at("newest"), 2);
    EXPECT_EQ(place.run({"ledger", "verify"}).code, 0);
}

}  // namespace
}  // namespace calyptenora::cli::test
