#include "cli/commands.hpp"
#include "cli/input.hpp"
#include "cli/stores.hpp"
#include "storage/signature.hpp"
#include "storage/stores/accesses.hpp"
#include "storage/stores/consents.hpp"
#include "storage/stores/disclosures.hpp"
#include "storage/stores/ledger_proof.hpp"
#include "storage/witness.hpp"

#include <calyptenora/json.hpp>

#include <boost/describe/enum_to_string.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/chrono.h>
#include <fmt/ranges.h>

namespace calyptenora::cli {
namespace {

using Witness = std::vector<storage::WitnessLine>;

constexpr std::uintmax_t witness_limit = std::uintmax_t(1) << 30;
constexpr std::uintmax_t proof_limit = std::uintmax_t(1) << 28;

struct Findings {
    std::vector<storage::LedgerBreak> rows;
    std::vector<storage::CheckpointBreak> checkpoints;
    /// Chains that have moved since the last checkpoint; no break.
    std::int64_t due = 0;
    std::size_t size() const { return rows.size() + checkpoints.size(); }
};

/// Empty if none was named.
Result<Witness> load_named_witness(const Invocation& invocation) {
    const auto file = invocation.find("witness");
    if (!file)
        return Witness();
    const auto text = read_file(*file, witness_limit);
    if (!text)
        return text.error();
    return storage::parse_witness(*text, *file);
}

std::string_view name_of(storage::Ledger ledger) {
    return boost::describe::enum_to_string(ledger, "");
}

void print_as_json(const Findings& found) {
    boost::json::array rows, checkpoints;
    for (const auto& [ledger, subject, sequence, what] : found.rows)
        rows.push_back({{"ledger", name_of(ledger)},
                        {"subject", subject.text()},
                        {"sequence", sequence},
                        {"what", what}});
    for (const auto& [checkpoint, entry, what] : found.checkpoints)
        checkpoints.push_back({{"checkpoint", checkpoint}, {"entry", entry}, {"what", what}});
    print_json(boost::json::object{{"intact", found.size() == 0},
                                   {"breaks", std::move(rows)},
                                   {"checkpoint_breaks", std::move(checkpoints)},
                                   {"unsigned_chains", found.due}});
}

void print_as_text(const Findings& found, const Witness& witness) {
    if (found.size() == 0) {
        fmt::print(
            "Consents, disclosures and accesses: intact. Every row is as it was written, and none is "
            "missing.\n");
        if (found.due > 0)
            fmt::print("Not signed yet, since they moved after the last checkpoint: {}.\n",
                       found.due == 1 ? "one chain" : fmt::format("{} chains", found.due));
        if (!witness.empty())
            fmt::print("All that the witness holds is there, unaltered: checkpoints up to number {}.\n",
                       witness.back().checkpoint.sequence);
        return;
    }
    for (const auto& [ledger, subject, sequence, what] : found.rows)
        fmt::print("{}: subject {}, {}: {}\n", name_of(ledger), subject.text(),
                   sequence ? fmt::format("row {}", sequence) : std::string("head"), what);
    for (const auto& [checkpoint, entry, what] : found.checkpoints)
        fmt::print("checkpoints: number {}{}: {}\n", checkpoint,
                   entry.empty() ? std::string() : ", entry " + entry, what);
    fmt::print("{} found. Keep the database as it is, and compare it with a backup.\n",
               found.size() == 1 ? "One break" : fmt::format("{} breaks", found.size()));
}

int verify_ledgers(const Call& call) {
    const auto settings = settings::load_settings(call.places.config);
    if (!settings)
        return fail(Error(ErrorKind::invalid_config, settings::to_text(settings.problems)));
    const auto witness = load_named_witness(call.invocation);
    if (!witness)
        return fail(witness.error());
    const auto stores = open_existing_stores(*settings.value, call.places.data);
    if (!stores)
        return fail(stores.error());
    const auto& secrets = stores->keys->service();
    // One snapshot, so that what a running server appends meanwhile is no break.
    const auto found = stores->database->run_blocking([&](storage::Transaction& tx) -> Result<Findings> {
        Findings all{storage::consents::verify_all(tx, secrets), storage::checkpoints::verify(tx, secrets),
                     storage::checkpoints::count_due(tx)};
        std::ranges::move(storage::disclosures::verify_all(tx, secrets), std::back_inserter(all.rows));
        std::ranges::move(storage::accesses::verify_all(tx, secrets), std::back_inserter(all.rows));
        std::ranges::move(storage::compare_with_witness(tx, secrets, *witness),
                          std::back_inserter(all.checkpoints));
        return all;
    });
    if (!found)
        return fail(found.error());
    if (call.invocation.has("json"))
        print_as_json(*found);
    else
        print_as_text(*found, *witness);
    return found->size() == 0 ? ExitCode::done : ExitCode::failed;
}

/// What is wrong with the proof, and where its checkpoints are not the witness's.
std::vector<std::string> find_all_faults(const storage::LedgerProof& proof, const Witness* witness) {
    auto faults = storage::find_faults(proof);
    if (!witness || !faults.empty())
        return faults;
    for (const auto& chain : proof.chains) {
        const auto& checkpoint = chain.inclusion.checkpoint;
        if (std::ranges::find(*witness, storage::WitnessLine{proof.public_key, checkpoint}) == witness->end())
            faults.push_back(fmt::format("{}: the witness does not hold checkpoint {} as it is here",
                                         chain.ledger, checkpoint.sequence));
    }
    return faults;
}

int verify_proof(const Call& call, const std::string& file) {
    const auto witness = load_named_witness(call.invocation);
    if (!witness)
        return fail(witness.error());
    const auto text = read_file(file, proof_limit);
    if (!text)
        return fail(text.error());
    const auto proof = parse_json<storage::LedgerProof>(*text);
    if (!proof)
        return fail(Error(ErrorKind::invalid_input,
                          fmt::format("{}: {}; a proof is what `calyptenora ledger proof` prints", file,
                                      proof.error().message)));
    const auto faults = find_all_faults(*proof, call.invocation.has("witness") ? &*witness : nullptr);
    const auto fingerprint = storage::make_fingerprint(proof->public_key);
    if (call.invocation.has("json")) {
        print_json(boost::json::object{{"valid", faults.empty()},
                                       {"faults", boost::json::array(faults.begin(), faults.end())},
                                       {"subject", proof->subject},
                                       {"fingerprint", fingerprint}});
        return faults.empty() ? ExitCode::done : ExitCode::failed;
    }
    if (!faults.empty()) {
        fmt::print("{}: proves nothing.\n{}\n", file, fmt::join(faults, "\n"));
        return ExitCode::failed;
    }
    fmt::print("{}: valid for subject {}.\n", file, proof->subject);
    for (const auto& chain : proof->chains) {
        const auto& checkpoint = chain.inclusion.checkpoint;
        fmt::print("  {}: rows 1 to {}, as checkpoint {} of {} holds them{}\n", chain.ledger,
                   chain.rows.size(), checkpoint.sequence, time_of(checkpoint),
                   chain.uncovered ? fmt::format("; newer and not shown: {}", chain.uncovered) : "");
    }
    fmt::print(
        "{}The key that signed has the SHA-256 fingerprint\n  {}\n"
        "Compare it with the one that the platform's operator names (calyptenora ledger key).\n",
        call.invocation.has("witness") ? "The witness holds these checkpoints.\n" : "", fingerprint);
    return ExitCode::done;
}

int verify(const Call& call) {
    const auto proof = call.invocation.find("proof");
    return proof ? verify_proof(call, *proof) : verify_ledgers(call);
}

}  // namespace

std::string time_of(const storage::Checkpoint& checkpoint) {
    return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC",
                       fmt::gmtime(static_cast<std::time_t>(checkpoint.at / 1'000'000)));
}

Command make_ledger_verify_command() {
    return {
        {.name = "ledger verify",
         .group = "Protect people's data",
         .summary = "find out whether consents, disclosures and accesses are as they were recorded",
         .details =
             "Recomputes the hash chain of every person in each ledger, compares it with its sealed "
             "head, and\n"
             "checks the signed checkpoints that hold the heads: altered, missing, inserted, reordered "
             "and cut-off\n"
             "rows are all found and named. With --witness also a database that was rolled back, or "
             "rewritten by\n"
             "somebody who holds its keys. With --proof a document of \"ledger proof\" is checked, "
             "without any\n"
             "database. Only reads; works beside a running server. Exit code 1 if there is a break.",
         .options = {{"witness", "FILE", "compare with checkpoints that are kept elsewhere (ledger witness)"},
                     {"proof", "FILE", "check this proof for one person instead of the ledgers"},
                     {"json", "", "what was found as one JSON document"}},
         .example = "calyptenora ledger verify --witness /mnt/elsewhere/witness.jsonl"},
        verify};
}

}  // namespace calyptenora::cli
