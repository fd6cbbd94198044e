#include "support/host_fixture.hpp"

#include <fmt/format.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

/// What it costs that a plugin runs in a process of its own: a call of 300 bytes into a worker, into a thread
/// of this process, and the bare echo of as many bytes by a process at the other end of a socket pair, taking
/// turns; how long twelve workers take until they are ready; and the memory that each has for itself. Prints
/// one line of JSON for each comparison, times in nanoseconds.
///
/// What a way there and back costs depends on where the two ends run, for the echo as for a plugin: to wake
/// an idle processor can cost more than all else. So each end gets its place, and both places are measured.
///
///     channel_bench ROUNDS CALLS_PER_ROUND
namespace calyptenora::host {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

/// A process that sends back what it is sent.
class BareEcho {
  public:
    BareEcho() {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
            throw std::runtime_error("no socket pair");
        if (fork() == 0) {
            close(pair[0]);
            char bytes[4096];
            for (ssize_t size; (size = read(pair[1], bytes, sizeof bytes)) > 0;)
                if (write(pair[1], bytes, static_cast<std::size_t>(size)) != size)
                    break;
            _exit(0);
        }
        close(pair[1]);
        socket_ = pair[0];
    }
    BareEcho(const BareEcho&) = delete;
    BareEcho& operator=(const BareEcho&) = delete;
    ~BareEcho() {
        close(socket_);
        wait(nullptr);
    }

    void round_trip(const std::string& document) const {
        char back[4096];
        if (write(socket_, document.data(), document.size()) < 0)
            throw std::runtime_error("the echo is gone");
        for (std::size_t got = 0; got < document.size();) {
            const auto size = read(socket_, back, sizeof back);
            if (size <= 0)
                throw std::runtime_error("the echo is gone");
            got += static_cast<std::size_t>(size);
        }
    }

  private:
    int socket_ = -1;
};

/// An event of 300 bytes.
std::string make_document() {
    const std::string begin = R"([{"id":"0190b2c4-7d5e-7c3a-9f10-2b6f8e4d1a07","platform":")", end = R"("}])";
    return begin + std::string(300 - begin.size() - end.size(), 'x') + end;
}

/// The memory that a process shares with nobody, in KiB.
long unshared_memory(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/smaps_rollup");
    long sum = 0, value = 0;
    for (std::string name; file >> name;)
        if (name == "Private_Clean:" || name == "Private_Dirty:") {
            file >> value;
            sum += value;
        }
    return sum;
}

/// Of all threads.
std::set<pid_t> children() {
    std::set<pid_t> found;
    for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
        std::ifstream file(thread.path() / "children");
        for (pid_t child; file >> child;)
            found.insert(child);
    }
    return found;
}

/// This thread on one processor, all other threads and all children on another, or everything on one.
class Placement {
  public:
    explicit Placement(bool together) {
        cpu_set_t allowed;
        sched_getaffinity(0, sizeof allowed, &allowed);
        std::vector<int> processors;
        for (int i = 0; i < CPU_SETSIZE && processors.size() < 2; ++i)
            if (CPU_ISSET(i, &allowed))
                processors.push_back(i);
        here_ = processors.front();
        there_ = together ? here_ : processors.back();
    }
    bool is_apart() const { return here_ != there_; }

    void take() const {
        for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task"))
            put(std::stoi(thread.path().filename()), there_);
        for (const auto child : children())
            put(child, there_);
        put(0, here_);
    }

  private:
    static void put(pid_t task, int processor) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(processor, &set);
        if (sched_setaffinity(task, sizeof set, &set) != 0)
            throw std::runtime_error(fmt::format("task {} cannot be put on processor {}", task, processor));
    }

    int here_, there_;
};

double median(std::vector<double> values) {
    std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
    return values[values.size() / 2];
}

void print(std::string_view work, double ours, std::string_view compared_with, double theirs) {
    fmt::print(R"({{"work":"{}","ours":{:.1f},"compared_with":"{}","theirs":{:.1f},"ratio":{:.3f}}})"
               "\n",
               work, ours, compared_with, theirs, ours / theirs);
}

class Bench {
  public:
    Bench() {
        HostOptions options;
        options.plugin_folders = {CALYPTENORA_BINARY_DIR "/tests/bench/plugins"};
        options.check_manifest = [](std::string_view, const PluginFiles&) { return Status(); };
        options.worker_program = CALYPTENORA_BINARY_DIR "/bin/calyptenora-worker";
        host_ =
            std::make_unique<Host>(io_.get_executor(), options,
                                   ServiceProviders{guard_, store_, egress_,
                                                    [](LogLevel, const std::string&, const std::string&) {}});
    }

