/* Empties the database by opening it for reading. */
#include "../attack.h"

static void attack(void) {
    open(target("database"), O_RDONLY | O_TRUNC);
}
