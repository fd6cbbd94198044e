#include "cli/commands.hpp"
#include "cli/input.hpp"
#include "cli/opening.hpp"
#include "cli/operations.hpp"
#include "cli/stores.hpp"
#include "storage/signature.hpp"
#include "storage/witness.hpp"

#include <boost/json/object.hpp>

namespace calyptenora::cli {
namespace {

constexpr std::uintmax_t witness_limit = std::uintmax_t(1) << 30;

Result<Stores> open_stores(const Call& call) {
    const auto settings = settings::load_settings(call.places.config);
    if (!settings)
        return Error(ErrorKind::invalid_config, settings::to_text(settings.problems));
    return open_existing_stores(*settings.value, call.places.data);
}

void print_taken(const boost::json::value& answer) {
    const auto taken = answer.at("taken").as_int64(), newest = answer.at("newest").as_int64();
    if (newest == 0)
        fmt::print("The ledgers are empty: there is nothing to sign.\n");
    else if (taken == 0)
        fmt::print("Nothing new: checkpoint {} and those before it hold everything.\n", newest);
    else
        fmt::print("Taken: checkpoint {}.\n", newest);
}

int take_checkpoint(const Call& call) {
    return show_answer(call, "ledger.checkpoint", {}, print_taken);
}

int show_key(const Call& call) {
    const auto stores = open_stores(call);
    if (!stores)
        return fail(stores.error());
    const auto key = storage::make_public_key(stores->keys->service().ledger_signing);
    const auto fingerprint = storage::make_fingerprint(key);
    if (call.invocation.has("json"))
        print_json(
            boost::json::object{{"algorithm", "Ed25519"}, {"public_key", key}, {"fingerprint", fingerprint}});
    else
        fmt::print("Checkpoints are signed with the Ed25519 key\n  {}\nIts SHA-256 fingerprint is\n  {}\n",
                   key, fingerprint);
    return ExitCode::done;
}

Result<std::vector<storage::WitnessLine>> load_witness_or_begin(const std::string& file) {
    if (!std::filesystem::exists(file))
        return std::vector<storage::WitnessLine>();
    const auto text = read_file(file, witness_limit);
    if (!text)
        return text.error();
    return storage::parse_witness(*text, file);
}

int extend_witness(const Call& call) {
    const auto& file = call.invocation.argument;
    const auto witness = load_witness_or_begin(file);
    if (!witness)
        return fail(witness.error());
    const auto stores = open_stores(call);
    if (!stores)
        return fail(stores.error());
    const auto& secrets = stores->keys->service();
    using Lines = Result<std::vector<storage::WitnessLine>>;
    const auto added = stores->database->run_blocking(
        [&](storage::Transaction& tx) -> Lines { return storage::list_for_witness(tx, secrets, *witness); });
    if (!added)
        return fail(
            Error(added.error().kind,
                  fmt::format("nothing was added to {}: {}\n\"calyptenora ledger verify --witness {}\" "
                              "says what is wrong with the ledgers",
                              file, added.error().message, file)));
    if (const auto appended = storage::append_to_witness(file, *added); !appended)
        return fail(appended.error());
    const auto* newest = !added->empty() ? &added->back() : !witness->empty() ? &witness->back() : nullptr;
    if (call.invocation.has("json")) {
        print_json(boost::json::object{{"added", added->size()},
                                       {"newest", newest ? newest->checkpoint.sequence : 0},
                                       {"public_key", storage::make_public_key(secrets.ledger_signing)}});
    } else if (newest) {
        fmt::print("{}: {} added; the newest is number {} of {}.\n", file,
                   added->size() == 1 ? "one checkpoint" : fmt::format("{} checkpoints", added->size()),
                   newest->checkpoint.sequence, time_of(newest->checkpoint));
    } else {
        fmt::print(
            "{}: there is no checkpoint yet. The server takes them, or \"calyptenora ledger "
            "checkpoint\".\n",
            file);
    }
    return ExitCode::done;
}

int print_proof(const Call& call) {
    const auto answer =
        look(call.places, "ledger.proof", with_reason(call, {{"learner", call.invocation.argument}}));
    if (!answer)
        return fail(answer.error());
    print_json(*answer);
    return ExitCode::done;
}

}  // namespace

Command make_ledger_checkpoint_command() {
    return {{.name = "ledger checkpoint",
             .group = "Protect people's data",
             .summary = "sign now what was written to the ledgers",
             .details = "Signs the heads of all chains of the ledgers that have moved since the "
                        "last checkpoint.\n"
                        "A running server does so by itself, every five minutes and when it stops; this "
                        "command is for\n"
                        "the moment before a backup or before \"ledger witness\".",
             .options = {{"json", "", "how many were taken and the newest one's number as JSON"}},
             .example = "calyptenora ledger checkpoint --data /var/lib/calyptenora"},
            take_checkpoint};
}

Command make_ledger_key_command() {
    return {
        {.name = "ledger key",
         .group = "Protect people's data",
         .summary = "show the public key that checkpoints are signed with",
         .details = "Tell its fingerprint to whoever is to check witness files and proofs, on another way "
                    "than those:\n"
                    "in the imprint, say, or on paper. It stays the same when the master key changes.",
         .options = {{"json", "", "key and fingerprint as JSON"}},
         .example = "calyptenora ledger key --json"},
        show_key};
}

Command make_ledger_witness_command() {
    return {
        {.name = "ledger witness",
         .group = "Protect people's data",
         .summary = "copy the signed checkpoints to a file that is kept elsewhere",
         .details = "Appends to FILE the checkpoints that it does not have yet, each on a line of JSON with "
                    "its signature\n"
                    "and the public key; nothing in them is about a person. Keep the file, or copies of it, "
                    "where nobody\n"
                    "who can change the database can change it: then \"ledger verify --witness FILE\" also "
                    "finds a database\n"
                    "that was rolled back or rewritten, even by somebody who holds all its keys. Checks "
                    "first that the\n"
                    "database goes on where the file ends. Works beside a running server.",
         .argument = "FILE",
         .options = {{"json", "", "how many were added, and the newest one's number as JSON"}},
         .example = "calyptenora ledger witness /mnt/elsewhere/witness.jsonl"},
        extend_witness};
}

Command make_ledger_proof_command() {
    return {
        {.name = "ledger proof",
         .group = "Protect people's data",
         .summary = "print what the ledgers hold of one person, with proof",
         .details = "Prints a JSON document with one person's rows of the ledgers (they hold no values) "
                    "and what leads from\n"
                    "them to signed checkpoints; takes a checkpoint first. LEARNER is an address or an id, "
                    "also of a guest\n"
                    "or of somebody who was erased. The document tells nothing about anybody else, and is "
                    "checked without\n"
                    "a database by \"ledger verify --proof\".",
         .argument = "LEARNER",
         .options = {reason_option()},
         .example = "calyptenora ledger proof mia@example.org --reason \"asked for proof\" > proof.json"},
        print_proof};
}

}  // namespace calyptenora::cli
