#include "web/assets.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <utility>

namespace calyptenora::web {
namespace {

constexpr std::pair<std::string_view, std::string_view> content_types[] = {
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".woff2", "font/woff2"},
    {".png", "image/png"},
    {".txt", "text/plain; charset=utf-8"},
};

/// 16 hexadecimal digits of SHA-256 over names and contents.
std::string fingerprint(const std::map<std::string, Asset>& files) {
    std::string all;
    for (const auto& [name, asset] : files)
        all.append(name).append(1, '\0').append(asset.bytes).append(1, '\0');
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    EVP_Digest(all.data(), all.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
    std::string text;
    for (std::size_t i = 0; i < 8; ++i)
        text += fmt::format("{:02x}", digest[i]);
    return text;
}

}  // namespace

Result<Assets> Assets::load(const std::filesystem::path& folder) {
    std::map<std::string, Asset> files;
    std::error_code failure;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, failure)) {
        if (!entry.is_regular_file())
            continue;
        const auto name = std::filesystem::relative(entry.path(), folder).generic_string();
        const auto extension = entry.path().extension().string();
        const auto type = std::find_if(std::begin(content_types), std::end(content_types),
                                       [&](const auto& known) { return known.first == extension; });
        if (type == std::end(content_types))
            return Error(ErrorKind::invalid_config, entry.path().string() + ": unknown type of file");
        std::ifstream file(entry.path(), std::ios::binary);
        std::ostringstream bytes;
        bytes << file.rdbuf();
        files.emplace(name, Asset{bytes.str(), type->second});
    }
    if (failure || files.empty())
        return Error(ErrorKind::invalid_config,
                     folder.string() + ": no assets found; run the build (it copies them there)");

    Assets assets;
    const auto base = "/assets/" + fingerprint(files) + "/";
    for (auto& [name, asset] : files) {
        auto key = name;
        std::replace_if(key.begin(), key.end(), [](char c) { return c == '.' || c == '-' || c == '/'; }, '_');
        assets.urls_[key] = base + name;
        assets.by_path_.emplace(base + name, std::move(asset));
    }
    return assets;
}

const Asset* Assets::find(std::string_view path) const {
    const auto found = by_path_.find(path);
    return found == by_path_.end() ? nullptr : &found->second;
}

}  // namespace calyptenora::web
