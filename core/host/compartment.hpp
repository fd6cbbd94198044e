#pragma once

#include "host/cancellations.hpp"
#include "host/instance_plan.hpp"
#include "host/plugin_runner.hpp"
#include "host/running_instance.hpp"
#include "host/services.hpp"
#include "host/supervision.hpp"

#include <calyptenora/result.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

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

/// Makes what runs a plugin for one compartment; the name is for whoever looks at the system's processes.
using RunnerMaker =
    std::function<std::shared_ptr<PluginRunner>(const std::string& name, std::weak_ptr<ChannelListener>)>;

/// What a compartment is made of; the same in each of its lives.
struct CompartmentRecipe {
    InstancePlan plan;
    Purpose purpose{};
    std::string sha256;  ///< Of the plugin's library.
    RunnerMaker make_runner;
};

/// What all compartments of a host share. Outlives them.
struct CompartmentPlace {
    boost::asio::any_io_executor executor;
    const ServiceProviders& providers;
    const Cancellations& cancellations;
    RestartRules restarts;
    std::atomic<std::uint32_t>& lives;  ///< How many there have been.
};

/// A plugin instance as it works for one purpose. Each purpose has a compartment of its own, so that what the
/// plugin has got to know for one of them cannot be sent under the name of another: their workers share
/// nothing. What it knows of a learner goes with its life: after a withdrawal it is started anew
/// (InstancePlan::restart_on_withdrawal), and so it is after it has crashed. Thread-safe. Destroyed only
/// after `stop()` or `retire()` has been awaited, or before `start()`.
class Compartment final : public std::enable_shared_from_this<Compartment> {
  public:
    Compartment(CompartmentRecipe recipe, CompartmentPlace place);

    /// Begins its first life; if that comes to nothing, says why. Once, before anything else.
    boost::asio::awaitable<Status> start();

    /// Held by whoever is about to call or calls; see retire().
    using Visit = std::shared_ptr<const void>;
    /// Before retire() only.
    Visit enter() const { return presence_; }
    boost::asio::awaitable<Result<std::string>> call(gate::PluginCall call);
    /// Ends every live call with data of this subject. Where a restart is asked for and this life was ever
    /// given data of the subject, nothing of this life leaves any more either, also not under calls for
    /// others: they end as `temporary`, and the next life takes over. Returns when all that is true.
    boost::asio::awaitable<void> withdraw(const storage::SubjectId& subject);

    /// Returns when all visits are over and its last life has ended. Nobody may enter any more.
    boost::asio::awaitable<void> retire();
    /// Ends every call and its life.
    boost::asio::awaitable<void> stop();

    PluginState state() const;
    const CompartmentRecipe& recipe() const { return recipe_; }

  private:
    using Life = std::shared_ptr<RunningInstance>;

    Life make_life();
    Life life() const;
    /// Counts a strike, if this is still the life that runs.
    void on_lost(const RunningInstance* lost, Loss loss, const std::string& reason);
    /// Decides what comes after the end of a life. With the lock.
    void strike(Loss loss, const std::string& reason);
    boost::asio::awaitable<void> restart(Life lost, std::chrono::milliseconds wait);
    boost::asio::awaitable<void> renew(Life old);
    /// Starts a new life in the place of `old`, if that is still there; whether it has taken its place.
    boost::asio::awaitable<bool> replace(const Life& old);

    const CompartmentRecipe recipe_;
    const CompartmentPlace place_;
    const std::string name_;  ///< As the operator's log has it.
    const bool is_worker_ = recipe_.plan.isolation == settings::Isolation::worker;
    const std::shared_ptr<ServiceTasks> tasks_;  ///< Its restarts, by number.
    std::atomic<WireCall> last_task_ = 0;

    using Left = boost::asio::experimental::concurrent_channel<void(boost::system::error_code)>;
    const std::shared_ptr<Left> left_;  ///< Says that the last visit is over.
    Visit presence_;

    mutable std::mutex mutex_;
    Life life_;
    PluginState state_;
    Strikes strikes_;
    bool stopping_ = false;
};

}  // namespace calyptenora::host
