#include "worker/frames.hpp"

#include <cstring>
#include <type_traits>

namespace calyptenora::worker {
namespace {

constexpr std::size_t compact_above = 64 * 1024;

// A kind's number is its place in the variant; the worker's begin at 65 so that no frame is both.
constexpr std::uint8_t first_host_kind = 1;
constexpr std::uint8_t first_worker_kind = 65;

Error malformed(std::string what) {
    return Error(ErrorKind::permanent, std::move(what));
}

template <class T>
void put(std::string& out, T value) {
    static_assert(std::is_unsigned_v<T>);
    char bytes[sizeof(T)];
    for (std::size_t i = 0; i < sizeof(T); ++i)
        bytes[i] = static_cast<char>(value >> (8 * i));
    out.append(bytes, sizeof(T));
}

void put(std::string& out, const std::string& text) {
    put(out, static_cast<std::uint32_t>(text.size()));
    out.append(text);
}

template <class T>
std::size_t size_of(const T&) {
    return sizeof(T);
}
std::size_t size_of(const std::string& text) {
    return sizeof(std::uint32_t) + text.size();
}

template <class Frame>
std::size_t size_of_body(const Frame& frame) {
    return std::apply([](const auto&... field) { return (std::size_t(0) + ... + size_of(field)); },
                      Frame::fields(frame));
}

template <class Variant>
void write(std::string& out, const Variant& frame, std::uint8_t first_kind) {
    std::visit(
        [&]<class Frame>(const Frame& chosen) {
            const auto size = size_of_body(chosen);
            out.reserve(out.size() + header_bytes + size);
            put(out, static_cast<std::uint32_t>(size));
            put(out, frame_version);
            put(out, static_cast<std::uint8_t>(first_kind + frame.index()));
            put(out, std::uint16_t(0));
            std::apply([&](const auto&... field) { (put(out, field), ...); }, Frame::fields(chosen));
        },
        frame);
}

/// A body, of which every read checks that there is enough left.
class Body {
  public:
    explicit Body(std::string_view bytes) : bytes_(bytes) {}

    template <class T>
    bool take(T& value) {
        static_assert(std::is_unsigned_v<T>);
        if (bytes_.size() < sizeof(T))
            return false;
        value = 0;
        for (std::size_t i = 0; i < sizeof(T); ++i)
            value = static_cast<T>(
                value | static_cast<T>(static_cast<T>(static_cast<unsigned char>(bytes_[i])) << (8 * i)));
        bytes_.remove_prefix(sizeof(T));
        return true;
    }
    bool take(std::string& text) {
        std::uint32_t size = 0;
        if (!take(size) || bytes_.size() < size)
            return false;
        text.assign(bytes_.substr(0, size));
        bytes_.remove_prefix(size);
        return true;
    }
    bool is_empty() const { return bytes_.empty(); }

  private:
    std::string_view bytes_;
};

template <class Frame>
bool is_sound(const Frame& frame) {
    if constexpr (std::is_same_v<Frame, Invoke> || std::is_same_v<Frame, Cancel>)
        return frame.call != 0;
    else if constexpr (std::is_same_v<Frame, Request> || std::is_same_v<Frame, Complete>)
        return frame.payload.size() == frame.size || frame.payload.empty();
    else if constexpr (std::is_same_v<Frame, Born>)
        return frame.pid != 0;
    else
        return true;
}

template <class Frame, class Variant>
Result<Variant> read(std::string_view bytes) {
    Frame frame;
    Body body(bytes);
    const bool whole =
        std::apply([&](auto&... field) { return (true && ... && body.take(field)); }, Frame::fields(frame));
    if (!whole)
        return malformed("a frame that ends inside a field");
    if (!body.is_empty())
        return malformed("a frame with something behind its last field");
    if (!is_sound(frame))
        return malformed("a frame whose fields contradict each other");
    return Variant(std::move(frame));
}

template <class Variant, std::size_t... Index>
Result<Variant> read_kind(std::size_t index, std::string_view body, std::index_sequence<Index...>) {
    using Reader = Result<Variant> (*)(std::string_view);
    static constexpr Reader readers[] = {&read<std::variant_alternative_t<Index, Variant>, Variant>...};
    return readers[index](body);
}

template <class Variant>
Result<Variant> parse(const RawFrame& raw, std::uint8_t first_kind) {
    const auto index = static_cast<std::size_t>(raw.kind) - first_kind;
    if (raw.kind < first_kind || index >= std::variant_size_v<Variant>)
        return malformed("a frame of the unknown kind " + std::to_string(raw.kind));
    return read_kind<Variant>(index, raw.body, std::make_index_sequence<std::variant_size_v<Variant>>());
}

}  // namespace

void write_frame(std::string& out, const HostFrame& frame) {
    write(out, frame, first_host_kind);
}
void write_frame(std::string& out, const WorkerFrame& frame) {
    write(out, frame, first_worker_kind);
}

std::size_t body_size(const HostFrame& frame) {
    return std::visit([](const auto& chosen) { return size_of_body(chosen); }, frame);
}
std::size_t body_size(const WorkerFrame& frame) {
    return std::visit([](const auto& chosen) { return size_of_body(chosen); }, frame);
}

Result<HostFrame> parse_host_frame(const RawFrame& raw) {
    return parse<HostFrame>(raw, first_host_kind);
}
Result<WorkerFrame> parse_worker_frame(const RawFrame& raw) {
    return parse<WorkerFrame>(raw, first_worker_kind);
}

FrameBuffer::~FrameBuffer() {
    wipe(bytes_);
}

void FrameBuffer::append(std::string_view bytes) {
    if (begin_ == bytes_.size() || begin_ > compact_above) {
        bytes_.erase(0, begin_);
        begin_ = 0;
    }
    bytes_.append(bytes);
}

Result<std::optional<RawFrame>> FrameBuffer::next() {
    const auto rest = std::string_view(bytes_).substr(begin_);
    if (rest.size() < header_bytes)
        return std::optional<RawFrame>();
    Body header(rest.substr(0, header_bytes));
    std::uint32_t size = 0;
    std::uint8_t version = 0, kind = 0;
    std::uint16_t reserved = 0;
    header.take(size);
    header.take(version);
    header.take(kind);
    header.take(reserved);
    if (version != frame_version)
        return malformed("a frame of version " + std::to_string(version) + " instead of " +
                         std::to_string(frame_version));
    if (reserved != 0)
        return malformed("a frame with an unknown header");
    if (size > most_body_bytes)
        return malformed("a frame of " + std::to_string(size) + " bytes");
    if (rest.size() - header_bytes < size)
        return std::optional<RawFrame>();
    begin_ += header_bytes + size;
    return std::optional(RawFrame{kind, rest.substr(header_bytes, size)});
}

void wipe(std::string& text) {
    explicit_bzero(text.data(), text.size());
    text.clear();
}

}  // namespace calyptenora::worker
