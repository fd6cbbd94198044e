/* Runs a command. */
#include "../attack.h"

static void attack(void) {
    char command[600];
    snprintf(command, sizeof command, "echo here > %s/left_behind", target("scratch"));
    system(command);
}
