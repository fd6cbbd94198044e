#include "host/worker_confinement_check.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace calyptenora::host {
namespace {

/// The value of a line "Name:\tvalue".
std::optional<std::string_view> value_of(std::string_view status, std::string_view name) {
    while (!status.empty()) {
        const auto line = status.substr(0, status.find('\n'));
        status.remove_prefix(std::min(line.size() + 1, status.size()));
        if (!line.starts_with(name) || line.size() <= name.size() || line[name.size()] != ':')
            continue;
        const auto begin = line.find_first_not_of(" \t", name.size() + 1);
        return begin == std::string_view::npos ? std::string_view() : line.substr(begin);
    }
    return std::nullopt;
}

std::vector<std::uint64_t> numbers_of(std::string_view status, std::string_view name, int base = 10) {
    std::vector<std::uint64_t> numbers;
    auto text = value_of(status, name).value_or("");
    while (!text.empty()) {
        std::uint64_t number = 0;
        const auto [end, failure] = std::from_chars(text.begin(), text.end(), number, base);
        if (failure != std::errc())
            return {};
        numbers.push_back(number);
        text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
        text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    }
    return numbers;
}

bool is(std::string_view status, std::string_view name, std::uint64_t value, int base = 10) {
    return numbers_of(status, name, base) == std::vector<std::uint64_t>{value};
}

std::string read_status(const std::string& process) {
    std::ifstream file("/proc/" + process + "/status");
    return {std::istreambuf_iterator<char>(file), {}};
}

Error refused(std::string_view why) {
    return Error(ErrorKind::permanent,
                 fmt::format("its worker is not confined ({}); nothing was given to it", why));
}

}  // namespace

std::optional<std::string_view> find_loose_end(std::string_view status, pid_t parent, unsigned own_filters) {
    if (!is(status, "PPid", static_cast<std::uint64_t>(parent)))
        return "it is no child of the server";
    const auto ids = numbers_of(status, "NSpid");
    if (ids.size() < 2 || ids.back() != 1)
        return "it sees other processes";
    if (!is(status, "Threads", 1))
        return "it has several threads";
    const auto users = numbers_of(status, "Uid");
    if (users.size() != 4 || std::ranges::find(users, 0u) != users.end())
        return "it runs as root";
    for (const auto* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"})
        if (!is(status, set, 0, 16))
            return "it has capabilities";
    if (!is(status, "NoNewPrivs", 1))
        return "it may gain privileges";
    if (!is(status, "Seccomp", 2))
        return "its system calls are not filtered";
    if (!is(status, "Seccomp_filters", own_filters + 1))
        return "its system calls are not filtered by exactly one filter";
    return std::nullopt;
}

Status check_confinement(pid_t pid) {
    const auto own = numbers_of(read_status("self"), "Seccomp_filters");
    const auto loose = find_loose_end(read_status(std::to_string(pid)), getpid(),
                                      own.empty() ? 0 : static_cast<unsigned>(own.front()));
    if (loose)
        return refused(*loose);
    return {};
}

Status check_namespaces(pid_t pid) {
    for (const auto* name : {"user", "mnt", "net", "ipc", "uts", "cgroup", "pid"}) {
        struct stat ours{}, theirs{};
        if (stat(fmt::format("/proc/self/ns/{}", name).c_str(), &ours) != 0 ||
            stat(fmt::format("/proc/{}/ns/{}", pid, name).c_str(), &theirs) != 0)
            return refused("its namespaces cannot be seen");
        if (ours.st_ino == theirs.st_ino)
            return refused(fmt::format("it shares the namespace {}", name));
    }
    return {};
}

}  // namespace calyptenora::host
