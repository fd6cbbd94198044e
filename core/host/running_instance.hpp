#pragma once

#include "host/cancellations.hpp"
#include "host/channel.hpp"
#include "host/deadline_clock.hpp"
#include "host/live_calls.hpp"
#include "host/service_tasks.hpp"
#include "host/services.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace calyptenora::host {

/// One life of a plugin: its channel, its live calls and the services that work for them.
class RunningInstance final : public ChannelListener, public std::enable_shared_from_this<RunningInstance> {
  public:
    /// Told once, on any thread, when the plugin is lost. Must not block.
    using Lost = std::function<void(const RunningInstance&, Loss, const std::string& reason)>;

    /// `name` is for the log and for messages. `cancellations` outlives this object.
    RunningInstance(std::string name, const InstancePlan& plan, ServiceProviders providers,
                    const Cancellations& cancellations, boost::asio::any_io_executor executor, Lost lost);

    /// Once, with the channel that reports to this object.
    void connect(std::unique_ptr<PluginChannel> channel) { channel_ = std::move(channel); }

    boost::asio::awaitable<Status> start(std::string settings);
    boost::asio::awaitable<Result<std::string>> call(gate::PluginCall call);
    /// Ends every live call with data of this subject; returns when nothing is done for them any more.
    boost::asio::awaitable<void> cancel(const storage::SubjectId& subject);
    boost::asio::awaitable<void> stop();

    /// Whether any call has ever brought it data of this subject.
    bool has_seen(const storage::SubjectId& subject) const { return calls_.have_been_about(subject); }
    /// Why it takes no calls any more, if it hangs.
    std::optional<std::string> lost() const;

    void on_request(ServiceRequest request) override;
    void on_call_over(WireCall call) override;
    void on_violation(std::string text) override;
    void on_output(std::string line) override;
    void on_lost(Loss loss, std::string reason) override;

  private:
    /// What a person typed for one call is taken out of what the plugin's process writes meanwhile.
    class Typed;

    boost::asio::awaitable<void> serve(std::shared_ptr<const LiveCall> call, ServiceRequest request);

    const std::string name_;
    const LogSink log_;
    const Lost lost_callback_;
    const Redactor redactor_;
    Services services_;
    const Cancellations& cancellations_;
    LiveCalls calls_;
    const std::shared_ptr<ServiceTasks> tasks_;
    std::unique_ptr<PluginChannel> channel_;
    mutable std::mutex mutex_;
    std::optional<std::string> lost_;
    std::map<WireCall, Redactor> typed_;
};

}  // namespace calyptenora::host
