#include "http/files.hpp"

#include "http/conditional.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace calyptenora::http {
namespace {

int open_below(const std::filesystem::path& root, const std::string& relative_path) {
    int folder = ::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        return -1;
    }
    open_how how{};
    how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    auto file = static_cast<int>(::syscall(SYS_openat2, folder, relative_path.c_str(), &how, sizeof how));
    int error = errno;
    ::close(folder);
    errno = error;
    return file;
}

std::string_view cache_control(FileCaching caching) {
    switch (caching) {
        case FileCaching::revalidate:
            return "no-cache";
        case FileCaching::immutable:
            return "public, max-age=31536000, immutable";
        case FileCaching::none:
            break;
    }
    return "no-store";
}

}  // namespace

Result<Response> open_file_response(const Request& request, const std::filesystem::path& root,
                                    std::string_view relative_path, FileCaching caching) {
    if (relative_path.find('\0') != std::string_view::npos) {
        return Error(ErrorKind::not_found, "no such file");
    }
    int descriptor = open_below(root, std::string(relative_path));
    if (descriptor < 0) {
        bool is_missing = errno != EMFILE && errno != ENFILE && errno != ENOMEM && errno != EAGAIN;
        return Error(is_missing ? ErrorKind::not_found : ErrorKind::temporary,
                     fmt::format("cannot open the file: {}", std::strerror(errno)));
    }
    auto file = std::make_shared<const FileHandle>(descriptor);
    struct stat status{};
    if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
        return Error(ErrorKind::not_found, "not a regular file");
    }
    auto size = static_cast<std::uint64_t>(status.st_size);
    auto etag = fmt::format("\"{:x}-{:x}-{:x}\"", status.st_ino, size,
                            static_cast<std::uint64_t>(status.st_mtim.tv_sec) * 1'000'000'000U +
                                static_cast<std::uint64_t>(status.st_mtim.tv_nsec));
    Response response;
    response.headers.set("ETag", etag);
    response.headers.set("Accept-Ranges", "bytes");
    response.headers.set("Cache-Control", cache_control(caching));
    if (auto known = request.headers.find("if-none-match"); known && matches_etag(*known, etag)) {
        response.status = 304;
        return response;
    }
    response.headers.set("Content-Type", media_type(relative_path));
    auto range = request.headers.find("range");
    auto if_range = request.headers.find("if-range");
    bool is_ranged = range && request.method == Method::GET && (!if_range || *if_range == etag);
    FileRange part{.file = std::move(file), .offset = 0, .length = size};
    if (is_ranged) {
        auto wanted = read_range(*range, size);
        if (auto* bytes = std::get_if<ByteRange>(&wanted)) {
            part.offset = bytes->offset;
            part.length = bytes->length;
            response.status = 206;
            response.headers.set("Content-Range", fmt::format("bytes {}-{}/{}", bytes->offset,
                                                              bytes->offset + bytes->length - 1, size));
        } else if (std::holds_alternative<UnsatisfiableRange>(wanted)) {
            response.status = 416;
            response.headers.set("Content-Range", fmt::format("bytes */{}", size));
            return response;
        }
    }
    response.body = std::move(part);
    return response;
}

std::string_view media_type(std::string_view file_name) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 30> types{{
        {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".mjs", "text/javascript; charset=utf-8"},
        {".json", "application/json"},
        {".map", "application/json"},
        {".webmanifest", "application/manifest+json"},
        {".html", "text/html; charset=utf-8"},
        {".txt", "text/plain; charset=utf-8"},
        {".csv", "text/csv; charset=utf-8"},
        {".py", "text/plain; charset=utf-8"},
        {".xml", "application/xml"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".jpeg", "image/jpeg"},
        {".gif", "image/gif"},
        {".webp", "image/webp"},
        {".avif", "image/avif"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".woff", "font/woff"},
        {".pdf", "application/pdf"},
        {".zip", "application/zip"},
        {".vtt", "text/vtt; charset=utf-8"},
        {".m3u8", "application/vnd.apple.mpegurl"},
        {".ts", "video/mp2t"},
        {".m4s", "video/iso.segment"},
        {".mp4", "video/mp4"},
        {".webm", "video/webm"},
        {".mp3", "audio/mpeg"},
    }};
    auto dot = file_name.rfind('.');
    if (dot != std::string_view::npos) {
        for (const auto& [ending, type] : types) {
            if (is_same_name(file_name.substr(dot), ending)) {
                return type;
            }
        }
    }
    return "application/octet-stream";
}

}  // namespace calyptenora::http
