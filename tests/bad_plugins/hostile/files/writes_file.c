/* Leaves a file. */
#include "../attack.h"

static void attack(void) {
    char path[600];
    snprintf(path, sizeof path, "%s/left_behind", target("scratch"));
    const int fd = open(path, O_CREAT | O_WRONLY, 0600);
    write(fd, "I was here", 10);
}
