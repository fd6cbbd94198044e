#pragma once

#include <calyptenora/result.hpp>

#include <filesystem>
#include <utility>

namespace calyptenora::cli {

/// The sole right to write in a data folder: `<data>/lock`, held with flock() until this object or its
/// process ends. The server holds it for as long as it runs; a command that writes holds it when no server
/// does.
class DataFolderLock {
  public:
    /// Makes the folder if it is missing, for the owner alone. `conflict` if another process holds the lock;
    /// the message names that process.
    static Result<DataFolderLock> take(const std::filesystem::path& data);

    DataFolderLock(DataFolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    DataFolderLock& operator=(DataFolderLock&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~DataFolderLock();

  private:
    explicit DataFolderLock(int fd) : fd_(fd) {}

    int fd_;
};

}  // namespace calyptenora::cli
