#include "storage/stores/ledger_proof.hpp"

#include "storage/signature.hpp"
#include "storage/stores/accesses.hpp"
#include "storage/stores/consents.hpp"
#include "storage/stores/disclosures.hpp"
#include "storage/stores/merkle_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>

namespace calyptenora::storage {
namespace {

constexpr std::string_view proof_format = "calyptenora ledger proof 1";

std::span<const std::string_view> fields_of(Ledger ledger) {
    switch (ledger) {
        case Ledger::consents:
            return consents::chain_fields;
        case Ledger::disclosures:
            return disclosures::chain_fields;
        case Ledger::accesses:
            return accesses::chain_fields;
    }
    return {};
}

std::vector<ChainRow> list_chain(Transaction& tx, Ledger ledger, const SubjectId& subject) {
    switch (ledger) {
        case Ledger::consents:
            return consents::list_chain(tx, subject);
        case Ledger::disclosures:
            return disclosures::list_chain(tx, subject);
        case Ledger::accesses:
            return accesses::list_chain(tx, subject);
    }
    return {};
}

std::string_view subject_field(Ledger ledger) {
    return ledger == Ledger::consents ? "pii_principal_id" : "subject";
}

/// Nothing if no checkpoint covers any of it.
Result<std::optional<ProofChain>> make_chain(Transaction& tx, const ServiceSecrets& secrets, Ledger ledger,
                                             const SubjectId& subject) {
    const auto rows = list_chain(tx, ledger, subject);
    if (const auto breaks = verify_chain(tx, secrets, ledger, subject, rows); !breaks.empty())
        return Error(ErrorKind::permanent,
                     fmt::format("the ledger of {} is not as it was written (row {}: {}); run `calyptenora "
                                 "ledger verify`",
                                 key_of(ledger), breaks.front().sequence, breaks.front().what));
    auto inclusion = checkpoints::find_inclusion(tx, secrets, ledger, subject);
    if (!inclusion)
        return std::nullopt;
    ProofChain chain{.ledger = std::string(key_of(ledger)),
                     .rows = {},
                     .inclusion = std::move(*inclusion),
                     .uncovered = 0};
    const auto names = fields_of(ledger);
    for (const auto& row : rows) {
        const auto sequence = leading_number(row.sequence);
        if (sequence > chain.inclusion.count) {
            ++chain.uncovered;
            continue;
        }
        ProofRow shown{sequence, row.previous_hash, row.hash, {}};
        for (std::size_t i = 0; i < names.size(); ++i)
            shown.fields.emplace(names[i], row.fields[i]);
        chain.rows.push_back(std::move(shown));
    }
    return chain;
}

/// The first thing that is wrong with the rows; empty if each follows from the one before.
std::string find_row_fault(const ProofChain& chain, Ledger ledger, std::string_view subject) {
    const auto names = fields_of(ledger);
    std::int64_t last = 0;
    std::string last_hash;
    for (const auto& row : chain.rows) {
        if (row.sequence != last + 1)
            return fmt::format("row {} is missing", last + 1);
        std::vector<std::string> fields;
        for (const auto name : names) {
            const auto field = row.fields.find(std::string(name));
            if (field == row.fields.end())
                return fmt::format("row {} has no {}", row.sequence, name);
            fields.push_back(field->second);
        }
        // More than the hash covers would be taken for proven.
        if (row.fields.size() != names.size())
            return fmt::format("row {} has fields that no ledger has", row.sequence);
        if (row.fields.at(std::string(subject_field(ledger))) != subject)
            return fmt::format("row {} is about somebody else", row.sequence);
        if (row.hash != make_link(std::to_string(row.sequence), row.previous_hash, fields))
            return fmt::format("row {} is altered", row.sequence);
        if (row.previous_hash != last_hash)
            return fmt::format("row {} does not follow the one before it", row.sequence);
        last = row.sequence;
        last_hash = row.hash;
    }
    if (last != chain.inclusion.count || last_hash != chain.inclusion.hash)
        return fmt::format("the checkpoint holds {} rows that end otherwise", chain.inclusion.count);
    return {};
}

std::string find_inclusion_fault(const ProofChain& chain, std::string_view subject,
                                 std::string_view public_key) {
    const auto& [checkpoint, count, hash, salt, index, path] = chain.inclusion;
    if (!is_signed_by(public_key, make_signed_text(checkpoint), checkpoint.signature))
        return fmt::format("checkpoint {} is not signed with the key that the proof names",
                           checkpoint.sequence);
    const CheckpointEntry entry{std::to_string(checkpoint.sequence),
                                chain.ledger,
                                std::string(subject),
                                std::to_string(count),
                                hash,
                                {}};
    if (follow_merkle_path(make_leaf(salt, entry), index, checkpoint.heads, path) != checkpoint.root)
        return fmt::format("checkpoint {} does not hold these rows", checkpoint.sequence);
    return {};
}

}  // namespace

Result<LedgerProof> make_ledger_proof(Transaction& tx, const ServiceSecrets& secrets,
                                      const SubjectId& subject) {
    LedgerProof proof{.format = std::string(proof_format),
                      .subject = subject.text(),
                      .public_key = make_public_key(secrets.ledger_signing),
                      .chains = {}};
    for (const auto ledger : {Ledger::consents, Ledger::disclosures, Ledger::accesses}) {
        auto chain = make_chain(tx, secrets, ledger, subject);
        if (!chain)
            return chain.error();
        if (*chain)
            proof.chains.push_back(std::move(**chain));
    }
    if (proof.chains.empty())
        return Error(
            ErrorKind::not_found,
            "no checkpoint covers anything about this person: they have neither chosen anything yet, "
            "nor was anything of theirs disclosed or opened by staff");
    return proof;
}

std::vector<std::string> find_faults(const LedgerProof& proof) {
    if (proof.format != proof_format)
        return {fmt::format("this is no \"{}\"", proof_format)};
    if (make_fingerprint(proof.public_key).empty())
        return {"public_key is no Ed25519 key of 64 hex digits"};
    std::vector<std::string> faults;
    std::set<std::string> seen;
    for (const auto& chain : proof.chains) {
        const auto report = [&](const std::string& fault) {
            if (!fault.empty())
                faults.push_back(fmt::format("{}: {}", chain.ledger, fault));
        };
        Ledger ledger{};
        if (!boost::describe::enum_from_string(chain.ledger.c_str(), ledger) ||
            key_of(ledger) != chain.ledger) {
            report("there is no such ledger");
            continue;
        }
        if (!seen.insert(chain.ledger).second)
            report("is there twice");
        report(find_row_fault(chain, ledger, proof.subject));
        report(find_inclusion_fault(chain, proof.subject, proof.public_key));
    }
    if (proof.chains.empty())
        faults.emplace_back("it proves nothing: it holds no ledger");
    return faults;
}

}  // namespace calyptenora::storage
