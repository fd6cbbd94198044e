#pragma once

#include "storage/clock.hpp"
#include "storage/database.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <future>
#include <optional>
#include <string>

/// Deletes what nobody asks for any more when its time has come: the lengths of time that retention.cpp calls
/// `program`.
namespace calyptenora::platform {

/// How many rows went.
struct Swept {
    long long sessions = 0;  ///< Run out.
    long long outgoing = 0;  ///< Settled 30 days ago.
    long long attempts = 0;  ///< Windows of attempts that began a day ago.
    long long leases = 0;    ///< Left over by a process that died.

    bool operator==(const Swept&) const = default;
};

class Housekeeping {
  public:
    using Log = std::function<void(const std::string& line)>;

    Housekeeping(storage::Database& database, const storage::Clock& clock, Log log)
        : database_(database), clock_(clock), log_(std::move(log)) {}

    /// Runs once at once and then every hour until stop(); the loop belongs to this object. Several processes
    /// may do this on one database.
    void start(boost::asio::io_context& context);
    /// Ends after the round that is under way. Blocks; not from a thread of the context.
    void stop();

    boost::asio::awaitable<Result<Swept>> run_once();

  private:
    boost::asio::awaitable<void> run();

    storage::Database& database_;
    const storage::Clock& clock_;
    Log log_;
    std::atomic<bool> stopping_ = false;
    std::optional<boost::asio::steady_timer> timer_;  ///< Of the loop; touched on its context only.
    std::optional<std::future<void>> loop_;
};

}  // namespace calyptenora::platform
