#pragma once

#include "storage/clock.hpp"
#include "storage/database.hpp"
#include "storage/field_cipher.hpp"
#include "storage/repeated_work.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <string>

/// Deletes what nobody asks for any more when its time has come: the lengths of time that retention.cpp calls
/// `program`.
namespace calyptenora::platform {

/// How many rows went.
struct Swept {
    long long sessions = 0;    ///< Run out.
    long long outgoing = 0;    ///< Settled 30 days ago.
    long long attempts = 0;    ///< Windows of attempts that began a day ago.
    long long leases = 0;      ///< Left over by a process that died.
    long long retained = 0;    ///< What law demanded to keep, until its date.
    long long tombstones = 0;  ///< Older than every backup.

    bool operator==(const Swept&) const = default;
};

class Housekeeping {
  public:
    using Log = std::function<void(const std::string& line)>;

    /// `backups_kept` is the age of the oldest backup that may be restored.
    Housekeeping(storage::Database& database, const storage::FieldCipher& cipher, const storage::Clock& clock,
                 std::chrono::days backups_kept, Log log)
        : database_(database),
          cipher_(cipher),
          clock_(clock),
          backups_kept_(backups_kept),
          log_(std::move(log)) {}

    /// Runs once at once and then every hour until stop(); the loop belongs to this object. Several processes
    /// may do this on one database.
    void start(boost::asio::io_context& context);
    /// Ends after the round that is under way. Blocks; not from a thread of the context.
    void stop() { loop_.stop(); }

    boost::asio::awaitable<Result<Swept>> run_once();

  private:
    boost::asio::awaitable<void> sweep_and_log();

    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    const storage::Clock& clock_;
    const std::chrono::days backups_kept_;
    const Log log_;
    storage::RepeatedWork loop_;
};

}  // namespace calyptenora::platform
