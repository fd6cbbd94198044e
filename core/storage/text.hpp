#pragma once

#include <calyptenora/result.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>

/// What text may enter the database, and how bytes are spelt as text there.
namespace calyptenora::storage {

/// Success for well-formed UTF-8 (RFC 3629) without NUL, else `invalid_input`. PostgreSQL cuts text at NUL
/// and refuses bad UTF-8, SQLite takes both; so we refuse both ourselves, for every parameter, before any
/// database sees it. Call it where text enters, to give the person a better message than the database layer
/// can.
Status validate_text(std::string_view text);

/// RFC 4648, section 5, without padding.
std::string make_base64url(std::span<const unsigned char> bytes);
std::string make_base64url(std::string_view bytes);
/// Nothing for text that is no unpadded base64url.
std::optional<std::string> decode_base64url(std::string_view text);

/// Lower case.
std::string make_hex(std::span<const unsigned char> bytes);

/// BLAKE2b of 256 bits, as 64 hex digits: the content address of texts, manifests, policies, session tokens.
std::string make_content_hash(std::string_view text);

/// SHA-256 (FIPS 180-4), as 64 hex digits: where others must be able to compute the same, as of a plugin's
/// file or of the manifest that a proof names.
std::string sha256_hex(std::string_view bytes);

}  // namespace calyptenora::storage
