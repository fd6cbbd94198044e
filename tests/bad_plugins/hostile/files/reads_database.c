/* Opens the operator's database and reads it. */
#include "../attack.h"

static void attack(void) {
    loot_from(open(target("database"), O_RDONLY));
}
