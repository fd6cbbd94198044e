#pragma once

#include "storage/ids.hpp"
#include "storage/key_store.hpp"

#include <calyptenora/result.hpp>

#include <string>
#include <string_view>

namespace calyptenora::storage {

/// The one place where a ciphertext belongs; it opens nowhere else.
struct FieldAddress {
    std::string_view table;
    std::string_view row;
    std::string_view column;
};

/// Encrypts and decrypts the fields of the `_enc` columns, and computes what is derived from keys.
/// Blocks on the key store (see there). Cheap to construct; the stores take it as a parameter.
class FieldCipher {
  public:
    explicit FieldCipher(KeyStore& keys) : keys_(keys) {}

    /// Under the subject's key. `not_found` if the subject is erased.
    Result<std::string> encrypt(const SubjectId& subject, const FieldAddress& address,
                                std::string_view text) const;
    /// `not_found` if the subject is erased; `denied` if the ciphertext was altered or moved.
    Result<std::string> decrypt(const SubjectId& subject, const FieldAddress& address,
                                std::string_view sealed) const;

    /// For rows that belong to no subject.
    std::string encrypt_system(const FieldAddress& address, std::string_view text) const;
    Result<std::string> decrypt_system(const FieldAddress& address, std::string_view sealed) const;

    /// Finds an account by address without storing the address: keyed BLAKE2b of the normalised address
    /// (see `normalise_email`), 64 hex digits.
    std::string email_lookup_hash(std::string_view normalised_email) const;

    /// What an instance (`family/name`) knows the subject by: HMAC-SHA256 over the instance under the
    /// subject's salt, its first 128 bits in hex. Two instances cannot join theirs; after erasure nobody
    /// computes it again.
    Result<std::string> pseudonym(const SubjectId& subject, std::string_view instance) const;

    /// A commitment to bytes that left, for the disclosure ledger: keyed BLAKE2b under the subject's salt,
    /// bound to the call. Can be opened as long as the subject's secrets exist, and guessed by nobody.
    Result<std::string> commitment(const SubjectId& subject, const CallId& call,
                                   std::string_view bytes) const;

    KeyStore& keys() const { return keys_; }

  private:
    KeyStore& keys_;
};

/// Lower case in ASCII, surrounding spaces removed. Two spellings of one mailbox in practice; nothing more
/// clever.
std::string normalise_email(std::string_view email);

}  // namespace calyptenora::storage
