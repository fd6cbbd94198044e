#pragma once

#include "storage/database.hpp"
#include "storage/field_cipher.hpp"
#include "storage/repeated_work.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <string>

/// Takes checkpoints of the ledgers (storage/stores/checkpoints.hpp) while the server runs: at start, every
/// few minutes if something was written, and at the end. What is written between two of them is under seals,
/// but in no signature yet: whoever takes such rows back, and puts the head that stood before (or none) in
/// place with its seal, is not found. Several nodes may do this on one database.
namespace calyptenora::gate {

struct CheckpointOptions {
    std::chrono::milliseconds interval = std::chrono::minutes(5);
};

class CheckpointKeeper {
  public:
    using Log = std::function<void(const std::string& line)>;

    CheckpointKeeper(storage::Database& database, const storage::FieldCipher& cipher,
                     const storage::Clock& clock, Log log, CheckpointOptions options = {});

    /// Runs until stop(); the loop belongs to this object. One thread serves the context.
    void start(boost::asio::io_context& context);
    /// Ends after a last checkpoint. Blocks; not from a thread of the context.
    void stop();

    /// Until everything is covered. Yields how many checkpoints it took.
    boost::asio::awaitable<Result<int>> take();

  private:
    /// A round of the loop: what fails is logged.
    boost::asio::awaitable<void> take_and_log();

    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    const storage::Clock& clock_;
    Log log_;
    CheckpointOptions options_;
    boost::asio::io_context* context_ = nullptr;  ///< Once started.
    storage::RepeatedWork loop_;
};

}  // namespace calyptenora::gate
