/* Makes a named pipe, to be talked to by somebody else. */
#include "../attack.h"

#include <sys/stat.h>

static void attack(void) {
    char path[600];
    snprintf(path, sizeof path, "%s/left_behind", target("scratch"));
    mkfifo(path, 0600);
}
