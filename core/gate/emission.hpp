#pragma once

#include "gate/gate.hpp"
#include "storage/stores/leases.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <future>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

/// The decision at the moment of sending, and the lease that a withdrawal waits for (architecture section 6).
namespace calyptenora::gate {

/// How long a lease holds: longer than any honest path from the commit to the first byte. A withdrawal waits
/// no longer than this for a node that has died in between.
inline constexpr std::chrono::seconds lease_time{20};

/// Gives back the leases of emissions that were dropped before their first byte. A lease that cannot be given
/// back ends by itself; withdrawals then wait longer, and nothing else is wrong. Thread-safe.
class DroppedLeases {
  public:
    DroppedLeases(boost::asio::any_io_executor executor, storage::Database& database)
        : executor_(std::move(executor)), database_(database) {}

    void give_back(std::vector<storage::Lease> leases);
    /// Returns when nothing runs any more; what is dropped later is left to end by itself. Blocks.
    void stop();

  private:
    const boost::asio::any_io_executor executor_;
    storage::Database& database_;
    std::mutex mutex_;
    bool stopped_ = false;
    std::list<std::future<void>> running_;
};

/// Thread-safe. One for each process.
class Emissions final : public EmissionGuard {
  public:
    /// `node` names this process among those that share the database. On `executor`, which must run until
    /// stop() has returned, the leases of dropped emissions are given back.
    Emissions(boost::asio::any_io_executor executor, storage::Database& database,
              const storage::FieldCipher& cipher, Gate& gate, std::string node);

    /// To be called when nothing begins any more, and before the database ends. Blocks; not from a thread of
    /// the executor.
    void stop() { dropped_.stop(); }

    boost::asio::awaitable<Result<std::unique_ptr<Emission>>> begin(const CallScope& scope,
                                                                    EmissionRequest request) override;
    boost::asio::awaitable<Status> may_store(const CallScope& scope) override;

  private:
    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    Gate& gate_;
    std::string node_;
    DroppedLeases dropped_;
};

}  // namespace calyptenora::gate
