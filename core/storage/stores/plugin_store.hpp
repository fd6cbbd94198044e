#pragma once

#include "storage/field_cipher.hpp"
#include "storage/transaction.hpp"

#include <calyptenora/result.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A plugin instance's own small memory. Each instance sees its own alone; values are sealed under the
/// subject's key, or under the system's where there is no subject. Caller: host (the `store` service).
namespace calyptenora::storage::plugin_store {

/// Longer values and keys are `invalid_input`; more keys for one instance and subject are `rate_limited`.
inline constexpr std::size_t max_value_size = 64 * 1024;
inline constexpr std::size_t max_key_size = 200;
inline constexpr int max_keys = 1000;

/// Whose value; nobody's for the instance's own settings.
using Owner = std::optional<SubjectId>;

/// What the row is called in the address of its ciphertext; `owner` is empty for nobody's.
std::string row_name(std::string_view instance, std::string_view owner, std::string_view key);

/// Any bytes, unlike everywhere else. `not_found` if the subject is erased.
Status put(Transaction& tx, const FieldCipher& cipher, std::string_view instance, const Owner& owner,
           std::string_view purpose, std::string_view key, std::string_view value, Timestamp now);
/// Nothing inside the Result if there is no such key.
Result<std::optional<std::string>> find(Transaction& tx, const FieldCipher& cipher, std::string_view instance,
                                        const Owner& owner, std::string_view key);
/// Whether there was such a key.
bool erase(Transaction& tx, std::string_view instance, const Owner& owner, std::string_view key);
/// Ascending, those that start with `prefix`.
std::vector<std::string> list(Transaction& tx, std::string_view instance, const Owner& owner,
                              std::string_view prefix);

}  // namespace calyptenora::storage::plugin_store
