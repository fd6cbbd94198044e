#include "host/host.hpp"

#include "host/plugin_thread.hpp"
#include "host/runner_channel.hpp"
#include "settings/secret.hpp"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace calyptenora::host {

namespace asio = boost::asio;

std::string_view name_of(PluginState::Kind kind) {
    switch (kind) {
        case PluginState::Kind::ready:
            return "ready";
        case PluginState::Kind::off:
            return "off";
        case PluginState::Kind::no_recipient:
            return "no_recipient";
        case PluginState::Kind::refused:
            return "refused";
        case PluginState::Kind::failed:
            return "failed";
        case PluginState::Kind::hung:
            return "hung";
        case PluginState::Kind::restarting:
            return "restarting";
        case PluginState::Kind::quarantined:
            return "quarantined";
    }
    return "?";
}

Host::Host(asio::any_io_executor executor, HostOptions options, ServiceProviders providers)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      providers_(std::move(providers)),
      restarts_(std::make_shared<ServiceTasks>(executor_)) {}

std::filesystem::path find_worker_program(const std::filesystem::path& folder_of_server) {
    const auto beside = folder_of_server / "calyptenora-worker";
    const auto installed = folder_of_server.parent_path() / "libexec/calyptenora/calyptenora-worker";
    std::error_code failure;
    return !std::filesystem::exists(beside, failure) && std::filesystem::exists(installed, failure)
               ? installed
               : beside;
}

Result<VerifiedPlugin> Host::verify(const std::string& plugin) const {
    LockFile lock;
    if (!options_.lock_file.empty()) {
        auto loaded = LockFile::load(options_.lock_file);
        if (!loaded)
            return loaded.error();
        lock = std::move(*loaded);
    }
    const auto plugins = discover_plugins(options_.plugin_folders);
    const auto files = plugins.find(plugin);
    if (files == plugins.end()) {
        std::string folders;
        for (const auto& folder : options_.plugin_folders)
            folders += (folders.empty() ? "" : ", ") + folder.string();
        return Error(
            ErrorKind::invalid_config,
            fmt::format("there is no {}/plugin.yaml in the plugin folders ({}); build or copy the plugin, or "
                        "correct its name",
                        plugin, folders));
    }
    return verify_plugin(files->second, options_.check_manifest, lock);
}

Result<std::shared_ptr<const WorkerImage>> Host::make_image(const VerifiedPlugin& plugin) {
    if (const auto known = images_.find(plugin.sha256); known != images_.end())
        return known->second;
    auto opened = WorkerImage::open(options_.worker_program, plugin);
    if (!opened)
        return opened.error();
    const auto image = std::make_shared<const WorkerImage>(std::move(*opened));
    images_.emplace(plugin.sha256, image);
    return image;
}

std::shared_ptr<PluginRunner> Host::make_worker(const InstancePlan& plan,
                                                std::shared_ptr<const WorkerImage> image,
                                                std::weak_ptr<ChannelListener> listener) {
    return std::make_shared<WorkerRunner>(plan.id.text(), std::move(image),
                                          WorkerPlace{executor_, spawner_, clock_}, std::move(listener),
                                          options_.limits);
}

Result<std::shared_ptr<PluginRunner>> Host::make_thread(const InstancePlan& plan,
                                                        const VerifiedPlugin& plugin,
                                                        std::weak_ptr<ChannelListener> listener) {
    auto known = libraries_.find(plugin.sha256);
    if (known == libraries_.end()) {
        auto library = LoadedLibrary::load(plugin);
        if (!library)
            return library.error();
        known = libraries_.emplace(plugin.sha256, *library).first;
    }
    providers_.log(
        LogLevel::warning, plan.id.text(),
        "runs INSIDE the server's process (isolation: in_process): nothing but its good will keeps "
        "it from reading every learner's data");
    return std::make_shared<PluginThread>(known->second, std::move(listener), clock_, options_.limits);
}

