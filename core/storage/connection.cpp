#include "storage/connection.hpp"

#include "storage/text.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <unistd.h>

#include <deque>
#include <unordered_map>

namespace calyptenora::storage {
namespace {

using Kind = DatabaseError::Kind;

/// Extended result codes, https://sqlite.org/rescode.html
Kind kind_of_sqlite(int code) {
    switch (code) {
        case SQLITE_CONSTRAINT_UNIQUE:
        case SQLITE_CONSTRAINT_PRIMARYKEY:
            return Kind::unique;
        default:
            break;
    }
    switch (code & 0xff) {
        case SQLITE_CONSTRAINT:
            return Kind::constraint;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return Kind::busy;
        case SQLITE_FULL:
            return Kind::full;
        case SQLITE_IOERR:
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return Kind::fatal;
        case SQLITE_MISMATCH:
        case SQLITE_TOOBIG:
            return Kind::input;
        default:
            return Kind::other;
    }
}

/// https://www.postgresql.org/docs/15/errcodes-appendix.html
Kind kind_of_postgresql(std::string_view state) {
    if (state == "23505")
        return Kind::unique;
    if (state == "40001" || state == "40P01")
        return Kind::serialization;
    if (state == "55P03" || state == "57014")
        return Kind::busy;
    if (state == "53100")
        return Kind::full;
    if (state == "58030" || state.starts_with("XX00"))
        return state == "XX000" ? Kind::other : Kind::fatal;
    if (state.starts_with("08") || state.starts_with("57P") || state.starts_with("53"))
        return Kind::connection;
    if (state.starts_with("23"))
        return Kind::constraint;
    if (state.starts_with("22"))
        return Kind::input;
    return Kind::other;
}

/// The first line only: PostgreSQL's DETAIL and SOCI's context repeat values.
std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

/// For errors before any value was sent; the reason stands behind the first line.
std::string one_line(std::string text) {
    std::ranges::replace(text, '\n', ' ');
    return text;
}

[[noreturn]] void throw_sqlite(sqlite_api::sqlite3* connection, int code) {
    throw DatabaseError(kind_of_sqlite(code), sqlite_api::sqlite3_errmsg(connection));
}

[[noreturn]] void rethrow(const soci::soci_error& error, bool connected) {
    const auto message = first_line(error.get_error_message());
    if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error))
        throw DatabaseError(kind_of_sqlite(sqlite->result()), message);
    if (const auto* postgresql = dynamic_cast<const soci::postgresql_soci_error*>(&error)) {
        const auto state = postgresql->sqlstate();
        // libpq reports a lost connection without a state of its own.
        const bool stateless = state.empty() || state[0] == '\0' || state[0] == ' ';
        throw DatabaseError(!connected || stateless ? Kind::connection : kind_of_postgresql(state), message);
    }
    throw DatabaseError(connected ? Kind::other : Kind::connection, message);
}

std::size_t count_names(std::string_view sql) {
    std::size_t count = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < sql.size(); ++i) {
        if (sql[i] == '\'')
            quoted = !quoted;
        else if (sql[i] == ':' && !quoted)
            ++count;
    }
    return count;
}

}  // namespace

/// A prepared statement and the places that it is bound to.
struct Connection::Statement {
    Statement(soci::session& session, std::string_view sql, std::span<const SqlValue> parameter_types,
              std::span<const SqlType> column_types)
        : statement(session) {
        if (count_names(sql) != parameter_types.size())
            throw std::logic_error(fmt::format("{} parameters for: {}", parameter_types.size(), sql));
        statement.alloc();
        for (const auto& parameter : parameter_types) {
            auto& slot = parameters.emplace_back();
            if (parameter.type == SqlType::bigint)
                statement.exchange(soci::use(slot.number, slot.indicator));
            else
                statement.exchange(soci::use(slot.text, slot.indicator));
        }
        for (const auto type : column_types) {
            auto& slot = columns.emplace_back();
            if (type == SqlType::bigint)
                statement.exchange(soci::into(slot.number, slot.indicator));
            else
                statement.exchange(soci::into(slot.text, slot.indicator));
        }
        statement.prepare(std::string(sql));
        statement.define_and_bind();
    }

    struct Slot {
        long long number = 0;
        std::string text;
        soci::indicator indicator = soci::i_ok;
    };
    // Deques: the statement keeps pointers to the slots.
    std::deque<Slot> parameters;
    std::deque<Slot> columns;
    soci::statement statement;
};

