#include "storage/text.hpp"

#include <openssl/evp.h>
#include <sodium.h>

#include <array>
#include <stdexcept>

namespace calyptenora::storage {
namespace {

std::span<const unsigned char> bytes_of(std::string_view text) {
    return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

/// The length of the well-formed sequence at the start (RFC 3629, section 4), or 0.
std::size_t sequence_length(std::span<const unsigned char> text) {
    const auto lead = text[0];
    if (lead < 0x80)
        return 1;
    const std::size_t length = lead >= 0xc2 && lead <= 0xdf   ? 2
                               : (lead & 0xf0) == 0xe0        ? 3
                               : lead >= 0xf0 && lead <= 0xf4 ? 4
                                                              : 0;
    if (length == 0 || text.size() < length)
        return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    // Overlong forms, surrogates, and what lies beyond U+10FFFF.
    const auto second = text[1];
    const bool excluded = (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
                          (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f);
    return excluded ? 0 : length;
}

}  // namespace

Status validate_text(std::string_view text) {
    auto rest = bytes_of(text);
    while (!rest.empty()) {
        if (rest[0] == 0)
            return Error(ErrorKind::invalid_input, "text contains a NUL character");
        const auto length = sequence_length(rest);
        if (length == 0)
            return Error(ErrorKind::invalid_input, "text is not valid UTF-8");
        rest = rest.subspan(length);
    }
    return {};
}

std::string make_base64url(std::span<const unsigned char> bytes) {
    constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), variant);
    text.resize(text.size() - 1);
    return text;
}

std::string make_base64url(std::string_view bytes) {
    return make_base64url(bytes_of(bytes));
}

std::optional<std::string> decode_base64url(std::string_view text) {
    std::string bytes(text.size() / 4 * 3 + 3, '\0');
    std::size_t length = 0;
    const char* end = nullptr;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                          text.size(), nullptr, &length, &end,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        end != text.data() + text.size())
        return std::nullopt;
    bytes.resize(length);
    return bytes;
}

std::string make_hex(std::span<const unsigned char> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const auto byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 0xf];
    }
    return text;
}

std::string make_content_hash(std::string_view text) {
    std::array<unsigned char, 32> hash;
    crypto_generichash(hash.data(), hash.size(), bytes_of(text).data(), text.size(), nullptr, 0);
    return make_hex(hash);
}

std::string sha256_hex(std::string_view bytes) {
    // OpenSSL's uses the processor's instructions for it; a plugin's library has megabytes.
    std::array<unsigned char, 32> hash;
    if (EVP_Digest(bytes.data(), bytes.size(), hash.data(), nullptr, EVP_sha256(), nullptr) != 1)
        throw std::runtime_error("OpenSSL cannot compute a SHA-256");
    return make_hex(hash);
}

}  // namespace calyptenora::storage
