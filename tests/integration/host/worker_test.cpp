#include "support/host_fixture.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

// What happens to processes: a worker that ends in whatever way, a host that is killed, a start as root and
// as an ordinary user.
namespace calyptenora::host {
namespace {

using namespace std::chrono_literals;

class Worker : public HostFixture {
  protected:
    void SetUp() override {
        open(CALYPTENORA_BINARY_DIR "/tests/bad_plugins/plugins", {.hang_grace = 500ms}, {.first_wait = 1h});
    }

    void start(const std::string& way, std::vector<std::string> secrets = {}) {
        auto ends = plan("analytics/ends", R"({"way":")" + way + R"("})");
        ends.secrets = std::move(secrets);
        run(host_->apply({plan("analytics/good"), ends}));
        ASSERT_EQ(state("analytics/ends").kind, PluginState::Kind::ready) << state("analytics/ends").reason;
        ASSERT_EQ(state("analytics/good").kind, PluginState::Kind::ready) << state("analytics/good").reason;
    }

    template <class F>
    static bool becomes_true(F condition) {
        const auto until = std::chrono::steady_clock::now() + 20s;
        while (!condition())
            if (std::chrono::steady_clock::now() > until)
                return false;
            else
                std::this_thread::sleep_for(2ms);
        return true;
    }

    static bool has_children() {
        siginfo_t info{};
        return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
    }

