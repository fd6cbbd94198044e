#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

/// Conditional and range requests (RFC 9110, 13 and 14). Pure functions.
namespace calyptenora::http {

/// Whether If-None-Match names `etag` (weak comparison, `*` matches). `etag` is quoted: `"abc"`.
bool matches_etag(std::string_view if_none_match, std::string_view etag);

struct WholeFile {};
struct ByteRange {
    std::uint64_t offset;
    std::uint64_t length;
    bool operator==(const ByteRange&) const = default;
};
/// 416.
struct UnsatisfiableRange {};

/// Reads a Range header for a file of `size` bytes. One range only: several, another unit or bad syntax give
/// the whole file, as the RFC allows.
std::variant<WholeFile, ByteRange, UnsatisfiableRange> read_range(std::string_view range, std::uint64_t size);

/// Whether Accept-Encoding admits gzip: named with a q above 0, or `*` without naming gzip.
bool accepts_gzip(std::string_view accept_encoding);

}  // namespace calyptenora::http
