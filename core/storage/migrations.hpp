#pragma once

#include "storage/database.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The schema's history. Files `migrations/data/NNNN_name.sql` and `migrations/keys/NNNN_name.sql` are
/// compiled into the program, one text for both databases, expanded by `expand_migration`.
namespace calyptenora::storage {

struct Migration {
    int version;
    std::string_view name;
    std::string_view sql;
};

/// The program's migrations of the main database, ascending from 1.
std::span<const Migration> data_migrations();
/// Those of the key store.
std::span<const Migration> key_migrations();

/// Brings the database to the newest version, in one transaction under a lock, and returns the versions that
/// were applied now (none if it was up to date). Start-up and `calyptenora migrate` call it, before anything
/// else. `invalid_config`, with nothing changed, if the database is newer than the program, or if a migration
/// that was applied once reads differently today.
Result<std::vector<Migration>> migrate(Database& database, std::span<const Migration> migrations);

/// The version that the database is at; 0 for an empty one.
Result<int> find_schema_version(Database& database);

/// A column of a table that exists in the database, `schema_migrations` included.
struct SchemaColumn {
    std::string table;
    std::string column;
    auto operator<=>(const SchemaColumn&) const = default;
};
Result<std::vector<SchemaColumn>> load_schema_columns(Database& database);

}  // namespace calyptenora::storage
