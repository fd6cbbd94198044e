#include "storage/field_cipher.hpp"

#include "storage/text.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <array>

namespace calyptenora::storage {
namespace {

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// Unambiguous: each part with its length.
std::string context_of(const FieldAddress& address) {
    return fmt::format("{}:{} {}:{} {}:{}", address.table.size(), address.table, address.row.size(),
                       address.row, address.column.size(), address.column);
}

std::string keyed_hash(const SecretKey& key, std::string_view text) {
    std::array<unsigned char, 32> hash;
    crypto_generichash(hash.data(), hash.size(), bytes_of(text), text.size(), key.data(), SecretKey::size);
    return make_hex(hash);
}

}  // namespace

Result<std::string> FieldCipher::encrypt(const SubjectId& subject, const FieldAddress& address,
                                         std::string_view text) const {
    const auto secrets = keys_.load(subject);
    if (!secrets)
        return secrets.error();
    return seal_text((*secrets)->key, context_of(address), text);
}

Result<std::string> FieldCipher::decrypt(const SubjectId& subject, const FieldAddress& address,
                                         std::string_view sealed) const {
    const auto secrets = keys_.load(subject);
    if (!secrets)
        return secrets.error();
    return open_sealed_text((*secrets)->key, context_of(address), sealed);
}

std::string FieldCipher::encrypt_system(const FieldAddress& address, std::string_view text) const {
    return seal_text(keys_.service().system_fields, context_of(address), text);
}

Result<std::string> FieldCipher::decrypt_system(const FieldAddress& address, std::string_view sealed) const {
    return open_sealed_text(keys_.service().system_fields, context_of(address), sealed);
}

std::string FieldCipher::email_lookup_hash(std::string_view normalised_email) const {
    return keyed_hash(keys_.service().email_lookup, normalised_email);
}

Result<std::string> FieldCipher::pseudonym(const SubjectId& subject, std::string_view instance) const {
    const auto secrets = keys_.load(subject);
    if (!secrets)
        return secrets.error();
    static_assert(crypto_auth_hmacsha256_KEYBYTES == SecretKey::size);
    std::array<unsigned char, crypto_auth_hmacsha256_BYTES> code;
    crypto_auth_hmacsha256(code.data(), bytes_of(instance), instance.size(), (*secrets)->salt.data());
    return make_hex(std::span(code).first(16));
}

Result<std::string> FieldCipher::commitment(const SubjectId& subject, const CallId& call,
                                            std::string_view bytes) const {
    const auto secrets = keys_.load(subject);
    if (!secrets)
        return secrets.error();
    return keyed_hash((*secrets)->salt.derive("commitment " + call.text()), bytes);
}

std::string normalise_email(std::string_view email) {
    const auto first = email.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos)
        return {};
    std::string normal(email.substr(first, email.find_last_not_of(" \t\r\n") - first + 1));
    for (auto& c : normal)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return normal;
}

}  // namespace calyptenora::storage
