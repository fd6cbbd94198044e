#pragma once

#include "settings/settings.hpp"
#include "storage/clock.hpp"
#include "storage/database.hpp"
#include "storage/field_cipher.hpp"
#include "storage/repeated_work.hpp"
#include "storage/stores/deletion_proofs.hpp"
#include "storage/stores/due.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Deletes what nobody asks for any more when its time has come: the lengths of time that retention.cpp calls
/// `program`. Whatever it deletes leaves a proof that says nothing about people.
namespace calyptenora::platform {

/// How many rows went.
struct Swept {
    long long sessions = 0;    ///< Run out.
    long long outgoing = 0;    ///< Settled so long ago.
    long long attempts = 0;    ///< Windows of attempts that began so long ago.
    long long links = 0;       ///< By mail, not used in time.
    long long activity = 0;    ///< Of accounts, so long ago.
    long long reads = 0;       ///< Of announcements that are shown no more.
    long long timings = 0;     ///< Of weeks so long ago.
    long long browsers = 0;    ///< Likewise.
    long long devices = 0;     ///< Seen last so long ago.
    long long leases = 0;      ///< Left over by a process that died.
    long long retained = 0;    ///< What law demanded to keep, until its date.
    long long tombstones = 0;  ///< Older than every backup.

    bool operator==(const Swept&) const = default;
};

/// The lengths of time that the operator sets.
struct KeptFor {
    settings::Retention retention;
    std::chrono::days backups{90};  ///< The age of the oldest backup that may be restored.
};

/// What one category has to delete now, and what comes next.
struct PlannedDeletion {
    std::string_view category;  ///< As Swept names it.
    std::string rule;           ///< The inventory's words.
    storage::Due due;
    std::optional<storage::Timestamp> next_goes_at;  ///< When the first of the later rows is due.
};

/// The proofs, newest first, and whether they are as they were written.
struct DeletionLog {
    std::vector<storage::DeletionProof> proofs;
    std::optional<std::int64_t> broken_at;  ///< The first row that is not.
};

class Housekeeping {
  public:
    using Log = std::function<void(const std::string& line)>;

    /// `kept_for` yields what is in force.
    Housekeeping(storage::Database& database, const storage::FieldCipher& cipher, const storage::Clock& clock,
                 std::function<KeptFor()> kept_for, Log log)
        : database_(database),
          cipher_(cipher),
          clock_(clock),
          kept_for_(std::move(kept_for)),
          log_(std::move(log)) {}

    /// Runs once at once and then every hour until stop(); the loop belongs to this object. Several processes
    /// may do this on one database.
    void start(boost::asio::io_context& context);
    /// Ends after the round that is under way. Blocks; not from a thread of the context.
    void stop() { loop_.stop(); }

    boost::asio::awaitable<Result<Swept>> run_once();

    /// What run_once() would do now. Changes nothing.
    boost::asio::awaitable<Result<std::vector<PlannedDeletion>>> plan();
    boost::asio::awaitable<Result<DeletionLog>> list_proofs(int limit);

  private:
    boost::asio::awaitable<void> sweep_and_log();

    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    const storage::Clock& clock_;
    const std::function<KeptFor()> kept_for_;
    const Log log_;
    storage::RepeatedWork loop_;
};

}  // namespace calyptenora::platform
