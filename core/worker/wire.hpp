#pragma once

#include "worker/frames.hpp"

#include <optional>

namespace calyptenora::worker {

/// The worker's end of the socket. What is written is kept until it is flushed, so that what belongs together
/// goes in one system call. Ends the process when the host is gone or does not keep to the frames: there is
/// nobody left to tell.
class Wire {
  public:
    explicit Wire(int socket) : socket_(socket) {}

    void put(const WorkerFrame& frame);
    void flush();
    /// Waits for the next frame; flushes before it waits.
    HostFrame next();

  private:
    const int socket_;
    FrameBuffer in_;
    std::string out_;
};

}  // namespace calyptenora::worker
