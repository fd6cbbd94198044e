#include "statement.hpp"

#include "account_number.hpp"

#include <pugixml.hpp>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace calyptenora::sepa {
namespace {

constexpr std::size_t most_bookings = 20'000;

std::string_view local_name(const pugi::xml_node& node) {
    const std::string_view name = node.name();
    const auto colon = name.find(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

// The first element below `node` that the local names lead to.
template <class... Names>
pugi::xml_node descend(pugi::xml_node node, Names... names) {
    for (const std::string_view name : {std::string_view(names)...}) {
        auto child = node.first_child();
        while (child && local_name(child) != name)
            child = child.next_sibling();
        node = child;
    }
    return node;
}

std::string text_of(const pugi::xml_node& node) {
    const std::string text = node.child_value();
    const auto begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

template <class... Names>
std::string text_at(const pugi::xml_node& node, Names... names) {
    return text_of(descend(node, names...));
}

template <class F>
void each(const pugi::xml_node& node, std::string_view name, F&& visit) {
    for (const auto& child : node.children())
        if (local_name(child) == name)
            visit(child);
}

struct Amount {
    std::int64_t minor = 0;
    std::string currency;
};

// "1234.5" -> 123450. Nothing for more than two decimals that are not zero, signs, or more than 15 digits.
std::optional<Amount> read_amount(const pugi::xml_node& element) {
    const auto text = text_of(element);
    Amount amount{0, element.attribute("Ccy").value()};
    std::size_t digits = 0, decimals = 0;
    bool point = false;
    for (const char c : text) {
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9')
            return std::nullopt;
        if (point && ++decimals > 2) {
            if (c != '0')
                return std::nullopt;
            continue;
        }
        if (++digits > 15)
            return std::nullopt;
        amount.minor = amount.minor * 10 + (c - '0');
    }
    if (digits == 0 || amount.currency.size() != 3)
        return std::nullopt;
    for (; decimals < 2; ++decimals)
        amount.minor *= 10;
    return amount;
}

std::string hex_digest(std::string_view text) {
    std::array<unsigned char, 32> hash{};
    crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(text.data()),
                       text.size(), nullptr, 0);
    std::string hex;
    for (const auto byte : hash) {
        hex.push_back("0123456789abcdef"[byte >> 4]);
        hex.push_back("0123456789abcdef"[byte & 15]);
    }
    return hex;
}

bool is_true(const std::string& text) {
    return text == "true" || text == "1";
}

// A bank's reference, or nothing where it writes that there is none.
std::string reference_or_nothing(std::string text) {
    if (text == "NOTPROVIDED" || text == "NONREF" || text == "NONE")
        text.clear();
    return text;
}

// Transaction codes of returns, reversals and recalls (ISO 20022 external codes, domain PMNT).
bool is_return_code(const pugi::xml_node& bank_transaction_code) {
    const auto code = text_at(bank_transaction_code, "Domn", "Fmly", "SubFmlyCd");
    return code == "RRTN" || code == "RPCR" || code == "RPBC" || code == "ARET" || code == "UPCT" ||
           code == "PRCT";
}

struct Remittance {
    std::vector<std::string> structured;
    std::string text;
};

Remittance read_remittance(const pugi::xml_node& details) {
    Remittance remittance;
    const auto information = descend(details, "RmtInf");
    each(information, "Strd", [&](const auto& structured) {
        if (auto reference = text_at(structured, "CdtrRefInf", "Ref"); !reference.empty())
            remittance.structured.push_back(std::move(reference));
        each(structured, "AddtlRmtInf", [&](const auto& line) { remittance.text += text_of(line) + "\n"; });
    });
    each(information, "Ustrd", [&](const auto& line) { remittance.text += text_of(line) + "\n"; });
    if (auto end_to_end = reference_or_nothing(text_at(details, "Refs", "EndToEndId")); !end_to_end.empty())
        remittance.text += end_to_end + "\n";
    return remittance;
}

// The one order that a payment names; nothing when it names none or several.
std::string find_order(const Remittance& remittance, const ReferenceMask& mask) {
    std::set<std::string> found;
    for (const auto& reference : remittance.structured)
        if (auto order = mask.find_whole(reference))
            found.insert(std::move(*order));
    if (found.empty())
        found = mask.find_within(remittance.text);
    return found.size() == 1 ? *found.begin() : std::string();
}

class StatementReader {
  public:
    explicit StatementReader(const ReferenceMask& mask) : mask_(mask) {}

    Status read(const pugi::xml_node& statement) {
        Status outcome;
        each(statement, "Ntry", [&](const auto& entry) {
            if (outcome)
                outcome = read_entry(entry);
        });
        return outcome;
    }
    std::vector<Signal> take() { return std::move(signals_); }

  private:
    struct Part {
        Amount amount;
        bool credit = false;
        bool reversed = false;  ///< RvslInd: the opposite of an earlier booking.
        bool returned = false;  ///< A transfer that has come back.
        std::string bank_reference;
        Remittance remittance;
    };

    Status read_entry(const pugi::xml_node& entry) {
        const auto status = descend(entry, "Sts");
        const auto code = text_at(status, "Cd");
        if ((code.empty() ? text_of(status) : code) != "BOOK")
            return {};
        const auto amount = read_amount(descend(entry, "Amt"));
        const auto direction = text_at(entry, "CdtDbtInd");
        if (!amount || (direction != "CRDT" && direction != "DBIT"))
            return Error(ErrorKind::invalid_input, "an entry without a readable amount or direction");
        const Part whole{*amount,
                         direction == "CRDT",
                         is_true(text_at(entry, "RvslInd")),
                         is_return_code(descend(entry, "BkTxCd")),
                         reference_or_nothing(text_at(entry, "AcctSvcrRef")),
                         {}};
        auto booked = text_at(entry, "BookgDt", "Dt");
        if (booked.empty())
            booked = text_at(entry, "BookgDt", "DtTm");
        booked = booked.substr(0, 10);

        const auto parts = split(entry, whole);
        for (std::size_t i = 0; i < parts.size(); ++i)
            add(parts[i], whole, booked, text_at(entry, "NtryRef"), i);
        if (signals_.size() > most_bookings)
            return Error(ErrorKind::invalid_input, "more than 20000 bookings in one statement; split it");
        return {};
    }

    // A batch is split into its transactions if these add up to it; otherwise it stays whole and is left to
    // people.
    static std::vector<Part> split(const pugi::xml_node& entry, const Part& whole) {
        std::vector<pugi::xml_node> transactions;
        each(entry, "NtryDtls", [&](const auto& details) {
            each(details, "TxDtls", [&](const auto& transaction) { transactions.push_back(transaction); });
        });
        std::vector<Part> parts;
        std::int64_t sum = 0;
        for (const auto& transaction : transactions) {
            Part part = whole;
            part.returned = whole.returned || descend(transaction, "RtrInf") ||
                            is_return_code(descend(transaction, "BkTxCd"));
            part.bank_reference = reference_or_nothing(text_at(transaction, "Refs", "AcctSvcrRef"));
            part.remittance = read_remittance(transaction);
            if (transactions.size() > 1) {
                if (const auto direction = text_at(transaction, "CdtDbtInd"); !direction.empty())
                    part.credit = direction == "CRDT";
                auto amount = read_amount(descend(transaction, "Amt"));
                if (!amount)
                    amount = read_amount(descend(transaction, "AmtDtls", "TxAmt", "Amt"));
                if (!amount || amount->currency != whole.amount.currency)
                    return {whole};
                part.amount = *amount;
                sum += part.credit == whole.credit ? amount->minor : -amount->minor;
            }
            parts.push_back(std::move(part));
        }
        if (parts.empty() || (parts.size() > 1 && sum != whole.amount.minor))
            return {whole};
        return parts;
    }

    static std::string_view kind_of(const Part& part) {
        if (part.credit)
            return part.reversed || part.returned ? booking_kind::refund_returned : booking_kind::credit;
        return part.reversed || part.returned ? booking_kind::reversal : booking_kind::refund;
    }

    void add(const Part& part, const Part& whole, const std::string& booked, const std::string& entry_ref,
             std::size_t index) {
        const auto order = find_order(part.remittance, mask_);
        auto kind = kind_of(part);
        if (order.empty()) {
            if (kind != booking_kind::credit)
                return;
            kind = booking_kind::unmatched;
        }
        const auto& reference = part.bank_reference.empty() ? whole.bank_reference : part.bank_reference;
        std::string essence = std::string(part.credit ? "CRDT" : "DBIT") + "\n" +
                              std::to_string(part.amount.minor) + "\n" + part.amount.currency + "\n";
        if (!reference.empty()) {
            essence += "ref\n" + reference;
            if (part.bank_reference.empty())
                essence += "\n" + std::to_string(index);
        } else {
            essence += "entry\n" + booked + "\n" + part.remittance.text;
            for (const auto& structured : part.remittance.structured)
                essence += "\n" + structured;
            // Two equal payments on one day are two.
            const auto before = occurrences_[essence]++;
            essence += "\n#" + std::to_string(before);
        }
        const auto key = hex_digest(essence);
        Booking booking{part.amount.minor, part.amount.currency, booked,
                        (reference.empty() ? entry_ref : reference).substr(0, 64)};
        const auto event_id = booking.entry.empty() ? key.substr(0, 16) : booking.entry;
        signals_.push_back({event_id, key, order, std::string(kind), to_json(booking)});
    }

    const ReferenceMask& mask_;
    std::vector<Signal> signals_;
    std::map<std::string, int> occurrences_;
};

// camt.053.001.02 to .08 and camt.054 likewise; a document without namespace is taken by its elements.
Status check_version(const pugi::xml_node& document) {
    const std::string_view name = document.name();
    const auto colon = name.find(':');
    const auto attribute = colon == std::string_view::npos ? std::string("xmlns")
                                                           : "xmlns:" + std::string(name.substr(0, colon));
    const std::string_view space = document.attribute(attribute.c_str()).value();
    if (space.empty())
        return {};
    constexpr std::string_view urn = "urn:iso:std:iso:20022:tech:xsd:";
    const auto message = space.starts_with(urn) ? space.substr(urn.size()) : std::string_view();
    const bool known_kind = message.starts_with("camt.053.001.0") || message.starts_with("camt.054.001.0");
    if (!known_kind || message.size() != 15 || message[14] < '2' || message[14] > '8')
        return Error(ErrorKind::invalid_input,
                     "the document is \"" + std::string(space.substr(0, 80)) +
                         "\"; known are camt.053 and camt.054, versions 001.02 to 001.08: ask the bank for "
                         "one of these");
    return {};
}

}  // namespace

Result<std::vector<Signal>> read_statement(std::string_view xml, const std::string& iban,
                                           const ReferenceMask& mask) {
    if (xml.size() > longest_statement)
        return Error(ErrorKind::invalid_input, "a statement has at most 8 MiB; split it by days");
    pugi::xml_document parsed;
    const auto outcome =
        parsed.load_buffer(xml.data(), xml.size(), pugi::parse_default | pugi::parse_doctype);
    if (!outcome)
        return Error(ErrorKind::invalid_input, std::string("not an XML document: ") + outcome.description());
    for (const auto& node : parsed.children())
        if (node.type() == pugi::node_doctype)
            return Error(ErrorKind::invalid_input, "a bank's statement has no document type declaration");
    const auto document = descend(parsed, "Document");
    if (!document)
        return Error(ErrorKind::invalid_input, "not a bank statement: there is no element Document");
    if (auto version = check_version(document); !version)
        return version.error();
    auto report = descend(document, "BkToCstmrStmt");
    std::string_view part = "Stmt";
    if (!report) {
        report = descend(document, "BkToCstmrDbtCdtNtfctn");
        part = "Ntfctn";
    }
    if (!report)
        return Error(ErrorKind::invalid_input,
                     "neither camt.053 nor camt.054: an intraday report (camt.052) may still change and does "
                     "not count, and other messages are no statements");

    StatementReader reader(mask);
    bool ours = false;
    Status read;
    each(report, part, [&](const auto& statement) {
        if (!read || compact(text_at(statement, "Acct", "Id", "IBAN")) != iban)
            return;
        ours = true;
        read = reader.read(statement);
    });
    if (!read)
        return read.error();
    if (!ours)
        return Error(ErrorKind::invalid_input, "the statement is of another account than the one ending in " +
                                                   iban.substr(iban.size() - 4) +
                                                   " that payments go to (setting iban)");
    return reader.take();
}

}  // namespace calyptenora::sepa
