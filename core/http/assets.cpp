#include "http/assets.hpp"

#include "http/conditional.hpp"
#include "http/csrf.hpp"
#include "http/files.hpp"
#include "http/response_head.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <zlib.h>

#include <array>
#include <fstream>
#include <map>
#include <stdexcept>

namespace calyptenora::http {

namespace fs = std::filesystem;

namespace {

using Prepared = std::shared_ptr<const PreparedAnswer>;

/// One representation of a file: as sent with the right hash, with another one, and when it is known already.
struct Variant {
    std::string etag;
    Prepared lasting;
    Prepared passing;
    Prepared unchanged;
};

struct File {
    Variant plain;
    std::optional<Variant> gzip;
};

constexpr std::string_view lasting_cache = "public, max-age=31536000, immutable";

std::string sha256_prefix(std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1) {
        throw std::runtime_error("SHA-256 failed");
    }
    return base64url(std::string_view(reinterpret_cast<const char*>(digest.data()), 12));
}

std::optional<std::string> find_gzipped(const std::string& bytes) {
    z_stream stream{};
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK) {
        return std::nullopt;
    }
    std::string packed(deflateBound(&stream, bytes.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    int outcome = deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    bool is_worth_it = outcome == Z_STREAM_END && packed.size() < bytes.size() / 10 * 9;
    return is_worth_it ? std::optional(std::move(packed)) : std::nullopt;
}

bool is_compressible(std::string_view type) {
    return type.starts_with("text/") || type.starts_with("application/json") ||
           type.starts_with("application/xml") || type.starts_with("application/manifest") ||
           type.starts_with("image/svg");
}

Variant make_variant(std::string_view name, std::string bytes, std::string_view encoding) {
    auto body = std::make_shared<const std::string>(std::move(bytes));
    Variant variant;
    variant.etag = fmt::format("\"{}\"", sha256_prefix(*body));
    auto lines = [&](std::string_view cache, std::optional<std::size_t> length) {
        Headers headers;
        headers.set("Content-Type", media_type(name));
        headers.set("Cache-Control", cache);
        headers.set("ETag", variant.etag);
        headers.set("Vary", "Accept-Encoding");
        if (!encoding.empty()) {
            headers.set("Content-Encoding", encoding);
        }
        return make_prepared_lines(std::move(headers), ContentSecurityPolicy::make_closed(), length);
    };
    auto prepare = [&](std::string_view cache, std::optional<std::size_t> length) {
        return std::make_shared<const PreparedAnswer>(
            PreparedAnswer{.header_lines = lines(cache, length), .body = body});
    };
    variant.lasting = prepare(lasting_cache, body->size());
    variant.passing = prepare("no-cache", body->size());
    variant.unchanged = prepare(lasting_cache, std::nullopt);
    return variant;
}

bool is_plain_name(std::string_view name) {
    return name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/") ==
           std::string_view::npos;
}

Result<std::map<std::string, std::string>> load_folder(const fs::path& folder) {
    std::map<std::string, std::string> contents;
    std::error_code error;
    fs::recursive_directory_iterator walk(folder, error);
    for (; !error && walk != fs::recursive_directory_iterator(); walk.increment(error)) {
        if (walk->path().filename().string().starts_with('.')) {
            walk.disable_recursion_pending();
            continue;
        }
        if (!walk->is_regular_file(error) || walk->is_symlink(error)) {
            continue;
        }
        auto name = walk->path().lexically_relative(folder).generic_string();
        if (!is_plain_name(name)) {
            return Error(
                ErrorKind::invalid_config,
                fmt::format("asset '{}' in {}: rename it, only letters, digits and ._- may stand in its name",
                            name, folder.string()));
        }
        std::ifstream file(walk->path(), std::ios::binary);
        std::string bytes{std::istreambuf_iterator<char>(file), {}};
        if (!file) {
            return Error(ErrorKind::invalid_config,
                         fmt::format("cannot read the asset {}", walk->path().string()));
        }
        contents.emplace(std::move(name), std::move(bytes));
    }
    if (error) {
        return Error(ErrorKind::invalid_config, fmt::format("cannot read the folder of assets {}: {}",
                                                            folder.string(), error.message()));
    }
    return contents;
}

boost::asio::awaitable<Response> answer_with_asset(const Assets& assets, const Request& request,
                                                   const PathParams& path) {
    auto answer = assets.find_answer(request, path.at("hash"), path.at("name"));
    co_return answer ? std::move(*answer) : Response::make_text("There is no such file.\n", 404);
}

}  // namespace

struct Assets::Content {
    std::string hash;
    std::map<std::string, File, std::less<>> files;
};

Result<Assets> Assets::load_assets(const fs::path& folder) {
    auto contents = load_folder(folder);
    if (!contents) {
        return contents.error();
    }
    auto content = std::make_shared<Content>();
    std::string digests;
    for (auto& [name, bytes] : *contents) {
        digests += name + '\0' + sha256_prefix(bytes) + '\0';
        File file;
        if (is_compressible(media_type(name))) {
            if (auto packed = find_gzipped(bytes)) {
                file.gzip = make_variant(name, std::move(*packed), "gzip");
            }
        }
        file.plain = make_variant(name, std::move(bytes), {});
        content->files.emplace(name, std::move(file));
    }
    content->hash = sha256_prefix(digests);
    return Assets(std::move(content));
}

std::optional<std::string> Assets::find_asset_url(std::string_view name) const {
    if (!content_->files.contains(name)) {
        return std::nullopt;
    }
    return fmt::format("/assets/{}/{}", content_->hash, name);
}

std::string Assets::asset_url(std::string_view name) const {
    auto url = find_asset_url(name);
    if (!url) {
        throw std::out_of_range(fmt::format("there is no asset '{}'", name));
    }
    return *url;
}

boost::json::object Assets::urls() const {
    boost::json::object urls;
    for (const auto& [name, file] : content_->files) {
        std::string key = name;
        std::ranges::replace_if(key, [](char c) { return c == '-' || c == '.' || c == '/'; }, '_');
        urls[key] = asset_url(name);
    }
    return urls;
}

std::optional<Response> Assets::find_answer(const Request& request, std::string_view hash,
                                            std::string_view name) const {
    auto found = content_->files.find(name);
    if (found == content_->files.end()) {
        return std::nullopt;
    }
    const auto& file = found->second;
    bool takes_gzip = file.gzip && accepts_gzip(request.headers.find("accept-encoding").value_or(""));
    const auto& variant = takes_gzip ? *file.gzip : file.plain;
    Response response;
    if (auto known = request.headers.find("if-none-match"); known && matches_etag(*known, variant.etag)) {
        response.status = 304;
        response.body = variant.unchanged;
    } else {
        response.body = hash == content_->hash ? variant.lasting : variant.passing;
    }
    return response;
}

void Assets::add_routes(Router& router) const {
    router.get("/assets/{hash}/{name...}", [assets = *this](Request& request, const PathParams& path) {
        return answer_with_asset(assets, request, path);
    });
}

}  // namespace calyptenora::http
