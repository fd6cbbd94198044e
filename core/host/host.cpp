#include "host/host.hpp"

#include "host/plugin_thread.hpp"
#include "host/runner_channel.hpp"
#include "settings/secret.hpp"

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
    }
    return "?";
}

Host::Host(asio::any_io_executor executor, HostOptions options, ServiceProviders providers)
    : executor_(std::move(executor)), options_(std::move(options)), providers_(std::move(providers)) {}

Result<LoadedLibrary> Host::load(const std::string& plugin, PluginState::Kind& stage) {
    stage = PluginState::Kind::refused;
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
    auto verified = verify_plugin(files->second, options_.check_manifest, lock);
    if (!verified)
        return verified.error();
    if (const auto known = libraries_.find(verified->sha256); known != libraries_.end())
        return known->second;
    stage = PluginState::Kind::failed;
    auto library = LoadedLibrary::load(*verified);
    if (library)
        libraries_.emplace(verified->sha256, *library);
    return library;
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
    auto stage = PluginState::Kind::refused;
    const auto library = load(std::string(entry.plan.id.plugin_name()), stage);
    if (!library) {
        failed(stage, library.error().message);
        co_return entry;
    }
    const auto running = std::make_shared<RunningInstance>(entry.plan, providers_, executor_);
    running->connect(std::make_unique<RunnerChannel>(
        std::make_shared<PluginThread>(*library, running, clock_, options_.limits), ++generation_));
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
    {
        const std::lock_guard lock(mutex_);
        entries_.swap(next);
        for (auto& [id, old] : next)
            if (const auto now = entries_.find(id);
                old.running && (now == entries_.end() || now->second.running != old.running))
                gone.push_back(std::move(old.running));
    }
    for (auto& old : gone)
        co_await old->stop();
}

asio::awaitable<void> Host::stop() {
    co_await apply({});
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
        if (const auto lost = entry.running ? entry.running->lost() : std::nullopt)
            state = {PluginState::Kind::hung, *lost};
        states.emplace(id, std::move(state));
    }
    return states;
}

}  // namespace calyptenora::host
