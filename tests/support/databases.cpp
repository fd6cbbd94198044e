#include "support/databases.hpp"

#include "storage/stores/learners.hpp"
#include "storage/stores/subjects.hpp"
#include "support/postgres.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cstdlib>

namespace calyptenora::test {

using namespace storage;

TemporaryFolder::TemporaryFolder() {
    auto name = (std::filesystem::temp_directory_path() / "calyptenora-test-XXXXXX").string();
    if (!::mkdtemp(name.data()))
        throw std::runtime_error("cannot make a temporary folder");
    path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string make_database_url(Dialect dialect, const TemporaryFolder& folder, std::string_view name) {
    if (dialect == Dialect::sqlite)
        return fmt::format("sqlite:{}/{}.sqlite", folder.path().string(), name);
    return Postgres::instance().create_database();
}

namespace {

using Sqlite = std::unique_ptr<sqlite3, int (*)(sqlite3*)>;

Sqlite open_sqlite(const std::string& url) {
    sqlite3* opened = nullptr;
    const int wrong = sqlite3_open(url.substr(std::string_view("sqlite:").size()).c_str(), &opened);
    Sqlite database(opened, sqlite3_close);
    if (wrong != SQLITE_OK)
        throw std::runtime_error("cannot open " + url);
    return database;
}

}  // namespace

void copy_database(const std::string& from, const std::string& to) {
    if (!from.starts_with("sqlite:")) {
        const auto command = fmt::format(
            "bash -c 'set -o pipefail; pg_dump \"{}\" | psql --quiet --set ON_ERROR_STOP=1 \"{}\" > "
            "/dev/null'",
            from, to);
        if (std::system(command.c_str()) != 0)
            throw std::runtime_error("cannot copy " + from);
        return;
    }
    const auto source = open_sqlite(from), target = open_sqlite(to);
    sqlite3_backup* const backup = sqlite3_backup_init(target.get(), "main", source.get(), "main");
    if (!backup || sqlite3_backup_step(backup, -1) != SQLITE_DONE ||
        sqlite3_backup_finish(backup) != SQLITE_OK)
        throw std::runtime_error("cannot copy " + from);
}

StoreTest::StoreTest() {
    url_ = make_database_url(GetParam(), folder_, "data");
    keys_url_ = make_database_url(GetParam(), folder_, "keys");
    keys_ = KeyStore::open(keys_url_, master_).value();
    cipher_ = std::make_unique<FieldCipher>(*keys_);
    database_ = Database::open(url_).value();
    migrate(*database_, data_migrations()).value();
}

SubjectId StoreTest::make_guest() {
    const auto id = SubjectId::make();
    keys_->create(id).value();
    write([&](Transaction& tx) -> Status {
        subjects::insert(tx, id, SubjectKind::guest, now_);
        return {};
    });
    return id;
}

LearnerId StoreTest::make_learner(std::string_view email) {
    const auto id = LearnerId::make();
    keys_->create(id).value();
    write([&](Transaction& tx) -> Status {
        return learners::insert(tx, *cipher_,
                                {.id = id,
                                 .created_at = now_,
                                 .language = "de",
                                 .email_confirmed_at = {},
                                 .guardian_needed_until = {},
                                 .auth_instance = "auth/password"},
                                {"Mia Muster", std::string(email)});
    });
    return id;
}

}  // namespace calyptenora::test
