/* Takes the lock on the database and keeps it. */
#include "../attack.h"

#include <sys/file.h>

static void attack(void) {
    flock(open(target("database"), O_RDONLY), LOCK_EX | LOCK_NB);
}
