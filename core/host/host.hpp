#pragma once

#include "gate/ports.hpp"
#include "host/deadline_clock.hpp"
#include "host/instance_plan.hpp"
#include "host/loaded_library.hpp"
#include "host/running_instance.hpp"
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

/// What has become of an instance, for `plugins list` and for pages that must do without it.
struct PluginState {
    enum class Kind : std::uint8_t {
        ready,
        off,           ///< The operator switched it off.
        no_recipient,  ///< Off, since nobody is named as its recipient.
        refused,       ///< Its files did not pass verification; nothing of it was loaded.
        failed,        ///< It could not be loaded or created.
        hung,          ///< It does not return from a function; a restart of the server is needed.
        restarting,    ///< Its worker crashed or was killed, and is started again soon.
        quarantined,   ///< Its worker ended too often; it stays down until the settings are reloaded.
    };
    Kind kind = Kind::off;
    std::string reason;  ///< Of what went wrong: what, where, and the remedy.
};

/// The kind as `plugins list` writes it.
std::string_view name_of(PluginState::Kind kind);

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

    /// Makes the running instances those of `plans`: starts new ones, ends what is gone, replaces those whose
    /// plan changed, and leaves the others alone. What goes wrong with an instance is in its state and in the
    /// log and touches no other. One at a time. Verifying and loading block this coroutine's thread; at a
    /// reload call it where that is no harm.
    boost::asio::awaitable<void> apply(std::vector<InstancePlan> plans);

    /// Ends every call and every instance.
    boost::asio::awaitable<void> stop();

    boost::asio::awaitable<Result<std::string>> call(gate::PluginCall call) override;
    boost::asio::awaitable<void> cancel(const storage::SubjectId& subject,
                                        const settings::InstanceId& instance, Purpose purpose) override;

    /// Every planned instance, by name.
    std::map<settings::InstanceId, PluginState> states() const;

  private:
    struct Entry {
        InstancePlan plan;
        PluginState state;
        std::shared_ptr<RunningInstance> running;
        std::shared_ptr<const WorkerImage> image = nullptr;  ///< If it runs in a worker.
        Strikes strikes = {};
    };

    std::shared_ptr<RunningInstance> find(const settings::InstanceId& id, Error& why_not) const;
    std::shared_ptr<RunningInstance> make_instance(const InstancePlan& plan);
    boost::asio::awaitable<Entry> make_entry(InstancePlan plan);
    /// Counts a strike against the instance, if this is still the one that runs.
    void on_lost(const settings::InstanceId& id, const RunningInstance* lost, Loss loss,
                 const std::string& reason);
    /// Decides what becomes of an instance whose worker has ended. With the lock.
    void strike(Entry& entry, Loss loss, const std::string& reason);
    /// Starts it again after a while. Ends early when the host stops.
    boost::asio::awaitable<void> restart(settings::InstanceId id, const RunningInstance* lost,
                                         std::chrono::milliseconds wait);
    Result<VerifiedPlugin> verify(const std::string& plugin) const;
    Result<std::shared_ptr<PluginRunner>> make_thread(const InstancePlan& plan, const VerifiedPlugin& plugin,
                                                      std::weak_ptr<ChannelListener> listener);
    std::shared_ptr<PluginRunner> make_worker(const InstancePlan& plan,
                                              std::shared_ptr<const WorkerImage> image,
                                              std::weak_ptr<ChannelListener> listener);
    Result<std::shared_ptr<const WorkerImage>> make_image(const VerifiedPlugin& plugin);

    const boost::asio::any_io_executor executor_;
    const HostOptions options_;
    const ServiceProviders providers_;
    DeadlineClock clock_;
    boost::asio::thread_pool spawner_{1};
    // By hash; of `apply` alone.
    std::map<std::string, LoadedLibrary> libraries_;
    std::map<std::string, std::shared_ptr<const WorkerImage>> images_;
    std::atomic<std::uint32_t> generation_ = 0;
    std::shared_ptr<ServiceTasks> restarts_;  ///< Their coroutines; numbers mean nothing.
    bool stopping_ = false;
    mutable std::mutex mutex_;
    std::map<settings::InstanceId, Entry> entries_;
};

}  // namespace calyptenora::host
