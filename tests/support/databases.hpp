#pragma once

#include "storage/database.hpp"
#include "storage/field_cipher.hpp"
#include "storage/key_store.hpp"
#include "storage/migrations.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

namespace calyptenora::test {

/// A folder that goes with the object.
class TemporaryFolder {
  public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

/// The address of a new empty database of this kind.
std::string make_database_url(storage::Dialect dialect, const TemporaryFolder& folder, std::string_view name);

/// Copies a database that is in use, as an operator's backup does (SQLite's backup interface, pg_dump), into
/// a new one. Throws if that cannot be done.
void copy_database(const std::string& from, const std::string& to);

/// Every test of a store derives from this and runs on both databases:
///
///     class Orders : public test::StoreTest {};
///     CALYPTENORA_ON_BOTH_DATABASES(Orders);
///     TEST_P(Orders, ...) { write([&](Transaction& tx) -> Status { ... }); }
///
/// Data and keys are fresh, migrated databases.
class StoreTest : public ::testing::TestWithParam<storage::Dialect> {
  protected:
    StoreTest();

    /// Runs in a transaction that must succeed; the value of the Result.
    template <class F>
    auto write(F function) {
        return unwrapped(database().transaction_blocking(std::move(function)));
    }
    template <class F>
    auto read(F function) {
        return unwrapped(database().run_blocking(std::move(function)));
    }

    /// A guest, or a learner with this address, with keys.
    storage::SubjectId make_guest();
    storage::LearnerId make_learner(std::string_view email = "mia@example.org");

    storage::Database& database() { return *database_; }
    storage::KeyStore& keys() { return *keys_; }
    const storage::ServiceSecrets& secrets() { return keys_->service(); }
    const storage::FieldCipher& cipher() { return *cipher_; }

    TemporaryFolder folder_;
    std::string url_;
    std::string keys_url_;
    storage::MasterKey master_ = storage::MasterKey::make();
    /// What the tests call now: 2026-11-25T12:00:00Z.
    storage::Timestamp now_ = storage::timestamp_of(1'795'608'000'000'000);

  private:
    template <class R>
    static auto unwrapped(R result) {
        if (!result)
            ADD_FAILURE() << result.error().message;
        return std::move(result).value();
    }

    std::unique_ptr<storage::KeyStore> keys_;
    std::unique_ptr<storage::FieldCipher> cipher_;
    std::unique_ptr<storage::Database> database_;
};

#define CALYPTENORA_ON_BOTH_DATABASES(suite)                                                    \
    INSTANTIATE_TEST_SUITE_P(On, suite,                                                         \
                             ::testing::Values(::calyptenora::storage::Dialect::sqlite,         \
                                               ::calyptenora::storage::Dialect::postgresql),    \
                             [](const auto& tested) {                                           \
                                 return tested.param == ::calyptenora::storage::Dialect::sqlite \
                                            ? std::string("SQLite")                             \
                                            : std::string("PostgreSQL");                        \
                             })

}  // namespace calyptenora::test
