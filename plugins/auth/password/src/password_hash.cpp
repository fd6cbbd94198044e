#include "password_hash.hpp"

#include <sodium.h>

#include <array>
#include <new>

namespace calyptenora::password {
namespace {

std::string base64(std::string_view bytes) {
    std::array<char, 128> text{};
    sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                      bytes.size(), sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
    return text.data();
}

std::string prefix_of(HashCost cost) {
    return "$argon2id$v=19$m=" + std::to_string(cost.memory_kib) + ",t=" + std::to_string(cost.passes) +
           ",p=1$";
}

}  // namespace

std::string hash_password(std::string_view password, std::string_view salt, HashCost cost) {
    std::array<unsigned char, 32> hash{};
    if (salt.size() != salt_size ||
        crypto_pwhash(hash.data(), hash.size(), password.data(), password.size(),
                      reinterpret_cast<const unsigned char*>(salt.data()), cost.passes,
                      std::size_t{cost.memory_kib} * 1024, crypto_pwhash_ALG_ARGON2ID13) != 0)
        throw std::bad_alloc();
    return prefix_of(cost) + base64(salt) + "$" +
           base64({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

bool verify_password(std::string_view password, const std::string& stored) {
    constexpr std::string_view ldap_scheme = "{ARGON2}";
    const auto* hash = stored.c_str();
    if (stored.starts_with(ldap_scheme))
        hash += ldap_scheme.size();
    return crypto_pwhash_str_verify(hash, password.data(), password.size()) == 0;
}

bool is_outdated(std::string_view stored, HashCost cost) {
    return !stored.starts_with(prefix_of(cost));
}

std::string make_decoy(HashCost cost) {
    return prefix_of(cost) + base64(std::string(salt_size, 'x')) + "$" + base64(std::string(32, '\0'));
}

}  // namespace calyptenora::password
