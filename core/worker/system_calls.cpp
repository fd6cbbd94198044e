#include "worker/system_calls.hpp"

#include "worker/address_sanitizer.hpp"

#include <fcntl.h>
#include <seccomp.h>
#include <sys/mman.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>

namespace calyptenora::worker {
namespace {

/// What a plugin's honest code, libc and the loader need. The pipes and the log are read and written;
/// nothing else is there to be opened but the plugin itself.
constexpr int permitted[] = {
    SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(pread64), SCMP_SYS(lseek), SCMP_SYS(close),
    SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(poll), SCMP_SYS(ppoll),
    // Memory; mmap and mprotect have rules of their own.
    SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(futex),
    SCMP_SYS(sched_yield),
    // Time and chance.
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(gettimeofday), SCMP_SYS(time),
    SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(getrandom),
    // Its own signals and its end.
    SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(restart_syscall), SCMP_SYS(exit),
    SCMP_SYS(exit_group)};

struct Probe {
    int call;
    int error;
};
/// What libraries try and can do without: it fails.
constexpr Probe fails[] = {{SCMP_SYS(readlink), ENOENT},   {SCMP_SYS(readlinkat), ENOENT},
                           {SCMP_SYS(access), ENOENT},     {SCMP_SYS(faccessat), ENOENT},
                           {SCMP_SYS(faccessat2), ENOENT}, {SCMP_SYS(stat), ENOENT},
                           {SCMP_SYS(lstat), ENOENT},      {SCMP_SYS(statx), ENOENT},
                           {SCMP_SYS(getcwd), EACCES},     {SCMP_SYS(ioctl), ENOTTY},
                           {SCMP_SYS(fcntl), EPERM},       {SCMP_SYS(mlock), EPERM},
                           {SCMP_SYS(munlock), EPERM},     {SCMP_SYS(sysinfo), EPERM},
                           {SCMP_SYS(uname), EPERM},       {SCMP_SYS(sched_getaffinity), EPERM},
                           {SCMP_SYS(prlimit64), EPERM}};

int add_rules(scmp_filter_ctx filter) {
    int wrong = 0;
    const auto rule = [&](std::uint32_t action, int call, auto... compare) {
        // A call that this machine does not have needs no rule.
        if (call >= 0)
            wrong |= seccomp_rule_add(filter, action, call, sizeof...(compare), compare...);
    };
    for (const int call : permitted)
        rule(SCMP_ACT_ALLOW, call);
    for (const auto& [call, error] : fails)
        rule(SCMP_ACT_ERRNO(static_cast<std::uint32_t>(error)), call);

    rule(SCMP_ACT_ALLOW, SCMP_SYS(openat), SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE, O_RDONLY));
    rule(SCMP_ACT_ERRNO(EACCES), SCMP_SYS(openat), SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE, O_WRONLY));
    rule(SCMP_ACT_ERRNO(EACCES), SCMP_SYS(openat), SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE, O_RDWR));

    rule(SCMP_ACT_ALLOW, SCMP_SYS(mprotect), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    rule(SCMP_ACT_ALLOW, SCMP_SYS(mmap), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    rule(SCMP_ACT_ALLOW, SCMP_SYS(mmap), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC | PROT_WRITE, PROT_EXEC),
         SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, 0));

    // abort(): only to itself, which is process 1 of its namespace.
    rule(SCMP_ACT_ALLOW, SCMP_SYS(tgkill), SCMP_A0(SCMP_CMP_EQ, 1, 0), SCMP_A1(SCMP_CMP_EQ, 1, 0));

    // By a pipe it finds out whether a table of virtual functions can be read at all.
    if (under_address_sanitizer)
        rule(SCMP_ACT_ALLOW, SCMP_SYS(pipe2), SCMP_A1(SCMP_CMP_EQ, 0, 0));
    return wrong;
}

}  // namespace

Status restrict_system_calls() {
    const std::unique_ptr<void, void (*)(scmp_filter_ctx)> filter(seccomp_init(SCMP_ACT_KILL_PROCESS),
                                                                  seccomp_release);
    if (!filter || seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) != 0 ||
        seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2) != 0 || add_rules(filter.get()) != 0)
        return Error(ErrorKind::permanent, "its system calls cannot be listed");
    if (const int wrong = seccomp_load(filter.get()); wrong != 0)
        return Error(ErrorKind::permanent,
                     std::string("its system calls cannot be restricted: ") + std::strerror(-wrong));
    return {};
}

}  // namespace calyptenora::worker
