#pragma once

#include "host/store_port.hpp"
#include "storage/clock.hpp"
#include "storage/database.hpp"
#include "storage/field_cipher.hpp"

namespace calyptenora::host {

/// Plugins' entries in the platform's database. Thread-safe; what it refers to outlives it.
class SealedStore final : public StorePort {
  public:
    SealedStore(storage::Database& database, const storage::FieldCipher& cipher, const storage::Clock& clock)
        : database_(database), cipher_(cipher), clock_(clock) {}

    boost::asio::awaitable<Result<std::optional<std::string>>> get(StoreEntry entry) override;
    boost::asio::awaitable<Status> put(StoreEntry entry, std::string value) override;
    boost::asio::awaitable<Status> erase(StoreEntry entry) override;

  private:
    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    const storage::Clock& clock_;
};

}  // namespace calyptenora::host
