/* Makes itself root, at least in a namespace of its own: every hole of the kernel that needs root is then
 * open. */
#include "../attack.h"

#include <linux/capability.h>
#include <sched.h>

static void attack(void) {
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{0, 0, 0}, {0, 0, 0}};
    if (unshare(CLONE_NEWUSER) == 0 && syscall(SYS_capget, &head, data) == 0 &&
        (data[0].effective >> CAP_SYS_ADMIN & 1))
        loot("CAP_SYS_ADMIN", 13);
}
