#pragma once

#include "http/method.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// Stands between the raw bytes of a request's header and everything that reads it. Two readers of one
/// request that disagree about where it ends are how requests are smuggled (RFC 9112, 11.2); Beast 1.81
/// accepts several spellings that others read differently (for example `Transfer-Encoding: gzip` followed by
/// a Content-Length), so nothing reaches it that is not plain. Pure functions: no socket, no clock.
namespace calyptenora::http {

struct FramingLimits {
    std::size_t max_header_bytes = 16 * 1024;  ///< 431 above.
    std::size_t max_target_bytes = 4 * 1024;   ///< 414 above.
    std::size_t max_fields = 100;              ///< 431 above.
};

/// Why a request is not read further. The connection is closed after the answer.
struct FramingRefusal {
    int status;               ///< 400, 414, 417, 431, 501 or 505.
    std::string_view reason;  ///< For tests and logs at debug level; a literal.
    bool operator==(const FramingRefusal&) const = default;
};

/// Which Host values are ours (ASVS 5.0, 4.1: Host is input).
class HostNames {
  public:
    /// Names such as `learn.example.org` or, behind a proxy at another port, `learn.example.org:8443`.
    explicit HostNames(std::vector<std::string> names);

    /// Also accept `localhost`, `127.0.0.1` and `[::1]`.
    void add_loopback();

    /// A name without a port matches itself, and itself with `local_port`; a name with a port only itself.
    bool accepts(std::string_view authority, std::uint16_t local_port) const;

  private:
    std::vector<std::string> names_;
};

struct NeedMoreBytes {};

/// The header block is complete: its size with the empty line.
struct HeaderEnd {
    std::size_t bytes;
};

/// Looks for the end of the header in what has arrived so far, and refuses at once what no later byte can
/// mend (a bare CR or LF, NUL, too long), so that nobody waits for a time-out. `scanned` is the number of
/// bytes that an earlier call has seen already.
std::variant<NeedMoreBytes, HeaderEnd, FramingRefusal> scan_header(std::string_view received,
                                                                   std::size_t scanned,
                                                                   const FramingLimits& limits);

enum class BodyFraming : std::uint8_t { none, content_length, chunked };

/// The checked header. Views point into the block that was checked.
struct RequestHead {
    Method method = Method::GET;
    std::string_view target;
    std::vector<std::pair<std::string_view, std::string_view>> fields;
    std::string_view host;
    BodyFraming body = BodyFraming::none;
    std::uint64_t content_length = 0;  ///< Only with BodyFraming::content_length.
    bool wants_close = false;          ///< `Connection: close`.
    bool expects_continue = false;     ///< `Expect: 100-continue`.
};

/// Checks a complete header block including its empty line.
std::variant<RequestHead, FramingRefusal> check_framing(std::string_view block, const HostNames& hosts,
                                                        std::uint16_t local_port,
                                                        const FramingLimits& limits);

}  // namespace calyptenora::http
