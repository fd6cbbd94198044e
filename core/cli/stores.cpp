#include "cli/stores.hpp"

#include "storage/migrations.hpp"

#include <fmt/format.h>

namespace calyptenora::cli {
namespace {

std::filesystem::path sqlite_path(const settings::Sqlite& sqlite, const std::filesystem::path& data) {
    return sqlite.path.is_absolute() ? sqlite.path : data / sqlite.path;
}

std::filesystem::path key_file(const std::filesystem::path& data) {
    return data / "master.key";
}

Status require_file(const std::filesystem::path& file) {
    if (std::filesystem::is_regular_file(file))
        return {};
    return Error(
        ErrorKind::not_found,
        fmt::format("{} is missing: there is no platform's data here yet; name its folder with --data",
                    file.string()));
}

Status require_database(const settings::Database& database, const std::filesystem::path& data) {
    if (const auto* sqlite = std::get_if<settings::Sqlite>(&database.where))
        return require_file(sqlite_path(*sqlite, data));
    return {};
}

Status require_version(storage::Database& database, std::size_t expected, std::string_view what) {
    const auto version = storage::find_schema_version(database);
    if (!version)
        return version.error();
    if (static_cast<std::size_t>(*version) == expected)
        return {};
    return Error(
        ErrorKind::conflict,
        fmt::format("{} is at version {}, this program works with {}; use the program that the server runs, "
                    "or stop the server and call \"calyptenora migrate\"",
                    what, *version, expected));
}

}  // namespace

std::string database_url(const settings::Database& database, const std::filesystem::path& data) {
    if (const auto* postgresql = std::get_if<settings::Postgresql>(&database.where))
        return std::string(postgresql->url.reveal());
    return "sqlite:" + sqlite_path(std::get<settings::Sqlite>(database.where), data).string();
}

Result<storage::MasterKey> load_master_key(const settings::Settings& settings,
                                           const std::filesystem::path& data) {
    if (!settings.master_key)
        return storage::MasterKey::load_or_create(key_file(data));
    auto key = storage::SecretKey::from_bytes(settings.master_key->reveal());
    if (!key)
        return key.error();
    return storage::MasterKey(std::move(*key));
}

std::filesystem::path next_key_file(const std::filesystem::path& data) {
    return data / "master.key.next";
}

Status put_next_key_in_place(const std::filesystem::path& data) {
    std::error_code failure;
    std::filesystem::rename(next_key_file(data), key_file(data), failure);
    if (failure)
        return Error(
            ErrorKind::temporary,
            fmt::format("the key store is wrapped by {}, which cannot be renamed to {}: {}; rename it",
                        next_key_file(data).string(), key_file(data).string(), failure.message()));
    return {};
}

Result<std::unique_ptr<storage::KeyStore>> open_key_store(const settings::Settings& settings,
                                                          const std::filesystem::path& data,
                                                          storage::DatabaseOptions options) {
    const auto url = database_url(settings.key_store, data);
    auto master = load_master_key(settings, data);
    if (!master)
        return master.error();
    auto opened = storage::KeyStore::open(url, std::move(*master), options);
    if (opened || settings.master_key || !std::filesystem::exists(next_key_file(data)))
        return opened;
    auto next = storage::MasterKey::load_or_create(next_key_file(data));
    if (!next)
        return opened;
    auto opened_by_next = storage::KeyStore::open(url, std::move(*next), options);
    if (!opened_by_next)
        return opened;
    if (const auto placed = put_next_key_in_place(data); !placed)
        return placed.error();
    return opened_by_next;
}

storage::DatabaseOptions one_session() {
    storage::DatabaseOptions options;
    options.sessions = 1;
    return options;
}

Result<Stores> open_existing_stores(const settings::Settings& settings, const std::filesystem::path& data) {
    if (!settings.master_key)
        if (const auto there = require_file(key_file(data)); !there)
            return there.error();
    for (const auto* database : {&settings.database, &settings.key_store})
        if (const auto there = require_database(*database, data); !there)
            return there.error();

    Stores stores;
    auto keys_alone = storage::Database::open(database_url(settings.key_store, data), one_session());
    if (!keys_alone)
        return keys_alone.error();
    // Before the key store opens, since it would migrate what a running server uses.
    if (auto fits = require_version(**keys_alone, storage::key_migrations().size(), "the key store"); !fits)
        return fits.error();
    auto database = storage::Database::open(database_url(settings.database, data), one_session());
    if (!database)
        return database.error();
    if (auto fits = require_version(**database, storage::data_migrations().size(), "the database"); !fits)
        return fits.error();
    stores.database = std::move(*database);

    auto keys = open_key_store(settings, data, one_session());
    if (!keys)
        return keys.error();
    stores.keys = std::move(*keys);
    return stores;
}

}  // namespace calyptenora::cli
