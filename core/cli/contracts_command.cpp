#include "cli/commands.hpp"
#include "cli/opening.hpp"
#include "cli/operations.hpp"
#include "cli/text_table.hpp"

namespace calyptenora::cli {
namespace {

/// What a cancellation says beyond that it is one.
std::string terms_of(const boost::json::value& row) {
    std::string terms = text_of(row, "end");
    if (row.at("extraordinary").as_bool())
        terms += (terms.empty() ? "" : "; ") + std::string("for good cause: ") + text_of(row, "reason");
    return terms;
}

void print_contracts(const boost::json::array& all) {
    std::vector<std::vector<std::string>> rows{{"received", "what", "contract", "name", "e-mail", "terms"}};
    for (const auto& row : all)
        rows.push_back({text_of(row, "received"), text_of(row, "kind"), text_of(row, "contract"),
                        text_of(row, "name"), text_of(row, "email"), terms_of(row)});
    fmt::print("{}", make_text_table(rows));
}

int list_contracts(const Call& call) {
    return show_list(call, "contracts.list", with_reason(call),
                     "Nobody has cancelled a contract or withdrawn from one.", print_contracts);
}

}  // namespace

Command make_contracts_list_command() {
    return {
        {.name = "contracts list",
         .group = "People, courses, money",
         .summary = "show the contracts that were cancelled or withdrawn from by button",
         .details =
             "Lists what people declared on the pages \"Cancel contracts here\" and \"Withdraw from a\n"
             "contract\" (sections 312k and 356a BGB), newest first. A declaration counts from the moment\n"
             "when it was received; its author has a confirmation with that moment. Nobody had to sign in,\n"
             "so check who it was before you pay something back.",
         .options = {reason_option(), {"json", "", "the list as JSON, with the orders' ids"}},
         .example = "calyptenora contracts list --reason \"carrying out cancellations\""},
        list_contracts};
}

}  // namespace calyptenora::cli
