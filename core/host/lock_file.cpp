#include "host/lock_file.hpp"

#include <fmt/format.h>

#include <fstream>
#include <system_error>

namespace calyptenora::host {

Result<LockFile> LockFile::load(const std::filesystem::path& path) {
    LockFile lock;
    std::error_code failure;
    if (!std::filesystem::exists(path, failure) && !failure)
        return lock;
    std::ifstream file(path);
    if (!file)
        return Error(ErrorKind::invalid_config, fmt::format("{}: cannot be read", path.string()));
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
        if (line.empty() || line.starts_with('#'))
            continue;
        const auto hash = line.substr(0, 64);
        const bool is_hash =
            hash.size() == 64 && hash.find_first_not_of("0123456789abcdef") == std::string::npos;
        if (!is_hash || line.size() < 67 || line.compare(64, 2, "  ") != 0)
            return Error(
                ErrorKind::invalid_config,
                fmt::format("{}:{}: expected a SHA-256, two spaces and family/name; write the file anew "
                            "with 'calyptenora plugins verify --pin'",
                            path.string(), number));
        lock.hashes_[line.substr(66)] = hash;
    }
    return lock;
}

std::optional<std::string> LockFile::find(const std::string& plugin) const {
    const auto found = hashes_.find(plugin);
    return found == hashes_.end() ? std::nullopt : std::optional(found->second);
}

Status LockFile::save(const std::filesystem::path& path) const {
    const auto unwritable = [&] {
        return Error(ErrorKind::invalid_config, fmt::format("{}: cannot be written", path.string()));
    };
    auto fresh = path;
    fresh += ".new";
    {
        std::ofstream file(fresh, std::ios::trunc);
        file << "# Plugin files that the operator has approved. Written by: calyptenora plugins verify "
                "--pin\n";
        for (const auto& [plugin, hash] : hashes_)
            file << hash << "  " << plugin << '\n';
        file.flush();
        if (!file)
            return unwritable();
    }
    std::error_code failure;
    std::filesystem::rename(fresh, path, failure);
    return failure ? Status(unwritable()) : Status();
}

}  // namespace calyptenora::host
