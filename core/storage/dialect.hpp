#pragma once

#include <string>
#include <string_view>

/// The places where SQLite and PostgreSQL must be spoken to differently. Everything else is one text for
/// both.
namespace calyptenora::storage {

enum class Dialect : unsigned char { sqlite, postgresql };

/// Begins a transaction that may write. SQLite takes the write lock at once, since a transaction that reads
/// first and writes later cannot wait for it.
std::string_view begin_writing(Dialect dialect);
/// Begins a transaction at the strictest isolation. SQLite's writers are that anyway.
std::string_view begin_serializable(Dialect dialect);
/// Begins a transaction that sees one snapshot and cannot write.
std::string_view begin_reading(Dialect dialect);

/// Appended to a select: keeps its rows from other writers until the transaction ends. Empty for SQLite,
/// where a writing transaction is alone.
std::string_view lock_rows(Dialect dialect);
/// Appended to a select: the same, leaving out rows that somebody else holds. For claiming work.
std::string_view lock_free_rows(Dialect dialect);

/// Expands the directives of a migration: a line `-- @append_only TABLE` becomes triggers that refuse UPDATE,
/// DELETE and (PostgreSQL) TRUNCATE on the table; a line `-- @search_index TABLE COLUMN...` becomes a table
/// for full text with a column `document` and these, of which the last holds everything:
/// stores/course_search.hpp.
std::string expand_migration(Dialect dialect, std::string_view sql);

/// Two text columns, table and column, of every table of ours; not those that FTS5 keeps behind its own.
std::string_view select_schema_columns(Dialect dialect);

/// One bigint: the server's time in microseconds since 1970. Empty for SQLite, which has none of its own.
std::string_view select_server_clock(Dialect dialect);

/// Executed before a search of the index for full text: has PostgreSQL take it. Its planner counts pages, and
/// not that each row's terms would have to be fetched from beside the table. Empty for SQLite.
std::string_view prefer_search_index(Dialect dialect);

/// Holds until the transaction ends; at most one process takes a checkpoint. Empty for SQLite, where a
/// writing transaction is alone.
std::string_view lock_checkpoints(Dialect dialect);

/// Holds until the transaction ends; at most one process migrates. Empty where begin_migrating already does
/// that.
std::string_view lock_migrations(Dialect dialect);
std::string_view begin_migrating(Dialect dialect);

}  // namespace calyptenora::storage
