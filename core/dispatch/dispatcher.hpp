#pragma once

#include "gate/gate.hpp"
#include "storage/database.hpp"
#include "storage/field_cipher.hpp"
#include "storage/repeated_work.hpp"
#include "storage/stores/outbox.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// Takes queued events to the gate, which decides again at the moment of sending (architecture section 6).
/// Several dispatchers may work on one database; no event is ever with two of them.
namespace calyptenora::dispatch {

struct DispatchOptions {
    int batch = 50;
    /// How long claimed events are ours; longer than any call's deadline. What cannot be sent within it goes
    /// back to the queue.
    std::chrono::seconds claim{60};
    std::chrono::milliseconds deadline{20'000};
    /// How often the queue is looked at when nobody says that there is something new.
    std::chrono::milliseconds idle{500};
    int give_up_after = 30;
};

class Dispatcher {
  public:
    using Log = std::function<void(const std::string& line)>;

    /// `node` names this process among others that share the database.
    Dispatcher(storage::Database& database, const storage::FieldCipher& cipher, gate::Gate& gate,
               std::string node, Log log, DispatchOptions options = {});

    /// Runs until stop(); the loop belongs to this object.
    void start(boost::asio::io_context& context);
    /// Ends after the batch that is under way. Blocks; not from a thread of the context.
    void stop() { loop_.stop(); }

    /// Sends what is due now, one batch of each instance and operation. Yields how many events were settled.
    boost::asio::awaitable<int> run_once();

  private:
    struct Batch;

    boost::asio::awaitable<Result<std::vector<storage::OutboxEvent>>> claim();
    boost::asio::awaitable<int> send(Batch batch, storage::Timestamp claimed_until);
    boost::asio::awaitable<void> judge_failure(Batch& batch, const settings::InstanceId& instance,
                                               Error error);
    boost::asio::awaitable<void> settle(const Batch& batch);

    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    gate::Gate& gate_;
    std::string node_;
    Log log_;
    DispatchOptions options_;
    storage::RepeatedWork loop_;
};

}  // namespace calyptenora::dispatch
