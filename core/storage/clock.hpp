#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

/// Time as the database keeps it, and where it comes from.
namespace calyptenora::storage {

/// A moment: microseconds since 1970-01-01T00:00:00Z. Stored as `bigint`.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

constexpr std::int64_t microseconds_of(Timestamp time) {
    return time.time_since_epoch().count();
}
constexpr Timestamp timestamp_of(std::int64_t microseconds) {
    return Timestamp(std::chrono::microseconds(microseconds));
}

/// Where rules and stores get the time. Stores never ask a clock themselves: the caller passes `now`,
/// so that one request sees one moment.
class Clock {
  public:
    virtual ~Clock() = default;
    virtual Timestamp now() const = 0;
};

/// The machine's clock.
class SystemClock final : public Clock {
  public:
    Timestamp now() const override {
        return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    }
};

/// A clock that stands still until told otherwise; for tests and for replays. Thread-safe.
class ManualClock final : public Clock {
  public:
    explicit ManualClock(Timestamp start) : microseconds_(microseconds_of(start)) {}
    Timestamp now() const override { return timestamp_of(microseconds_.load()); }
    void advance(std::chrono::microseconds step) { microseconds_ += step.count(); }

  private:
    std::atomic<std::int64_t> microseconds_;
};

}  // namespace calyptenora::storage
