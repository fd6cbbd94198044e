/* The same without write(): through a shared mapping. */
#include "../attack.h"

#include <sys/mman.h>

static void attack(void) {
    const int fd = open(target("database"), O_RDWR);
    char* bytes = (char*)mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (bytes != MAP_FAILED)
        bytes[0] = '#';
}
