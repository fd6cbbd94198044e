#include "gate/checkpoint_keeper.hpp"

#include "storage/stores/checkpoints.hpp"
#include "storage/stores/disclosures.hpp"
#include "support/databases.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <thread>

namespace calyptenora::gate {
namespace {

using storage::Transaction;

class CheckpointKeeping : public test::StoreTest {
  protected:
    CheckpointKeeping() : work_(context_.get_executor()), thread_([this] { context_.run(); }) {}
    ~CheckpointKeeping() override {
        work_.reset();
        thread_.join();
    }

    CheckpointKeeper make_keeper(std::chrono::milliseconds interval) {
        return {database(), cipher(), clock_, [this](const std::string& line) { log_ += line; }, {interval}};
    }
    void disclose() {
        const auto subject = make_guest();
        write([&](Transaction& tx) -> Status {
            const storage::Disclosure row{.id = storage::DisclosureId::make(),
                                          .subject = subject,
                                          .kind = storage::DisclosureKind::attempted,
                                          .call_id = storage::CallId::make(),
                                          .instance = "analytics/xapi",
                                          .recipient = "Lernarchiv GmbH",
                                          .purpose = Purpose::analytics_reporting_content_performance,
                                          .operation = "analytics.record",
                                          .categories = Category::user_unique_id_pseudonymous,
                                          .host = "",
                                          .commitment = "c",
                                          .outcome = "",
                                          .at = now_};
            storage::disclosures::append(tx, secrets(), std::vector{row});
            return {};
        });
    }
    std::size_t count_checkpoints() {
        return read([](Transaction& tx) {
                   return Result<std::vector<storage::Checkpoint>>(storage::checkpoints::list(tx));
               })
            .size();
    }
    bool waits_for_checkpoints(std::size_t count) {
        for (int i = 0; i < 600 && count_checkpoints() < count; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        return count_checkpoints() == count;
    }

    storage::SystemClock clock_;
    std::string log_;
    boost::asio::io_context context_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    std::thread thread_;
};
CALYPTENORA_ON_BOTH_DATABASES(CheckpointKeeping);

TEST_P(CheckpointKeeping, TakesThemAtTheStartAndAtTheEnd) {
    disclose();
    auto keeper = make_keeper(std::chrono::hours(1));
    keeper.start(context_);
    EXPECT_TRUE(waits_for_checkpoints(1));
    disclose();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    EXPECT_EQ(count_checkpoints(), 1u) << "not before its time";
    keeper.stop();
    EXPECT_EQ(count_checkpoints(), 2u);
    keeper.stop();
    EXPECT_EQ(log_, "");
}

TEST_P(CheckpointKeeping, TakesThemNowAndThenIfThereIsSomethingNew) {
    auto keeper = make_keeper(std::chrono::milliseconds(20));
    keeper.start(context_);
    for (std::size_t i = 1; i <= 3; ++i) {
        disclose();
        EXPECT_TRUE(waits_for_checkpoints(i));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    EXPECT_EQ(count_checkpoints(), 3u) << "nothing new, nothing taken";
    keeper.stop();
    EXPECT_EQ(count_checkpoints(), 3u);
}

TEST_P(CheckpointKeeping, SaysWhatPreventsThemAndGoesOn) {
    write([](Transaction& tx) -> Status {
        tx.execute_script("alter table ledger_checkpoints rename to away");
        return {};
    });
    disclose();
    auto keeper = make_keeper(std::chrono::milliseconds(20));
    keeper.start(context_);
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    write([](Transaction& tx) -> Status {
        tx.execute_script("alter table away rename to ledger_checkpoints");
        return {};
    });
    EXPECT_TRUE(waits_for_checkpoints(1));
    keeper.stop();
    EXPECT_NE(log_.find("no checkpoint was taken: "), std::string::npos) << log_;
}

}  // namespace
}  // namespace calyptenora::gate
