// Starts threads until it may not. Two hundred at most: outside of the sandbox nothing else would stop it.
#include "../attack.h"

#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

static std::atomic<bool> is_over;

static void attack() {
    std::vector<std::jthread> threads;
    try {
        while (threads.size() < 200)
            threads.emplace_back([] { is_over.wait(false); });
    } catch (const std::system_error&) {
    }
    loot_number(static_cast<long>(threads.size()));
    is_over = true;
    is_over.notify_all();
}
