#pragma once

#include "gate/ports.hpp"
#include "host/cancellations.hpp"
#include "host/egress_broker.hpp"
#include "host/live_calls.hpp"
#include "host/service_tasks.hpp"
#include "settings/settings.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace calyptenora::host {

/// Carries the core's own letters to the operator's mail server: what a compartment is for a plugin, without
/// a plugin. Thread-safe. Destroyed after `stop()`.
class CoreMail {
  public:
    /// What is referred to outlives this object.
    CoreMail(boost::asio::any_io_executor executor, EgressBroker& egress, const Cancellations& cancellations);

    /// From now on this server; nothing: no letter leaves. Calls under way go on as they began.
    void use(std::optional<settings::Mail> mail);

    /// Sends a letter, or says what becomes of a person's request there. `unsupported` where somebody has to
    /// write to the provider.
    boost::asio::awaitable<Result<std::string>> call(gate::PluginCall call);
    /// Ends every letter to this subject that is under way; returns when nothing is done for it any more.
    boost::asio::awaitable<void> cancel(const storage::SubjectId& subject);
    /// Ends all of them.
    boost::asio::awaitable<void> stop();

  private:
    /// A letter that can be found while it is under way.
    class Underway;

    boost::asio::awaitable<Result<MailReceipt>> send(std::shared_ptr<const LiveCall> call,
                                                     settings::Mail mail, MailRequest request);

    EgressBroker& egress_;
    const Cancellations& cancellations_;
    const std::shared_ptr<ServiceTasks> tasks_;
    LiveCalls calls_;
    std::atomic<WireCall> last_call_ = 0;
    std::mutex mutex_;
    std::optional<settings::Mail> mail_;
};

}  // namespace calyptenora::host
