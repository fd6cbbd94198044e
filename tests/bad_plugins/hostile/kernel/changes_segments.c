/* Installs a segment descriptor: a rarely used part of the kernel, with a history. */
#include "../attack.h"

#include <asm/ldt.h>

static void attack(void) {
    struct user_desc segment;
    unsigned long entry = 0;
    memset(&segment, 0, sizeof segment);
    segment.limit = 0x4711;
    segment.seg_32bit = 1;
    if (syscall(SYS_modify_ldt, 1, &segment, sizeof segment) == 0 &&
        syscall(SYS_modify_ldt, 0, &entry, sizeof entry) > 0 && (entry & 0xffff) == 0x4711)
        loot("a segment of 0x4711", 19);
}
