#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace calyptenora::hls {

/// What a path stands for once its signature has been checked.
struct SignedFile {
    std::string file;             ///< `<asset>/<rest>`, safe to open below the media folder.
    std::int64_t expires_at = 0;  ///< Unix seconds; the caller compares it with the clock.
};

/// One folder name: letters, digits, `-`, `_` and `.`, not at its beginning; at most 100 characters.
bool is_asset_name(std::string_view text);

/// `hls/<expiry>.<signature>/<asset>/master.m3u8`
std::string sign_path(const std::string& asset, std::int64_t expires_at, const std::string& key);

/// Reads `[/media/]hls/...`. Nothing unless the signature is by one of the keys and the file is a plain path
/// to a playlist, segment, subtitle, picture or key.
std::optional<SignedFile> find_signed_file(std::string_view path, const std::vector<std::string>& keys);

}  // namespace calyptenora::hls
