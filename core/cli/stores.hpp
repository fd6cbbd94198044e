#pragma once

#include "settings/settings.hpp"
#include "storage/database.hpp"
#include "storage/key_store.hpp"
#include "storage/master_key.hpp"

#include <calyptenora/result.hpp>

#include <filesystem>
#include <memory>
#include <string>

/// The databases that the settings speak of.
namespace calyptenora::cli {

/// As storage::Database::open() takes it.
std::string database_url(const settings::Database& database, const std::filesystem::path& data);

/// The settings' key, or that of the data folder's key file, which is made if it is missing.
Result<storage::MasterKey> load_master_key(const settings::Settings& settings,
                                           const std::filesystem::path& data);

/// Where the next master key waits until the key store is wrapped by it.
std::filesystem::path next_key_file(const std::filesystem::path& data);
/// Makes it the key file.
Status put_next_key_in_place(const std::filesystem::path& data);

/// Opens the key store with the key of load_master_key(). If a change of the key was broken off after the key
/// store had been wrapped by the next one, that one is put in place.
Result<std::unique_ptr<storage::KeyStore>> open_key_store(const settings::Settings& settings,
                                                          const std::filesystem::path& data,
                                                          storage::DatabaseOptions options = {});

/// For a command, which does one thing after the other.
storage::DatabaseOptions one_session();

/// Both databases, for commands that only look.
struct Stores {
    std::unique_ptr<storage::KeyStore> keys;
    std::unique_ptr<storage::Database> database;
};

/// Opens what exists. `not_found` if a file is missing (nothing is made), `conflict` if the schema is not
/// this program's.
Result<Stores> open_existing_stores(const settings::Settings& settings, const std::filesystem::path& data);

}  // namespace calyptenora::cli
