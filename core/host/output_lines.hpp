#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace calyptenora::host {

/// Makes lines of what a plugin's process writes, few and short enough for the operator's log: what is longer
/// is cut, and past `lines_per_minute` they are counted instead. Not thread-safe.
class OutputLines {
  public:
    using Time = std::chrono::steady_clock::time_point;
    using Emit = std::function<void(std::string line)>;

    void append(std::string_view bytes, Time now, const Emit& emit);
    /// The rest that no line end has ended.
    void finish(Time now, const Emit& emit);

    static constexpr int lines_per_minute = 100;
    static constexpr std::size_t longest_line = 1000;

  private:
    void end_line(Time now, const Emit& emit);

    std::string line_;
    bool cut_ = false;
    Time minute_{};
    int lines_ = 0, dropped_ = 0;
};

}  // namespace calyptenora::host
