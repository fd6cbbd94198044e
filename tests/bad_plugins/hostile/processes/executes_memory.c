/* Becomes a program that was never a file: /bin/sh copied into memory and executed from there. */
#include "../attack.h"

#include <sys/mman.h>

static void attack(void) {
    char command[600];
    snprintf(command, sizeof command, "echo here > %s/left_behind", target("scratch"));
    char* const arguments[] = {(char*)"sh", (char*)"-c", command, NULL};
    char* const environment[] = {NULL};
    const int program = memfd_create("program", 0);
    const int shell = open("/bin/sh", O_RDONLY);
    while (copy_file_range(shell, NULL, program, NULL, 1 << 20, 0) > 0) {
    }
    lseek(shell, 0, SEEK_SET);
    if (lseek(program, 0, SEEK_END) == 0) /* not every pair of file systems can do that */
        for (char buffer[65536];;) {
            const ssize_t size = read(shell, buffer, sizeof buffer);
            if (size <= 0 || write(program, buffer, (size_t)size) != size)
                break;
        }
    syscall(SYS_execveat, program, "", arguments, environment, AT_EMPTY_PATH);
}
