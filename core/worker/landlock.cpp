#include "worker/landlock.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace calyptenora::worker {
namespace {

/// The kernel's structure as of ABI 6 (the system's header may be older).
struct RulesetAttributes {
    std::uint64_t files = 0, network = 0, scoped = 0;
};

constexpr std::uint64_t lowest(int bits) {
    return (std::uint64_t(1) << bits) - 1;
}

/// Everything that this ABI can forbid (Documentation/userspace-api/landlock.rst).
RulesetAttributes everything(long abi) {
    RulesetAttributes all;
    all.files = lowest(abi >= 5 ? 16 : abi >= 3 ? 15 : abi >= 2 ? 14 : 13);
    all.network = abi >= 4 ? lowest(2) : 0;
    all.scoped = abi >= 6 ? lowest(2) : 0;
    return all;
}

Error failed(const char* what) {
    return Error(ErrorKind::permanent, std::string(what) + ": " + std::strerror(errno));
}

}  // namespace

Status restrict_files_to(const char* path) {
    const auto abi = syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1)
        return failed(
            "the kernel has no Landlock (Linux 5.13 or later, with landlock in the boot parameter lsm=)");
    const auto attributes = everything(abi);
    const int ruleset =
        static_cast<int>(syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0));
    const int file = open(path, O_PATH | O_CLOEXEC);
    if (ruleset < 0 || file < 0)
        return failed("Landlock cannot be set up");
    const landlock_path_beneath_attr rule{LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE, file};
    if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0 ||
        syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
        return failed("Landlock cannot be applied");
    close(file);
    close(ruleset);
    return {};
}

}  // namespace calyptenora::worker
