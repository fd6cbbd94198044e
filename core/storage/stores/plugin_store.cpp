#include "storage/stores/plugin_store.hpp"

#include "storage/text.hpp"

#include <fmt/format.h>

namespace calyptenora::storage::plugin_store {
namespace {

std::string text_of(const Owner& owner) {
    return owner ? owner->text() : std::string();
}

constexpr std::string_view count_sql =
    "select count(*) from plugin_store where instance = :instance and subject = :subject and key <> :key";
constexpr std::string_view put_sql =
    "insert into plugin_store (instance, subject, key, purpose, value_enc, updated_at) values (:instance, "
    ":subject, :key, "
    ":purpose, :value_enc, :now) on conflict (instance, subject, key) do update set purpose = "
    "excluded.purpose, "
    "value_enc = excluded.value_enc, updated_at = excluded.updated_at";

}  // namespace

// Instance and key are part of the place: a value cannot be handed to another plugin.
std::string row_name(std::string_view instance, std::string_view owner, std::string_view key) {
    return fmt::format("{}\n{}\n{}", instance, owner, key);
}

Status put(Transaction& tx, const FieldCipher& cipher, std::string_view instance, const Owner& owner,
           std::string_view purpose, std::string_view key, std::string_view value, Timestamp now) {
    if (value.size() > max_value_size)
        return Error(ErrorKind::invalid_input,
                     fmt::format("a stored value has at most {} bytes", max_value_size));
    if (key.empty() || key.size() > max_key_size || !validate_text(key))
        return Error(ErrorKind::invalid_input,
                     fmt::format("a key is UTF-8 text of 1 to {} bytes", max_key_size));
    if (std::get<0>(*tx.find<long long>(count_sql, instance, text_of(owner), key)) >= max_keys)
        return Error(ErrorKind::rate_limited, fmt::format("at most {} keys; erase some first", max_keys));
    const auto row = row_name(instance, text_of(owner), key);
    const FieldAddress address{"plugin_store", row, "value_enc"};
    const auto sealed = owner ? cipher.encrypt(*owner, address, value)
                              : Result<std::string>(cipher.encrypt_system(address, value));
    if (!sealed)
        return sealed.error();
    tx.execute(put_sql, instance, text_of(owner), key, purpose, *sealed, now);
    return {};
}

constexpr std::string_view find_sql =
    "select value_enc from plugin_store where instance = :instance and subject = :subject and key = :key";
Result<std::optional<std::string>> find(Transaction& tx, const FieldCipher& cipher, std::string_view instance,
                                        const Owner& owner, std::string_view key) {
    const auto found = tx.find<std::string>(find_sql, instance, text_of(owner), key);
    if (!found)
        return std::optional<std::string>();
    const auto row = row_name(instance, text_of(owner), key);
    const FieldAddress address{"plugin_store", row, "value_enc"};
    auto value = owner ? cipher.decrypt(*owner, address, std::get<0>(*found))
                       : cipher.decrypt_system(address, std::get<0>(*found));
    if (!value)
        return value.error();
    return std::optional(std::move(*value));
}

constexpr std::string_view erase_sql =
    "delete from plugin_store where instance = :instance and subject = :subject and key = :key";
bool erase(Transaction& tx, std::string_view instance, const Owner& owner, std::string_view key) {
    return tx.execute(erase_sql, instance, text_of(owner), key) > 0;
}

constexpr std::string_view list_sql =
    "select key from plugin_store where instance = :instance and subject = :subject";
std::vector<std::string> list(Transaction& tx, std::string_view instance, const Owner& owner,
                              std::string_view prefix) {
    std::vector<std::string> keys;
    for (auto& [key] : tx.rows<std::string>(list_sql, instance, text_of(owner)))
        if (key.starts_with(prefix))
            keys.push_back(std::move(key));
    // Here and not in SQL, whose order of text depends on the database's locale.
    std::ranges::sort(keys);
    return keys;
}

}  // namespace calyptenora::storage::plugin_store
