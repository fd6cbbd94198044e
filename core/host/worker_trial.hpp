#pragma once

#include "host/worker_process.hpp"

#include <calyptenora/result.hpp>

#include <chrono>

namespace calyptenora::host {

/// Starts a worker with this plugin, up to the point at which it would get its settings, looks at it from
/// outside, and ends it. How long that took, or why plugins cannot run here, with the remedy. Of the plugin
/// only the static constructors run, confined. Blocks; at most until the deadline.
Result<std::chrono::microseconds> try_worker(const WorkerImage& image,
                                             std::chrono::steady_clock::time_point deadline);

}  // namespace calyptenora::host
