/* Lets the kernel copy the database to where others can read it. */
#include "../attack.h"

static void attack(void) {
    char path[600];
    snprintf(path, sizeof path, "%s/left_behind", target("scratch"));
    const int from = open(target("database"), O_RDONLY);
    copy_file_range(from, NULL, open(path, O_CREAT | O_WRONLY, 0644), NULL, 4096, 0);
}
