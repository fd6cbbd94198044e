#include "host/worker_outbox.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace calyptenora::host {
namespace {

using namespace std::chrono_literals;
using Function = WorkerOutbox::Function;

class Outbox : public testing::Test {
  public:
    Outbox() { EXPECT_EQ(pipe2(ends_, O_NONBLOCK), 0); }
    ~Outbox() override {
        close(ends_[0]);
        close(ends_[1]);
    }

  protected:
    void invoke(WireCall call, std::size_t bytes = 2) {
        outbox_.push(worker::Invoke{call, "deliver", std::string(bytes, ' '), ""},
                     {Function::invoke, call, now_ + 1s}, now_);
    }
    /// The calls that have reached the other end by now.
    std::vector<WireCall> arrived() {
        char bytes[4096];
        for (ssize_t count; (count = read(ends_[0], bytes, sizeof bytes)) > 0;)
            buffer_.append({bytes, static_cast<std::size_t>(count)});
        std::vector<WireCall> calls;
        for (auto raw = buffer_.next(); raw && *raw; raw = buffer_.next())
            if (const auto frame = worker::parse_host_frame(**raw); frame)
                if (const auto* call = std::get_if<worker::Invoke>(&*frame))
                    calls.push_back(call->call);
        return calls;
    }

    int ends_[2];
    worker::FrameBuffer buffer_;
    WorkerOutbox::Time now_ = WorkerOutbox::Time(1h);
    std::vector<WireCall> begun_;
    WorkerOutbox outbox_{[this](WireCall call) { begun_.push_back(call); }};
};

TEST_F(Outbox, ACallBeginsWhenTheOneBeforeItHasReturned) {
    invoke(1);
    invoke(2);
    EXPECT_TRUE(outbox_.write(ends_[1]));
    EXPECT_EQ(arrived(), (std::vector<WireCall>{1, 2}));
    EXPECT_EQ(begun_, (std::vector<WireCall>{1}));
    now_ += 5s;
    EXPECT_TRUE(outbox_.returned(1, now_));
    EXPECT_EQ(begun_, (std::vector<WireCall>{1, 2}));
    ASSERT_TRUE(outbox_.current());
    EXPECT_EQ(outbox_.current()->call, 2u);
    EXPECT_EQ(outbox_.current()->limit, now_);  // It could not begin before.
    EXPECT_TRUE(outbox_.returned(2, now_));
    EXPECT_FALSE(outbox_.current());
}

TEST_F(Outbox, OnlySoMuchIsGivenAheadAndTheRestCanBeTakenBack) {
    for (WireCall call = 1; call <= WorkerOutbox::window + 3; ++call)
        invoke(call);
    EXPECT_TRUE(outbox_.write(ends_[1]));
    EXPECT_EQ(arrived().size(), WorkerOutbox::window);
    EXPECT_FALSE(outbox_.take_back(1));
    EXPECT_TRUE(outbox_.take_back(WorkerOutbox::window + 1));
    EXPECT_TRUE(outbox_.returned(1, now_));
    EXPECT_TRUE(outbox_.write(ends_[1]));
    EXPECT_EQ(arrived(), (std::vector<WireCall>{WorkerOutbox::window + 2}));
    outbox_.take_back_all();
    EXPECT_TRUE(outbox_.returned(WorkerOutbox::window, now_));
    EXPECT_TRUE(outbox_.write(ends_[1]));
    EXPECT_EQ(arrived(), std::vector<WireCall>());
}

TEST_F(Outbox, AWorkerThatDoesNotReadIsWaitedFor) {
    for (WireCall call = 1; call <= 10; ++call)
        invoke(call, 200'000);
    EXPECT_FALSE(outbox_.write(ends_[1]));
    std::vector<WireCall> all;
    for (int i = 0; i < 1000 && all.size() < 10; ++i) {
        const auto some = arrived();
        all.insert(all.end(), some.begin(), some.end());
        outbox_.write(ends_[1]);
    }
    EXPECT_EQ(all.size(), 10u);
    EXPECT_TRUE(outbox_.write(ends_[1]));
}

TEST_F(Outbox, ACountThatCannotBeIsRefused) {
    EXPECT_FALSE(outbox_.returned(1, now_));
    invoke(1);
    invoke(2);
    EXPECT_TRUE(outbox_.returned(0, now_));
    EXPECT_FALSE(outbox_.returned(3, now_));
    EXPECT_FALSE(outbox_.returned(~std::uint64_t(0), now_));
    EXPECT_TRUE(outbox_.returned(2, now_));
    EXPECT_FALSE(outbox_.returned(1, now_));
}

}  // namespace
}  // namespace calyptenora::host
