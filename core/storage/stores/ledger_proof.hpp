#pragma once

#include "storage/stores/checkpoints.hpp"

#include <calyptenora/result.hpp>

#include <boost/describe/class.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

/// What the ledgers hold of one person, with the proof that it stands there unaltered since a checkpoint was
/// signed. Checked without a database. Of other people it shows hashes that nobody can try out
/// (make_leaf_salt), and how many heads moved at the same time; of this one no values, since the ledgers hold
/// none.
///
/// What it cannot show is that the person's chains have not grown since; `uncovered` says whether they had
/// when the proof was made.
namespace calyptenora::storage {

struct ProofRow {
    std::int64_t sequence = 0;
    std::string previous_hash;
    std::string hash;
    /// By the names of the columns (`chain_fields` of each ledger).
    std::map<std::string, std::string> fields;
};
BOOST_DESCRIBE_STRUCT(ProofRow, (), (sequence, previous_hash, hash, fields))

struct ProofChain {
    /// `consents`, `disclosures` or `accesses`.
    std::string ledger;
    /// As far as the checkpoint covers them, oldest first.
    std::vector<ProofRow> rows;
    Inclusion inclusion;
    /// How many newer rows wait for the next checkpoint.
    std::int64_t uncovered = 0;
};
BOOST_DESCRIBE_STRUCT(ProofChain, (), (ledger, rows, inclusion, uncovered))

struct LedgerProof {
    /// `calyptenora ledger proof 1`.
    std::string format;
    std::string subject;
    /// Ed25519, 64 hex digits.
    std::string public_key;
    std::vector<ProofChain> chains;
};
BOOST_DESCRIBE_STRUCT(LedgerProof, (), (format, subject, public_key, chains))

/// `not_found` if no ledger holds anything of the subject that a checkpoint covers; `permanent` if a chain is
/// broken: then there is nothing to prove.
Result<LedgerProof> make_ledger_proof(Transaction& tx, const ServiceSecrets& secrets,
                                      const SubjectId& subject);

/// What is wrong with it, in words; nothing if every row is as it was when a checkpoint signed with
/// `public_key` covered it. Whose key that is, the caller has to know from elsewhere.
std::vector<std::string> find_faults(const LedgerProof& proof);

}  // namespace calyptenora::storage
