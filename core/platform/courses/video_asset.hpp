#pragma once

#include <calyptenora/result.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace calyptenora::platform {

/// A video prepared for adaptive playing (HLS, fragmented MP4), in a folder of its own named by the hash of
/// its source:
///
///     <target>/<sha256>/master.m3u8          the playlist to open
///                       v0/stream.m3u8  init.mp4  seg_000.m4s ...    one folder per rendition, the largest
///                       first poster.jpg asset.json           length, size; written last
struct VideoAsset {
    std::string content_hash;
    std::filesystem::path folder;
    std::chrono::seconds duration{0};
    /// Of the largest rendition, in pixels.
    int width = 0;
    int height = 0;
    int renditions = 0;
};

/// An asset that was prepared before; nothing if there is none, or its asset.json cannot be read.
std::optional<VideoAsset> find_video_asset(const std::filesystem::path& target,
                                           const std::string& content_hash);

/// From 0 to 1; called from the thread that prepares. Returning false cancels.
using VideoProgress = std::function<bool(double done)>;

/// Prepares `source` with ffmpeg, or finds it prepared already. The result appears whole or not at all (a
/// folder beside it, then a rename). Renditions: the source's height, at most 1080 lines, and half of it
/// where that leaves at least 240. Without a picture it is refused. Blocking and long; bounded by
/// `time_limit`. Errors: `invalid_input` (no video), `unsupported` (ffmpeg is missing), `temporary`
/// (cancelled, out of time), `permanent` (ffmpeg's own message).
Result<VideoAsset> prepare_video(const std::filesystem::path& source, const std::filesystem::path& target,
                                 const VideoProgress& progress = {},
                                 std::chrono::seconds time_limit = std::chrono::hours(4));

}  // namespace calyptenora::platform
