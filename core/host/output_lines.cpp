#include "host/output_lines.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace calyptenora::host {

void OutputLines::append(std::string_view bytes, Time now, const Emit& emit) {
    while (!bytes.empty()) {
        const auto end = bytes.find('\n');
        const auto piece = bytes.substr(0, end);
        const auto room = longest_line - line_.size();
        line_.append(piece.substr(0, room));
        cut_ |= piece.size() > room;
        if (end == std::string_view::npos)
            return;
        end_line(now, emit);
        bytes.remove_prefix(end + 1);
    }
}

void OutputLines::finish(Time now, const Emit& emit) {
    if (!line_.empty())
        end_line(now, emit);
    if (dropped_ > 0)
        emit(fmt::format("({} lines were left out)", std::exchange(dropped_, 0)));
}

void OutputLines::end_line(Time now, const Emit& emit) {
    auto line = std::exchange(line_, {});
    if (std::exchange(cut_, false))
        line += " ...";
    if (now - minute_ >= std::chrono::minutes(1)) {
        minute_ = now;
        lines_ = 0;
        if (dropped_ > 0)
            emit(fmt::format("({} lines were left out: more than {} in a minute)", std::exchange(dropped_, 0),
                             lines_per_minute));
    }
    if (++lines_ > lines_per_minute)
        ++dropped_;
    else if (!line.empty())
        emit(std::move(line));
}

}  // namespace calyptenora::host
