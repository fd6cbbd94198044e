#pragma once

#include "gate/ports.hpp"
#include "host/cancellations.hpp"
#include "host/compartment.hpp"
#include "host/core_mail.hpp"
#include "host/deadline_clock.hpp"
#include "host/instance_plan.hpp"
#include "host/loaded_library.hpp"
#include "host/services.hpp"
#include "host/supervision.hpp"
#include "host/verification.hpp"
#include "host/worker_runner.hpp"

#include <calyptenora/result.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace calyptenora::host {

struct HostOptions {
    std::vector<std::filesystem::path> plugin_folders;
    std::filesystem::path lock_file;  ///< Empty: nothing is pinned.
    ManifestCheck check_manifest;
    ChannelLimits limits;
    std::filesystem::path worker_program;  ///< See find_worker_program().
    RestartRules restarts = {};
};

/// Where the program for workers is: beside the server's, as it is built, or in ../libexec/calyptenora, as it
/// is installed. The first of these if there is none, so that a message can name it.
std::filesystem::path find_worker_program(const std::filesystem::path& folder_of_server);

/// All plugin instances of this process, and the gate's way to them. Thread-safe. Destroyed after `stop()`.
class Host final : public gate::PluginPort {
  public:
    /// `executor` runs the services and must run until `stop()` has returned. What `providers` refer to
    /// outlives the host.
    Host(boost::asio::any_io_executor executor, HostOptions options, ServiceProviders providers);

    /// Makes the running instances those of `plans`: starts new ones, all at once, ends what is gone,
    /// replaces those whose plan or whose plugin's file changed, and leaves the others alone. What is
    /// replaced ends when the calls under way are over. What goes wrong with an instance is in its state and
    /// in the log and touches no other; a changed file that is refused changes nothing. One at a time.
    /// Verifying and loading block this coroutine's thread; at a reload call it where that is no harm.
    boost::asio::awaitable<void> apply(std::vector<InstancePlan> plans);

    /// The core's own mail leaves through this server from now on; nothing: not at all.
    void use_mail(std::optional<settings::Mail> mail) { core_mail_.use(std::move(mail)); }

    /// Ends every call and every instance.
    boost::asio::awaitable<void> stop();

    boost::asio::awaitable<Result<std::string>> call(gate::PluginCall call) override;
    boost::asio::awaitable<void> cancel(const storage::SubjectId& subject,
                                        const settings::InstanceId& instance, Purpose purpose) override;
    std::uint64_t cancellations() const override { return cancellations_.begun(); }

    /// Every planned instance, by name.
    std::map<settings::InstanceId, PluginState> states() const;

  private:
    struct Entry {
        InstancePlan plan;
        PluginState state;  ///< While it has no compartments.
        std::map<Purpose, std::shared_ptr<Compartment>> compartments;
    };
    using Entries = std::map<settings::InstanceId, Entry>;
    /// A compartment that does not end before the visit does.
    struct Presence {
        std::shared_ptr<Compartment> compartment;
        Compartment::Visit visit;
    };

    /// `old` where it can stay, or a new entry with compartments that are to be started.
    Entry prepare(InstancePlan plan, const Entry* old, PluginVerifier& verifier);
    Result<RunnerMaker> thread_maker(const InstancePlan& plan, const VerifiedPlugin& plugin);
    Result<RunnerMaker> worker_maker(const VerifiedPlugin& plugin);
    void fail(Entry& entry, PluginState::Kind kind, const std::string& reason);
    /// Starts, at the same time, all compartments that are not in `old`. One that fails takes its instance
    /// with it.
    boost::asio::awaitable<void> start(Entries& entries, const Entries& old);
    /// Has a compartment end when its calls are over. With the lock.
    void retire(const std::shared_ptr<Compartment>& compartment);
    Result<Presence> enter(const settings::InstanceId& id, Purpose purpose) const;

    const boost::asio::any_io_executor executor_;
    const HostOptions options_;
    const ServiceProviders providers_;
    DeadlineClock clock_;
    Cancellations cancellations_;
    CoreMail core_mail_;
    /// Its threads live as long as this object: a worker ends with the thread that has started it. Two, since
    /// half of a start is waiting for the kernel.
    boost::asio::thread_pool spawner_{2};
    // By hash; of `apply` alone.
    std::map<std::string, LoadedLibrary> libraries_;
    std::map<std::string, std::shared_ptr<const WorkerImage>> images_;
    std::atomic<std::uint32_t> lives_ = 0;
    std::shared_ptr<ServiceTasks> retirements_;  ///< Their coroutines, by number.
    mutable std::mutex mutex_;
    Entries entries_;
    std::map<WireCall, std::shared_ptr<Compartment>> retiring_;  ///< The same numbers.
    WireCall last_retirement_ = 0;
};

}  // namespace calyptenora::host
