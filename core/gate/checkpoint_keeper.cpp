#include "gate/checkpoint_keeper.hpp"

#include "storage/stores/checkpoints.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

namespace calyptenora::gate {

using boost::asio::awaitable;

CheckpointKeeper::CheckpointKeeper(storage::Database& database, const storage::FieldCipher& cipher,
                                   const storage::Clock& clock, Log log, CheckpointOptions options)
    : database_(database), cipher_(cipher), clock_(clock), log_(std::move(log)), options_(options) {}

void CheckpointKeeper::start(boost::asio::io_context& context) {
    context_ = &context;
    loop_.start(
        context,
        [this]() -> awaitable<std::chrono::milliseconds> {
            co_await take_and_log();
            co_return options_.interval;
        },
        log_);
}

void CheckpointKeeper::stop() {
    loop_.stop();
    if (const auto context = std::exchange(context_, nullptr))
        boost::asio::co_spawn(*context, take_and_log(), boost::asio::use_future).wait();
}

awaitable<void> CheckpointKeeper::take_and_log() {
    std::string failure;
    try {
        if (const auto taken = co_await take(); !taken)
            failure = taken.error().message;
    } catch (const std::exception& error) {
        // A head that nothing can read must not end the loop: somebody has to hear of it again and again.
        failure = error.what();
    }
    if (!failure.empty())
        log_("no checkpoint was taken: " + failure + "; run `calyptenora ledger verify`");
}

awaitable<Result<int>> CheckpointKeeper::take() {
    for (int taken = 0;; ++taken) {
        // Looked up without the right to write first, since mostly there is nothing to do.
        const auto due = co_await database_.run(
            [](storage::Transaction& tx) { return Result<bool>(storage::checkpoints::is_due(tx)); });
        if (!due)
            co_return due.error();
        if (!*due)
            co_return taken;
        using Taken = Result<std::optional<storage::Checkpoint>>;
        const auto checkpoint = co_await database_.transaction([&](storage::Transaction& tx) -> Taken {
            return storage::checkpoints::take(tx, cipher_.keys().service(), clock_.now());
        });
        if (!checkpoint)
            co_return checkpoint.error();
        // What is left is with writers at this moment, or with another node.
        if (!*checkpoint)
            co_return taken;
    }
}

}  // namespace calyptenora::gate
