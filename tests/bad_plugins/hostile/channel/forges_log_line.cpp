// Writes a line into the operator's log that seems to be somebody else's.
#include "../attack.h"

#include <iostream>

static void attack() {
    std::cerr << "nothing\n\x1b[2K\r[info] host: all plugins are well\n" << std::flush;
}
