#include "cli/data_folder_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace calyptenora::cli {
namespace {

Error unusable(const std::filesystem::path& path, std::string_view why) {
    return Error(
        ErrorKind::invalid_config,
        fmt::format("{} cannot be used: {}; choose another data folder with --data, or correct its owner "
                    "and permissions",
                    path.string(), why));
}

std::string read_holder(int fd) {
    char text[32] = {};
    const auto size = pread(fd, text, sizeof text - 1, 0);
    std::string digits;
    for (ssize_t i = 0; i < size && text[i] >= '0' && text[i] <= '9'; ++i)
        digits += text[i];
    return digits.empty() ? std::string("another process") : "process " + digits;
}

}  // namespace

Result<DataFolderLock> DataFolderLock::take(const std::filesystem::path& data) {
    std::error_code failure;
    if (!std::filesystem::exists(data, failure)) {
        std::filesystem::create_directories(data, failure);
        if (!failure)
            std::filesystem::permissions(data, std::filesystem::perms::owner_all, failure);
    }
    if (failure)
        return unusable(data, failure.message());
    const auto path = data / "lock";
    DataFolderLock lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (lock.fd_ < 0)
        return unusable(path, std::strerror(errno));
    if (flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            return unusable(path, std::strerror(errno));
        return Error(
            ErrorKind::conflict,
            fmt::format("the data folder {} is in use by {}; stop it first, or choose another with --data",
                        data.string(), read_holder(lock.fd_)));
    }
    const auto holder = fmt::format("{}\n", getpid());
    if (ftruncate(lock.fd_, 0) != 0 ||
        pwrite(lock.fd_, holder.data(), holder.size(), 0) != static_cast<ssize_t>(holder.size()))
        return unusable(path, std::strerror(errno));
    return lock;
}

DataFolderLock::~DataFolderLock() {
    if (fd_ >= 0)
        close(fd_);
}

}  // namespace calyptenora::cli
