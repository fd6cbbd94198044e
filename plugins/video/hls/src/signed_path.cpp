#include "signed_path.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace calyptenora::hls {
namespace {

constexpr auto extensions = std::to_array<std::string_view>(
    {".m3u8", ".ts", ".m4s", ".mp4", ".m4a", ".aac", ".vtt", ".webvtt", ".key", ".jpg"});

std::string signature_of(std::string_view asset, std::string_view expiry, const std::string& key) {
    const auto text = "hls\n" + std::string(asset) + "\n" + std::string(expiry);
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(key.data()), key.size());
    crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    std::array<unsigned char, crypto_auth_hmacsha256_BYTES> mac{};
    crypto_auth_hmacsha256_final(&state, mac.data());
    std::array<char, 64> encoded{};
    sodium_bin2base64(encoded.data(), encoded.size(), mac.data(), mac.size(),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return encoded.data();
}

}  // namespace

bool is_asset_name(std::string_view text) {
    return !text.empty() && text.size() <= 100 && text.front() != '.' &&
           std::ranges::all_of(text, [](char c) {
               return (std::isalnum(static_cast<unsigned char>(c)) && static_cast<unsigned char>(c) < 0x80) ||
                      c == '-' || c == '_' || c == '.';
           });
}

std::string sign_path(const std::string& asset, std::int64_t expires_at, const std::string& key) {
    const auto expiry = std::to_string(expires_at);
    return "hls/" + expiry + "." + signature_of(asset, expiry, key) + "/" + asset + "/master.m3u8";
}

std::optional<SignedFile> find_signed_file(std::string_view path, const std::vector<std::string>& keys) {
    constexpr std::string_view media = "/media/", root = "hls/";
    if (path.starts_with(media))
        path.remove_prefix(media.size());
    if (!path.starts_with(root) || path.size() > 500)
        return std::nullopt;
    path.remove_prefix(root.size());
    const auto slash = path.find('/');
    const auto dot = path.find('.');
    if (slash == std::string_view::npos || dot == std::string_view::npos || dot > slash)
        return std::nullopt;
    const auto expiry = path.substr(0, dot);
    const auto signature = path.substr(dot + 1, slash - dot - 1);
    const auto file = path.substr(slash + 1);

    SignedFile out{std::string(file), 0};
    const auto [end, failure] = std::from_chars(expiry.data(), expiry.data() + expiry.size(), out.expires_at);
    if (failure != std::errc{} || end != expiry.data() + expiry.size())
        return std::nullopt;

    const auto asset = file.substr(0, file.find('/'));
    if (asset.size() == file.size())
        return std::nullopt;
    for (auto rest = file;;) {
        const auto next = rest.find('/');
        if (!is_asset_name(rest.substr(0, next)))
            return std::nullopt;
        if (next == std::string_view::npos)
            break;
        rest.remove_prefix(next + 1);
    }
    if (std::ranges::none_of(extensions, [&](auto extension) { return file.ends_with(extension); }))
        return std::nullopt;

    bool signed_by_us = false;
    for (const auto& key : keys) {
        const auto expected = signature_of(asset, expiry, key);
        signed_by_us |= expected.size() == signature.size() &&
                        sodium_memcmp(expected.data(), signature.data(), expected.size()) == 0;
    }
    if (!signed_by_us)
        return std::nullopt;
    return out;
}

}  // namespace calyptenora::hls
