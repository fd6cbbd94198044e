#include "footprint.hpp"

#include <fmt/format.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

namespace calyptenora::host {
namespace {

std::size_t count_entries(const char* folder) {
    const std::filesystem::directory_iterator entries(folder);
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

/// The parent of a process; 0 if it has gone meanwhile.
pid_t parent_of(const std::filesystem::path& process) {
    std::ifstream file(process / "stat");
    std::string stat;
    std::getline(file, stat);
    // "pid (name) state parent ...", and a name may hold anything.
    const auto name_end = stat.rfind(')');
    return name_end == std::string::npos || name_end + 4 > stat.size() ? 0
                                                                       : std::stoi(stat.substr(name_end + 4));
}

std::size_t count_processes() {
    std::map<pid_t, pid_t> parents;
    for (const auto& entry : std::filesystem::directory_iterator("/proc"))
        if (const auto name = entry.path().filename().string(); std::ranges::all_of(name, isdigit))
            parents[std::stoi(name)] = parent_of(entry.path());
    const auto is_ours = [&](pid_t pid) {
        for (auto at = parents.find(pid); at != parents.end(); at = parents.find(at->second))
            if (at->second == getpid())
                return true;
        return false;
    };
    return static_cast<std::size_t>(
        std::ranges::count_if(parents, [&](const auto& process) { return is_ours(process.first); }));
}

std::uint64_t count_private_bytes() {
    std::ifstream file("/proc/self/smaps_rollup");
    std::uint64_t kibibytes = 0;
    for (std::string word; file >> word;)
        if (word == "Anonymous:" && file >> kibibytes)
            break;
    return kibibytes * 1024;
}

}  // namespace

Footprint Footprint::take() {
    malloc_trim(0);
    const auto heap = mallinfo2();
    return {.descriptors = count_entries("/proc/self/fd"),
            .processes = count_processes(),
            .threads = count_entries("/proc/self/task"),
            .heap_bytes = heap.uordblks + heap.hblkhd,
            .private_bytes = count_private_bytes()};
}

std::string growth(const Footprint& before, const Footprint& after) {
    std::string grown;
    const auto compare = [&](std::string_view what, std::uint64_t was, std::uint64_t is,
                             std::uint64_t allowed) {
        if (is > was + allowed)
            grown += fmt::format("{}{} {} instead of {}", grown.empty() ? "" : ", ", is, what, was);
    };
    compare("descriptors", before.descriptors, after.descriptors, 0);
    compare("processes", before.processes, after.processes, 0);
    compare("threads", before.threads, after.threads, 0);
    compare("bytes of heap", before.heap_bytes, after.heap_bytes, noise_bytes);
    compare("private bytes", before.private_bytes, after.private_bytes, noise_bytes);
    return grown;
}

void prepare_to_take_footprints() {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    mallopt(M_ARENA_MAX, 1);
    // Fixed, for malloc would raise them with the largest block that was ever freed; and high, for a plugin's
    // library that is read at each start need not come as new pages each time.
    mallopt(M_MMAP_THRESHOLD, 32 * 1024 * 1024);
    mallopt(M_TRIM_THRESHOLD, 64 * 1024 * 1024);
}

}  // namespace calyptenora::host