struct Connection::Session {
    soci::session soci;
    std::unordered_map<std::string, std::unique_ptr<Statement>> statements;
    /// A statement was left half-way; they are prepared anew after the rollback (in a failed transaction
    /// PostgreSQL would not even let go of them).
    bool failed = false;

    ~Session() { statements.clear(); }

    sqlite_api::sqlite3* sqlite() {
        return static_cast<soci::sqlite3_session_backend*>(soci.get_backend())->conn_;
    }
    PGconn* postgresql() { return static_cast<soci::postgresql_session_backend*>(soci.get_backend())->conn_; }
};

Result<DatabaseUrl> DatabaseUrl::parse(std::string_view url) {
    constexpr std::string_view forms = "expected sqlite:PATH or postgresql://USER@HOST/DATABASE";
    if (url.starts_with("sqlite:") && url.size() > 7) {
        const auto path = url.substr(7);
        if (path == ":memory:" || path.find_first_of("\"?#") != std::string_view::npos)
            return Error(ErrorKind::invalid_config,
                         fmt::format("this SQLite path cannot be used; {}", forms));
        return DatabaseUrl{Dialect::sqlite, std::string(path)};
    }
    if ((url.starts_with("postgresql://") || url.starts_with("postgres://")) &&
        url.find_first_of(" \t\n'") == std::string_view::npos) {
        // SOCI splits what it takes for `key=value` pairs at spaces, and appends a `=` to text without one;
        // so an address passes unharmed only with a parameter in it.
        const bool named = url.find("application_name=") != std::string_view::npos;
        const std::string_view joint = url.find('?') == std::string_view::npos ? "?" : "&";
        return DatabaseUrl{
            Dialect::postgresql,
            named ? std::string(url) : fmt::format("{}{}application_name=calyptenora", url, joint)};
    }
    // The text is not repeated: it may hold a password.
    return Error(ErrorKind::invalid_config, fmt::format("unknown kind of database; {}", forms));
}

Connection::Connection(DatabaseUrl url, std::chrono::milliseconds busy_timeout)
    : url_(std::move(url)), busy_timeout_(busy_timeout) {
    reconnect();
}

Connection::~Connection() = default;

