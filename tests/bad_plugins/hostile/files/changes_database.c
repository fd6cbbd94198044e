/* Changes one byte of the operator's database. */
#include "../attack.h"

static void attack(void) {
    pwrite(open(target("database"), O_WRONLY), "#", 1, 0);
}