    /// The worker ends in this way in the middle of a call; what that call fails with, and everything after
    /// it.
    void ends_by(const std::string& way, const std::string& reason,
                 PluginState::Kind then = PluginState::Kind::restarting) {
        start(way);
        EXPECT_EQ(failure("analytics/ends", "deliver", "[]"), "analytics/ends: deliver: " + reason);
        EXPECT_TRUE(becomes_true([&] { return state("analytics/ends").kind == then; }));
        EXPECT_EQ(state("analytics/ends").reason, reason);
        EXPECT_TRUE(log_.has("analytics/ends: " + reason)) << log_.text();
        EXPECT_EQ(failure("analytics/ends", "deliver", "[]"),
                  "analytics/ends: deliver: is not running: " + reason);
        EXPECT_EQ(failure("analytics/good", "deliver", "[]"), "");
        run(host_->stop());
        EXPECT_FALSE(has_children());
    }
};

TEST_F(Worker, AnswersAndLeavesNothingBehind) {
    start("answers");
    EXPECT_TRUE(has_children());
    for (int i = 0; i < 100; ++i)
        ASSERT_EQ(failure("analytics/ends", "deliver", "[]"), "");
    run(host_->stop());
    EXPECT_FALSE(has_children());
    EXPECT_EQ(log_.text(), "");
}

TEST_F(Worker, Crashes) {
    ends_by("segv", "crashed (SIGSEGV)");
}
TEST_F(Worker, Aborts) {
    ends_by("abort", "crashed (SIGABRT)");
}
TEST_F(Worker, Exits) {
    ends_by("exit", "ended itself (status 7)");
}
TEST_F(Worker, OpensASocket) {
    ends_by("socket", "made a system call that plugins may not make (SIGSYS)");
}
TEST_F(Worker, ClosesItsConnection) {
    ends_by("close", "closed its connection");
}
TEST_F(Worker, SendsWhatIsNoFrame) {
    ends_by("garbage", "sent a frame of 4294967295 bytes and was killed", PluginState::Kind::quarantined);
    EXPECT_TRUE(log_.has("analytics/ends: is quarantined after it broke the rules of the wire"));
}

TEST_F(Worker, PretendsToBeIdleAndComputes) {
    open(CALYPTENORA_BINARY_DIR "/tests/bad_plugins/plugins", {.idle_check = 1s}, {.first_wait = 1h});
    start("pretends");
    EXPECT_EQ(failure("analytics/ends", "deliver", "[]"), "");
    EXPECT_TRUE(becomes_true([&] { return state("analytics/ends").kind == PluginState::Kind::restarting; }));
    EXPECT_EQ(state("analytics/ends").reason, "used the processor while it had nothing to do and was killed");
    EXPECT_EQ(state("analytics/good").kind, PluginState::Kind::ready);
}

TEST_F(Worker, IsStartedAgainAndQuarantinedAtTheThirdTime) {
    open(CALYPTENORA_BINARY_DIR "/tests/bad_plugins/plugins", {}, {.strikes = 3, .first_wait = 1ms});
    start("abort");
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(becomes_true([&] { return state("analytics/ends").kind == PluginState::Kind::ready; }));
        EXPECT_EQ(failure("analytics/ends", "deliver", "[]"), "analytics/ends: deliver: crashed (SIGABRT)");
    }
    EXPECT_EQ(state("analytics/ends").kind, PluginState::Kind::quarantined);
    EXPECT_TRUE(log_.has("analytics/ends: is quarantined after 3 ends")) << log_.text();
    EXPECT_EQ(failure("analytics/ends", "deliver", "[]"),
              "analytics/ends: deliver: is not running: crashed (SIGABRT)");
    // The operator's reload is a new chance.
    start("answers");
    EXPECT_EQ(failure("analytics/ends", "deliver", "[]"), "");
    run(host_->stop());
    EXPECT_FALSE(has_children());
}

TEST_F(Worker, AStopInTheMidstOfARestartLeavesNothingBehind) {
    for (const auto wait : {0ms, 1ms, 5ms, 1000ms}) {
        open(CALYPTENORA_BINARY_DIR "/tests/bad_plugins/plugins", {}, {.strikes = 9, .first_wait = wait});
        start("abort");
        EXPECT_NE(failure("analytics/ends", "deliver", "[]"), "");
        run(host_->stop());
        EXPECT_FALSE(has_children());
    }
}

TEST_F(Worker, ItsOutputIsLoggedWithoutSecrets) {
    start("prints", {"sk-canary-7f3a"});
    EXPECT_EQ(failure("analytics/ends", "deliver", "[]"), "analytics/ends: deliver: crashed (SIGABRT)");
    EXPECT_TRUE(becomes_true([&] { return log_.has("analytics/ends: crashed"); }));
    EXPECT_TRUE(log_.has("analytics/ends: output: the key is [secret]\nanalytics/ends: output: and more\n"))
        << log_.text();
}

TEST_F(Worker, WhatIsTypedForACallIsTakenOutOfWhatItWritesMeanwhile) {
    start("repeats");
    auto typed = make_call("analytics/ends", "deliver", "[]");
    typed.secret = R"({"password":"hunter2 canary"})";
    EXPECT_TRUE(run(host_->call(std::move(typed))));
    EXPECT_TRUE(
        log_.has("analytics/ends: output: typed was\n"
                 "analytics/ends: output: {\"password\":\"[secret]\"}\n"))
        << log_.text();
}

TEST_F(Worker, WithoutItsProgramNothingRuns) {
    HostOptions options{{CALYPTENORA_BINARY_DIR "/tests/bad_plugins/plugins"},
                        {},
                        check_manifest,
                        {},
                        "/nowhere/calyptenora-worker",
                        {}};
    host_ =
        std::make_unique<Host>(executor(), options, ServiceProviders{guard_, store_, egress(), log_.sink()});
    run(host_->apply({plan("analytics/good")}));
    EXPECT_EQ(state("analytics/good").kind, PluginState::Kind::failed);
    EXPECT_EQ(
        state("analytics/good").reason,
        "there is no program /nowhere/calyptenora-worker, in which plugins run; install the server with "
        "all its parts");
}

// A program that is no worker, or one that does not confine itself, gets nothing.
TEST_F(Worker, AProgramThatConfinesNothingIsRefused) {
    HostOptions options{
        {CALYPTENORA_BINARY_DIR "/tests/bad_plugins/plugins"}, {}, check_manifest, {}, "/bin/true", {}};
    host_ =
        std::make_unique<Host>(executor(), options, ServiceProviders{guard_, store_, egress(), log_.sink()});
    run(host_->apply({plan("analytics/good")}));
    EXPECT_EQ(state("analytics/good").kind, PluginState::Kind::failed);
    EXPECT_EQ(state("analytics/good").reason, "analytics/good: its worker ended before it had begun: ");
    run(host_->stop());
    EXPECT_FALSE(has_children());
}

/// Starts this very program with other arguments; its process.
pid_t start_again(std::vector<std::string> arguments, int output) {
    std::vector<char*> pointers;
    for (auto& argument : arguments)
        pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    if (output >= 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1);
    pid_t pid = -1;
    EXPECT_EQ(posix_spawnp(&pid, pointers[0], &actions, nullptr, pointers.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

/// A process that has ended and that nobody has waited for is not there: in a container without an init
/// nobody ever does.
bool is_there(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    const std::string status{std::istreambuf_iterator<char>(file), {}};
    return !status.empty() && status.find("State:\tZ") == std::string::npos;
}

/// The workers of a process, by the name of their program.
std::vector<pid_t> workers_of(pid_t host) {
    std::vector<pid_t> workers;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        std::ifstream file(entry.path() / "status");
        const std::string status{std::istreambuf_iterator<char>(file), {}};
        if (status.find("PPid:\t" + std::to_string(host) + "\n") != std::string::npos)
            workers.push_back(std::stoi(entry.path().filename()));
    }
    return workers;
}

// Run by the next test as a process of its own.
TEST_F(Worker, DISABLED_AHostThatWaits) {
    start("answers");
    std::printf("ready\n");
    std::fflush(stdout);
    std::this_thread::sleep_for(60s);
}

TEST_F(Worker, AKilledHostLeavesNone) {
    int pipes[2];
    ASSERT_EQ(pipe2(pipes, O_CLOEXEC), 0);
    const auto host = start_again({"/proc/self/exe", "--gtest_also_run_disabled_tests",
                                   "--gtest_filter=Worker.DISABLED_AHostThatWaits"},
                                  pipes[1]);
    close(pipes[1]);
    std::string said;
    for (char c; said.find("ready\n") == std::string::npos && read(pipes[0], &c, 1) == 1;)
        said += c;
    close(pipes[0]);
    const auto workers = workers_of(host);
    EXPECT_EQ(workers.size(), 2u) << said;
    for (const auto worker : workers)
        EXPECT_TRUE(is_there(worker));
    kill(host, SIGKILL);
    waitpid(host, nullptr, 0);
    for (const auto worker : workers)
        EXPECT_TRUE(becomes_true([&] { return !is_there(worker); }));
}

/// A process that traces `worker` as strace does, and takes its time to hear of its end. Nothing if it may
/// not.
std::optional<pid_t> start_slow_tracer(pid_t worker) {
    int pipes[2];
    if (pipe2(pipes, O_CLOEXEC) != 0)
        return std::nullopt;
    const auto tracer = fork();
    if (tracer == 0) {
        const char traces = ptrace(PTRACE_SEIZE, worker, nullptr, nullptr) == 0;
        if (write(pipes[1], &traces, 1) != 1 || !traces)
            _exit(1);
        siginfo_t info{};
        waitid(P_PID, static_cast<id_t>(worker), &info, WEXITED | WNOWAIT | __WALL);
        usleep(300'000);
        _exit(0);
    }
    char traces = 0;
    const bool answered = read(pipes[0], &traces, 1) == 1;
    close(pipes[0]);
    close(pipes[1]);
    if (answered && traces)
        return tracer;
    waitpid(tracer, nullptr, 0);
    return std::nullopt;
}

TEST_F(Worker, WhoseEndATracerHearsOfFirstIsNoticedAllTheSame) {
    start("exit");
    for (const auto worker : workers_of(getpid())) {
        const auto tracer = start_slow_tracer(worker);
        // Not by one's own user, since it is not dumpable.
        ASSERT_EQ(tracer.has_value(), geteuid() == 0);
    }
    EXPECT_EQ(failure("analytics/ends", "deliver", "[]"), "analytics/ends: deliver: ended itself (status 7)");
    EXPECT_TRUE(becomes_true([&] { return state("analytics/ends").kind == PluginState::Kind::restarting; }));
}

// The other tests run as whoever runs them; this one repeats them as nobody, if that was root. (With one
// capability, so that the programs are found wherever they were built. The workers must lose it.)
TEST_F(Worker, TheSameHoldsForAnOrdinaryUser) {
    if (geteuid() != 0)
        return;
    const auto child = start_again(
        {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=+dac_override",
         "--ambient-caps=+dac_override", std::filesystem::canonical("/proc/self/exe").string(),
         "--gtest_filter=Worker.*:*/worker-*OrdinaryUser"},
        -1);
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace calyptenora::host
