#pragma once

#include "worker/frames.hpp"

#include <optional>

namespace calyptenora::worker {

/// The worker's ends of the two pipes. What is written is kept until it is flushed, so that what belongs
/// together goes in one system call. Ends the process when the host is gone or does not keep to the frames:
/// there is nobody left to tell.
class Wire {
  public:
    Wire(int from_host, int to_host) : from_host_(from_host), to_host_(to_host) {}

    void put(const WorkerFrame& frame);
    void flush();
    /// Waits for the next frame; flushes before it waits.
    HostFrame next();

  private:
    const int from_host_, to_host_;
    FrameBuffer in_;
    std::string out_;
};

}  // namespace calyptenora::worker
