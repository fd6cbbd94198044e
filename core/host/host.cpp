#include "host/host.hpp"

#include "host/plugin_thread.hpp"
#include "settings/secret.hpp"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace calyptenora::host {

namespace asio = boost::asio;

Host::Host(asio::any_io_executor executor, HostOptions options, ServiceProviders providers)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      providers_(std::move(providers)),
      core_mail_(executor_, providers_.egress, cancellations_),
      retirements_(std::make_shared<ServiceTasks>(executor_)) {}

std::filesystem::path find_worker_program(const std::filesystem::path& folder_of_server) {
    const auto beside = folder_of_server / "calyptenora-worker";
    const auto installed = folder_of_server.parent_path() / "libexec/calyptenora/calyptenora-worker";
    std::error_code failure;
    return !std::filesystem::exists(beside, failure) && std::filesystem::exists(installed, failure)
               ? installed
               : beside;
}

Result<RunnerMaker> Host::worker_maker(const VerifiedPlugin& plugin) {
    auto image = images_.find(plugin.sha256);
    if (image == images_.end()) {
        auto opened = WorkerImage::open(options_.worker_program, plugin);
        if (!opened)
            return opened.error();
        image = images_.emplace(plugin.sha256, std::make_shared<const WorkerImage>(std::move(*opened))).first;
    }
    return [this, image = image->second](const std::string& name, std::weak_ptr<ChannelListener> listener) {
        return std::make_shared<WorkerRunner>(name, image, WorkerPlace{executor_, spawner_, clock_},
                                              std::move(listener), options_.limits);
    };
}

Result<RunnerMaker> Host::thread_maker(const InstancePlan& plan, const VerifiedPlugin& plugin) {
    auto library = libraries_.find(plugin.sha256);
    if (library == libraries_.end()) {
        auto loaded = LoadedLibrary::load(plugin);
        if (!loaded)
            return loaded.error();
        library = libraries_.emplace(plugin.sha256, std::move(*loaded)).first;
    }
    providers_.log(
        LogLevel::warning, plan.id.text(),
        "runs INSIDE the server's process (isolation: in_process): nothing but its good will keeps "
        "it from reading every learner's data");
    return [this, library = library->second](const std::string&, std::weak_ptr<ChannelListener> listener) {
        return std::make_shared<PluginThread>(library, std::move(listener), clock_, options_.limits);
    };
}

Host::Entry Host::prepare(InstancePlan plan, const Entry* old, PluginVerifier& verifier) {
    Entry entry{std::move(plan), {}, {}};
    if (entry.plan.wanted != Wanted::on) {
        entry.state.kind =
            entry.plan.wanted == Wanted::off ? PluginState::Kind::off : PluginState::Kind::no_recipient;
        return entry;
    }
    const auto runs_as_planned = old && old->plan == entry.plan && !old->compartments.empty() &&
                                 std::ranges::all_of(old->compartments, [](const auto& compartment) {
                                     return compartment.second->state().kind == PluginState::Kind::ready;
                                 });
    const auto& verified = verifier.verify(std::string(entry.plan.id.plugin_name()));
    if (!verified && runs_as_planned) {
        providers_.log(
            LogLevel::error, entry.plan.id.text(),
            fmt::format("goes on as it is, since its file is refused: {}", verified.error().message));
        return *old;
    }
    if (!verified) {
        fail(entry, PluginState::Kind::refused, verified.error().message);
        return entry;
    }
    if (runs_as_planned && old->compartments.begin()->second->recipe().sha256 == verified->sha256)
        return *old;
    auto make_runner = entry.plan.isolation == settings::Isolation::in_process
                           ? thread_maker(entry.plan, *verified)
                           : worker_maker(*verified);
    if (!make_runner) {
        fail(entry, PluginState::Kind::failed, make_runner.error().message);
        return entry;
    }
    for (const auto purpose : entry.plan.purposes)
        entry.compartments.emplace(
            purpose, std::make_shared<Compartment>(
                         CompartmentRecipe{entry.plan, purpose, verified->sha256, *make_runner},
                         CompartmentPlace{executor_, providers_, cancellations_, options_.restarts, lives_}));
    return entry;
}

void Host::fail(Entry& entry, PluginState::Kind kind, const std::string& reason) {
    entry.state = {kind, reason};
    entry.compartments.clear();
    providers_.log(LogLevel::error, entry.plan.id.text(), fmt::format("{}: {}", name_of(kind), reason));
}

