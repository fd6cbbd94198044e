#pragma once

#include "storage/transaction.hpp"

#include <calyptenora/result.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace calyptenora::storage {

/// How strictly a writing transaction is kept apart from others on PostgreSQL. SQLite's writers are always
/// alone.
enum class Isolation : unsigned char {
    /// Each statement sees what is committed when it starts. Rows that are read in order to be changed must
    /// be locked:
    /// the stores' `lock_` functions do it, and all changes that concern one subject start with
    /// `subjects::lock`.
    read_committed,
    /// As if transactions ran one after the other; repeated on conflict. For rules that span many rows.
    serializable,
};

struct DatabaseOptions {
    /// Threads, each with one session. About the number of cores; more is slower.
    unsigned sessions = 2;
    /// How long to wait for another process's or session's lock.
    std::chrono::milliseconds busy_timeout{5000};
    /// How often a transaction is tried in all when others get in its way.
    unsigned attempts = 20;
    /// Called, on a database thread, when data may be lost: fsync or other I/O failed, or the file is
    /// corrupt. The process must stop (after a failed fsync the kernel may report success for data that is
    /// gone). The default writes the message to stderr and aborts.
    std::function<void(const std::string& message)> on_fatal;
};

/// A pool of sessions on threads of its own; an Asio thread never blocks on SQL.
///
/// Functions passed in are plain: `(Transaction&) -> Result<T>`. They run on a database thread, perhaps more
/// than once (so they change nothing but the database and their own result), and never wait for another
/// function of the same Database. An Error returned, or any exception, rolls back. Failures of the database
/// become an Error by `DatabaseError::to_error`; other exceptions reach the caller as they are.
///
/// Cancellation: a function that has not begun is dropped and yields `temporary`; one that has begun runs to
/// its end, and its outcome is delivered. While it runs, the awaiting coroutine stays alive, also if its
/// owner lost interest, so captures by reference of its locals are safe.
///
/// Ownership: `stop()` (or the destructor) must come before the end of the io_context that coroutines await
/// on.
class Database {
  public:
    /// `url` is `sqlite:PATH` or `postgresql://...`. Opens every session, so that a wrong address shows at
    /// start.
    static Result<std::unique_ptr<Database>> open(std::string_view url, DatabaseOptions options = {});
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    Dialect dialect() const;

    /// Reads in one snapshot; an attempt to write fails.
    template <class F>
    auto run(F function) -> boost::asio::awaitable<std::invoke_result_t<F&, Transaction&>> {
        return await<F>(Mode::reading, std::move(function));
    }

    /// Commits what `function` did if it returns a value.
    template <class F>
    auto transaction(F function, Isolation isolation = Isolation::read_committed)
        -> boost::asio::awaitable<std::invoke_result_t<F&, Transaction&>> {
        return await<F>(isolation == Isolation::serializable ? Mode::serializable : Mode::writing,
                        std::move(function));
    }

    /// The same for threads that may block: the command line, start-up, tests. Never on an Asio thread.
    template <class F>
    auto run_blocking(F function) -> std::invoke_result_t<F&, Transaction&> {
        return block<F>(Mode::reading, function);
    }
    template <class F>
    auto transaction_blocking(F function, Isolation isolation = Isolation::read_committed)
        -> std::invoke_result_t<F&, Transaction&> {
        return block<F>(isolation == Isolation::serializable ? Mode::serializable : Mode::writing, function);
    }

    /// Ends after the functions that are running; those that wait yield `temporary`. Idempotent.
    void stop();

  private:
    friend class Migrator;
    enum class Mode : unsigned char { reading, writing, serializable, migrating };
    /// Returns whether to commit.
    using Body = std::function<bool(Transaction&)>;
    struct Outcome {
        std::optional<Error> error;
        std::exception_ptr exception;
    };
    struct Pool;

    explicit Database(std::unique_ptr<Pool> pool);

    boost::asio::awaitable<void> submit(Mode mode, Body body, Outcome& outcome);
    void submit_blocking(Mode mode, Body body, Outcome& outcome);

    template <class R>
    static R deliver(Outcome& outcome, std::optional<R>& result) {
        if (outcome.exception)
            std::rethrow_exception(outcome.exception);
        if (outcome.error)
            return std::move(*outcome.error);
        return std::move(*result);
    }

    template <class F, class R = std::invoke_result_t<F&, Transaction&>>
    boost::asio::awaitable<R> await(Mode mode, F function) {
        Outcome outcome;
        std::optional<R> result;
        co_await submit(
            mode,
            [&](Transaction& tx) {
                result.emplace(function(tx));
                return result->has_value();
            },
            outcome);
        co_return deliver<R>(outcome, result);
    }

    template <class F, class R = std::invoke_result_t<F&, Transaction&>>
    R block(Mode mode, F& function) {
        Outcome outcome;
        std::optional<R> result;
        submit_blocking(
            mode,
            [&](Transaction& tx) {
                result.emplace(function(tx));
                return result->has_value();
            },
            outcome);
        return deliver<R>(outcome, result);
    }

    std::unique_ptr<Pool> pool_;
};

}  // namespace calyptenora::storage
