#include "cli/commands.hpp"
#include "cli/stores.hpp"
#include "storage/stores/consents.hpp"
#include "storage/stores/disclosures.hpp"

#include <boost/describe/enum_to_string.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace calyptenora::cli {
namespace {

int verify_ledgers(const Call& call) {
    const auto settings = settings::load_settings(call.places.config);
    if (!settings)
        return fail(Error(ErrorKind::invalid_config, settings::to_text(settings.problems)));
    const auto stores = open_existing_stores(*settings.value, call.places.data);
    if (!stores)
        return fail(stores.error());
    const auto& secrets = stores->keys->service();
    // One snapshot, so that what a running server appends meanwhile is no break.
    const auto breaks = stores->database->run_blocking(
        [&](storage::Transaction& tx) -> Result<std::vector<storage::LedgerBreak>> {
            auto all = storage::consents::verify_all(tx, secrets);
            const auto disclosures = storage::disclosures::verify_all(tx, secrets);
            all.insert(all.end(), disclosures.begin(), disclosures.end());
            return all;
        });
    if (!breaks)
        return fail(breaks.error());

    const auto name = [](storage::Ledger ledger) { return boost::describe::enum_to_string(ledger, ""); };
    if (call.invocation.has("json")) {
        boost::json::array list;
        for (const auto& found : *breaks)
            list.push_back({{"ledger", name(found.ledger)},
                            {"subject", found.subject.text()},
                            {"sequence", found.sequence},
                            {"what", found.what}});
        print_json(boost::json::object{{"intact", breaks->empty()}, {"breaks", std::move(list)}});
    } else if (breaks->empty()) {
        fmt::print(
            "Consents and disclosures: intact. Every row is as it was written, and none is missing.\n");
    } else {
        for (const auto& found : *breaks)
            fmt::print("{}: subject {}, {}: {}\n", name(found.ledger), found.subject.text(),
                       found.sequence ? fmt::format("row {}", found.sequence) : std::string("head"),
                       found.what);
        fmt::print("{} found. Keep the database as it is, and compare it with a backup.\n",
                   breaks->size() == 1 ? "One break" : fmt::format("{} breaks", breaks->size()));
    }
    return breaks->empty() ? ExitCode::done : ExitCode::failed;
}

}  // namespace

Command make_ledger_verify_command() {
    return {
        {.name = "ledger verify",
         .group = "Protect people's data",
         .summary = "find out whether consents and disclosures are as they were recorded",
         .details = "Recomputes the hash chain of every person in both ledgers and compares it with its "
                    "sealed head:\n"
                    "altered, missing, reordered and cut-off rows are all found. Only reads; works beside a\n"
                    "running server. Exit code 1 if there is a break.",
         .options = {{"json", "", "the breaks as one JSON document"}},
         .example = "calyptenora ledger verify --data /var/lib/calyptenora"},
        verify_ledgers};
}

}  // namespace calyptenora::cli
