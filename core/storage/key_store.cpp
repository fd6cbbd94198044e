#include "storage/key_store.hpp"

#include "storage/migrations.hpp"
#include "storage/row_batch.hpp"

#include <fmt/format.h>

namespace calyptenora::storage {
namespace {

constexpr auto cache_time = std::chrono::seconds(60);
constexpr std::size_t cache_size = 4096;

constexpr std::string_view insert_subject =
    "insert into subject_keys (subject, master_key_id, wrapped_key, wrapped_salt, created_at) "
    "values (:subject, :master_key_id, :wrapped_key, :wrapped_salt, :created_at) on conflict (subject) do "
    "nothing";
constexpr std::string_view select_subject =
    "select wrapped_key, wrapped_salt from subject_keys where subject = :subject";
constexpr std::string_view delete_subject = "delete from subject_keys where subject = :subject";
constexpr std::string_view select_subjects = "select subject, wrapped_key, wrapped_salt from subject_keys";
constexpr std::string_view update_subject =
    "update subject_keys set master_key_id = :master_key_id, wrapped_key = :wrapped_key, wrapped_salt = "
    ":wrapped_salt "
    "where subject = :subject";
constexpr std::string_view insert_service =
    "insert into service_keys (name, master_key_id, wrapped_key, created_at) "
    "values (:name, :master_key_id, :wrapped_key, :created_at) on conflict (name) do nothing";
constexpr std::string_view select_service =
    "select wrapped_key, master_key_id from service_keys where name = :name";
constexpr std::string_view select_services = "select name, wrapped_key from service_keys";
constexpr std::string_view update_service =
    "update service_keys set master_key_id = :master_key_id, wrapped_key = :wrapped_key where name = :name";
/// Most secrets of the installation are derived from this one.
constexpr std::string_view root_name = "root";
constexpr std::string_view signing_name = "ledger signing";

std::string context_of(std::string_view table, std::string_view row, std::string_view column) {
    return fmt::format("{}/{}/{}", table, row, column);
}

Result<SecretKey> unwrap(const MasterKey& master, const std::string& context, std::string_view wrapped) {
    const auto bytes = open_sealed_text(master.key(), context, wrapped);
    if (!bytes)
        return bytes.error();
    return SecretKey::from_bytes(*bytes);
}

std::string wrap(const MasterKey& master, const std::string& context, const SecretKey& key) {
    return seal_text(master.key(), context, key.bytes());
}

std::string key_context(std::string_view subject) {
    return context_of("subject_keys", subject, "wrapped_key");
}
std::string salt_context(std::string_view subject) {
    return context_of("subject_keys", subject, "wrapped_salt");
}
std::string service_context(std::string_view name) {
    return context_of("service_keys", name, "wrapped_key");
}

}  // namespace

KeyStore::KeyStore(std::unique_ptr<Database> database, MasterKey master)
    : database_(std::move(database)), master_(std::move(master)) {}

Result<std::unique_ptr<KeyStore>> KeyStore::open(std::string_view url, MasterKey master,
                                                 DatabaseOptions options) {
    auto database = Database::open(url, std::move(options));
    if (!database)
        return database.error();
    if (const auto migrated = migrate(**database, key_migrations()); !migrated)
        return migrated.error();
    std::unique_ptr<KeyStore> store(new KeyStore(std::move(*database), std::move(master)));
    if (const auto loaded = store->load_service(); !loaded)
        return loaded.error();
    return store;
}

Result<SecretKey> KeyStore::load_service_key(std::string_view name) {
    return database_->transaction_blocking([&](Transaction& tx) -> Result<SecretKey> {
        tx.execute(insert_service, name, master_.id(),
                   wrap(master_, service_context(name), SecretKey::make()), SystemClock().now());
        const auto [wrapped, master_id] = *tx.find<std::string, std::string>(select_service, name);
        if (master_id != master_.id())
            return Error(
                ErrorKind::invalid_config,
                fmt::format("the key store is wrapped by master key {}, this is master key {}: give the file "
                            "that belongs to it",
                            master_id, master_.id()));
        return unwrap(master_, service_context(name), wrapped);
    });
}

Status KeyStore::load_service() {
    const auto root = load_service_key(root_name);
    if (!root)
        return root.error();
    const auto signing = load_service_key(signing_name);
    if (!signing)
        return signing.error();
    service_ = std::make_unique<ServiceSecrets>(
        ServiceSecrets{root->derive("email lookup"), root->derive("system fields"),
                       root->derive("ledger seal"), root->derive("ledger salt"), *signing});
    return {};
}

Status KeyStore::create(const SubjectId& subject) {
    const std::shared_lock same_master(rotation_);
    return database_->transaction_blocking([&](Transaction& tx) -> Status {
        tx.execute(insert_subject, subject, master_.id(),
                   wrap(master_, key_context(subject.text()), SecretKey::make()),
                   wrap(master_, salt_context(subject.text()), SecretKey::make()), SystemClock().now());
        return {};
    });
}

Status KeyStore::create_all(std::span<const SubjectId> subjects) {
    const std::shared_lock same_master(rotation_);
    std::vector<std::shared_ptr<const SubjectSecrets>> made;
    for (std::size_t i = 0; i < subjects.size(); ++i)
        made.push_back(
            std::make_shared<const SubjectSecrets>(SubjectSecrets{SecretKey::make(), SecretKey::make()}));
    const auto inserted = database_->transaction_blocking([&](Transaction& tx) -> Result<long long> {
        RowBatch rows("subject_keys", "subject, master_key_id, wrapped_key, wrapped_salt, created_at",
                      "on conflict (subject) do nothing");
        const auto now = SystemClock().now();
        for (std::size_t i = 0; i < subjects.size(); ++i)
            rows.add(subjects[i], master_.id(), wrap(master_, key_context(subjects[i].text()), made[i]->key),
                     wrap(master_, salt_context(subjects[i].text()), made[i]->salt), now);
        return rows.write(tx);
    });
    if (!inserted)
        return inserted.error();
    // Where one was there before, what was made is not its secret.
    if (*inserted != static_cast<long long>(subjects.size()))
        return {};
    const std::lock_guard lock(mutex_);
    if (cache_.size() + made.size() >= cache_size)
        cache_.clear();
    for (std::size_t i = 0; i < subjects.size(); ++i)
        cache_.insert_or_assign(subjects[i], Cached{made[i], std::chrono::steady_clock::now() + cache_time});
    return {};
}

Result<std::shared_ptr<const SubjectSecrets>> KeyStore::load(const SubjectId& subject) {
    std::uint64_t destructions_before = 0;
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = cache_.find(subject);
            found != cache_.end() && found->second.until > std::chrono::steady_clock::now())
            return found->second.secrets;
        destructions_before = destructions_;
    }
    const std::shared_lock same_master(rotation_);
    auto secrets =
        database_->run_blocking([&](Transaction& tx) -> Result<std::shared_ptr<const SubjectSecrets>> {
            const auto row = tx.find<std::string, std::string>(select_subject, subject);
            if (!row)
                return Error(ErrorKind::not_found, "this subject has no key: erased, or never there");
            const auto key = unwrap(master_, key_context(subject.text()), std::get<0>(*row));
            const auto salt = unwrap(master_, salt_context(subject.text()), std::get<1>(*row));
            if (!key || !salt)
                return (key ? salt : key).error();
            return std::make_shared<const SubjectSecrets>(SubjectSecrets{*key, *salt});
        });
    if (!secrets)
        return secrets;
    const std::lock_guard lock(mutex_);
    if (destructions_ == destructions_before) {
        if (cache_.size() >= cache_size)
            cache_.clear();
        cache_.insert_or_assign(subject, Cached{*secrets, std::chrono::steady_clock::now() + cache_time});
    }
    return secrets;
}

