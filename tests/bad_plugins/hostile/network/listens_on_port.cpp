// Opens a back door that somebody may come in by later.
#include "../addresses.h"
#include "../attack.h"

static void attack() {
    const auto address = loopback(target_number("back_door"));
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        listen(fd, 1);
}
