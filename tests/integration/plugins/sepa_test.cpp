#include "support/plugin_driver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace calyptenora {
namespace {

using payments::PaymentStatus;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string settings(std::string_view form = "text", std::string_view iban = "DE02 1203 0000 0000 2020 51",
                     std::string_view mask = "CA-######") {
    return R"({"payee_name":"Akademie Müller & Söhne","payment_period":1209600000,"iban":")" +
           std::string(iban) + R"(","reference_form":")" + std::string(form) + R"(","reference_mask":")" +
           std::string(mask) + "\"}";
}

/// One entry of a statement; each member is the XML of one place.
struct Entry {
    std::string amount = "49.00";
    std::string currency = "EUR";
    std::string direction = "CRDT";
    std::string status = "BOOK";
    std::string reference = "<AcctSvcrRef>B-1</AcctSvcrRef>";
    std::string more;
    std::string details =
        "<TxDtls><RltdPties><Dbtr><Nm>PAYERCANARY</Nm></Dbtr><DbtrAcct><Id>"
        "<IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct></RltdPties>"
        "<RmtInf><Ustrd>CA-123456</Ustrd></RmtInf></TxDtls>";

    std::string xml() const {
        return "<Ntry><Amt Ccy=\"" + currency + "\">" + amount + "</Amt><CdtDbtInd>" + direction +
               "</CdtDbtInd>" + more + "<Sts>" + status + "</Sts><BookgDt><Dt>2026-11-20</Dt></BookgDt>" +
               reference + "<NtryDtls>" + details + "</NtryDtls></Ntry>";
    }
};

std::string text_details(std::string_view text) {
    return "<TxDtls><RmtInf><Ustrd>" + std::string(text) + "</Ustrd></RmtInf></TxDtls>";
}

std::string statement(const std::vector<Entry>& entries, const std::string& message = "camt.053.001.08",
                      const std::string& iban = "DE02120300000000202051") {
    const bool notification = message.starts_with("camt.054");
    const std::string outer = notification ? "BkToCstmrDbtCdtNtfctn" : "BkToCstmrStmt";
    const std::string inner = notification ? "Ntfctn" : "Stmt";
    std::string xml =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:" +
        message + "\"><" + outer + "><GrpHdr/><" + inner + "><Acct><Id><IBAN>" + iban + "</IBAN></Id></Acct>";
    for (const auto& entry : entries)
        xml += entry.xml();
    return xml + "</" + inner + "></" + outer + "></Document>";
}

class SepaPlugin : public testing::Test {
  protected:
    void SetUp() override { ASSERT_TRUE(plugin_.create(settings())); }

    Result<payments::Instructions> start(std::int64_t cents = 4900, std::string reference = "CA-123456") {
        Request<payments::Start> order;
        order.locale = "de";
        order.reference = std::move(reference);
        order.amount_minor = cents;
        order.currency = "EUR";
        const auto reply = plugin_.call<payments::Start>(order);
        if (!reply)
            return reply.error();
        return std::get<payments::Instructions>(*reply);
    }
    Result<std::vector<Signal>> ingest(const std::string& xml) {
        Request<payments::Ingest> request;
        request.kind = InboundKind::bank_statement;
        request.document = Bytes{xml};
        const auto reply = plugin_.call<payments::Ingest>(request);
        if (!reply)
            return reply.error();
        return reply->signals;
    }
    Signal ingest_one(const Entry& entry, const std::string& message = "camt.053.001.08") {
        const auto signals = ingest(statement({entry}, message));
        EXPECT_TRUE(signals) << (signals ? "" : signals.error().message);
        if (!signals || signals->size() != 1) {
            ADD_FAILURE() << "not one signal";
            return {};
        }
        return signals->front();
    }
    Request<payments::Fetch> order_with(const std::vector<Signal>& signals) {
        Request<payments::Fetch> order;
        order.reference = "CA-123456";
        order.amount_minor = 4900;
        order.currency = "EUR";
        order.history.emplace();
        for (const auto& signal : signals)
            order.history->push_back({signal.event_id, signal.kind, signal.detail, 1});
        return order;
    }
    payments::PaymentState state_after(const std::vector<Entry>& entries) {
        return *plugin_.call<payments::Fetch>(order_with(*ingest(statement(entries))));
    }

