#include "storage/signature.hpp"

#include "storage/text.hpp"

#include <sodium.h>

#include <array>
#include <optional>

namespace calyptenora::storage {
namespace {

static_assert(SecretKey::size == crypto_sign_SEEDBYTES);

using PublicKey = std::array<unsigned char, crypto_sign_PUBLICKEYBYTES>;

/// The secret half is wiped with the object.
struct KeyPair {
    explicit KeyPair(const SecretKey& seed) {
        crypto_sign_seed_keypair(public_half.data(), secret_half.data(), seed.data());
    }
    ~KeyPair() { sodium_memzero(secret_half.data(), secret_half.size()); }
    KeyPair(const KeyPair&) = delete;
    KeyPair& operator=(const KeyPair&) = delete;

    PublicKey public_half;
    std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret_half;
};

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::optional<PublicKey> read_public_key(std::string_view hex) {
    PublicKey key;
    std::size_t length = 0;
    if (hex.size() != 2 * key.size() ||
        sodium_hex2bin(key.data(), key.size(), hex.data(), hex.size(), nullptr, &length, nullptr) != 0)
        return std::nullopt;
    // One spelling only, so that keys can be compared as text.
    if (length != key.size() || make_hex(key) != hex)
        return std::nullopt;
    return key;
}

}  // namespace

std::string make_public_key(const SecretKey& seed) {
    return make_hex(KeyPair(seed).public_half);
}

std::string make_fingerprint(std::string_view public_key) {
    const auto key = read_public_key(public_key);
    if (!key)
        return {};
    const auto digits = sha256_hex({reinterpret_cast<const char*>(key->data()), key->size()});
    std::string groups;
    for (std::size_t i = 0; i < digits.size(); i += 4)
        groups.append(i ? " " : "").append(digits, i, 4);
    return groups;
}

std::string make_signature(const SecretKey& seed, std::string_view text) {
    const KeyPair pair(seed);
    std::array<unsigned char, crypto_sign_BYTES> signature;
    crypto_sign_detached(signature.data(), nullptr, bytes_of(text), text.size(), pair.secret_half.data());
    return make_base64url(signature);
}

bool is_signed_by(std::string_view public_key, std::string_view text, std::string_view signature) {
    const auto key = read_public_key(public_key);
    const auto bytes = decode_base64url(signature);
    // One spelling only: base64 may hide bits in its last character.
    return key && bytes && bytes->size() == crypto_sign_BYTES && make_base64url(*bytes) == signature &&
           crypto_sign_verify_detached(bytes_of(*bytes), bytes_of(text), text.size(), key->data()) == 0;
}

}  // namespace calyptenora::storage
