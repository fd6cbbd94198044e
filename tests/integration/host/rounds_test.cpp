#include "footprint.hpp"
#include "support/host_fixture.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

// The shipped plugins start and stop again and again, and the server is left as it was.
namespace calyptenora::host {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// 500, or as many as CALYPTENORA_ROUNDS says, for whoever hunts a small leak.
int rounds() {
    const char* wanted = std::getenv("CALYPTENORA_ROUNDS");
    return wanted ? std::stoi(wanted) : 500;
}
/// Until every cache and every thread's heap has been used.
constexpr int warm_up = 20;

class Rounds : public HostFixture, public testing::WithParamInterface<settings::Isolation> {
  protected:
    static void SetUpTestSuite() { prepare_to_take_footprints(); }
    void SetUp() override {
        // Timers keep what they were set for in memory: none of them is to last longer than a second.
        open(CALYPTENORA_BINARY_DIR "/plugins", {.hang_grace = 1s, .idle_check = 1s});
    }
    settings::Isolation isolation() const override { return GetParam(); }

    std::vector<InstancePlan> five() const {
        return {plan("payments/sepa", R"({"payee_name":"Lernwerk","payment_period":1209600000,
                                          "iban":"DE02 1203 0000 0000 2020 51",
                                          "reference_form":"text","reference_mask":"CA-######"})"),
                plan("analytics/xapi", R"({"endpoint":"https://lrs.example/xapi/","username":"key",
                                           "password":["secret"]})"),
                plan("video/hls", R"({"longest_ttl":21600000,
                                      "signing_keys":["0123456789abcdef0123456789abcdef"]})"),
                plan("video/embed", R"({"origins":["https://player.example"],
                                        "players":["x; X; none; .*; https://player.example/{id}"]})"),
                plan("support/mail", R"({"smtp_server":"smtp.example:587","username":"lms","password":["pw"],
                                         "from":"lms@lms.example","support_address":"help@desk.example",
                                         "alias_domain":"cases.lms.example",
                                         "alias_keys":["kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"]})")};
    }

    /// Starts all, has each of them answer once, and stops them.
    void start_and_stop(const std::vector<InstancePlan>& plans) {
        run(host_->apply(plans));
        for (const auto& plan : plans) {
            const auto now = state(plan.id.text());
            ASSERT_EQ(now.kind, PluginState::Kind::ready) << plan.id.text() << ": " << now.reason;
            ASSERT_THAT(failure(plan.id.text(), "no_such_operation", "{}"), HasSubstr("no_such_operation"));
        }
        run(host_->apply({}));
        log_.clear();
    }
    void start_and_stop(const std::vector<InstancePlan>& plans, int times) {
        for (int i = 0; i < times; ++i)
            ASSERT_NO_FATAL_FAILURE(start_and_stop(plans)) << "in round " << i;
    }

    /// What is held when nothing is let go of any more.
    static Footprint at_rest() {
        auto before = Footprint::take();
        while (true) {
            std::this_thread::sleep_for(1500ms);
            const auto now = Footprint::take();
            if (now.heap_bytes >= before.heap_bytes && now.descriptors >= before.descriptors &&
                now.processes >= before.processes && now.threads >= before.threads)
                return now;
            before = now;
        }
    }
};

TEST_P(Rounds, FivePluginsLeaveNothingBehind) {
    const auto plans = five();
    ASSERT_NO_FATAL_FAILURE(start_and_stop(plans, warm_up));
    const auto before = at_rest();
    // Inside the server it is threads that could stay, and a few rounds show that.
    const int wanted = isolation() == settings::Isolation::worker ? rounds() : rounds() / 10;
    ASSERT_NO_FATAL_FAILURE(start_and_stop(plans, wanted));
    const auto after = at_rest();
    EXPECT_EQ(growth(before, after), "");
    std::printf("%td bytes of heap and %td private bytes more after %d rounds\n",
                static_cast<std::ptrdiff_t>(after.heap_bytes - before.heap_bytes),
                static_cast<std::ptrdiff_t>(after.private_bytes - before.private_bytes), wanted);

    // Had each of 500 rounds lost 1 KiB, it would have been seen.
    std::vector<std::unique_ptr<char[]>> lost;
    for (int i = 0; i < 500; ++i)
        lost.push_back(std::make_unique<char[]>(1024));
    EXPECT_THAT(growth(before, at_rest()), HasSubstr("bytes of heap"));
}

INSTANTIATE_TEST_SUITE_P(BothPlaces, Rounds,
                         testing::Values(settings::Isolation::worker, settings::Isolation::in_process),
                         name_of_isolation);

// The oracle itself: one of each is enough, and each is named.
class FootprintControl : public testing::Test {
  protected:
    static void SetUpTestSuite() { prepare_to_take_footprints(); }
    Footprint before_ = Footprint::take();
    std::string grown() const { return growth(before_, Footprint::take()); }
};

TEST_F(FootprintControl, NothingGrowsByItself) {
    EXPECT_EQ(grown(), "");
}

TEST_F(FootprintControl, SeesADescriptor) {
    const int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    EXPECT_THAT(grown(), HasSubstr("descriptors"));
    close(file);
    EXPECT_EQ(grown(), "");
}

TEST_F(FootprintControl, SeesAProcessThatEndedAndWasNotWaitedFor) {
    const auto child = fork();
    if (child == 0)
        _exit(0);
    siginfo_t info{};
    ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
    EXPECT_THAT(grown(), HasSubstr("processes"));
    ASSERT_EQ(waitpid(child, nullptr, 0), child);
    EXPECT_EQ(grown(), "");
}

TEST_F(FootprintControl, SeesAProcessWhoseParentHasEnded) {
    const auto child = fork();
    if (child == 0) {
        fork();
        _exit(0);
    }
    ASSERT_EQ(waitpid(child, nullptr, 0), child);
    EXPECT_THAT(grown(), HasSubstr("processes"));
    ASSERT_GT(waitpid(-1, nullptr, 0), 0);
    EXPECT_EQ(grown(), "");
}

TEST_F(FootprintControl, SeesAThread) {
    std::promise<void> over;
    std::thread thread([&] { over.get_future().wait(); });
    EXPECT_THAT(grown(), HasSubstr("threads"));
    over.set_value();
    thread.join();
}

TEST_F(FootprintControl, SeesPagesThatMallocKnowsNothingOf) {
    constexpr std::size_t size = 500 * 1024;
    auto* pages =
        static_cast<char*>(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    ASSERT_NE(pages, MAP_FAILED);
    std::fill_n(pages, size, 'x');
    const auto text = grown();
    EXPECT_THAT(text, HasSubstr("private bytes"));
    EXPECT_THAT(text, testing::Not(HasSubstr("heap")));
    munmap(pages, size);
    EXPECT_EQ(grown(), "");
}

}  // namespace
}  // namespace calyptenora::host
