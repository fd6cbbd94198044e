/* Falls over, and takes the process that holds it along. */
#include "../attack.h"

static void attack(void) {
    *(volatile int*)8 = 1;
}
