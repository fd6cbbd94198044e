#include "storage/migrations.hpp"

#include "storage/embedded.hpp"
#include "storage/text.hpp"

#include <fmt/format.h>

namespace calyptenora::storage {
namespace {

constexpr std::string_view create_history = R"(
create table if not exists schema_migrations (
  version bigint primary key, name text not null, hash text not null, applied_at bigint not null))";

constexpr std::string_view select_history =
    "select version, name, hash from schema_migrations order by version";

constexpr std::string_view insert_history =
    "insert into schema_migrations (version, name, hash, applied_at) values (:version, :name, :hash, "
    ":applied_at)";

Result<std::vector<Migration>> apply_pending(Transaction& tx, std::span<const Migration> migrations) {
    if (const auto lock = lock_migrations(tx.dialect()); !lock.empty())
        tx.execute_script(lock);
    tx.execute_script(create_history);
    const auto history = tx.rows<int, std::string, std::string>(select_history);
    for (std::size_t i = 0; i < history.size(); ++i) {
        const auto& [version, name, hash] = history[i];
        if (i >= migrations.size())
            return Error(
                ErrorKind::invalid_config,
                fmt::format(
                    "the database is at version {} ({}), this program knows up to {}: start the newer "
                    "program, or restore a backup made before the upgrade",
                    std::get<0>(history.back()), std::get<1>(history.back()), migrations.size()));
        if (version != migrations[i].version || hash != make_content_hash(migrations[i].sql))
            return Error(
                ErrorKind::invalid_config,
                fmt::format("migration {} ({}) was applied to this database in another wording than this "
                            "program has; use the program that made the database",
                            version, name));
    }
    std::vector<Migration> applied;
    for (const auto& migration : migrations.subspan(history.size())) {
        tx.execute_script(expand_migration(tx.dialect(), migration.sql));
        tx.execute(insert_history, migration.version, migration.name, make_content_hash(migration.sql),
                   SystemClock().now());
        applied.push_back(migration);
    }
    return applied;
}

/// The version is the file's number.
std::vector<Migration> to_migrations(std::span<const embedded::File> files) {
    std::vector<Migration> migrations;
    for (const auto& [name, sql] : files) {
        const int version = static_cast<int>(migrations.size()) + 1;
        if (!name.starts_with(fmt::format("{:04}_", version)))
            throw std::logic_error(fmt::format("migrations are not numbered without gaps: {}", name));
        migrations.push_back({version, name, sql});
    }
    return migrations;
}

}  // namespace

std::span<const Migration> data_migrations() {
    static const auto migrations = to_migrations(embedded::data_migration_files());
    return migrations;
}

std::span<const Migration> key_migrations() {
    static const auto migrations = to_migrations(embedded::key_migration_files());
    return migrations;
}

/// Has the key to the one mode that nobody else may use.
class Migrator {
  public:
    static Result<std::vector<Migration>> migrate(Database& database, std::span<const Migration> migrations) {
        auto apply = [&](Transaction& tx) { return apply_pending(tx, migrations); };
        return database.block(Database::Mode::migrating, apply);
    }
};

Result<std::vector<Migration>> migrate(Database& database, std::span<const Migration> migrations) {
    return Migrator::migrate(database, migrations);
}

Result<std::vector<SchemaColumn>> load_schema_columns(Database& database) {
    return database.run_blocking([](Transaction& tx) -> Result<std::vector<SchemaColumn>> {
        std::vector<SchemaColumn> columns;
        for (auto& [table, column] : tx.rows<std::string, std::string>(select_schema_columns(tx.dialect())))
            columns.push_back({std::move(table), std::move(column)});
        return columns;
    });
}

Result<int> find_schema_version(Database& database) {
    const auto columns = load_schema_columns(database);
    if (!columns)
        return columns.error();
    if (std::ranges::none_of(*columns,
                             [](const auto& column) { return column.table == "schema_migrations"; }))
        return 0;
    return database.run_blocking([](Transaction& tx) -> Result<int> {
        return std::get<0>(*tx.find<int>("select coalesce(max(version), 0) from schema_migrations"));
    });
}

}  // namespace calyptenora::storage
