#pragma once

#include "gate/gate.hpp"

#include <memory>
#include <string>

/// The decision at the moment of sending, and the lease that a withdrawal waits for (architecture section 6).
namespace calyptenora::gate {

/// Thread-safe. One for each process.
class Emissions final : public EmissionGuard {
  public:
    /// `node` names this process among those that share the database.
    Emissions(storage::Database& database, const storage::FieldCipher& cipher, Gate& gate, std::string node);

    boost::asio::awaitable<Result<std::unique_ptr<Emission>>> begin(const CallScope& scope,
                                                                    EmissionRequest request) override;
    boost::asio::awaitable<Status> may_store(const CallScope& scope) override;

  private:
    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    Gate& gate_;
    std::string node_;
};

}  // namespace calyptenora::gate