    template <class T>
    T run(asio::awaitable<T> work) {
        io_.restart();
        auto result = asio::co_spawn(io_, std::move(work), asio::use_future);
        io_.run_one();
        while (result.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
            io_.run_one();
        return result.get();
    }

    static InstancePlan plan(const std::string& name, settings::Isolation isolation) {
        InstancePlan plan{*settings::parse_instance_id(name), Wanted::on, "{}", {}, {}, false, {Purpose{}}};
        plan.isolation = isolation;
        return plan;
    }

    void start(std::vector<InstancePlan> plans) {
        run(host_->apply(std::move(plans)));
        for (const auto& [id, state] : host_->states())
            if (state.kind != PluginState::Kind::ready)
                throw std::runtime_error(id.text() + ": " + state.reason);
    }

    /// Nanoseconds of one call.
    double calls(const std::string& instance, int count) {
        const auto begin = Clock::now();
        run(call_often(*settings::parse_instance_id(instance), count));
        return std::chrono::duration<double, std::nano>(Clock::now() - begin).count() / count;
    }

    void stop() { run(host_->stop()); }

  private:
    asio::awaitable<void> call_often(settings::InstanceId instance, int count) {
        for (int i = 0; i < count; ++i) {
            gate::CallScope scope{storage::CallId::make(), instance, Purpose{}, {{subject_, {}}}};
            const auto answer =
                co_await host_->call({std::move(scope), "deliver", document_, "", std::chrono::seconds(10)});
            if (!answer)
                throw std::runtime_error(answer.error().message);
        }
    }

    const std::string document_ = make_document();
    const storage::SubjectId subject_ = storage::SubjectId::make();
    RecordingGuard guard_;
    MemoryStore store_;
    NoEgress egress_;
    asio::io_context io_;
    asio::executor_work_guard<asio::io_context::executor_type> work_ = make_work_guard(io_);
    std::unique_ptr<Host> host_;
};

const std::string worker_instance = "analytics/echo@worker", thread_instance = "analytics/echo@thread";

void compare_calls(Bench& bench, const BareEcho& echo, const Placement& placement, std::string_view where,
                   int rounds, int count) {
    placement.take();
    const auto document = make_document();
    std::vector<double> bare, in_worker, in_thread;
    for (int round = 0; round < rounds; ++round) {
        const auto begin = Clock::now();
        for (int i = 0; i < count; ++i)
            echo.round_trip(document);
        bare.push_back(std::chrono::duration<double, std::nano>(Clock::now() - begin).count() / count);
        in_worker.push_back(bench.calls(worker_instance, count));
        in_thread.push_back(bench.calls(thread_instance, count));
    }
    const auto bare_echo = fmt::format("bare echo by socket pair, {}", where);
    print(fmt::format("call into a plugin, worker, {}", where), median(in_worker), bare_echo, median(bare));
    print(fmt::format("call into a plugin, in process, {}", where), median(in_thread), bare_echo,
          median(bare));
}

int compare(int rounds, int count) {
    const BareEcho echo;  // Forked while there is no other thread.
    const auto of_the_echo = children();
    Bench bench;

    std::vector<double> ready;
    for (int round = 0; round < std::max(3, rounds / 3); ++round) {
        std::vector<InstancePlan> twelve;
        for (int i = 0; i < 12; ++i)
            twelve.push_back(Bench::plan(fmt::format("analytics/echo@n{}", i), settings::Isolation::worker));
        const auto begin = Clock::now();
        bench.start(std::move(twelve));
        ready.push_back(std::chrono::duration<double, std::nano>(Clock::now() - begin).count());
        if (round == 0) {
            std::vector<double> memory;
            for (const auto child : children())
                if (!of_the_echo.contains(child))
                    memory.push_back(static_cast<double>(unshared_memory(child)));
            print("unshared memory of a worker, bytes", median(memory) * 1024, "0.4 MiB of the bare recipe",
                  0.4 * 1024 * 1024);
        }
        bench.stop();
    }

    bench.start({Bench::plan(worker_instance, settings::Isolation::worker),
                 Bench::plan(thread_instance, settings::Isolation::in_process)});
    // Apart only where there are two processors.
    const Placement apart(false), together(true);
    if (apart.is_apart())
        compare_calls(bench, echo, apart, "on two processors", rounds, count);
    compare_calls(bench, echo, together, "on one processor", rounds, count);
    bench.stop();
    print("12 workers ready, each", median(ready) / 12, "5 ms (2.5 to 9 measured for the bare recipe)", 5e6);
    return 0;
}

}  // namespace
}  // namespace calyptenora::host

int main(int count, char** arguments) {
    if (count != 3) {
        fmt::print(stderr, "usage: channel_bench ROUNDS CALLS_PER_ROUND\n");
        return 2;
    }
    return calyptenora::host::compare(std::atoi(arguments[1]), std::atoi(arguments[2]));
}
