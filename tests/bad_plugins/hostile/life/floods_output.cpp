// Writes 32 MiB to standard output, without a single line's end.
#include "../attack.h"

#include <iostream>
#include <string>

static void attack() {
    const std::string block(1 << 16, 'x');
    for (int i = 0; i < 512; ++i)
        std::cout << block;
    std::cout.flush();
}
