#include "support/host_fixture.hpp"

#include <gmock/gmock.h>

#include <climits>

// The sanitizers see a planted defect: in a plugin inside a confined worker, and in this process.
namespace calyptenora::host {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class PlantedInAWorker : public HostFixture {
  protected:
    void SetUp() override {
        open(CALYPTENORA_BINARY_DIR "/tests/sanitizers/plugins", {}, {.first_wait = 1h});
    }
    /// The operator's log once the call has been made.
    std::string log_after(const std::string& way) {
        run(host_->apply({plan("analytics/breaks_memory", R"({"way":")" + way + R"("})")}));
        EXPECT_EQ(state("analytics/breaks_memory").kind, PluginState::Kind::ready)
            << state("analytics/breaks_memory").reason;
        failure_ = failure("analytics/breaks_memory", "deliver", "[]");
        run(host_->stop());
        const auto text = log_.text();
        log_.clear();  // Which no other test survives.
        return text;
    }
    std::string failure_;
};

TEST_F(PlantedInAWorker, NothingIsSeenInAPluginThatDoesWhatItShould) {
    EXPECT_EQ(log_after("answers"), "");
    EXPECT_EQ(failure_, "");
}

TEST_F(PlantedInAWorker, AReadBehindABufferIsSeen) {
    EXPECT_THAT(log_after("overflow"), HasSubstr("ERROR: AddressSanitizer: heap-buffer-overflow"));
    EXPECT_THAT(failure_, HasSubstr("ended itself"));
}

TEST_F(PlantedInAWorker, AReadOfFreedMemoryIsSeen) {
    EXPECT_THAT(log_after("use_after_free"), HasSubstr("ERROR: AddressSanitizer: heap-use-after-free"));
    EXPECT_THAT(failure_, HasSubstr("ended itself"));
}

TEST_F(PlantedInAWorker, UndefinedBehaviourIsSeen) {
    EXPECT_THAT(log_after("undefined"), HasSubstr("runtime error: signed integer overflow"));
    EXPECT_THAT(failure_, HasSubstr("ended itself"));
}

TEST(PlantedInTheHost, AReadBehindABufferAndUndefinedBehaviourAreSeen) {
    testing::GTEST_FLAG(death_test_style) = "threadsafe";
    volatile std::size_t size = 16;
    volatile int largest = INT_MAX;
    const std::unique_ptr<char[]> bytes(new char[size]());
    EXPECT_DEATH(std::exit(bytes[size]), "heap-buffer-overflow");
    EXPECT_DEATH(std::exit(largest + 1), "signed integer overflow");
}

}  // namespace
}  // namespace calyptenora::host