void Connection::reconnect() {
    session_.reset();
    read_only_ = false;
    auto fresh = std::make_unique<Session>();
    try {
        if (dialect() == Dialect::sqlite) {
            // Created by us first, so that its contents are never readable by others (SQLite's side files
            // follow). One that is there must not be opened, since closing it again would drop all locks that
            // this process has on it: then whoever else reads it takes itself for the last one, and removes
            // the log (WAL) into which we go on writing.
            const int file = ::open(url_.target.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
            if (file < 0 && errno != EEXIST)
                throw DatabaseError(Kind::other,
                                    fmt::format("cannot open {}: {}", url_.target, ::strerror(errno)));
            if (file >= 0)
                ::close(file);
            fresh->soci.open(soci::sqlite3, fmt::format("dbname=\"{}\"", url_.target));
        } else {
            fresh->soci.open(soci::postgresql, url_.target);
        }
    } catch (const soci::soci_error& error) {
        throw DatabaseError(dialect() == Dialect::sqlite ? Kind::other : Kind::connection,
                            "cannot open the database: " + one_line(error.get_error_message()));
    }
    session_ = std::move(fresh);
    if (dialect() == Dialect::sqlite) {
        sqlite_api::sqlite3_extended_result_codes(session_->sqlite(), 1);
        sqlite_api::sqlite3_busy_timeout(session_->sqlite(), static_cast<int>(busy_timeout_.count()));
        execute_raw(
            "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; "
            "pragma trusted_schema = off; pragma secure_delete = fast;");
        std::string mode;
        session_->soci << "pragma journal_mode", soci::into(mode);
        if (mode != "wal")
            throw DatabaseError(Kind::other, "SQLite refuses write-ahead logging for " + url_.target);
    } else {
        execute_raw(
            fmt::format("set synchronous_commit = on; set lock_timeout = {}; set client_encoding = 'UTF8'; "
                        "set idle_in_transaction_session_timeout = '60s'; set client_min_messages = warning",
                        busy_timeout_.count()));
    }
}

void Connection::execute_raw(const std::string& sql) {
    if (dialect() == Dialect::sqlite) {
        const int code = sqlite_api::sqlite3_exec(session_->sqlite(), sql.c_str(), nullptr, nullptr, nullptr);
        if (code != SQLITE_OK)
            throw_sqlite(session_->sqlite(), code);
        return;
    }
    PGresult* result = PQexec(session_->postgresql(), sql.c_str());
    const auto status = PQresultStatus(result);
    const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const std::string state_text = state ? state : "";
    // A COMMIT in a failed transaction "succeeds" as ROLLBACK.
    const bool rolled_back = sql == "commit" && result && std::string_view(PQcmdStatus(result)) == "ROLLBACK";
    const std::string message = first_line(PQerrorMessage(session_->postgresql()));
    PQclear(result);
    if (rolled_back)
        throw DatabaseError(Kind::other, "the transaction had failed before its commit");
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        return;
    const bool connected = PQstatus(session_->postgresql()) == CONNECTION_OK;
    throw DatabaseError(connected && !state_text.empty() ? kind_of_postgresql(state_text) : Kind::connection,
                        message);
}

void Connection::end_reading() {
    // The next PQexec, ours or SOCI's, drops the answer.
    if (dialect() == Dialect::sqlite)
        execute_raw("commit");
    else if (PQsendQuery(session_->postgresql(), "commit") == 0)
        throw DatabaseError(Kind::connection, first_line(PQerrorMessage(session_->postgresql())));
}

Connection::Statement& Connection::find_or_prepare(std::string_view sql, std::span<const SqlValue> parameters,
                                                   std::span<const SqlType> columns) {
    std::string key(sql);
    key += '\0';
    for (const auto& parameter : parameters)
        key += parameter.type == SqlType::bigint ? 'n' : 't';
    key += '\0';
    for (const auto type : columns)
        key += type == SqlType::bigint ? 'n' : 't';
    auto& statement = session_->statements[key];
    if (!statement)
        statement = std::make_unique<Statement>(session_->soci, sql, parameters, columns);
    return *statement;
}

long long Connection::run(std::string_view sql, std::span<const SqlValue> parameters,
                          std::span<const SqlType> columns,
                          const std::function<void(std::span<SqlValue>)>& on_row) {
    for (const auto& parameter : parameters)
        if (const auto valid = validate_text(parameter.text); !valid)
            throw DatabaseError(Kind::input, valid.error().message);
    try {
        auto& prepared = find_or_prepare(sql, parameters, columns);
        for (std::size_t i = 0; i < parameters.size(); ++i) {
            auto& slot = prepared.parameters[i];
            slot.number = parameters[i].number;
            slot.text = parameters[i].text;
            slot.indicator = parameters[i].is_null ? soci::i_null : soci::i_ok;
        }
        std::vector<SqlValue> row(columns.size());
        bool got = prepared.statement.execute(true);
        // To the end, always: an open statement would hold SQLite to an old snapshot.
        while (got && !columns.empty()) {
            for (std::size_t i = 0; i < columns.size(); ++i) {
                auto& slot = prepared.columns[i];
                const bool null = slot.indicator == soci::i_null;
                row[i] = {columns[i], null, null ? 0 : slot.number, null ? std::string() : slot.text};
            }
            on_row(row);
            got = prepared.statement.fetch();
        }
        return prepared.statement.get_affected_rows();
    } catch (const soci::soci_error& error) {
        const bool connected =
            dialect() == Dialect::sqlite || PQstatus(session_->postgresql()) == CONNECTION_OK;
        session_->failed = true;
        rethrow(error, connected);
    } catch (...) {
        session_->failed = true;
        throw;
    }
}

void Connection::set_read_only(bool read_only) {
    if (dialect() != Dialect::sqlite || read_only == read_only_)
        return;
    execute_raw(read_only ? "pragma query_only = on" : "pragma query_only = off");
    read_only_ = read_only;
}

bool Connection::rollback() noexcept {
    if (!session_)
        return false;
    try {
        if (dialect() == Dialect::sqlite) {
            // SQLite itself has rolled back after some errors.
            if (sqlite_api::sqlite3_get_autocommit(session_->sqlite()) == 0)
                execute_raw("rollback");
        } else if (PQtransactionStatus(session_->postgresql()) != PQTRANS_IDLE) {
            execute_raw("rollback");
        }
        if (std::exchange(session_->failed, false))
            session_->statements.clear();
        return true;
    } catch (...) {
        return false;
    }
}

}  // namespace calyptenora::storage