asio::awaitable<void> Host::start(Entries& entries, const Entries& old) {
    struct Start {
        Entry& entry;
        std::shared_ptr<Compartment> compartment;
        Status outcome = {};
    };
    const auto starts = std::make_shared<std::vector<Start>>();
    for (auto& [id, entry] : entries)
        if (const auto before = old.find(id);
            before == old.end() || before->second.compartments != entry.compartments)
            for (const auto& [purpose, compartment] : entry.compartments)
                starts->push_back({entry, compartment});
    const auto tasks = std::make_shared<ServiceTasks>(executor_);
    std::vector<WireCall> numbers;
    for (auto& each : *starts) {
        numbers.push_back(numbers.size());
        tasks->start(numbers.back(), [starts, &each]() -> asio::awaitable<void> {
            each.outcome = co_await each.compartment->start();
        });
    }
    co_await tasks->ended(numbers);
    for (auto& each : *starts)
        if (!each.outcome && !each.entry.compartments.empty())
            fail(each.entry, PluginState::Kind::failed, each.outcome.error().message);
    for (auto& each : *starts)
        if (each.outcome && each.entry.compartments.empty())
            co_await each.compartment->stop();
}

asio::awaitable<void> Host::apply(std::vector<InstancePlan> plans) {
    // Of this function alone: others only look at the entries.
    const auto old = entries_;
    PluginVerifier verifier(options_.plugin_folders, options_.lock_file, options_.check_manifest);
    Entries next;
    for (auto& plan : plans) {
        const auto id = plan.id;
        const auto before = old.find(id);
        next.insert_or_assign(
            id, prepare(std::move(plan), before == old.end() ? nullptr : &before->second, verifier));
    }
    co_await start(next, old);
    const std::lock_guard lock(mutex_);
    for (const auto& [id, entry] : old) {
        const auto now = next.find(id);
        if (now == next.end() || now->second.compartments != entry.compartments)
            for (const auto& [purpose, compartment] : entry.compartments)
                retire(compartment);
    }
    entries_ = std::move(next);
}

void Host::retire(const std::shared_ptr<Compartment>& compartment) {
    const auto number = ++last_retirement_;
    retiring_.emplace(number, compartment);
    retirements_->start(number, [this, number, compartment]() -> asio::awaitable<void> {
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        co_await compartment->retire();
        const std::lock_guard lock(mutex_);
        retiring_.erase(number);
    });
}

asio::awaitable<void> Host::stop() {
    co_await core_mail_.stop();
    co_await apply({});
    std::map<WireCall, std::shared_ptr<Compartment>> retiring;
    {
        const std::lock_guard lock(mutex_);
        retiring = retiring_;
    }
    // Those that wait for the end of their calls end them now.
    for (const auto& [number, compartment] : retiring)
        co_await compartment->stop();
    co_await retirements_->stop();
}

Result<Host::Presence> Host::enter(const settings::InstanceId& id, Purpose purpose) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(id);
    if (found == entries_.end())
        return Error(ErrorKind::temporary, fmt::format("{}: is not configured", id.text()));
    const auto& entry = found->second;
    if (const auto compartment = entry.compartments.find(purpose); compartment != entry.compartments.end())
        return Presence{compartment->second, compartment->second->enter()};
    if (!entry.compartments.empty())
        return Error(ErrorKind::denied, fmt::format("{}: does not work for {}", id.text(), key_of(purpose)));
    return Error(ErrorKind::temporary,
                 fmt::format("{}: is not running ({})", id.text(), name_of(entry.state.kind)));
}

asio::awaitable<Result<std::string>> Host::call(gate::PluginCall call) {
    if (call.scope.instance == settings::core_mail_id())
        co_return co_await core_mail_.call(std::move(call));
    const auto presence = enter(call.scope.instance, call.scope.purpose);
    if (!presence) {
        settings::wipe(call.secret);
        co_return presence.error();
    }
    co_return co_await presence->compartment->call(std::move(call));
}

asio::awaitable<void> Host::cancel(const storage::SubjectId& subject, const settings::InstanceId& instance,
                                   Purpose purpose) {
    cancellations_.begin(subject, instance, purpose);
    if (instance == settings::core_mail_id())
        co_await core_mail_.cancel(subject);
    std::vector<std::shared_ptr<Compartment>> concerned;
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = entries_.find(instance); found != entries_.end())
            if (const auto now = found->second.compartments.find(purpose);
                now != found->second.compartments.end())
                concerned.push_back(now->second);
        for (const auto& [number, old] : retiring_)
            if (old->recipe().plan.id == instance && old->recipe().purpose == purpose)
                concerned.push_back(old);
    }
    for (const auto& compartment : concerned)
        co_await compartment->withdraw(subject);
}

std::map<settings::InstanceId, PluginState> Host::states() const {
    const std::lock_guard lock(mutex_);
    std::map<settings::InstanceId, PluginState> states;
    for (const auto& [id, entry] : entries_) {
        auto state = entry.state;
        // One that does not run is what there is to be known.
        for (const auto& [purpose, compartment] : entry.compartments)
            if (state = compartment->state(); state.kind != PluginState::Kind::ready)
                break;
        states.emplace(id, std::move(state));
    }
    return states;
}

}  // namespace calyptenora::host
