#include "cli/commands.hpp"
#include "cli/input.hpp"
#include "cli/operations.hpp"
#include "cli/text_table.hpp"
#include "platform/orders.hpp"

#include <calyptenora/json.hpp>

namespace calyptenora::cli {
namespace {

constexpr std::uintmax_t largest_statement = 32 * 1024 * 1024;

std::string count(int number, std::string_view one, std::string_view many) {
    return number == 1 ? fmt::format("1 {}", one) : fmt::format("{} {}", number, many);
}

void tell(const platform::StatementReport& report) {
    fmt::print("{} read, {} known from before, {} without an order.\n",
               count(report.entries, "entry", "entries"), report.known, report.unmatched);
    for (const auto& order : report.changed)
        fmt::print("  {}  {}\n", printable(order.reference), printable(order.state));
    if (report.changed.empty())
        fmt::print("No order has changed.\n");
    if (!report.unmatched_entries.empty())
        fmt::print("\nFor you to look at, by the bank's reference:\n");
    for (const auto& reference : report.unmatched_entries)
        fmt::print("  {}\n", printable(reference));
}

int import_payments(const Call& call) {
    const auto document = read_file(call.invocation.argument, largest_statement);
    if (!document)
        return fail(document.error());
    const auto answer = perform(call.places, "payments.import", {{"document", encode_base64(*document)}});
    if (!answer)
        return fail(answer.error());
    if (call.invocation.has("json")) {
        print_json(*answer);
        return ExitCode::done;
    }
    platform::StatementReport report;
    if (const auto read = read_json(*answer, report); !read)
        return fail(read.error());
    tell(report);
    return ExitCode::done;
}

}  // namespace

Command make_payments_import_command() {
    return {
        {.name = "payments import",
         .group = "People, courses, money",
         .summary = "read a bank statement and open what has been paid",
         .details =
             "Reads a statement (camt.053 or camt.054) and matches its credits with orders by their "
             "reference.\n"
             "The same statement twice changes nothing the second time. Credits without an order are listed\n"
             "for you to look at.",
         .argument = "FILE",
         .options = {{"json", "", "the report as one JSON document"}},
         .example = "calyptenora payments import statement-2026-05.xml"},
        import_payments};
}

}  // namespace calyptenora::cli