std::shared_ptr<RunningInstance> Host::make_instance(const InstancePlan& plan) {
    return std::make_shared<RunningInstance>(
        plan, providers_, executor_,
        [this, id = plan.id](const RunningInstance& lost, Loss loss, const std::string& reason) {
            on_lost(id, &lost, loss, reason);
        });
}

asio::awaitable<Host::Entry> Host::make_entry(InstancePlan plan) {
    Entry entry{std::move(plan), {}, nullptr};
    if (entry.plan.wanted != Wanted::on) {
        entry.state.kind =
            entry.plan.wanted == Wanted::off ? PluginState::Kind::off : PluginState::Kind::no_recipient;
        co_return entry;
    }
    const auto failed = [&](PluginState::Kind kind, const std::string& reason) {
        entry.state = {kind, reason};
        entry.running = nullptr;
        providers_.log(LogLevel::error, entry.plan.id.text(), fmt::format("{}: {}", name_of(kind), reason));
    };
    const auto verified = verify(std::string(entry.plan.id.plugin_name()));
    if (!verified) {
        failed(PluginState::Kind::refused, verified.error().message);
        co_return entry;
    }
    const auto running = make_instance(entry.plan);
    Result<std::shared_ptr<PluginRunner>> runner = nullptr;
    if (entry.plan.isolation == settings::Isolation::in_process) {
        runner = make_thread(entry.plan, *verified, running);
    } else if (auto image = make_image(*verified); image) {
        entry.image = *image;
        runner = make_worker(entry.plan, *image, running);
    } else {
        runner = image.error();
    }
    if (!runner) {
        failed(PluginState::Kind::failed, runner.error().message);
        co_return entry;
    }
    running->connect(std::make_unique<RunnerChannel>(std::move(*runner), ++generation_));
    const auto started = co_await running->start(entry.plan.settings);
    if (!started) {
        co_await running->stop();
        failed(PluginState::Kind::failed, started.error().message);
        co_return entry;
    }
    entry.state.kind = PluginState::Kind::ready;
    entry.running = running;
    co_return entry;
}

void Host::on_lost(const settings::InstanceId& id, const RunningInstance* lost, Loss loss,
                   const std::string& reason) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(id);
    // Before it has taken its place and after it has left it, others take care of it; and one end is one
    // strike.
    if (loss != Loss::hung && found != entries_.end() && found->second.running.get() == lost &&
        found->second.state.kind == PluginState::Kind::ready)
        strike(found->second, loss, reason);
}

void Host::strike(Entry& entry, Loss loss, const std::string& reason) {
    if (stopping_)
        return;
    const auto& id = entry.plan.id;
    const auto wait = entry.strikes.strike(loss, std::chrono::steady_clock::now(), options_.restarts);
    if (wait) {
        entry.state = {PluginState::Kind::restarting, reason};
        restarts_->start(
            0, [this, id, lost = entry.running.get(), wait = *wait] { return restart(id, lost, wait); });
        return;
    }
    entry.state = {PluginState::Kind::quarantined, reason};
    providers_.log(
        LogLevel::error, id.text(),
        fmt::format("is quarantined after {}; it stays down until the settings are reloaded or the "
                    "server is started again",
                    loss == Loss::broke_rules ? "it broke the rules of the wire"
                                              : fmt::format("{} ends", entry.strikes.count())));
}

