#include "host/outcome.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <gtest/gtest.h>

#include <thread>

namespace calyptenora::host {
namespace {

namespace asio = boost::asio;

class Awaited : public testing::Test {
  protected:
    template <class Token>
    void await(const asio::any_io_executor& executor, Token token) {
        asio::co_spawn(
            executor,
            [this, outcome = outcome_]() -> asio::awaitable<void> {
                received_ = co_await outcome->receive();
            },
            std::move(token));
    }
    void await(const asio::any_io_executor& executor) {
        await(executor, [](const std::exception_ptr&) {});
    }

    std::shared_ptr<Outcome> outcome_ = std::make_shared<Outcome>();
    std::optional<Outcome::Value> received_;
};

TEST_F(Awaited, ComesBeforeItIsAwaited) {
    asio::io_context context;
    outcome_->deliver(std::string("early"));
    await(context.get_executor());
    context.run();
    ASSERT_TRUE(received_ && *received_);
    EXPECT_EQ(**received_, "early");
}

TEST_F(Awaited, ComesFromAnotherThreadAndKeepsTheContextRunning) {
    asio::io_context context;
    await(asio::make_strand(context));
    std::thread other([this] { outcome_->deliver(std::string("late")); });
    context.run();
    other.join();
    ASSERT_TRUE(received_ && *received_);
    EXPECT_EQ(**received_, "late");
}

TEST_F(Awaited, TheFirstOneCounts) {
    asio::io_context context;
    await(context.get_executor());
    context.poll();
    outcome_->deliver(std::string("first"));
    outcome_->deliver(std::string("second"));
    context.run();
    ASSERT_TRUE(received_ && *received_);
    EXPECT_EQ(**received_, "first");
}

TEST_F(Awaited, AThreadOfTheContextGoesOnAtOnce) {
    asio::io_context context;
    await(context.get_executor());
    context.poll();
    asio::post(context, [this] {
        outcome_->deliver(std::string("now"));
        EXPECT_TRUE(received_);
    });
    context.run();
    EXPECT_TRUE(received_);
}

TEST_F(Awaited, ACancelledCoroutineGetsAnError) {
    asio::io_context context;
    asio::cancellation_signal signal;
    await(context.get_executor(),
          asio::bind_cancellation_slot(signal.slot(), [](const std::exception_ptr&) {}));
    context.poll();
    signal.emit(asio::cancellation_type::terminal);
    EXPECT_FALSE(received_);
    context.run();
    ASSERT_TRUE(received_);
    EXPECT_FALSE(*received_);
    outcome_->deliver(std::string("too late"));
    EXPECT_FALSE(*received_);
}

TEST_F(Awaited, GoesWithItsContextWhoeverDelivers) {
    for (int i = 0; i < 200; ++i) {
        auto context = std::make_unique<asio::io_context>();
        outcome_ = std::make_shared<Outcome>();
        const std::weak_ptr<Outcome> watched = outcome_;
        await(asio::make_strand(*context));
        context->poll();
        std::thread other([outcome = outcome_] { outcome->deliver(std::string("meanwhile")); });
        context.reset();
        other.join();
        outcome_.reset();
        EXPECT_TRUE(watched.expired());
    }
    EXPECT_FALSE(received_);
}

}  // namespace
}  // namespace calyptenora::host
