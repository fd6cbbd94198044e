#include "worker/wire.hpp"

#include <unistd.h>

#include <cerrno>

namespace calyptenora::worker {
namespace {

constexpr std::size_t flush_above = 256 * 1024;
constexpr int host_unintelligible = 4;

}  // namespace

void Wire::put(const WorkerFrame& frame) {
    write_frame(out_, frame);
    if (out_.size() > flush_above)
        flush();
}

void Wire::flush() {
    for (std::size_t done = 0; done < out_.size();) {
        const auto count = write(to_host_, out_.data() + done, out_.size() - done);
        if (count > 0)
            done += static_cast<std::size_t>(count);
        else if (errno != EINTR)
            _exit(host_gone_status);
    }
    out_.clear();
}

HostFrame Wire::next() {
    while (true) {
        const auto raw = in_.next();
        if (!raw)
            _exit(host_unintelligible);
        if (*raw) {
            auto frame = parse_host_frame(**raw);
            if (!frame)
                _exit(host_unintelligible);
            return std::move(*frame);
        }
        flush();
        char bytes[16 * 1024];
        const auto count = read(from_host_, bytes, sizeof bytes);
        if (count > 0) {
            in_.append({bytes, static_cast<std::size_t>(count)});
            explicit_bzero(bytes, static_cast<std::size_t>(count));
        } else if (count == 0 || errno != EINTR) {
            _exit(host_gone_status);
        }
    }
}

}  // namespace calyptenora::worker
