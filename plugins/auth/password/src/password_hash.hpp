#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Argon2 hashes as PHC strings: `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>`.
namespace calyptenora::password {

/// What a check costs. One lane: libsodium has no others.
struct HashCost {
    std::uint32_t memory_kib = 19456;
    std::uint32_t passes = 2;
};

inline constexpr std::size_t salt_size = 16;

/// Throws std::bad_alloc when the memory is not to be had.
std::string hash_password(std::string_view password, std::string_view salt, HashCost cost);

/// Accepts argon2id and argon2i of any cost, the latter as LDAP servers keep it (also with `{ARGON2}` before
/// it).
bool verify_password(std::string_view password, const std::string& stored);

/// Whether a stored hash is of another kind or cost than today's.
bool is_outdated(std::string_view stored, HashCost cost);

/// A hash of today's cost that no password is known for: checking against it takes as long as against a real
/// one.
std::string make_decoy(HashCost cost);

}  // namespace calyptenora::password
