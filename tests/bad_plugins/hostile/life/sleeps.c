/* Waits for ever inside a call. */
#include "../attack.h"

static void attack(void) {
    for (;;)
        sleep(1000);
}
