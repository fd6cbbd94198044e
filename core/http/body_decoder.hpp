#pragma once

#include "http/framing_check.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace calyptenora::http {

enum class BodyState : std::uint8_t {
    incomplete,
    complete,
    too_large,  ///< More than the route admits: 413.
    malformed,  ///< Bad chunk, bad trailer, or the parser reads the framing differently than the check: 400.
};

/// Takes a request's body out of the bytes that follow its checked header. Sans-I/O: bytes go in by `feed`.
/// Beast's parser does the work; bounds on what does not count as body (chunk extensions, trailers) are ours.
/// Trailer fields are read past and thrown away: they can change nothing that was checked.
class BodyDecoder {
  public:
    /// `block` is the header block that `head` was read from.
    BodyDecoder(std::string_view block, const RequestHead& head, std::uint64_t max_body_bytes);
    ~BodyDecoder();
    BodyDecoder(const BodyDecoder&) = delete;
    BodyDecoder& operator=(const BodyDecoder&) = delete;

    /// Takes bytes from the front of `bytes`; returns how many. What is left belongs to the next request, or
    /// must be passed again together with later bytes while the state is `incomplete`.
    std::size_t feed(std::string_view bytes);

    BodyState state() const;

    /// The decoded bytes so far: progress in the sense of the time-outs, which chunk extensions are not.
    std::uint64_t received_bytes() const;

    /// Valid once, in the state `complete`.
    std::string take_body();

  private:
    struct Parser;
    std::unique_ptr<Parser> parser_;
};

}  // namespace calyptenora::http
