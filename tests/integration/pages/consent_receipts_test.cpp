#include "integration/pages/asking_place.hpp"
#include "support/page_client.hpp"

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <memory>

// Whoever decides gets a receipt, and it is checked by programs that know the platform's key only.
namespace calyptenora::http::test {
namespace {

using calyptenora::test::PageClient;
using cli::test::RunningServer;
using ::testing::HasSubstr;
using ::testing::Not;

class ConsentReceiptPages : public testing::Test {
  protected:
    ConsentReceiptPages() { EXPECT_TRUE(server_.is_open()) << server_.output(); }

    static void refuse(PageClient& client) {
        (void)client.get("/privacy");
        EXPECT_EQ(client.post("/privacy/choices", {{"choice", "refuse_all"}}).status, 303);
    }
    /// Of the newest decision.
    static std::string receipt_path(PageClient& client) {
        const auto page = client.get("/privacy/receipts").body;
        const std::string mark = "href=\"/privacy/receipts/";
        const auto at = page.find(mark);
        if (at == std::string::npos)
            return {};
        return page.substr(at + 6, page.find('"', at + 6) - at - 6);
    }
    std::string file(const std::string& name) { return (place_.folder() / name).string(); }
    int check(const std::string& options = "") {
        return std::system(("/usr/bin/python3 " CALYPTENORA_SOURCE_DIR
                            "/tests/integration/export/check_receipt.py " +
                            file("receipt.json") + " " + file("schema.json") + " " + options + " >&2")
                               .c_str());
    }

    AskingPlace place_;
    RunningServer server_{place_};
    PageClient mia_{server_.port()}, tom_{server_.port()}, stranger_{server_.port()};
};

TEST_F(ConsentReceiptPages, ShowARefusalWithItsTextAndASignatureThatOthersCheck) {
    refuse(mia_);
    const auto path = receipt_path(mia_);
    ASSERT_FALSE(path.empty()) << mia_.get("/privacy/receipts").body;
    const auto page = mia_.get(path);
    EXPECT_EQ(page.status, 200);
    EXPECT_THAT(page.body, HasSubstr("Lernstatistik GmbH"));
    EXPECT_THAT(page.body, HasSubstr("refused"));
    EXPECT_THAT(page.body, HasSubstr("Weg 2")) << "the text that was shown names the address";

    const auto receipt = mia_.get(path + "/json");
    ASSERT_EQ(receipt.status, 200);
    place_.write("receipt.json", receipt.body);
    place_.write("schema.json", place_.run({"consent", "schema"}).out);
    EXPECT_EQ(check(), 0);
    EXPECT_EQ(check("--spoil"), 0);

    const auto key = boost::json::parse(place_.run({"ledger", "key", "--json"}).out);
    const std::string fingerprint(key.at("fingerprint").as_string());
    const auto valid = place_.run({"consent", "receipt", file("receipt.json"), "--fingerprint", fingerprint});
    EXPECT_EQ(valid.code, 0) << valid.out << valid.err;
    EXPECT_THAT(valid.out, HasSubstr("valid."));
    EXPECT_THAT(valid.out, HasSubstr("refused"));

    // Nobody else's business, and there is nothing for whoever has decided nothing.
    refuse(tom_);
    EXPECT_EQ(tom_.get(path).status, 404);
    EXPECT_EQ(tom_.get(path + "/json").status, 404);
    EXPECT_EQ(stranger_.get(path).status, 404);
    EXPECT_EQ(stranger_.get("/privacy/receipts").status, 200);
    EXPECT_EQ(receipt_path(stranger_), "");
    EXPECT_EQ(mia_.get("/privacy/receipts?page=x").status, 404);
    EXPECT_THAT(mia_.get("/privacy/receipts?page=7").body, Not(HasSubstr("Lernstatistik")));
}

TEST_F(ConsentReceiptPages, AreRefusedByTheCommandWhenAnythingIsAltered) {
    refuse(mia_);
    const auto genuine = mia_.get(receipt_path(mia_) + "/json").body;
    const auto outcome_of = [&](const std::string& document, std::vector<std::string> more = {}) {
        place_.write("receipt.json", document);
        std::vector<std::string> words{"consent", "receipt", file("receipt.json")};
        words.insert(words.end(), more.begin(), more.end());
        return place_.run(words);
    };
    const auto altered = [&](const std::string& what, const std::string& by) {
        auto document = genuine;
        const auto at = document.find(what);
        EXPECT_NE(at, std::string::npos) << what;
        return document.replace(at, what.size(), by);
    };
    EXPECT_EQ(outcome_of(genuine).code, 0);
    EXPECT_THAT(outcome_of(altered("\"event_state\":\"refused\"", "\"event_state\":\"given\"")).out,
                HasSubstr("signature does not match"));
    EXPECT_THAT(outcome_of(altered("Lernstatistik GmbH (", "Somebody (")).out,
                HasSubstr("not the one that was shown"));
    EXPECT_THAT(outcome_of(altered("Ed25519", "none")).out, HasSubstr("unknown algorithm"));
    EXPECT_THAT(outcome_of(altered("\"language\":\"en\"", "\"language\":1")).out,
                HasSubstr("signature does not match"));
    const auto other_key = outcome_of(genuine, {"--fingerprint", "1234 5678"});
    EXPECT_EQ(other_key.code, 1);
    EXPECT_THAT(other_key.out, HasSubstr("not 1234 5678"));
    EXPECT_EQ(outcome_of("{}").code, 1);
    EXPECT_THAT(outcome_of("{}").err, HasSubstr("no consent receipt"));
    EXPECT_THAT(outcome_of("no json").err, HasSubstr("no consent receipt"));
}

TEST_F(ConsentReceiptPages, NothingIsSignedOfALedgerThatWasAltered) {
    refuse(mia_);
    const auto path = receipt_path(mia_);
    ASSERT_EQ(mia_.get(path + "/json").status, 200);
    sqlite3* opened = nullptr;
    ASSERT_EQ(sqlite3_open((place_.data() / "calyptenora.db").c_str(), &opened), SQLITE_OK);
    const std::unique_ptr<sqlite3, int (*)(sqlite3*)> database(opened, sqlite3_close);
    ASSERT_EQ(
        sqlite3_exec(opened,
                     "drop trigger consent_events_no_update; update consent_events set event_state = 'given'",
                     nullptr, nullptr, nullptr),
        SQLITE_OK);
    const auto receipt = mia_.get(path + "/json");
    EXPECT_NE(receipt.status, 200);
    EXPECT_THAT(receipt.body, Not(HasSubstr("Ed25519")));
}

}  // namespace
}  // namespace calyptenora::http::test
