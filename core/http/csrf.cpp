#include "http/csrf.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <stdexcept>

namespace calyptenora::http {

std::string base64url(std::string_view bytes) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string text;
    unsigned buffer = 0;
    int bits = 0;
    for (char c : bytes) {
        buffer = buffer << 8 | static_cast<unsigned char>(c);
        bits += 8;
        while (bits >= 6) {
            bits -= 6;
            text += alphabet[buffer >> bits & 63U];
        }
    }
    if (bits > 0) {
        text += alphabet[buffer << (6 - bits) & 63U];
    }
    return text;
}

bool is_equal_in_constant_time(std::string_view left, std::string_view right) {
    return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::string make_csrf_token(std::string_view key, std::string_view session_id) {
    if (key.size() < 32 || session_id.empty()) {
        throw std::invalid_argument("a CSRF token needs a key of 32 bytes and a session");
    }
    std::string message{"csrf\0", 5};
    message += session_id;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest.data(),
             &length) == nullptr) {
        throw std::runtime_error("HMAC failed");
    }
    return base64url(std::string_view(reinterpret_cast<const char*>(digest.data()), length));
}

CsrfVerdict check_csrf(const CsrfFacts& facts, std::string_view key, std::string_view session_id) {
    if (is_safe(facts.method)) {
        return CsrfVerdict::admitted;
    }
    if (facts.sec_fetch_site && *facts.sec_fetch_site != "same-origin") {
        return CsrfVerdict::cross_site;
    }
    if (facts.origin && *facts.origin != facts.own_origin) {
        return CsrfVerdict::foreign_origin;
    }
    if (!facts.token || !is_equal_in_constant_time(*facts.token, make_csrf_token(key, session_id))) {
        return CsrfVerdict::wrong_token;
    }
    return CsrfVerdict::admitted;
}

CsrfFacts make_csrf_facts(const Request& request, std::string_view own_origin) {
    auto token = request.form.fields.find("csrf");
    return CsrfFacts{.method = request.method,
                     .sec_fetch_site = request.headers.find("sec-fetch-site"),
                     .origin = request.headers.find("origin"),
                     .own_origin = own_origin,
                     .token = token ? token : request.headers.find("x-csrf-token")};
}

}  // namespace calyptenora::http
