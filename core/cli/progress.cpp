#include "cli/progress.hpp"

#include "cli/text_table.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace calyptenora::cli {

Progress::Progress() : is_terminal_(isatty(STDERR_FILENO) == 1) {}

void Progress::show(const std::string& what, double done) {
    const int percent = static_cast<int>(done * 100);
    if (what != what_)
        shown_ = -1;
    what_ = what;
    const int step = is_terminal_ ? 1 : 25;
    if (percent / step == shown_)
        return;
    shown_ = percent / step;
    fmt::print(stderr, "{}{}: {} %{}", is_terminal_ ? "\r" : "", printable(what), percent,
               is_terminal_ && percent < 100 ? "" : "\n");
    std::fflush(stderr);
}

}  // namespace calyptenora::cli
