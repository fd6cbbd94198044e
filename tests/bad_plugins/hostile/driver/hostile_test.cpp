#include "bad_plugins/hostile/driver/attacks.hpp"
#include "bad_plugins/hostile/driver/descendants.hpp"
#include "bad_plugins/hostile/driver/naive_host.hpp"
#include "bad_plugins/hostile/driver/worker_host.hpp"

#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <thread>

// Each attack is let loose twice, the same file with the same settings: without a sandbox, where it must
// leave its proof, and with, where it must not.
namespace calyptenora::hostile {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

World* world = nullptr;
WorkerHost* workers = nullptr;

fs::path plugins() {
    return CALYPTENORA_BINARY_DIR "/tests/bad_plugins/hostile/analytics";
}

std::string neighbour_settings() {
    return R"({"api_key":")" + world->secret("api_key") + R"("})";
}

/// Where every attack is put beside them, since it may change its own file.
fs::path plugin_folder() {
    return world->scratch() / "plugins";
}

fs::path copy_of_innocent_plugins() {
    const auto folder = plugin_folder() / "analytics";
    fs::create_directories(folder);
    fs::copy(plugins() / "neighbour", folder / "neighbour", fs::copy_options::recursive);
    fs::copy(CALYPTENORA_BINARY_DIR "/tests/bad_plugins/plugins/analytics/good", folder / "good",
             fs::copy_options::recursive);
    return plugin_folder();
}

class Hostile : public testing::TestWithParam<Attack> {
  protected:
    void SetUp() override {
        put_file();
        world->reset(file());
    }

    static fs::path file() {
        const auto name = std::string(GetParam().name);
        return plugin_folder() / "analytics" / name / (name + ".so");
    }

    static void put_file() {
        fs::remove_all(file().parent_path());
        fs::copy(plugins() / GetParam().name, file().parent_path());
    }

    /// Lets the attack loose and says whether its proof is there. Waits for this line of the log.
    bool let_loose(Place& place, std::chrono::milliseconds time, std::string_view log) {
        const auto& attack = GetParam();
        malloc_trim(0);
        Trace trace(*world, place);
        trace.memory_before = memory_of_this_process();
        trace.descriptors_before = descriptors_of_this_process();
        trace.came_up = place.start(std::string(attack.name), world->settings(),
                                    attack.script == Script::two_purposes ? Purposes::two : Purposes::one);
        trace.processes = place.processes();
        if (attack.script == Script::beside_open_call)
            trace.neighbours_open_call = place.begin(Plugin::neighbour, "\"wait\"", 3s);
        if (trace.came_up)
            call(trace);
        bool proven = is_proven(trace, time);
        await_log(place, log);
        if (!proven) {
            place.stop();
            trace.is_stopped = true;
            proven = is_proven(trace, 50ms);
            await_log(place, log);
        }
        return proven;
    }

  private:
    static std::string document() { return R"({"learner":")" + world->secret("learner") + R"("})"; }

    void call(Trace& trace) {
        const auto& attack = GetParam();
        const auto begin = [&](Plugin plugin = Plugin::attack) {
            trace.calls.push_back(trace.place.begin(plugin, document(), attack.deadline));
        };
        begin();
        if (attack.script == Script::two_calls_at_once)
            begin();
        for (const auto called : trace.calls)
            trace.kept_waiting |= !trace.place.wait(called);
        if (attack.script == Script::withdrawal)
            trace.place.withdraw();
        if (attack.script == Script::two_purposes)
            begin(Plugin::attack_for_another_purpose);
        if (attack.script == Script::two_calls || attack.script == Script::withdrawal)
            begin();
        trace.place.wait(trace.calls.back());
    }

    /// What happens to a plugin is told when it has happened.
    static void await_log(Place& place, std::string_view log) {
        const auto until = Clock::now() + 2s;
        while (place.log().find(log) == std::string::npos && Clock::now() < until)
            std::this_thread::sleep_for(10ms);
    }

    static bool is_proven(Trace& trace, std::chrono::milliseconds time) {
        const auto until = Clock::now() + time;
        while (!GetParam().proof.is_there(trace)) {
            if (Clock::now() > until)
                return false;
            std::this_thread::sleep_for(10ms);
        }
        return true;
    }
};

TEST_P(Hostile, SucceedsWithoutSandboxAndFailsWithIt) {
    const auto& attack = GetParam();
    if (attack.needs == Needs::nothing || geteuid() == 0) {
        NaiveHost place(plugin_folder() / "analytics", world->stand_in(), neighbour_settings());
        ASSERT_TRUE(let_loose(place, 3 * attack.proof.settle + 300ms, ""))
            << "without a sandbox it is not so: " << attack.proof.description << "\n"
            << place.log().substr(0, 2000);
    }
    put_file();
    world->reset(file());
    const auto innocent = workers->innocent_processes();
    workers->service();
    const bool escaped = let_loose(*workers, attack.proof.settle, attack.log);
    workers->stop();
    auto log = workers->log().substr(0, 160);
    std::ranges::replace(log, '\n', '|');
    std::cout << "    without a sandbox: " << attack.proof.description << "; with it, the log says: " << log
              << "\n";
    EXPECT_FALSE(escaped) << "with a sandbox it is so, too: " << attack.proof.description;
    EXPECT_THAT(workers->log(), testing::HasSubstr(std::string(attack.log)));
    const auto service = workers->service();
    EXPECT_GT(service.answered, 0);
    EXPECT_EQ(service.failure, "");
    EXPECT_LT(service.slowest, 5s);
    EXPECT_EQ(workers->innocent_processes(), innocent);
    EXPECT_EQ(innocent.size(), 2u);
}

INSTANTIATE_TEST_SUITE_P(Attacks, Hostile, testing::ValuesIn(attacks()),
                         [](const auto& attack) { return std::string(attack.param.name); });

/// Continues as this user, who is nobody on this machine.
void become(uid_t user) {
    if (setgroups(0, nullptr) != 0 || setresgid(user, user, user) != 0 || setresuid(user, user, user) != 0 ||
        prctl(PR_SET_DUMPABLE, 1) != 0) {
        std::perror("setresuid");
        std::exit(1);
    }
}

}  // namespace
}  // namespace calyptenora::hostile

int main(int count, char** arguments) {
    testing::InitGoogleTest(&count, arguments);
    using namespace calyptenora::hostile;
    constexpr uid_t some_user = 61'847;
    if (count > 1 && std::string_view(arguments[1]) == "--as-user") {
        if (geteuid() != 0) {
            std::cout << "This is an ordinary user: the test without --as-user is this one.\n";
            return 0;
        }
        become(some_user);
    }
    // In a session of its own, for the terminal.
    if (const pid_t child = fork(); child != 0) {
        int status = 0;
        waitpid(child, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    setsid();
    World the_world;
    world = &the_world;
    WorkerHost the_host(copy_of_innocent_plugins(), neighbour_settings());
    workers = &the_host;
    return RUN_ALL_TESTS();
}
