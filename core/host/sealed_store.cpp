#include "host/sealed_store.hpp"

#include "storage/stores/plugin_store.hpp"
#include "storage/text.hpp"

namespace calyptenora::host {
namespace {

/// The purpose is part of the key: what was kept for one is not found for another. A key that would become
/// too long is replaced by its hash.
std::string full_key(const StoreEntry& entry) {
    const auto purpose = std::string(key_of(entry.purpose)) + "/";
    const bool fits = purpose.size() + entry.key.size() <= storage::plugin_store::max_key_size;
    return purpose + (fits ? entry.key : storage::sha256_hex(entry.key));
}

}  // namespace

boost::asio::awaitable<Result<std::optional<std::string>>> SealedStore::get(StoreEntry entry) {
    using Found = std::optional<std::string>;
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<Found> {
        return storage::plugin_store::find(tx, cipher_, entry.instance.text(), entry.subject,
                                           full_key(entry));
    });
}

boost::asio::awaitable<Status> SealedStore::put(StoreEntry entry, std::string value) {
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        return storage::plugin_store::put(tx, cipher_, entry.instance.text(), entry.subject,
                                          key_of(entry.purpose), full_key(entry), value, clock_.now());
    });
}

boost::asio::awaitable<Status> SealedStore::erase(StoreEntry entry) {
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        storage::plugin_store::erase(tx, entry.instance.text(), entry.subject, full_key(entry));
        return {};
    });
}

}  // namespace calyptenora::host
