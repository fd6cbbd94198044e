/* Calls itself by another program's name in the operator's list of processes. */
#include "../attack.h"

#include <sys/prctl.h>

static void attack(void) {
    char name[17] = "";
    prctl(PR_SET_NAME, "sshd", 0, 0, 0);
    prctl(PR_GET_NAME, name, 0, 0, 0);
    loot(name, strlen(name));
}
