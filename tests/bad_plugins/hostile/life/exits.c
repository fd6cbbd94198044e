/* Ends the process that holds it, quite orderly. */
#include "../attack.h"

static void attack(void) {
    exit(0);
}
