#pragma once

#include <calyptenora/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>

/// What the host and a worker say to each other, as bytes on two pipes, one for each
/// direction.
///
/// A frame is a header of eight bytes (length of the body in 32 bits, version, kind, two zero bytes) and a
/// body: the fields of its structure in order, integers little-endian and in full width, a text as its length
/// in 32 bits and its bytes. Nothing may follow the last field. Both sides refuse what is not exactly that;
/// neither trusts the other for a length.
namespace calyptenora::worker {

inline constexpr std::uint8_t frame_version = 1;
inline constexpr std::size_t header_bytes = 8;
/// The largest body that is read or written, in either direction. A reply with a response of the largest size
/// that an operator may permit must fit.
inline constexpr std::size_t most_body_bytes = 32 * 1024 * 1024;

/// @name From the host
/// @{

/// The first frame: load the plugin, whose manifest must be this.
struct Load {
    std::uint64_t answer_bytes = 0;   ///< Of a larger answer only the size is passed on.
    std::uint64_t request_bytes = 0;  ///< Of a larger request only the size is passed on.
    std::string manifest;
    static auto fields(auto& self) { return std::tie(self.answer_bytes, self.request_bytes, self.manifest); }
};
/// Answered with Created.
struct Create {
    std::string settings;
    static auto fields(auto& self) { return std::tie(self.settings); }
};
struct Invoke {
    std::uint64_t call = 0;
    std::string operation, document, secret;
    static auto fields(auto& self) { return std::tie(self.call, self.operation, self.document, self.secret); }
};
struct Reply {
    std::uint64_t token = 0;
    std::uint32_t status = 0;
    std::string payload;
    static auto fields(auto& self) { return std::tie(self.token, self.status, self.payload); }
};
struct Cancel {
    std::uint64_t call = 0;
    static auto fields(auto& self) { return std::tie(self.call); }
};
/// The last frame: the worker ends after it.
struct Destroy {
    static auto fields(auto&) { return std::tie(); }
};
/// @}

/// @name From the worker
/// @{

/// The process that will run the plugin exists. From its parent, which then ends.
struct Born {
    std::uint32_t pid = 0;  ///< As the host sees it.
    static auto fields(auto& self) { return std::tie(self.pid); }
};
/// The worker could not confine itself or load the plugin, and ends.
struct Refused {
    std::string reason;
    static auto fields(auto& self) { return std::tie(self.reason); }
};
/// The plugin is loaded, confined, and nothing of it but its static constructors has run.
struct Ready {
    static auto fields(auto&) { return std::tie(); }
};
struct Created {
    std::uint8_t made = 0;  ///< Whether `create` returned an instance.
    static auto fields(auto& self) { return std::tie(self.made); }
};
/// The plugin asks for a service. `size` is that of the payload; a payload that is too large is left out.
struct Request {
    std::uint64_t call = 0, token = 0, size = 0;
    std::string service, payload;
    static auto fields(auto& self) {
        return std::tie(self.call, self.token, self.size, self.service, self.payload);
    }
};
/// The plugin ends a call (0: says why it cannot be created). `size` as in Request.
struct Complete {
    std::uint64_t call = 0;
    std::uint32_t status = 0;
    std::uint64_t size = 0;
    std::string payload;
    static auto fields(auto& self) { return std::tie(self.call, self.status, self.size, self.payload); }
};
/// Something was thrown across the interface, from the function whose return is told next.
struct Threw {
    std::string what;
    static auto fields(auto& self) { return std::tie(self.what); }
};
/// So many functions of the plugin have returned since the start: the host knows how long it is in one.
struct Returned {
    std::uint64_t entries = 0;
    static auto fields(auto& self) { return std::tie(self.entries); }
};
/// @}

using HostFrame = std::variant<Load, Create, Invoke, Reply, Cancel, Destroy>;
using WorkerFrame = std::variant<Born, Refused, Ready, Created, Request, Complete, Threw, Returned>;

/// Appends a frame to `out`. The frame's body has at most most_body_bytes (the caller's promise).
void write_frame(std::string& out, const HostFrame& frame);
void write_frame(std::string& out, const WorkerFrame& frame);
/// The size of a frame's body as it would be written.
std::size_t body_size(const HostFrame& frame);
std::size_t body_size(const WorkerFrame& frame);

/// One frame whose header has been checked. Valid until its buffer is used again.
struct RawFrame {
    std::uint8_t kind = 0;
    std::string_view body;
};

/// Errors (`permanent`): an unknown kind, a body that ends inside a field or after the last one, a call 0
/// where there must be one. All is copied out of the body.
Result<HostFrame> parse_host_frame(const RawFrame& raw);
Result<WorkerFrame> parse_worker_frame(const RawFrame& raw);

/// Puts frames together from what a pipe yields. Never holds more than one frame and what was read with it.
class FrameBuffer {
  public:
    FrameBuffer() = default;
    FrameBuffer(const FrameBuffer&) = delete;
    FrameBuffer& operator=(const FrameBuffer&) = delete;
    /// Wipes what is left: frames may hold secrets.
    ~FrameBuffer();

    void append(std::string_view bytes);
    /// The next whole frame, if there is one. Errors (`permanent`): a length above most_body_bytes, another
    /// version, reserved bytes that are not zero. After an error the stream cannot be read any further.
    Result<std::optional<RawFrame>> next();
    /// Whether bytes are left that make no whole frame.
    bool has_rest() const { return begin_ < bytes_.size(); }

  private:
    std::string bytes_;
    std::size_t begin_ = 0;
};

/// The status with which a worker ends when its pipes are closed.
inline constexpr int host_gone_status = 3;

/// Overwrites memory that held a secret, in a way that no compiler leaves out.
void wipe(std::string& text);

}  // namespace calyptenora::worker
