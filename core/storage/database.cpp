#include "storage/database.hpp"

#include "storage/connection.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <sodium.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

namespace calyptenora::storage {
namespace {

using Kind = DatabaseError::Kind;

/// Doubles from 1 ms, with jitter, so that two transactions do not meet again and again.
std::chrono::microseconds backoff(unsigned attempt) {
    const auto ceiling = 1000u << std::min(attempt, 8u);
    return std::chrono::microseconds(ceiling / 2 + randombytes_uniform(ceiling / 2));
}

}  // namespace

struct Database::Pool {
    struct Job {
        Mode mode;
        Body body;
        Outcome* outcome;
        std::function<void()> done;
        std::shared_ptr<std::atomic<bool>> cancelled;
    };

    DatabaseOptions options;
    Dialect dialect;
    std::vector<std::unique_ptr<Connection>> connections;
    /// SQLite has one writer at a time. Waiting here is fair and immediate; SQLite's own waiting polls.
    std::mutex sqlite_writer;

    std::mutex mutex;
    std::condition_variable wake;
    std::deque<Job> queue;
    bool stopping = false;
    std::vector<std::thread> threads;

    void start() {
        for (auto& connection : connections)
            threads.emplace_back([this, &connection] { work(*connection); });
    }

    /// Ends when `stop` was called and the queue is empty.
    void work(Connection& connection) {
        for (;;) {
            Job job;
            bool refused = false;
            {
                std::unique_lock lock(mutex);
                wake.wait(lock, [this] { return stopping || !queue.empty(); });
                if (queue.empty())
                    return;
                job = std::move(queue.front());
                queue.pop_front();
                refused = stopping;
            }
            if (refused)
                job.outcome->error = Error(ErrorKind::temporary, "the database is being closed");
            else if (job.cancelled && job.cancelled->load())
                job.outcome->error = Error(ErrorKind::temporary, "cancelled before it reached the database");
            else
                perform(connection, job);
            // What the body captured ends here, before the one who waits goes on.
            job.body = nullptr;
            job.done();
        }
    }

    void submit(Job job) {
        {
            const std::lock_guard lock(mutex);
            if (!stopping) {
                queue.push_back(std::move(job));
                wake.notify_one();
                return;
            }
        }
        job.outcome->error = Error(ErrorKind::temporary, "the database is closed");
        job.done();
    }

    void stop() {
        {
            const std::lock_guard lock(mutex);
            stopping = true;
        }
        wake.notify_all();
        for (auto& thread : threads)
            if (thread.joinable())
                thread.join();
        threads.clear();
        connections.clear();
    }

    std::string_view begin(Mode mode) const {
        switch (mode) {
            case Mode::reading:
                return begin_reading(dialect);
            case Mode::writing:
                return begin_writing(dialect);
            case Mode::serializable:
                return begin_serializable(dialect);
            case Mode::migrating:
                return begin_migrating(dialect);
        }
        return {};
    }

    void perform(Connection& connection, Job& job) {
        std::unique_lock<std::mutex> alone;
        if (dialect == Dialect::sqlite && job.mode != Mode::reading)
            alone = std::unique_lock(sqlite_writer);
        for (unsigned attempt = 1;; ++attempt) {
            bool committing = false;
            try {
                attempt_once(connection, job, committing);
                return;
            } catch (const DatabaseError& error) {
                const bool usable = connection.rollback();
                const bool lost = error.kind == Kind::connection || !usable;
                if (lost && !try_reconnect(connection)) {
                    job.outcome->error = error.to_error();
                    return;
                }
                if (error.kind == Kind::fatal)
                    options.on_fatal(error.what());
                // After a lost commit nobody knows whether it happened, so it is not for us to do it again.
                if (lost && committing) {
                    job.outcome->error =
                        Error(ErrorKind::temporary, "connection lost during commit; the outcome is unknown");
                    return;
                }
                if ((lost || error.kind == Kind::serialization) && attempt < options.attempts) {
                    std::this_thread::sleep_for(backoff(attempt));
                    continue;
                }
                job.outcome->error = error.to_error();
                return;
            } catch (...) {
                if (!connection.rollback())
                    try_reconnect(connection);
                job.outcome->exception = std::current_exception();
                return;
            }
        }
    }

    void attempt_once(Connection& connection, Job& job, bool& committing) {
        connection.ensure_open();
        connection.set_read_only(job.mode == Mode::reading);
        connection.execute_raw(std::string(begin(job.mode)));
        Transaction tx(connection);
        if (job.body(tx)) {
            // What only read can be done again.
            committing = job.mode != Mode::reading;
            if (committing)
                connection.execute_raw("commit");
            else
                connection.end_reading();
        } else if (!connection.rollback()) {
            throw DatabaseError(Kind::connection, "connection lost during rollback");
        }
    }

    bool try_reconnect(Connection& connection) noexcept {
        try {
            connection.reconnect();
            return true;
        } catch (...) {
            return false;
        }
    }
};

Database::Database(std::unique_ptr<Pool> pool) : pool_(std::move(pool)) {}

Database::~Database() {
    stop();
}

void Database::stop() {
    pool_->stop();
}

Dialect Database::dialect() const {
    return pool_->dialect;
}

Result<std::unique_ptr<Database>> Database::open(std::string_view url, DatabaseOptions options) {
    if (sodium_init() < 0)
        return Error(ErrorKind::permanent, "libsodium cannot be initialised");
    auto parsed = DatabaseUrl::parse(url);
    if (!parsed)
        return parsed.error();
    if (!options.on_fatal)
        options.on_fatal = [](const std::string& message) {
            std::fprintf(stderr, "calyptenora: fatal database error, stopping: %s\n", message.c_str());
            std::abort();
        };
    auto pool = std::make_unique<Pool>();
    pool->dialect = parsed->dialect;
    pool->options = std::move(options);
    try {
        for (unsigned i = 0; i < std::max(1u, pool->options.sessions); ++i)
            pool->connections.push_back(std::make_unique<Connection>(*parsed, pool->options.busy_timeout));
    } catch (const DatabaseError& error) {
        return error.to_error();
    }
    pool->start();
    return std::unique_ptr<Database>(new Database(std::move(pool)));
}

boost::asio::awaitable<void> Database::submit(Mode mode, Body body, Outcome& outcome) {
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void()>(
        [this, mode, &outcome](auto handler, Body work) {
            namespace asio = boost::asio;
            auto cancelled = std::make_shared<std::atomic<bool>>(false);
            if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected())
                slot.assign([cancelled](asio::cancellation_type) { cancelled->store(true); });
            auto executor = asio::prefer(asio::get_associated_executor(handler),
                                         asio::execution::outstanding_work.tracked);
            auto held = std::make_shared<decltype(handler)>(std::move(handler));
            pool_->submit({mode, std::move(work), &outcome,
                           [held = std::move(held), executor = std::move(executor)]() mutable {
                               asio::post(executor, [own = std::move(*held)]() mutable {
                                   asio::get_associated_cancellation_slot(own).clear();
                                   std::move(own)();
                               });
                           },
                           std::move(cancelled)});
        },
        boost::asio::use_awaitable, std::move(body));
}

void Database::submit_blocking(Mode mode, Body body, Outcome& outcome) {
    std::promise<void> finished;
    pool_->submit({mode, std::move(body), &outcome, [&] { finished.set_value(); }, nullptr});
    finished.get_future().wait();
}

}  // namespace calyptenora::storage
