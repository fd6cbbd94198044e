#pragma once

#include "storage/clock.hpp"
#include "storage/repeated_work.hpp"

#include <calyptenora/result.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace calyptenora::platform {

/// Says in the log what somebody has to see to: at once when it comes up, and once a day until it is done.
class Reminders {
  public:
    using Log = std::function<void(const std::string& line)>;
    /// Says what is due now, one sentence each.
    using Source = std::function<boost::asio::awaitable<Result<std::vector<std::string>>>()>;

    Reminders(std::vector<Source> sources, const storage::Clock& clock, Log log)
        : sources_(std::move(sources)), clock_(clock), log_(std::move(log)) {}

    /// Runs once at once and then every quarter of an hour until stop(); the loop belongs to this object.
    void start(boost::asio::io_context& context);
    /// Ends after the round that is under way. Blocks; not from a thread of the context.
    void stop() { loop_.stop(); }

    boost::asio::awaitable<void> run_once();

  private:
    const std::vector<Source> sources_;
    const storage::Clock& clock_;
    Log log_;
    std::map<std::string, storage::Timestamp> said_;  ///< When each line was said last.
    storage::RepeatedWork loop_;
};

}  // namespace calyptenora::platform
