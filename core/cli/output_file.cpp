#include "cli/output_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace calyptenora::cli {

Result<std::unique_ptr<OutputFile>> OutputFile::create(const std::string& file) {
    const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return Error(errno == EEXIST ? ErrorKind::conflict : ErrorKind::invalid_input,
                     fmt::format("cannot create {}: {}{}", file, std::strerror(errno),
                                 errno == EEXIST ? "; choose another name, or remove the file" : ""));
    return std::unique_ptr<OutputFile>(new OutputFile(file, fd));
}

OutputFile::~OutputFile() {
    ::close(fd_);
    if (!is_finished_)
        ::unlink(file_.c_str());
}

Status OutputFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto count = ::write(fd_, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return failure();
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

Status OutputFile::restart() {
    if (::ftruncate(fd_, 0) != 0 || ::lseek(fd_, 0, SEEK_SET) != 0)
        return failure();
    return {};
}

Status OutputFile::finish() {
    if (::fsync(fd_) != 0)
        return failure();
    is_finished_ = true;
    return {};
}

Error OutputFile::failure() const {
    return Error(ErrorKind::temporary, fmt::format("cannot write {}: {}", file_, std::strerror(errno)));
}

}  // namespace calyptenora::cli
