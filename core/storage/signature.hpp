#pragma once

#include "storage/master_key.hpp"

#include <string>
#include <string_view>

/// Ed25519 (RFC 8032): what one key signs, everybody can check who knows its public half.
namespace calyptenora::storage {

/// The public half of the key whose seed this is, as 64 hex digits.
std::string make_public_key(const SecretKey& seed);

/// How people compare public keys: SHA-256 of the 32 bytes, in groups of four digits. Empty if this is no
/// public key.
std::string make_fingerprint(std::string_view public_key);

/// As base64url, 86 characters.
std::string make_signature(const SecretKey& seed, std::string_view text);

/// Whether the key signed exactly this text. False, too, for what is no key or no signature at all.
bool is_signed_by(std::string_view public_key, std::string_view text, std::string_view signature);

}  // namespace calyptenora::storage
