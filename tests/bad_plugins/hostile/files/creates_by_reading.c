/* Creates a file by opening it for reading, which filters that look for writers let pass. */
#include "../attack.h"

static void attack(void) {
    char path[600];
    snprintf(path, sizeof path, "%s/left_behind", target("scratch"));
    open(path, O_CREAT | O_RDONLY, 0600);
}
