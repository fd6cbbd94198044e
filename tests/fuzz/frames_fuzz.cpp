#include "worker/frames.hpp"

#include <cstdlib>
#include <string>

// Whatever arrives, in whatever pieces: no crash, no read out of bounds; and what was understood is written
// again as the very same bytes, so that no two byte sequences mean the same frame.
namespace {

using namespace calyptenora::worker;

template <class Frame>
void check(const calyptenora::Result<Frame>& frame, const RawFrame& raw) {
    if (!frame)
        return;
    std::string again;
    write_frame(again, *frame);
    if (again.size() != header_bytes + raw.body.size() || body_size(*frame) != raw.body.size() ||
        std::string_view(again).substr(header_bytes) != raw.body ||
        static_cast<std::uint8_t>(again[5]) != raw.kind)
        std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    // The first byte says in what pieces the rest comes.
    const std::size_t piece = std::size_t(1) + data[0];
    const std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
    FrameBuffer buffer;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
        // A copy of its own, so that the sanitizer sees a read behind the piece.
        const std::string bytes(stream.substr(at, piece));
        buffer.append(bytes);
        while (true) {
            const auto raw = buffer.next();
            if (!raw)
                return 0;
            if (!*raw)
                break;
            check(parse_host_frame(**raw), **raw);
            check(parse_worker_frame(**raw), **raw);
        }
    }
    return 0;
}
