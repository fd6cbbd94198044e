#include "host/sealed_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>

namespace calyptenora::host {

Result<FileDescriptor> seal_library(const VerifiedPlugin& plugin) {
    const auto failed = [&](const char* what) {
        return Error(ErrorKind::temporary,
                     fmt::format("{}: {}: {}", plugin.name, what, std::strerror(errno)));
    };
    FileDescriptor file(memfd_create(plugin.name.substr(0, 200).c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!file)
        return failed("no memory file for the library");
    for (std::size_t written = 0; written < plugin.library.size();) {
        const auto count =
            write(file.get(), plugin.library.data() + written, plugin.library.size() - written);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return failed("the library cannot be copied into memory");
        written += static_cast<std::size_t>(count);
    }
    if (fcntl(file.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
        return failed("the library's memory file cannot be sealed");
    return file;
}

}  // namespace calyptenora::host
