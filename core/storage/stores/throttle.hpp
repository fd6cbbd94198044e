#pragma once

#include "storage/key_store.hpp"
#include "storage/transaction.hpp"

#include <string_view>

/// Counts attempts (sign-in, mail) for each account and address in fixed windows of time, on all nodes
/// together. Caller: platform, http.
namespace calyptenora::storage::throttle {

/// Counts one attempt and returns how many there have been in the window that `now` lies in, this one
/// included. `what` and `who` (`sign_in`, an address) are stored only as a keyed hash.
long long count(Transaction& tx, const ServiceSecrets& secrets, std::string_view what, std::string_view who,
                std::chrono::seconds window, Timestamp now);
/// Forgets the attempts, after a success.
void reset(Transaction& tx, const ServiceSecrets& secrets, std::string_view what, std::string_view who);
/// Deletes windows that began before. Returns how many.
long long sweep(Transaction& tx, Timestamp began_before);

}  // namespace calyptenora::storage::throttle
