#include "integration/pages/shop.hpp"
#include "support/page_client.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace calyptenora::http::test {
namespace {

using calyptenora::test::Page;
using calyptenora::test::PageClient;
using cli::test::RunningServer;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class ContractPages : public testing::Test {
  protected:
    ContractPages() { EXPECT_TRUE(server_.is_open()) << server_.output(); }

    PageClient guest(const std::string& language = "en") const {
        return PageClient(server_.port(), std::nullopt, language);
    }
    PageClient learner() const {
        auto client = guest();
        client.get("/register");
        EXPECT_EQ(client
                      .post("/register", {{"name", "Mia Muster"},
                                          {"email", "mia@lms.example"},
                                          {"password", "seventeen brown owls sing"},
                                          {"age", "over"}})
                      .status,
                  303);
        return client;
    }
    /// Opens the form and sends it.
    static Page declare(PageClient& client, const std::string& path, const PageClient::Fields& fields) {
        EXPECT_EQ(client.get(path).status, 200);
        return client.post(path, fields);
    }
    boost::json::array list() const {
        const auto outcome = shop_.run({"contracts", "list", "--json", "--reason", "the day's work"});
        EXPECT_EQ(outcome.code, 0) << outcome.err;
        return boost::json::parse(outcome.out).as_array();
    }

    Shop shop_;
    RunningServer server_{shop_};
};

const PageClient::Fields withdrawal{
    {"name", "Ada Sommer"}, {"email", "ada@lms.example"}, {"contract", "Kurze Reise, bought in May"}};

TEST_F(ContractPages, AreLinkedWhereSomethingIsSold) {
    const auto home = guest().get("/").body;
    EXPECT_THAT(home, HasSubstr("<a href=\"/cancel-contract\">Cancel contracts here</a>"));
    EXPECT_THAT(home, HasSubstr("<a href=\"/withdraw-contract\">Withdraw from a contract</a>"));

    const Shop free("");
    const RunningServer server(free);
    ASSERT_TRUE(server.is_open()) << server.output();
    EXPECT_THAT(PageClient(server.port()).get("/").body, Not(HasSubstr("/cancel-contract")));
}

TEST_F(ContractPages, WithdrawWithoutSigningIn) {
    auto client = guest();
    EXPECT_THAT(client.get("/withdraw-contract").body, HasSubstr("Confirm withdrawal</button>"));
    const auto answer = client.post("/withdraw-contract", withdrawal);
    ASSERT_EQ(answer.status, 303);
    ASSERT_THAT(answer.location, StartsWith("/contract-receipts/"));

    const auto receipt = client.get(answer.location);
    EXPECT_EQ(receipt.status, 200);
    for (const auto* text : {"Your withdrawal has arrived", "Received on ", "I hereby withdraw", "Ada Sommer",
                             "ada@lms.example", "Kurze Reise, bought in May"})
        EXPECT_THAT(receipt.body, HasSubstr(text));
    const auto file = client.get(answer.location + "/text");
    EXPECT_EQ(file.status, 200);
    EXPECT_THAT(file.body, HasSubstr("Contract: Kurze Reise, bought in May\nName: Ada Sommer\n"));
    EXPECT_THAT(file.body, HasSubstr("Received on "));
    // Its address is all that opens it.
    EXPECT_EQ(guest().get(answer.location).status, 200);
    EXPECT_EQ(guest().get("/contract-receipts/abcdefghijklmnopqrstuvwxyz").status, 404);

    const auto declared = list();
    ASSERT_EQ(declared.size(), 1u);
    EXPECT_EQ(declared[0].at("kind"), "withdrawal");
    EXPECT_EQ(declared[0].at("name"), "Ada Sommer");
    EXPECT_EQ(declared[0].at("contract"), "Kurze Reise, bought in May");
}

TEST_F(ContractPages, CancelInGermanWithKindAndDate) {
    auto client = guest("de");
    auto fields = withdrawal;
    fields.insert(fields.end(),
                  {{"kind", "extraordinary"}, {"reason", "Der Kurs läuft nicht."}, {"end", "2027-01-31"}});
    const auto answer = declare(client, "/cancel-contract", fields);
    ASSERT_EQ(answer.status, 303);
    const auto receipt = client.get(answer.location).body;
    for (const auto* text :
         {"Kündigung ist angekommen", "Eingegangen am ", "Uhr", "Hiermit kündige ich",
          "Außerordentlich, aus wichtigem Grund", "Der Kurs läuft nicht.", "31. Januar 2027"})
        EXPECT_THAT(receipt, HasSubstr(text));
    EXPECT_THAT(shop_.run({"contracts", "list", "--reason", "the day's work"}).out,
                HasSubstr("for good cause: Der Kurs läuft nicht."));
}

TEST_F(ContractPages, SayWhatIsMissingAndKeepWhatIsThere) {
    auto client = guest();
    const auto answer = declare(
        client, "/cancel-contract",
        {{"name", "Ada Sommer"}, {"email", "ada@"}, {"kind", "extraordinary"}, {"end", "2026-02-30"}});
    EXPECT_EQ(answer.status, 422);
    EXPECT_THAT(answer.body, HasSubstr("value=\"Ada Sommer\""));
    EXPECT_THAT(answer.body, HasSubstr("id=\"email-error\""));
    EXPECT_THAT(answer.body, HasSubstr("id=\"contract-error\""));
    EXPECT_THAT(answer.body, HasSubstr("id=\"reason-error\""));
    EXPECT_THAT(answer.body, HasSubstr("id=\"end-error\""));
    EXPECT_THAT(answer.body, HasSubstr("value=\"extraordinary\" checked"));
    EXPECT_TRUE(list().empty());
}

TEST_F(ContractPages, TakeNoFormFromElsewhere) {
    auto stranger = guest();
    EXPECT_EQ(stranger.post("/withdraw-contract", withdrawal).status, 403);
    EXPECT_TRUE(list().empty());
}

TEST_F(ContractPages, AreLimitedPerClient) {
    auto client = guest();
    client.get("/withdraw-contract");
    int refused = 0;
    for (int i = 0; i < 60 && refused == 0; ++i)
        refused += client.post("/withdraw-contract", withdrawal).status == 429;
    EXPECT_EQ(refused, 1);
}

TEST_F(ContractPages, KnowALearnersOwnOrders) {
    auto client = learner();
    client.get("/courses/reise/order");
    const auto ordered =
        client.post("/courses/reise/order", {{"method", "payments/sepa"}, {"begin_now", "yes"}});
    ASSERT_EQ(ordered.status, 303) << ordered.body;
    const auto order = client.get(ordered.location).body;
    const std::string link = "href=\"/withdraw-contract?contract=";
    ASSERT_THAT(order, HasSubstr(link));
    const auto number = order.substr(order.find(link) + link.size(), 11);
    EXPECT_THAT(number, StartsWith("CA-"));

    const auto form = client.get("/withdraw-contract?contract=" + number).body;
    EXPECT_THAT(form, HasSubstr("value=\"Mia Muster\""));
    EXPECT_THAT(form, HasSubstr("<option value=\"" + number + "\" selected>Kurze Reise (" + number + ")"));
    EXPECT_THAT(guest().get("/withdraw-contract").body, Not(HasSubstr(number)));

    const auto answer = client.post(
        "/withdraw-contract", {{"name", "Mia Muster"}, {"email", "mia@lms.example"}, {"contract", number}});
    ASSERT_EQ(answer.status, 303);
    EXPECT_THAT(client.get(answer.location).body, HasSubstr("You also find it under"));
    EXPECT_THAT(guest().get(answer.location).body, Not(HasSubstr("You also find it under")));
    EXPECT_THAT(client.get("/support").body, HasSubstr("Withdrawal: " + number));
    EXPECT_THAT(client.get(ordered.location).body, HasSubstr("cancelled"))
        << "nothing is to be paid any more";
    EXPECT_NE(list()[0].at("order"), "");
}

// Who only knows the number of an order ends nobody's.
TEST_F(ContractPages, OfAStrangerChangeNoOrder) {
    auto client = learner();
    client.get("/courses/reise/order");
    const auto ordered =
        client.post("/courses/reise/order", {{"method", "payments/sepa"}, {"begin_now", "yes"}});
    const auto order = client.get(ordered.location).body;
    const auto number = order.substr(order.find("contract=CA-") + 9, 11);
    auto stranger = guest();
    ASSERT_EQ(declare(stranger, "/withdraw-contract",
                      {{"name", "X"}, {"email", "x@lms.example"}, {"contract", number}})
                  .status,
              303);
    EXPECT_THAT(client.get(ordered.location).body, HasSubstr("IBAN")) << "still to be paid";
    EXPECT_THAT(client.get("/support").body, Not(HasSubstr("Withdrawal:")));
}

}  // namespace
}  // namespace calyptenora::http::test
