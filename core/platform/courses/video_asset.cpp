#include "platform/courses/video_asset.hpp"

#include <boost/json.hpp>

#include <fstream>

namespace calyptenora::platform {

std::optional<VideoAsset> find_video_asset(const std::filesystem::path& target,
                                           const std::string& content_hash) {
    std::ifstream stream(target / content_hash / "asset.json", std::ios::binary);
    if (!stream)
        return std::nullopt;
    std::string text(std::istreambuf_iterator<char>(stream), {});
    boost::system::error_code failure;
    const auto value = boost::json::parse(text, failure);
    const auto* object = failure ? nullptr : value.if_object();
    if (!object)
        return std::nullopt;
    const auto number = [&](const char* key) -> std::int64_t {
        const auto* found = object->if_contains(key);
        return found && found->is_int64() ? found->as_int64() : 0;
    };
    VideoAsset asset{
        content_hash,         target / content_hash, std::chrono::seconds(number("duration_seconds")),
        int(number("width")), int(number("height")), int(number("renditions"))};
    if (asset.duration.count() <= 0 || asset.width <= 0 || asset.height <= 0 || asset.renditions <= 0)
        return std::nullopt;
    return asset;
}

}  // namespace calyptenora::platform
