// Has the kernel wait for it at a page fault, which is how races in the kernel are won.
#include "../attack.h"

#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <thread>

static void attack() {
    const int fd = static_cast<int>(syscall(SYS_userfaultfd, UFFD_USER_MODE_ONLY));
    uffdio_api api{UFFD_API, 0, 0};
    if (ioctl(fd, UFFDIO_API, &api) != 0)
        return;
    const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    auto* const page =
        static_cast<char*>(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    uffdio_register range{{reinterpret_cast<std::uintptr_t>(page), size}, UFFDIO_REGISTER_MODE_MISSING, 0};
    if (ioctl(fd, UFFDIO_REGISTER, &range) != 0)
        return;
    std::thread handler([&] {
        uffd_msg message;
        static char filling[65536];
        strncpy(filling, target("canary"), sizeof filling - 1);
        if (read(fd, &message, sizeof message) == sizeof message) {
            uffdio_copy copy{reinterpret_cast<std::uintptr_t>(page),
                             reinterpret_cast<std::uintptr_t>(filling), size, 0, 0};
            ioctl(fd, UFFDIO_COPY, &copy);
        }
    });
    loot(page, strnlen(page, size));  // Waits here until the other thread has filled it.
    handler.join();
}