    PluginDriver plugin_{"payments/sepa"};
};

/// What a camera with a banking app makes of the modules.
std::string scan(const payments::QrCode& qr) {
    constexpr int scale = 6, quiet = 4;
    const int side = (qr.width + 2 * quiet) * scale;
    std::string image = "P5\n" + std::to_string(side) + " " + std::to_string(side) + "\n255\n";
    for (int y = 0; y < side; ++y)
        for (int x = 0; x < side; ++x) {
            const int column = x / scale - quiet, row = y / scale - quiet;
            const bool inside = column >= 0 && row >= 0 && column < qr.width && row < qr.width;
            const bool dark = inside && qr.modules[static_cast<std::size_t>(row * qr.width + column)] == '1';
            image.push_back(dark ? '\0' : '\xff');
        }
    return run_command(
        "cat > /tmp/calyptenora-qr-$$.pgm; zbarimg --quiet --raw -Sbinary /tmp/calyptenora-qr-$$.pgm; "
        "rm -f /tmp/calyptenora-qr-$$.pgm",
        image);
}

TEST_F(SepaPlugin, AScannerReadsTheGiroCode) {
    const auto instructions = start(123450);
    ASSERT_TRUE(instructions) << instructions.error().message;
    EXPECT_EQ(
        scan(*instructions->qr),
        "BCD\n002\n1\nSCT\n\nAkademie Müller & Söhne\nDE02120300000000202051\nEUR1234.50\n\n\nCA-123456");
    auto torn = *instructions->qr;
    std::fill(torn.modules.begin(), torn.modules.begin() + static_cast<int>(torn.modules.size()) / 2, '0');
    EXPECT_EQ(scan(torn), "");
}

TEST_F(SepaPlugin, AScannerReadsTheStructuredReference) {
    ASSERT_TRUE(plugin_.create(settings("creditor_reference")));
    const auto instructions = start(1);
    ASSERT_TRUE(instructions) << instructions.error().message;
    const auto text = scan(*instructions->qr);
    EXPECT_THAT(text, HasSubstr("\nEUR0.01\n\nRF"));
    const auto reference = text.substr(text.find("RF"), 12);
    EXPECT_EQ(reference.substr(4), "CA123456");
    // ISO 11649: "CA123456RFnn" with letters as numbers leaves 1.
    EXPECT_EQ(run_command("python3 -c \"print(int(''.join(str(int(c,36)) for c in '" + reference.substr(4) +
                          reference.substr(0, 4) + "'))%97)\""),
              "1\n");
}

TEST_F(SepaPlugin, TellsPeopleWhatTheyNeed) {
    const auto instructions = start(123450);
    std::map<std::string, std::string> lines;
    for (const auto& [label, value] : instructions->lines)
        lines[label] = value;
    EXPECT_EQ(lines["iban"], "DE02 1203 0000 0000 2020 51");
    EXPECT_EQ(lines["amount"], "1.234,50 EUR");
    EXPECT_EQ(lines["reference"], "CA-123456");
    EXPECT_EQ(lines["due"], "2026-12-02");
    EXPECT_FALSE(lines.contains("bic"));
}

