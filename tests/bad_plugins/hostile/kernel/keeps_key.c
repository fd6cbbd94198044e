/* Leaves data in the user's keyring, where another process can fetch them. */
#include "../attack.h"

#include <linux/keyctl.h>

static void attack(void) {
    syscall(SYS_add_key, "user", target("key_name"), "I was here", 10, KEY_SPEC_USER_KEYRING);
}
