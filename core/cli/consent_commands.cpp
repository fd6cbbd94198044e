#include "cli/commands.hpp"
#include "cli/input.hpp"
#include "platform/consent_receipts.hpp"
#include "storage/signature.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/ranges.h>

namespace calyptenora::cli {
namespace {

constexpr std::uintmax_t receipt_limit = std::uintmax_t(1) << 24;

std::string text_at(const boost::json::object& receipt, std::string_view pointer) {
    boost::system::error_code missing;
    const boost::json::value whole(receipt);
    const auto* found = whole.find_pointer(pointer, missing);
    return found && found->is_string() ? std::string(found->as_string()) : std::string();
}

int check_receipt(const Call& call) {
    const auto& file = call.invocation.argument;
    const auto document = read_file(file, receipt_limit);
    if (!document)
        return fail(document.error());
    auto read = platform::read_consent_receipt(*document);
    if (!read)
        return fail(Error(read.error().kind, fmt::format("{}: {}", file, read.error().message)));
    const auto fingerprint = storage::make_fingerprint(read->public_key);
    if (const auto expected = call.invocation.find("fingerprint"); expected && *expected != fingerprint)
        read->faults.push_back(fmt::format("it is signed by the key {}, not {}", fingerprint, *expected));
    const auto& faults = read->faults;
    if (call.invocation.has("json")) {
        print_json(boost::json::object{{"valid", faults.empty()},
                                       {"faults", boost::json::array(faults.begin(), faults.end())},
                                       {"receipt", read->receipt},
                                       {"fingerprint", fingerprint}});
        return faults.empty() ? ExitCode::done : ExitCode::failed;
    }
    if (!faults.empty()) {
        fmt::print("{}: proves nothing.\n{}\n", file, fmt::join(faults, "\n"));
        return ExitCode::failed;
    }
    fmt::print("{}: valid. {} was {} on {}, for {}, by {}.\n", file,
               text_at(read->receipt, "/purposes/0/purpose"), text_at(read->receipt, "/event/event_state"),
               text_at(read->receipt, "/event/event_time"), text_at(read->receipt, "/parties/1/party_name"),
               text_at(read->receipt, "/pii_principal_id"));
    fmt::print(
        "The key that signed has the SHA-256 fingerprint\n  {}\n"
        "Compare it with the one that the platform's operator names (calyptenora ledger key).\n",
        fingerprint);
    return ExitCode::done;
}

int show_schema(const Call&) {
    print_json(platform::make_consent_receipt_schema());
    return ExitCode::done;
}

}  // namespace

Command make_consent_receipt_command() {
    return {{.name = "consent receipt",
             .group = "Protect people's data",
             .summary = "check a receipt for a consent or a refusal",
             .details = "FILE is a receipt as people get it on the privacy page and in the copy of their "
                        "data. Checks that it is as it\n"
                        "was signed, and that the text in it is the one that was shown. Needs no database "
                        "and no key: anybody can\n"
                        "check a receipt, who knows the fingerprint of the platform's key (\"ledger key\").",
             .argument = "FILE",
             .options = {{"fingerprint", "DIGITS", "the key must be this one"},
                         {"json", "", "the receipt and what is wrong with it as JSON"}},
             .example = "calyptenora consent receipt receipt.json"},
            check_receipt};
}

Command make_consent_schema_command() {
    return {{.name = "consent schema",
             .group = "Protect people's data",
             .summary = "print the JSON Schema of receipts for consents",
             .details = "The schema (2020-12) of the receipts that \"consent receipt\" checks. Names are "
                        "those of ISO/IEC TS 27560.",
             .example = "calyptenora consent schema > schema.json"},
            show_schema};
}

}  // namespace calyptenora::cli
