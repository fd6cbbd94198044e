/* Writes 32 MiB of complaints. */
#include "../attack.h"

static void attack(void) {
    static char lines[1 << 16];
    memset(lines, 'x', sizeof lines);
    for (size_t i = 99; i < sizeof lines; i += 100)
        lines[i] = '\n';
    for (int i = 0; i < 512; ++i)
        write(2, lines, sizeof lines);
}
