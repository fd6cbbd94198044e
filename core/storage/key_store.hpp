#pragma once

#include "storage/database.hpp"
#include "storage/ids.hpp"
#include "storage/master_key.hpp"

#include <calyptenora/result.hpp>

#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string_view>
#include <unordered_map>

namespace calyptenora::storage {

/// What one subject's data depends on. Gone with the row: then nobody reads the data or computes the
/// pseudonyms again.
struct SubjectSecrets {
    /// Encrypts the subject's fields.
    SecretKey key;
    /// From which the subject's pseudonyms are computed.
    SecretKey salt;
};

/// Secrets of the installation, for what belongs to no subject or must be found without one.
struct ServiceSecrets {
    SecretKey email_lookup;
    SecretKey system_fields;
    SecretKey ledger_seal;
    /// Makes what proofs show of other people's heads unguessable.
    SecretKey ledger_salt;
    /// The seed of the Ed25519 key that signs checkpoints. Random of its own, made at first use, and never
    /// changed: its public half is in witness files.
    SecretKey ledger_signing;
};

/// The keys of all subjects, wrapped by the master key, in a database apart from the data.
///
/// All functions block; call them inside a function that runs on the main Database (its threads may block on
/// this store, never the other way round) or on a thread of your own. Thread-safe. Unwrapped keys are kept in
/// memory for a minute at most: so long may another node go on reading after `destroy`.
class KeyStore {
  public:
    /// Opens, migrates, and checks that this master key wrapped what is there (`invalid_config` if not).
    /// `url`: `sqlite:PATH` or `postgresql://...`, another database than the data's.
    static Result<std::unique_ptr<KeyStore>> open(std::string_view url, MasterKey master,
                                                  DatabaseOptions options = {});

    /// Makes the subject's secrets; does nothing if they exist. Before the transaction that inserts the
    /// subject commits.
    Status create(const SubjectId& subject);
    /// The same for many, in one transaction; load() then has those that are new at hand.
    Status create_all(std::span<const SubjectId> subjects);

    /// `not_found` after `destroy`, and for a subject that never was.
    Result<std::shared_ptr<const SubjectSecrets>> load(const SubjectId& subject);

    /// Erasure. Idempotent.
    Status destroy(const SubjectId& subject);

    /// Wraps everything by another master key, which is in force when this returns; how many rows it changed.
    /// The operator then removes the old key's file. What was destroyed stays unreadable in old copies of
    /// this store, since they need the old master key. Other nodes must not run meanwhile: they hold the old
    /// key.
    Result<int> rewrap(const MasterKey& fresh);

    const ServiceSecrets& service() const { return *service_; }
    Database& database() { return *database_; }

  private:
    KeyStore(std::unique_ptr<Database> database, MasterKey master);
    Status load_service();
    /// A secret of the installation by its name; made, if there is none yet.
    Result<SecretKey> load_service_key(std::string_view name);

    struct Cached {
        std::shared_ptr<const SubjectSecrets> secrets;
        std::chrono::steady_clock::time_point until;
    };

    std::unique_ptr<Database> database_;
    std::unique_ptr<ServiceSecrets> service_;
    /// Held exclusively while the master key changes, so that nothing is wrapped by the old one meanwhile.
    std::shared_mutex rotation_;
    MasterKey master_;
    std::mutex mutex_;
    std::unordered_map<SubjectId, Cached> cache_;
    /// Counts destructions, so that a key that was being read meanwhile does not enter the cache again.
    std::uint64_t destructions_ = 0;
};

}  // namespace calyptenora::storage
