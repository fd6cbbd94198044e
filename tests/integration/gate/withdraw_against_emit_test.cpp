#include "integration/gate/node_process.hpp"
#include "integration/gate/recipient.hpp"
#include "storage/stores/disclosures.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <random>

namespace calyptenora::gate {
namespace {

namespace asio = boost::asio;

constexpr int lanes = 3;

/// 1,000 random interleavings on each database, judged by the recipient's receipt of the first byte. Two
/// nodes emit, and withdrawals come to either; on PostgreSQL the second one is another process, on SQLite one
/// process has the file for itself. The long form:
///
///     CALYPTENORA_INTERLEAVINGS=10000 ctest --test-dir build/release -R integration_gate --timeout 7200
class WithdrawAgainstEmit : public GateTest {
  protected:
    asio::awaitable<void> emit(const Interleaving& plan, const storage::SubjectId& subject, int which) {
        auto& node = plan.on_other_node[which] ? *second_ : *first_;
        const auto emitted = co_await node.emit(plan, subject, which);
        overtaken_ += emitted.overtaken;
        if (emitted.defect.empty())
            ++refused_;
        else
            ADD_FAILURE() << emitted.defect;
    }

    asio::awaitable<void> withdraw(const Interleaving& plan, const storage::SubjectId& subject) {
        auto& node = plan.withdraw_on_other_node ? *second_ : *first_;
        co_await pause(plan.withdraw_after);
        for (auto* each : {first_.get(), second_.get()})
            each->click(plan.number);
        const auto defect = co_await node.withdraw(subject);
        recipient_.close_for(plan.number);
        for (auto* each : {first_.get(), second_.get()})
            each->acknowledged(plan.number);
        EXPECT_EQ(defect, "");
    }

    /// One person after the other; their emitters and withdrawal all at once.
    asio::awaitable<void> lane(int first, int count, unsigned seed) {
        std::mt19937 random(seed + static_cast<unsigned>(first));
        for (int number = first; number < count && recipient_.violations().empty(); number += lanes) {
            const auto plan = Interleaving::draw(random, static_cast<std::uint32_t>(number));
            const auto subject = subjects_.at(static_cast<std::size_t>(number));
            EXPECT_TRUE(co_await chooser_.choose(subject, true));
            std::atomic<int> running = emitters + 1;
            asio::steady_timer done(co_await asio::this_coro::executor,
                                    asio::steady_timer::time_point::max());
            // All run on one thread; so does this coroutine, which outlives them.
            const auto end = [&](const std::exception_ptr& error) {
                if (error)
                    std::rethrow_exception(error);
                if (--running == 0)
                    done.cancel();
            };
            for (int which = 0; which < emitters; ++which)
                asio::co_spawn(done.get_executor(), emit(plan, subject, which), end);
            asio::co_spawn(done.get_executor(), withdraw(plan, subject), end);
            boost::system::error_code cancelled;
            co_await done.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
        }
    }

    void run_interleavings(int count, unsigned seed) {
        for (int i = 0; i < count; ++i)
            subjects_.push_back(make_guest());
        for (int first = 0; first < lanes; ++first)
            asio::co_spawn(context_, lane(first, count, seed), [](const std::exception_ptr& error) {
                if (error)
                    std::rethrow_exception(error);
            });
        context_.restart();
        context_.run();
    }

    std::unique_ptr<EmittingNode> make_second() {
        if (GetParam() == storage::Dialect::sqlite)
            return std::make_unique<LocalNode>(context_, database(), cipher(), "node-b", socket_);
        const auto master = folder_.path() / "master.key";
        if (const auto saved = master_.save(master); !saved)
            throw std::runtime_error(saved.error().message);
        return std::make_unique<NodeProcess>(
            context_, std::vector<std::string>{CALYPTENORA_EMISSION_NODE, url_, keys_url_, master, socket_});
    }

    std::filesystem::path socket_ = folder_.path() / "recipient";
    Recipient recipient_{socket_};
    LocalNode chooser_{context_, database(), cipher(), "node-c", socket_};
    std::unique_ptr<EmittingNode> first_ =
        std::make_unique<LocalNode>(context_, database(), cipher(), "node-a", socket_);
    std::unique_ptr<EmittingNode> second_ = make_second();
    std::vector<storage::SubjectId> subjects_;
    int refused_ = 0;
    int overtaken_ = 0;
};
CALYPTENORA_ON_BOTH_DATABASES(WithdrawAgainstEmit);

TEST_P(WithdrawAgainstEmit, NoFirstByteIsReceivedAfterTheAcknowledgement) {
    const auto* wanted = std::getenv("CALYPTENORA_INTERLEAVINGS");
    const int count = wanted ? std::stoi(wanted) : 1000;
    const auto seed = std::random_device{}();
    SCOPED_TRACE(fmt::format("seed {}", seed));
    run_interleavings(count, seed);
    ASSERT_EQ(recipient_.violations(), std::vector<std::uint32_t>())
        << "a first byte came after the withdrawal was acknowledged";
    // Otherwise it proved nothing: that emissions were under way, refused, and met by withdrawals.
    EXPECT_GE(recipient_.total(), count / 2);
    EXPECT_EQ(refused_, count * emitters);
    EXPECT_GE(overtaken_, count / 20) << "first bytes between the click and the acknowledgement";
    RecordProperty("received", recipient_.total());
    RecordProperty("overtaken", overtaken_);
    read([&](storage::Transaction& tx) -> Status {
        EXPECT_TRUE(storage::disclosures::verify_all(tx, secrets()).empty());
        return {};
    });
}

// The judge itself can condemn.
TEST_P(WithdrawAgainstEmit, AByteAfterTheAcknowledgementIsSeen) {
    Recipient::Connection before(socket_), after(socket_);
    before.write_first_byte(7);
    recipient_.close_for(7);
    EXPECT_TRUE(recipient_.violations().empty());
    EXPECT_EQ(recipient_.count(7), 1);
    after.write_first_byte(7);
    EXPECT_EQ(recipient_.violations(), std::vector<std::uint32_t>{7});
}

}  // namespace
}  // namespace calyptenora::gate
