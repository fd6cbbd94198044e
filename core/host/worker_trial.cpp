#include "host/worker_trial.hpp"

#include "host/worker_confinement_check.hpp"

#include <unistd.h>

namespace calyptenora::host {

using std::chrono::steady_clock;

Result<std::chrono::microseconds> try_worker(const WorkerImage& image, steady_clock::time_point deadline) {
    const auto begin = steady_clock::now();
    auto process = WorkerProcess::spawn(image, "trial", deadline);
    if (!process)
        return process.error();
    const auto to_worker = process->take_to_worker(), from_worker = process->take_from_worker();
    std::string load;
    worker::write_frame(load, worker::HostFrame(worker::Load{0, 0, image.manifest}));
    // A manifest is smaller than a pipe's buffer, or the worker reads it meanwhile.
    if (write(to_worker.get(), load.data(), load.size()) != static_cast<ssize_t>(load.size()))
        return Error(ErrorKind::temporary, "its worker does not read");
    const auto frame = await_frame(from_worker.get(), deadline);
    if (!frame)
        return frame.error();
    if (!*frame)
        return Error(ErrorKind::temporary, "its worker did not become ready");
    if (const auto* refused = std::get_if<worker::Refused>(&**frame))
        return Error(ErrorKind::permanent, refused->reason);
    if (!std::holds_alternative<worker::Ready>(**frame))
        return Error(ErrorKind::permanent, "its worker does not speak like one");
    if (auto confined = check_confinement(process->pid()); !confined)
        return confined.error();
    return std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - begin);
}

}  // namespace calyptenora::host
