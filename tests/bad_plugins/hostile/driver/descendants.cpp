#include "bad_plugins/hostile/driver/descendants.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

namespace calyptenora::hostile {
namespace {

struct Stat {
    char state = '?';
    pid_t parent = 0;
    long user_ticks = 0, system_ticks = 0;
};

/// /proc/PID/stat, proc(5).
bool read_stat(pid_t process, Stat& stat) {
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    std::string line;
    if (!std::getline(file, line))
        return false;
    return std::sscanf(line.c_str() + line.rfind(')') + 1,
                       " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &stat.state, &stat.parent,
                       &stat.user_ticks, &stat.system_ticks) == 4;
}

}  // namespace

std::set<pid_t> descendants() {
    std::multimap<pid_t, pid_t> children;
    std::set<pid_t> dead;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
        const auto name = entry.path().filename().string();
        Stat stat;
        if (name.find_first_not_of("0123456789") != std::string::npos || !read_stat(std::stoi(name), stat))
            continue;
        children.emplace(stat.parent, std::stoi(name));
        if (stat.state == 'Z' || stat.state == 'X')
            dead.insert(std::stoi(name));
    }
    std::set<pid_t> found;
    std::vector<pid_t> open{getpid()};
    while (!open.empty()) {
        const auto [begin, end] = children.equal_range(open.back());
        open.pop_back();
        for (auto child = begin; child != end; ++child) {
            open.push_back(child->second);
            if (!dead.contains(child->second))
                found.insert(child->second);
        }
    }
    return found;
}

bool is_alive(pid_t process) {
    Stat stat;
    return read_stat(process, stat) && stat.state != 'Z' && stat.state != 'X';
}

std::chrono::milliseconds processor_time(pid_t process) {
    Stat stat;
    if (!read_stat(process, stat))
        return {};
    return std::chrono::milliseconds((stat.user_ticks + stat.system_ticks) * 1000 / sysconf(_SC_CLK_TCK));
}

void end_all_but(const std::set<pid_t>& spared) {
    for (bool found = true; found;) {
        found = false;
        for (const auto process : descendants())
            if (!spared.contains(process)) {
                found = true;
                kill(process, SIGKILL);
                waitpid(process, nullptr, 0);  // Fails for one that is not our child yet.
            }
    }
}

}  // namespace calyptenora::hostile
