#include "worker/confinement.hpp"

#include "worker/address_sanitizer.hpp"
#include "worker/frames.hpp"
#include "worker/landlock.hpp"
#include "worker/system_calls.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

namespace calyptenora::worker {
namespace {

constexpr uid_t nobody = 65534;
constexpr rlim_t mebibyte = 1024 * 1024;
constexpr const char* needs_namespaces =
    "; the sandbox needs user namespaces: allow them (sysctl user.max_user_namespaces, "
    "kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0; in a container its "
    "seccomp and AppArmor profiles; no chroot may make them), or set 'isolation: in_process' for plugins "
    "that you trust as you trust the server";

Error failed(std::string what, const char* remedy = "") {
    return Error(ErrorKind::permanent, what + ": " + std::strerror(errno) + remedy);
}

Status die_with_host() {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return failed("cannot be made to end with the server");
    return {};
}

Status leave_root() {
    if (geteuid() != 0)
        return {};
    if (setgroups(0, nullptr) != 0 || setresgid(nobody, nobody, nobody) != 0 ||
        setresuid(nobody, nobody, nobody) != 0)
        return failed("cannot stop being root");
    // Changing the user makes the process undumpable, and then /proc/self belongs to root.
    if (prctl(PR_SET_DUMPABLE, 1) != 0)
        return failed("cannot reach its own /proc entries");
    return {};
}

Status write_proc(const char* path, const std::string& text) {
    const int file = open(path, O_WRONLY | O_CLOEXEC);
    const bool written = file >= 0 && write(file, text.data(), text.size()) == ssize_t(text.size());
    const auto outcome = written ? Status() : Status(failed(path, needs_namespaces));
    if (file >= 0)
        close(file);
    return outcome;
}

Status enter_namespaces() {
    const auto outer_user = std::to_string(geteuid());
    const auto outer_group = std::to_string(getegid());
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP |
                CLONE_NEWPID) != 0)
        return failed("no namespaces of its own", needs_namespaces);
    const auto inner = std::to_string(nobody);
    if (auto done = write_proc("/proc/self/setgroups", "deny"); !done)
        return done;
    if (auto done = write_proc("/proc/self/uid_map", inner + " " + outer_user + " 1"); !done)
        return done;
    return write_proc("/proc/self/gid_map", inner + " " + outer_group + " 1");
}

Status copy_plugin() {
    struct stat plugin{};
    if (fstat(plugin_fd, &plugin) != 0)
        return failed("the plugin's file is not there");
    const int copy = open(plugin_path + 1, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0555);
    if (copy < 0)
        return failed("the plugin cannot be copied");
    off_t offset = 0;
    while (offset < plugin.st_size) {
        const auto count =
            sendfile(copy, plugin_fd, &offset, static_cast<std::size_t>(plugin.st_size - offset));
        if (count <= 0) {
            close(copy);
            return failed("the plugin cannot be copied");
        }
    }
    close(copy);
    close(plugin_fd);
    return {};
}

Status make_root() {
    struct stat plugin{};
    if (fstat(plugin_fd, &plugin) != 0)
        return failed("the plugin's file is not there");
    const auto options = "mode=0755,nr_inodes=4,size=" + std::to_string(plugin.st_size + 4096);
    if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
        return failed("its file systems cannot be made its own", needs_namespaces);
    // Any folder will do to mount over; /proc is there, since it has just been used.
    if (mount("worker", "/proc", "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) != 0 || chdir("/proc") != 0)
        return failed("no empty file system", needs_namespaces);
    if (auto copied = copy_plugin(); !copied)
        return copied;
    if (syscall(SYS_pivot_root, ".", ".") != 0 || umount2(".", MNT_DETACH) != 0 || chdir("/") != 0)
        return failed("the empty file system cannot become its root", needs_namespaces);
    if (mount(nullptr, "/", nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, nullptr) != 0)
        return failed("its root cannot be made read-only");
    return {};
}

Status drop_capabilities() {
    for (int capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; ++capability)
        if (prctl(PR_CAPBSET_DROP, capability) != 0)
            return failed("a capability cannot be dropped for good");
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct none[2]{};
    if (syscall(SYS_capset, &header, none) != 0)
        return failed("its capabilities cannot be dropped");
    return {};
}

Status set_limits() {
    const std::pair<__rlimit_resource, rlim_t> limits[] = {
        {RLIMIT_AS, 256 * mebibyte},
        {RLIMIT_NPROC, 0},
        {RLIMIT_FSIZE, 0},
        {RLIMIT_CORE, 0},
        {RLIMIT_NOFILE, 16},
        {RLIMIT_MEMLOCK, 0},
        {RLIMIT_MSGQUEUE, 0},
        // The host's deadlines end a plugin that spins; this one is for a host that does not come to it.
        {RLIMIT_CPU, 24 * 60 * 60}};
    for (const auto& [resource, most] : limits) {
        if (under_address_sanitizer && resource == RLIMIT_AS)
            continue;
        const rlimit limit{most, most};
        if (setrlimit(resource, &limit) != 0)
            return failed("limit " + std::to_string(resource) + " cannot be set");
    }
    return {};
}

}  // namespace

Status enter_empty_root() {
    if (auto done = die_with_host(); !done)
        return done;
    if (close_range(from_host_fd + 1, ~0u, 0) != 0)
        return failed("inherited files cannot be closed; the sandbox needs Linux 5.13 or later");
    if (auto done = leave_root(); !done)
        return done;
    // When memory runs out, the kernel is to end a worker rather than the server.
    if (auto done = write_proc("/proc/self/oom_score_adj", "500"); !done)
        return done;
    if (auto done = enter_namespaces(); !done)
        return done;
    // Changes of user and namespace have undone it.
    if (auto done = die_with_host(); !done)
        return done;
    return make_root();
}

Status enter_process_namespace() {
    // CLONE_PARENT: the new process is the host's child like this one, so that the host can wait for it and
    // its end is the end of its parent. Not fork(): nothing may run in the child that belongs to the old
    // process.
    const auto pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
    if (pid < 0)
        return failed("no process in a process namespace of its own", needs_namespaces);
    if (pid > 0) {
        std::string frame;
        write_frame(frame, WorkerFrame(Born{static_cast<std::uint32_t>(pid)}));
        const bool told = write(to_host_fd, frame.data(), frame.size()) == ssize_t(frame.size());
        _exit(told ? 0 : 1);
    }
    return die_with_host();
}

Status give_up_privileges() {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return failed("cannot renounce new privileges");
    if (auto done = drop_capabilities(); !done)
        return done;
    if (prctl(PR_SET_DUMPABLE, 0) != 0)
        return failed("cannot be made undumpable");
    if (auto done = restrict_files_to(plugin_path); !done)
        return done;
    // Before Linux 6.3 (EINVAL) the filter's own rule about executable memory stands alone.
    if (prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) != 0 && errno != EINVAL)
        return failed("its memory cannot be kept from becoming executable");
    if (auto done = set_limits(); !done)
        return done;
    int death_signal = 0;
    if (prctl(PR_GET_PDEATHSIG, &death_signal) != 0 || death_signal != SIGKILL)
        return Error(ErrorKind::permanent, "would not end with the server");
    return restrict_system_calls();
}

}  // namespace calyptenora::worker
