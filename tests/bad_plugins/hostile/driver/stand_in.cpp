// Stands in for the host as the victim of attacks: a process with a learner's datum in its memory, the
// database open, a secret in its command line, its environment and its name. It counts the signals that it
// gets, and makes files whose names are secret.
//
//     hostile_stand_in STATE_FILE DATABASE SPOOL DATUM FILE_NAME HOST_NAME --password=SECRET
#include "bad_plugins/hostile/driver/stand_in.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <string>

namespace {

calyptenora::hostile::StandInState* state;
char datum[64];

}  // namespace

int main(int count, char** arguments) {
    if (count < 8)
        return 2;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0);
    const int file = open(arguments[1], O_RDWR);
    void* const mapped = mmap(nullptr, sizeof *state, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED)
        return 1;
    state = static_cast<calyptenora::hostile::StandInState*>(mapped);
    std::signal(SIGUSR1, [](int) { state->signals = state->signals + 1; });
    std::strncpy(datum, arguments[4], sizeof datum - 1);
    if (unshare(CLONE_NEWUSER | CLONE_NEWUTS) != 0 ||
        sethostname(arguments[6], std::strlen(arguments[6])) != 0)
        return 1;
    state->datum = reinterpret_cast<std::uintptr_t>(&datum);
    state->database = open(arguments[2], O_RDONLY);
    state->is_ready = true;
    const auto spooled = std::string(arguments[3]) + "/" + arguments[5];
    while (true) {
        close(open(spooled.c_str(), O_CREAT | O_WRONLY, 0600));
        for (volatile int turns = 0; turns < 100'000; turns = turns + 1) {
        }
        usleep(20'000);
        unlink(spooled.c_str());
    }
}