asio::awaitable<void> Host::restart(settings::InstanceId id, const RunningInstance* lost,
                                    std::chrono::milliseconds wait) {
    asio::steady_timer timer(co_await asio::this_coro::executor, wait);
    co_await timer.async_wait(asio::use_awaitable);
    // From here on there is a process to be taken care of.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    const auto find = [&]() -> Entry* {
        const auto found = entries_.find(id);
        return !stopping_ && found != entries_.end() && found->second.running.get() == lost ? &found->second
                                                                                            : nullptr;
    };
    std::optional<Entry> wanted;
    {
        const std::lock_guard lock(mutex_);
        if (const auto* entry = find())
            wanted = *entry;
    }
    if (!wanted)
        co_return;
    auto running = make_instance(wanted->plan);
    running->connect(
        std::make_unique<RunnerChannel>(make_worker(wanted->plan, wanted->image, running), ++generation_));
    const auto started = co_await running->start(wanted->plan.settings);
    {
        const std::lock_guard lock(mutex_);
        auto* entry = find();
        if (const auto failed = started ? running->lost() : started.error().message; entry && failed) {
            strike(*entry, Loss::ended, *failed);
        } else if (entry) {
            entry->state = {PluginState::Kind::ready, {}};
            entry->running.swap(running);
            providers_.log(LogLevel::info, id.text(), "runs again");
        }
    }
    // The one that is not used: the old one, or the new one where it came to nothing.
    co_await running->stop();
}

asio::awaitable<void> Host::apply(std::vector<InstancePlan> plans) {
    std::map<settings::InstanceId, Entry> next;
    for (auto& plan : plans) {
        const auto id = plan.id;
        std::optional<Entry> kept;
        {
            const std::lock_guard lock(mutex_);
            if (const auto found = entries_.find(id); found != entries_.end() && found->second.running &&
                                                      !found->second.running->lost() &&
                                                      found->second.plan == plan)
                kept = found->second;
        }
        if (!kept)
            kept = co_await make_entry(std::move(plan));
        next.insert_or_assign(id, std::move(*kept));
    }
    std::vector<std::shared_ptr<RunningInstance>> gone;
    std::map<settings::InstanceId, std::shared_ptr<RunningInstance>> taken;
    {
        const std::lock_guard lock(mutex_);
        entries_.swap(next);
        for (const auto& [id, entry] : entries_)
            if (entry.running && entry.image)
                taken.emplace(id, entry.running);
        for (auto& [id, old] : next)
            if (const auto now = entries_.find(id);
                old.running && (now == entries_.end() || now->second.running != old.running))
                gone.push_back(std::move(old.running));
    }
    for (auto& old : gone)
        co_await old->stop();
    for (const auto& [id, running] : taken)
        if (const auto lost = running->lost())
            on_lost(id, running.get(), Loss::ended, *lost);
}

asio::awaitable<void> Host::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    co_await restarts_->stop();
    co_await apply({});
    const std::lock_guard lock(mutex_);
    stopping_ = false;
}

std::shared_ptr<RunningInstance> Host::find(const settings::InstanceId& id, Error& why_not) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(id);
    if (found != entries_.end() && found->second.running)
        return found->second.running;
    why_not = Error(ErrorKind::temporary, found == entries_.end()
                                              ? fmt::format("{}: is not configured", id.text())
                                              : fmt::format("{}: is not running ({})", id.text(),
                                                            name_of(found->second.state.kind)));
    return nullptr;
}

asio::awaitable<Result<std::string>> Host::call(gate::PluginCall call) {
    Error why_not;
    const auto instance = find(call.scope.instance, why_not);
    if (!instance) {
        settings::wipe(call.secret);
        co_return why_not;
    }
    co_return co_await instance->call(std::move(call));
}

asio::awaitable<void> Host::cancel(const storage::SubjectId& subject, const settings::InstanceId& instance,
                                   Purpose purpose) {
    Error nobody;
    if (const auto running = find(instance, nobody))
        co_await running->cancel(subject, purpose);
}

std::map<settings::InstanceId, PluginState> Host::states() const {
    const std::lock_guard lock(mutex_);
    std::map<settings::InstanceId, PluginState> states;
    for (const auto& [id, entry] : entries_) {
        auto state = entry.state;
        if (const auto lost = entry.running ? entry.running->lost() : std::nullopt;
            lost && state.kind == PluginState::Kind::ready)
            state = {entry.image ? PluginState::Kind::restarting : PluginState::Kind::hung, *lost};
        states.emplace(id, std::move(state));
    }
    return states;
}

}  // namespace calyptenora::host
