/* Waits with its deed until the process ends. */
#define ATTACK_AT_UNLOAD
#include "../attack.h"

static void attack(void) {
    char path[600];
    snprintf(path, sizeof path, "%s/left_behind", target("scratch"));
    open(path, O_CREAT | O_WRONLY, 0600);
}
