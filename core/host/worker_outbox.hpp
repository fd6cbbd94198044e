#pragma once

#include "host/channel.hpp"
#include "worker/frames.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <string>

namespace calyptenora::host {

/// What one worker is to be told, and what it has been told but not dealt with. Only so much is given to it
/// ahead: the rest waits here, where a call that ends meanwhile can be taken back. Not thread-safe.
class WorkerOutbox {
  public:
    using Time = std::chrono::steady_clock::time_point;
    enum class Function : std::uint8_t { create, invoke, reply, cancel, destroy, none };

    /// What a frame makes the worker do.
    struct Entry {
        Function function = Function::none;  ///< `none`: the worker does not count it.
        WireCall call = 0;
        Time limit{};  ///< When the function should have returned.
    };

    /// `begins`: a call is the plugin's from now on (it is the next thing that the worker comes to).
    explicit WorkerOutbox(std::function<void(WireCall)> begins) : begins_(std::move(begins)) {}
    WorkerOutbox(const WorkerOutbox&) = delete;
    WorkerOutbox& operator=(const WorkerOutbox&) = delete;
    ~WorkerOutbox();

    void push(const worker::HostFrame& frame, Entry entry, Time now);
    /// Takes back a call that has not been given to the worker; false if it has been.
    bool take_back(WireCall call);
    /// Takes back all calls that have not been given to the worker.
    void take_back_all();
    /// The worker has returned from so many functions since its start. False if these are more than it was
    /// given, or fewer than it said before.
    bool returned(std::uint64_t entries, Time now);
    std::uint64_t returned() const { return returned_; }
    /// What the worker is doing now, if anything.
    const Entry* current() const { return given_.empty() ? nullptr : &given_.front(); }

    /// Writes to the pipe, which must not block, what it takes. False if there is more, and the pipe must be
    /// waited for. That nobody reads it any more is for whoever reads the other one to find.
    bool write(int pipe);
    std::size_t waiting() const { return queue_.size(); }

    /// How many functions the worker is given ahead.
    static constexpr std::size_t window = 16;

  private:
    struct Waiting {
        std::string frame;
        Entry entry;
    };
    bool has_room() const;
    /// The worker is given what has just been appended to `out_`.
    void give(Entry entry, Time now);
    void fill(Time now);
    void begin_front(Time now);

    const std::function<void(WireCall)> begins_;
    std::deque<Waiting> queue_;
    std::deque<Entry> given_;
    std::uint64_t returned_ = 0;
    std::string out_;
    std::size_t written_ = 0;
};

/// As messages name it.
std::string_view name_of(WorkerOutbox::Function function);

}  // namespace calyptenora::host
