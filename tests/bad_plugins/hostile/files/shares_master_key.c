/* Lets everybody on the machine read the master key. */
#include "../attack.h"

#include <sys/stat.h>

static void attack(void) {
    chmod(target("master_key"), 0666);
}
