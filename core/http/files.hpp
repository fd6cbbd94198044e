#pragma once

#include "http/message.hpp"

#include <calyptenora/result.hpp>

#include <filesystem>
#include <string_view>

namespace calyptenora::http {

enum class FileCaching : std::uint8_t {
    revalidate,  ///< `no-cache`: the browser may keep it and asks each time (ETag).
    immutable,   ///< The path names this content for ever.
    none,        ///< `no-store`: paid content, personal files.
};

/// Answers with a file below `root`: 200, 206 for one range, 304, or 416. `relative_path` comes from the
/// request; it cannot leave `root`, neither by `..` nor by a symbolic link, as the kernel resolves it
/// (openat2). The Content-Type follows the ending (`media_type`). The file is read while it is sent, off the
/// I/O threads. Errors: not_found (also for folders and special files), temporary.
Result<Response> open_file_response(const Request& request, const std::filesystem::path& root,
                                    std::string_view relative_path,
                                    FileCaching caching = FileCaching::revalidate);

/// The media type of a file name's ending, `application/octet-stream` for unknown ones.
std::string_view media_type(std::string_view file_name);

}  // namespace calyptenora::http
