#include "http/body_decoder.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace calyptenora::http {

namespace http_parser = boost::beast::http;

namespace {

/// One undecoded piece (chunk header with extension, all trailers together) may be this long.
constexpr std::size_t max_pending_bytes = 8 * 1024;

/// Beast 1.81 takes folded lines in trailers. `last_chunk` is the last chunk with them.
bool has_folded_line(std::string_view last_chunk) {
    return last_chunk.find("\r\n ") != std::string_view::npos ||
           last_chunk.find("\r\n\t") != std::string_view::npos;
}

}  // namespace

struct BodyDecoder::Parser {
    http_parser::request_parser<http_parser::string_body> beast;
    BodyState state = BodyState::incomplete;
    std::uint64_t wire_bytes = 0;
    std::uint64_t max_wire_bytes = 0;

    std::size_t step(std::string_view piece) {
        boost::system::error_code error;
        auto used = beast.put(boost::asio::buffer(piece), error);
        wire_bytes += used;
        if (error == http_parser::error::body_limit || error == http_parser::error::buffer_overflow) {
            state = BodyState::too_large;
        } else if (error && error != http_parser::error::need_more) {
            state = BodyState::malformed;
        } else if (beast.is_done()) {
            state = beast.chunked() && has_folded_line(piece.substr(0, used)) ? BodyState::malformed
                                                                              : BodyState::complete;
        } else if (wire_bytes > max_wire_bytes) {
            state = BodyState::too_large;
        }
        return used;
    }
};

BodyDecoder::BodyDecoder(std::string_view block, const RequestHead& head, std::uint64_t max_body_bytes)
    : parser_(std::make_unique<Parser>()) {
    auto& parser = *parser_;
    if (head.body == BodyFraming::none) {
        parser.state = BodyState::complete;
        return;
    }
    if (head.body == BodyFraming::content_length && head.content_length > max_body_bytes) {
        parser.state = BodyState::too_large;
        return;
    }
    // Chunks of one byte cost six on the wire; more than eight is no client of ours.
    parser.max_wire_bytes = max_body_bytes * 8 + 64 * 1024;
    parser.beast.header_limit(static_cast<std::uint32_t>(block.size() + max_pending_bytes));
    parser.beast.body_limit(max_body_bytes);
    // One piece of the framing per step, so that the last one, with the trailers, can be looked at by itself.
    parser.beast.eager(false);
    boost::system::error_code error;
    auto used = parser.beast.put(boost::asio::buffer(block), error);
    bool is_chunked = head.body == BodyFraming::chunked;
    auto length = parser.beast.content_length();
    bool is_agreed = !error && used == block.size() && parser.beast.is_header_done() &&
                     parser.beast.chunked() == is_chunked && length.has_value() != is_chunked &&
                     (is_chunked || *length == head.content_length);
    if (!is_agreed) {
        parser.state = BodyState::malformed;
        return;
    }
}

BodyDecoder::~BodyDecoder() = default;

std::size_t BodyDecoder::feed(std::string_view bytes) {
    auto& parser = *parser_;
    std::size_t total = 0;
    while (parser.state == BodyState::incomplete && total < bytes.size()) {
        auto piece = bytes.substr(total, max_pending_bytes);
        auto used = parser.step(piece);
        total += used;
        if (used == 0) {
            if (piece.size() == max_pending_bytes && parser.state == BodyState::incomplete) {
                parser.state = BodyState::malformed;
            }
            break;
        }
    }
    return total;
}

BodyState BodyDecoder::state() const {
    return parser_->state;
}

std::uint64_t BodyDecoder::received_bytes() const {
    return parser_->beast.get().body().size();
}

std::string BodyDecoder::take_body() {
    return std::move(parser_->beast.get().body());
}

}  // namespace calyptenora::http
