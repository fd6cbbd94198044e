#pragma once

#include "storage/transaction.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

/// One session with its prepared statements. Private to core/storage: everybody else goes through `Database`.
namespace calyptenora::storage {

/// Where a database is: `sqlite:PATH` or `postgresql://...` (as libpq takes it).
struct DatabaseUrl {
    Dialect dialect;
    std::string target;

    /// `invalid_config` for anything else, with the two forms in the message.
    static Result<DatabaseUrl> parse(std::string_view url);
};

class Connection {
  public:
    /// Throws DatabaseError.
    Connection(DatabaseUrl url, std::chrono::milliseconds busy_timeout);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    Dialect dialect() const { return url_.dialect; }

    /// A statement without parameters and results that is not worth preparing (`begin`, `commit`, pragmas,
    /// scripts).
    void execute_raw(const std::string& sql);

    /// Ends a transaction that has changed nothing. PostgreSQL is told so but not waited for: whatever it
    /// answers, what was read stands.
    void end_reading();

    /// See Transaction::run.
    long long run(std::string_view sql, std::span<const SqlValue> parameters,
                  std::span<const SqlType> columns, const std::function<void(std::span<SqlValue>)>& on_row);

    /// Ends whatever transaction is open; false if the session is broken and must be reconnected.
    bool rollback() noexcept;

    /// Reconnects if an earlier reconnect had failed. Throws DatabaseError.
    void ensure_open() {
        if (!session_)
            reconnect();
    }

    /// Makes SQLite refuse to write, outside of transactions; PostgreSQL's transactions say it themselves.
    void set_read_only(bool read_only);

    /// Connects anew; statements are prepared again when next used. Throws DatabaseError.
    void reconnect();

    struct Session;
    struct Statement;

  private:
    Statement& find_or_prepare(std::string_view sql, std::span<const SqlValue> parameters,
                               std::span<const SqlType> columns);

    DatabaseUrl url_;
    std::chrono::milliseconds busy_timeout_;
    std::unique_ptr<Session> session_;
    bool read_only_ = false;
};

}  // namespace calyptenora::storage
