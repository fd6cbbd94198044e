/* Maps the same memory twice: once to write, once to execute. */
#include "../attack.h"
#include "../machine_code.h"

static void attack(void) {
    const int fd = memfd_create("code", 0);
    ftruncate(fd, 4096);
    void* writable = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    void* executable = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
    if (writable != MAP_FAILED && executable != MAP_FAILED) {
        memcpy(writable, code_, sizeof code_);
        loot_result_of(executable);
    }
}