TEST_F(SepaPlugin, RefusesAmountsReferencesAndSettingsThatCannotBe) {
    EXPECT_FALSE(start(0));
    EXPECT_FALSE(start(100'000'000'000));
    EXPECT_EQ(start(100, "XY-1").error().kind, ErrorKind::invalid_config);
    EXPECT_THAT(plugin_.create(settings("text", "DE03 1203 0000 0000 2020 51")).error().message,
                HasSubstr("iban"));
    EXPECT_FALSE(plugin_.create(settings("text", "DE02 1203 0000 0000 2020 5")));
    EXPECT_THAT(plugin_.create(settings("text", "DE02120300000000202051", "######")).error().message,
                HasSubstr("reference_mask"));
}

class EachVersion : public SepaPlugin, public testing::WithParamInterface<const char*> {};
TEST_P(EachVersion, ACreditBecomesASignalWithoutThePayer) {
    Entry entry;
    if (std::string_view(GetParam()).substr(14) >= "4")
        entry.status = "<Cd>BOOK</Cd>";
    const auto signal = ingest_one(entry, GetParam());
    EXPECT_EQ(signal.kind, "credit");
    EXPECT_EQ(signal.object_ref, "CA-123456");
    EXPECT_EQ(signal.detail, R"({"amount_minor":4900,"currency":"EUR","booked":"2026-11-20","entry":"B-1"})");
    EXPECT_THAT(to_json(signal), Not(HasSubstr("PAYERCANARY")));
    EXPECT_THAT(to_json(signal), Not(HasSubstr("DE8937")));
}
INSTANTIATE_TEST_SUITE_P(Plugin, EachVersion,
                         testing::Values("camt.053.001.02", "camt.053.001.03", "camt.053.001.04",
                                         "camt.053.001.06", "camt.053.001.08", "camt.054.001.02",
                                         "camt.054.001.04", "camt.054.001.08"));

TEST_F(SepaPlugin, RefusesWhatIsNoStatementOfThisAccount) {
    const auto message_of = [&](const std::string& xml) {
        const auto signals = ingest(xml);
        return signals ? "accepted" : signals.error().message;
    };
    EXPECT_THAT(message_of(statement({Entry()}, "camt.053.001.08", "DE89370400440532013000")),
                HasSubstr("another account"));
    EXPECT_THAT(message_of(statement({Entry()}, "camt.052.001.08")), HasSubstr("camt.052"));
    EXPECT_THAT(message_of(statement({Entry()}, "camt.053.001.13")), HasSubstr("versions"));
    EXPECT_THAT(message_of(statement({Entry()}, "pain.001.001.03")), HasSubstr("known are"));
    EXPECT_THAT(message_of("<Document><BkToCstmrAcctRpt/></Document>"), HasSubstr("camt.052"));
    EXPECT_THAT(message_of("<!DOCTYPE Document [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><Document/>"),
                HasSubstr("document type"));
    EXPECT_THAT(message_of("<Document>"), HasSubstr("XML"));
    EXPECT_THAT(message_of(""), HasSubstr("XML"));
    EXPECT_THAT(message_of(std::string(9 * 1024 * 1024, ' ')), HasSubstr("8 MiB"));
    EXPECT_EQ(message_of(statement({Entry()})), "accepted");
}

TEST_F(SepaPlugin, ReadsPrefixedElements) {
    auto xml = statement({Entry()});
    for (std::size_t at = 0; (at = xml.find('<', at)) != std::string::npos; ++at)
        if (xml[at + 1] != '?')
            xml.insert(at + (xml[at + 1] == '/' ? 2 : 1), "c:");
    xml.replace(xml.find("xmlns="), 6, "xmlns:c=");
    const auto signals = ingest(xml);
    ASSERT_TRUE(signals) << signals.error().message;
    EXPECT_EQ(signals->at(0).object_ref, "CA-123456");
}

TEST_F(SepaPlugin, PendingEntriesAndOtherDebitsGiveNothing) {
    Entry pending, rent;
    pending.status = "PDNG";
    rent.direction = "DBIT";
    rent.details = text_details("Miete November");
    EXPECT_TRUE(ingest(statement({pending, rent}))->empty());
}

struct Remittance {
    const char* text;
    const char* order;
};
class RemittanceText : public SepaPlugin, public testing::WithParamInterface<Remittance> {};
TEST_P(RemittanceText, NamesTheOrder) {
    Entry entry;
    entry.details = text_details(GetParam().text);
    const auto signal = ingest_one(entry);
    EXPECT_EQ(signal.object_ref, GetParam().order);
    EXPECT_EQ(signal.kind, *GetParam().order ? "credit" : "unmatched_credit");
}
INSTANTIATE_TEST_SUITE_P(Plugin, RemittanceText,
                         testing::Values(Remittance{"CA-123456", "CA-123456"},
                                         Remittance{"ca123456", "CA-123456"},
                                         Remittance{"Kurs CA-123 456 danke", "CA-123456"},
                                         Remittance{"Bestellung:CA - 123456.", "CA-123456"},
                                         Remittance{"CA-12</Ustrd><Ustrd>3456", "CA-123456"},
                                         Remittance{"RechnungCA123456", "CA-123456"},
                                         Remittance{"CA-1234567", ""}, Remittance{"CA-12345", ""},
                                         Remittance{"", ""}, Remittance{"CA-123456 und CA-654321", ""},
                                         Remittance{"CA-123456 / CA-123456", "CA-123456"},
                                         Remittance{"CB-123456", ""}, Remittance{"RF99CA123456", ""}));

// What payers and banks make of the platform's own form of reference.
class ReferenceOfLetters : public SepaPlugin, public testing::WithParamInterface<Remittance> {};
TEST_P(ReferenceOfLetters, NamesTheOrder) {
    ASSERT_TRUE(plugin_.create(settings("text", "DE02120300000000202051", "CA-@@@@@@@@")));
    Entry entry;
    entry.details = text_details(GetParam().text);
    EXPECT_EQ(ingest_one(entry).object_ref, GetParam().order);
}
INSTANTIATE_TEST_SUITE_P(
    Plugin, ReferenceOfLetters,
    testing::Values(Remittance{"CA-7F3K9X2M", "CA-7F3K9X2M"}, Remittance{"CA7F3K9X2M", "CA-7F3K9X2M"},
                    Remittance{"ca-7f3k9x2m", "CA-7F3K9X2M"}, Remittance{"CA 7F3K 9X2M", "CA-7F3K9X2M"},
                    Remittance{"ca 7f3k9x2m danke", "CA-7F3K9X2M"},
                    Remittance{"SVWZ+CA.7F3K9X2M", "CA-7F3K9X2M"},
                    Remittance{"KURS CA/7F3K</Ustrd><Ustrd>9X2M ADA", "CA-7F3K9X2M"},
                    Remittance{"CA-ABCDEFGH", "CA-ABCDEFGH"}, Remittance{"ca abcd efgh", "CA-ABCDEFGH"},
                    Remittance{"Carsten Mia CA-7F3K9X2M", "CA-7F3K9X2M"},
                    Remittance{"CA-7F3K9X2M Academy Kurs", "CA-7F3K9X2M"},
                    Remittance{"CA-CA7F3K9X MA", "CA-CA7F3K9X"}, Remittance{"CA-7F3K9X2", ""},
                    Remittance{"CA-7F3K9X2MX", ""}, Remittance{"CB-7F3K9X2M", ""},
                    Remittance{"CA-7F3K9X2M und CA-7F3K9X2N", ""}));

TEST_F(SepaPlugin, TheStructuredReferenceCountsWithRightCheckDigitsOnly) {
    ASSERT_TRUE(plugin_.create(settings("creditor_reference")));
    std::string reference;
    const auto instructions = start();
    for (const auto& [label, value] : instructions->lines)
        if (label == "reference")
            reference = value;
    const auto structured = [](const std::string& text) {
        Entry entry;
        entry.details =
            "<TxDtls><RmtInf><Strd><CdtrRefInf><Ref>" + text + "</Ref></CdtrRefInf></Strd></RmtInf></TxDtls>";
        return entry;
    };
    EXPECT_EQ(ingest_one(structured(reference)).object_ref, "CA-123456");
    auto mistyped = reference;
    mistyped.back() = mistyped.back() == '7' ? '8' : '7';
    EXPECT_EQ(ingest_one(structured(mistyped)).object_ref, "");
    Entry in_text;
    in_text.details = text_details("Danke " + reference);
    EXPECT_EQ(ingest_one(in_text).object_ref, "CA-123456");
}

TEST_F(SepaPlugin, ABatchIsSplitIfItAddsUp) {
    Entry batch;
    batch.amount = "98.00";
    batch.details =
        "<Btch><NbOfTxs>2</NbOfTxs></Btch>"
        "<TxDtls><Amt Ccy=\"EUR\">49.00</Amt><RmtInf><Ustrd>CA-123456</Ustrd></RmtInf></TxDtls>"
        "<TxDtls><AmtDtls><TxAmt><Amt Ccy=\"EUR\">49</Amt></TxAmt></AmtDtls>"
        "<RmtInf><Ustrd>CA-654321</Ustrd></RmtInf></TxDtls>";
    const auto signals = ingest(statement({batch}));
    ASSERT_EQ(signals->size(), 2u);
    EXPECT_EQ(signals->at(0).object_ref, "CA-123456");
    EXPECT_EQ(signals->at(1).object_ref, "CA-654321");
    EXPECT_NE(signals->at(0).dedupe_key, signals->at(1).dedupe_key);
    batch.amount = "99.00";
    const auto whole = ingest_one(batch);
    EXPECT_EQ(whole.kind, "unmatched_credit");
    EXPECT_THAT(whole.detail, HasSubstr("9900"));
}

TEST_F(SepaPlugin, TheSameBookingHasTheSameKeyAndAnotherHasAnother) {
    Entry entry;
    const auto key = ingest_one(entry).dedupe_key;
    EXPECT_EQ(ingest_one(entry, "camt.054.001.08").dedupe_key, key);
    entry.reference = "<AcctSvcrRef>B-2</AcctSvcrRef>";
    EXPECT_NE(ingest_one(entry).dedupe_key, key);
    entry.reference = "<AcctSvcrRef>NONREF</AcctSvcrRef>";
    const auto twice = ingest(statement({entry, entry}));
    ASSERT_EQ(twice->size(), 2u);
    EXPECT_NE(twice->at(0).dedupe_key, twice->at(1).dedupe_key);
    EXPECT_EQ(ingest_one(entry).dedupe_key, twice->at(0).dedupe_key);
}

TEST_F(SepaPlugin, TheStateFollowsFromTheBookings) {
    Entry credit, half, reversal, refund, returned, dollars;
    half.amount = "20.00";
    half.reference = "<AcctSvcrRef>B-2</AcctSvcrRef>";
    reversal.direction = "DBIT";
    reversal.more = "<RvslInd>true</RvslInd>";
    refund.direction = "DBIT";
    refund.amount = "20.00";
    returned = refund;
    returned.amount = "49.00";
    returned.details =
        "<TxDtls><RmtInf><Ustrd>CA-123456</Ustrd></RmtInf><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls>";
    dollars.currency = "USD";
    EXPECT_EQ(state_after({}).status, PaymentStatus::open);
    EXPECT_EQ(state_after({half}).status, PaymentStatus::partially_paid);
    EXPECT_EQ(state_after({credit}).status, PaymentStatus::paid);
    EXPECT_EQ(state_after({credit, half}).status, PaymentStatus::overpaid);
    EXPECT_EQ(state_after({credit, half, refund}).status, PaymentStatus::paid);
    EXPECT_EQ(state_after({credit, reversal}).status, PaymentStatus::refunded);
    EXPECT_EQ(state_after({credit, returned}).status, PaymentStatus::refunded);
    EXPECT_EQ(state_after({credit, half, returned}).status, PaymentStatus::partially_paid);
    EXPECT_EQ(state_after({credit, refund}).status, PaymentStatus::paid);
    EXPECT_EQ(state_after({credit, refund}).refunded_minor, 2000);
    EXPECT_EQ(state_after({dollars}).status, PaymentStatus::open);
}

TEST_F(SepaPlugin, CancelsOnlyWhileNoMoneyIsThere) {
    EXPECT_EQ(plugin_.call<payments::Cancel>(order_with({}))->status, PaymentStatus::cancelled);
    const auto paid = order_with(*ingest(statement({Entry()})));
    EXPECT_EQ(plugin_.call<payments::Cancel>(paid).error().kind, ErrorKind::unsupported);
    EXPECT_THAT(plugin_.call<payments::Refund>({}).error().message, HasSubstr("bank account"));
}

}  // namespace
}  // namespace calyptenora
