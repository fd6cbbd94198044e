/* Starts its own program again with a library of its own choice in front of all others. */
#include "../attack.h"

#include <sys/wait.h>

static void attack(void) {
    char preload[600];
    snprintf(preload, sizeof preload, "LD_PRELOAD=%s/no_library.so", target("scratch"));
    char* const arguments[] = {(char*)"plugin", NULL};
    char* const environment[] = {preload, NULL};
    int ends[2] = {-1, -1};
    pipe(ends);
    const pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], 2);
        execve("/proc/self/exe", arguments, environment);
        _exit(1);
    }
    close(ends[1]);
    loot_from(ends[0]); /* "ld.so: object ... from LD_PRELOAD cannot be preloaded" */
    waitpid(child, NULL, 0);
}
