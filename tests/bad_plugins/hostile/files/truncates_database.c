/* Cuts the operator's database down to nothing. */
#include "../attack.h"

static void attack(void) {
    truncate(target("database"), 0);
}
