#pragma once

#include "storage/dialect.hpp"
#include "storage/sql_value.hpp"

#include <array>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string_view>
#include <tuple>
#include <vector>

namespace calyptenora::storage {

class Connection;

/// What is wrong when a statement fails. Only `Database` catches it: a store function lets it pass, the
/// transaction is rolled back, and the caller of `Database::transaction` gets an Error.
class DatabaseError : public std::runtime_error {
  public:
    enum class Kind : unsigned char {
        unique,         ///< A row with this key exists. Becomes `conflict`.
        constraint,     ///< Another constraint or an append-only trigger. Becomes `permanent`.
        serialization,  ///< Another transaction came first (40001, 40P01). Repeated, then `conflict`.
        busy,           ///< A lock was not free in time. Becomes `temporary`.
        connection,     ///< The server is gone. Repeated after a reconnect, except for a commit; then
                        ///< `temporary`.
        full,           ///< No space left. Becomes `temporary`.
        fatal,          ///< fsync or other I/O failed, or the file is corrupt: the process must stop.
        input,          ///< Text with NUL or invalid UTF-8, or a value that the column's type refuses.
        other,          ///< A defect of ours. Becomes `permanent`.
    };
    DatabaseError(Kind error_kind, const std::string& message)
        : std::runtime_error(message), kind(error_kind) {}
    /// As callers of `Database` see it. Holds no parameter value.
    Error to_error() const;

    Kind kind;
};

/// The right to run SQL inside one transaction, on one thread, until the function it was passed to returns.
/// Statements are prepared once for each session. Names in SQL (`:name`) are bound by position: each may
/// occur once. All functions throw DatabaseError.
class Transaction {
  public:
    explicit Transaction(Connection& connection) : connection_(connection) {}
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    Dialect dialect() const;

    /// Runs a statement without results. Returns how many rows it changed.
    template <class... Args>
    long long execute(std::string_view sql, const Args&... args) {
        const std::array<SqlValue, sizeof...(Args)> parameters{to_sql(args)...};
        return run(sql, parameters, {}, {});
    }

    /// The same where only the run time knows how many parameters there are.
    long long execute_with(std::string_view sql, std::span<const SqlValue> parameters) {
        return run(sql, parameters, {}, {});
    }

    /// The first row, or nothing: `tx.find<std::string, Timestamp>("select name, since from ... where id =
    /// :id", id)`.
    template <class... Columns, class... Args>
    std::optional<std::tuple<Columns...>> find(std::string_view sql, const Args&... args) {
        std::optional<std::tuple<Columns...>> first;
        const std::array<SqlValue, sizeof...(Args)> parameters{to_sql(args)...};
        run(sql, parameters, std::array{SqlConversion<Columns>::type...}, [&](std::span<SqlValue> row) {
            if (!first)
                first = to_tuple<Columns...>(row, std::index_sequence_for<Columns...>{});
        });
        return first;
    }

    /// All rows.
    template <class... Columns, class... Args>
    std::vector<std::tuple<Columns...>> rows(std::string_view sql, const Args&... args) {
        std::vector<std::tuple<Columns...>> all;
        const std::array<SqlValue, sizeof...(Args)> parameters{to_sql(args)...};
        run(sql, parameters, std::array{SqlConversion<Columns>::type...}, [&](std::span<SqlValue> row) {
            all.push_back(to_tuple<Columns...>(row, std::index_sequence_for<Columns...>{}));
        });
        return all;
    }

    /// Hands each row to `on_row`, one after the other, where all of them would be too many to keep.
    template <class... Columns, class F, class... Args>
    void each(std::string_view sql, F on_row, const Args&... args) {
        const std::array<SqlValue, sizeof...(Args)> parameters{to_sql(args)...};
        run(sql, parameters, std::array{SqlConversion<Columns>::type...}, [&](std::span<SqlValue> row) {
            std::apply(on_row, to_tuple<Columns...>(row, std::index_sequence_for<Columns...>{}));
        });
    }

    /// All rows, one after the other, of a statement whose columns are known at run time only. Nothing is
    /// kept of a row that `on_row` has seen.
    void each_row(std::string_view sql, std::span<const SqlValue> parameters,
                  std::span<const SqlType> columns, const std::function<void(std::span<SqlValue>)>& on_row) {
        run(sql, parameters, columns, on_row);
    }

    /// Several statements at once, without parameters; for migrations.
    void execute_script(std::string_view sql);

  private:
    template <class T>
    static SqlValue to_sql(const T& value) {
        return SqlConversion<T>::to(value);
    }
    template <class T>
    static T from_sql(SqlValue& value) {
        return SqlConversion<T>::from(std::move(value));
    }
    template <class... Columns, std::size_t... I>
    static std::tuple<Columns...> to_tuple(std::span<SqlValue> row, std::index_sequence<I...>) {
        return std::tuple<Columns...>{from_sql<Columns>(row[I])...};
    }

    long long run(std::string_view sql, std::span<const SqlValue> parameters,
                  std::span<const SqlType> columns, const std::function<void(std::span<SqlValue>)>& on_row);

    Connection& connection_;
};

}  // namespace calyptenora::storage
