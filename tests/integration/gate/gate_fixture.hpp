#pragma once

#include "gate/choices.hpp"
#include "gate/emission.hpp"
#include "support/databases.hpp"
#include "support/policies.hpp"

#include <calyptenora/families/analytics.hpp>
#include <calyptenora/families/support.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>
#include <mutex>

namespace calyptenora::gate {

/// Stands where the host stands: keeps what the gate hands over, and answers as the test wants.
class FakePlugins final : public PluginPort {
  public:
    struct Cancelled {
        storage::SubjectId subject;
        std::string instance;
        Purpose purpose;
    };

    boost::asio::awaitable<Result<std::string>> call(PluginCall call) override {
        {
            const std::lock_guard lock(mutex_);
            calls.push_back(call);
        }
        co_return co_await answer(std::move(call));
    }
    boost::asio::awaitable<void> cancel(const storage::SubjectId& subject,
                                        const settings::InstanceId& instance, Purpose purpose) override {
        if (on_cancel)
            on_cancel();
        const std::lock_guard lock(mutex_);
        cancelled.push_back({subject, instance.text(), purpose});
        co_return;
    }

    std::uint64_t cancellations() const override {
        const std::lock_guard lock(mutex_);
        return cancelled.size();
    }

    std::vector<PluginCall> calls;
    std::vector<Cancelled> cancelled;
    std::function<void()> on_cancel;  ///< Between a withdrawal's commit and its waiting for emissions.
    /// Accepts everything until told otherwise.
    std::function<boost::asio::awaitable<Result<std::string>>(PluginCall)> answer = accept_all;

    static boost::asio::awaitable<Result<std::string>> accept_all(PluginCall call);

  private:
    mutable std::mutex mutex_;
};

/// Gate, choices and emissions over fresh databases, with the policy of test::probe_settings().
class GateTest : public test::StoreTest {
  protected:
    GateTest();

    /// Runs a coroutine to its end. Not from two threads at once.
    template <class T>
    T run(boost::asio::awaitable<T> work) {
        return run_in(context_, std::move(work));
    }
    void run(boost::asio::awaitable<void> work);
    template <class T>
    static T run_in(boost::asio::io_context& context, boost::asio::awaitable<T> work) {
        std::optional<T> result;
        boost::asio::co_spawn(context, keep(std::move(work), result), rethrow);
        context.restart();
        context.run();
        return std::move(*result);
    }

    /// The person's choice about `flow`, of which the test expects that it is accepted.
    void choose(const storage::SubjectId& subject, const PolicyFlow& flow, bool allowed,
                ChoiceContext context = shown());
    static ChoiceContext shown();

    const PolicyFlow& flow(std::string_view instance, Purpose purpose);
    const PolicyFlow& learning() { return flow("analytics/probe", content_performance); }
    const PolicyFlow& desk() { return flow("support/desk", operations_support); }

    /// A case of a canary in each field, and what the gate says to a call with it.
    static support::CaseRecord<Guarded> full_case();
    Result<support::CaseReply> open_case(const storage::SubjectId& subject, const PolicyFlow& to,
                                         CallOptions options = {});
    static analytics::LearningEvent<Guarded> learning_event(const storage::EventId& id);
    /// Writes an event in the way platform does; whether it was queued.
    std::optional<storage::EventId> queue_event(const storage::SubjectId& subject, const PolicyFlow& to);
    std::optional<storage::EventId> queue_case(const storage::SubjectId& subject, const PolicyFlow& to);

    std::string pseudonym(const storage::SubjectId& subject, const PolicyFlow& to);
    CallScope scope(const PolicyFlow& to, std::vector<storage::SubjectId> subjects);
    Standing standing(const storage::SubjectId& subject, const PolicyFlow& of);
    /// The policy of probe_settings() and probe_manifest() with one text replaced in either.
    void reload(std::string_view from, std::string_view to);

    static constexpr auto content_performance = Purpose::analytics_reporting_content_performance;
    static constexpr auto system_performance = Purpose::analytics_reporting_system_performance;
    static constexpr auto operations_support = Purpose::essential_service_operations_support;
    static constexpr auto service_improve = Purpose::functional_service_improve;

    boost::asio::io_context context_;
    storage::ManualClock clock_{now_};
    FakePlugins plugins_;
    Gate gate_;
    Choices choices_;
    Emissions emissions_;

  private:
    static void rethrow(const std::exception_ptr& error) {
        if (error)
            std::rethrow_exception(error);
    }
    template <class T>
    static boost::asio::awaitable<void> keep(boost::asio::awaitable<T> work, std::optional<T>& result) {
        result.emplace(co_await std::move(work));
    }

    /// Policies stay until the end of the test, so that flows taken from an older one can be used.
    std::vector<std::shared_ptr<const Policy>> kept_;
};

}  // namespace calyptenora::gate