Status KeyStore::destroy(const SubjectId& subject) {
    const auto destroyed = database_->transaction_blocking([&](Transaction& tx) -> Status {
        tx.execute(delete_subject, subject);
        return {};
    });
    const std::lock_guard lock(mutex_);
    ++destructions_;
    cache_.erase(subject);
    return destroyed;
}

Result<int> KeyStore::rewrap(const MasterKey& fresh) {
    const std::unique_lock alone(rotation_);
    const auto rewrap_key = [&](const std::string& context, std::string& wrapped) -> Status {
        const auto key = unwrap(master_, context, wrapped);
        if (!key)
            return key.error();
        wrapped = wrap(fresh, context, *key);
        return {};
    };
    auto changed = database_->transaction_blocking(
        [&](Transaction& tx) -> Result<int> {
            int rows = 0;
            for (auto& [subject, key, salt] :
                 tx.rows<std::string, std::string, std::string>(select_subjects)) {
                if (const auto done = rewrap_key(key_context(subject), key); !done)
                    return done.error();
                if (const auto done = rewrap_key(salt_context(subject), salt); !done)
                    return done.error();
                tx.execute(update_subject, fresh.id(), key, salt, subject);
                ++rows;
            }
            for (auto& [name, key] : tx.rows<std::string, std::string>(select_services)) {
                if (const auto done = rewrap_key(service_context(name), key); !done)
                    return done.error();
                tx.execute(update_service, fresh.id(), key, name);
                ++rows;
            }
            return rows;
        },
        Isolation::serializable);
    if (changed)
        master_ = fresh;
    return changed;
}

}  // namespace calyptenora::storage
