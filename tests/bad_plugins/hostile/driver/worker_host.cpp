#include "bad_plugins/hostile/driver/worker_host.hpp"

#include "bad_plugins/hostile/driver/descendants.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fstream>
#include <iterator>

namespace calyptenora::hostile {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using host::InstancePlan;

namespace {

constexpr auto one_purpose = static_cast<Purpose>(0), another_purpose = static_cast<Purpose>(1);
const std::string neighbour_name = "analytics/neighbour", good_name = "analytics/good";

InstancePlan make_plan(const std::string& instance, std::string settings) {
    return {*settings::parse_instance_id(instance),
            host::Wanted::on,
            std::move(settings),
            {},
            {},
            false,
            {one_purpose}};
}

Status check_manifest(std::string_view text, const host::PluginFiles& files) {
    const auto manifest = settings::parse_manifest(text, files.manifest.string());
    if (!manifest)
        return Error(ErrorKind::invalid_config, settings::to_text(manifest.problems));
    return {};
}

}  // namespace

WorkerHost::WorkerHost(const std::filesystem::path& plugins, std::string neighbour_settings)
    : neighbour_settings_(std::move(neighbour_settings)) {
    for (int i = 0; i < 2; ++i)
        threads_.emplace_back([this] { io_.run(); });
    host::HostOptions options;
    options.plugin_folders = {plugins};
    options.check_manifest = check_manifest;
    options.limits.start_deadline = 4s;
    options.limits.hang_grace = 300ms;
    options.limits.idle_check = 500ms;
    options.restarts.first_wait = 1h;  // An attack that has ended is not repeated.
    options.worker_program = CALYPTENORA_BINARY_DIR "/bin/calyptenora-worker";
    const auto log = [this](LogLevel, const std::string& instance, const std::string& line) {
        const std::lock_guard lock(mutex_);
        if (instance.starts_with(attack_))
            log_ += line + "\n";
    };
    host_ = std::make_unique<host::Host>(io_.get_executor(), options,
                                         host::ServiceProviders{guard_, store_, egress_, log});
    apply(std::nullopt);
    worker_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

WorkerHost::~WorkerHost() {
    worker_ = {};
    spawn(host_->stop()).get();
    host_.reset();
    open_.reset();
}

template <class T>
std::future<T> WorkerHost::spawn(asio::awaitable<T> work) {
    return asio::co_spawn(asio::make_strand(io_), std::move(work), asio::use_future);
}

void WorkerHost::apply(std::optional<InstancePlan> attack) {
    std::vector<InstancePlan> plans{make_plan(good_name, "{}"),
                                    make_plan(neighbour_name, neighbour_settings_)};
    if (attack)
        plans.push_back(std::move(*attack));
    spawn(host_->apply(std::move(plans))).get();
}

bool WorkerHost::start(const std::string& name, const std::string& settings, Purposes purposes) {
    {
        const std::lock_guard lock(mutex_);
        attack_ = "analytics/" + name;
        log_.clear();
    }
    calls_.clear();
    auto plan = make_plan(attack_, settings);
    if (purposes == Purposes::two)
        plan.purposes.push_back(another_purpose);
    apply(std::move(plan));
    return host_->states().at(*settings::parse_instance_id(attack_)).kind == host::PluginState::Kind::ready;
}

std::size_t WorkerHost::begin(Plugin plugin, std::string document, std::chrono::milliseconds deadline) {
    const auto& instance = plugin == Plugin::neighbour ? neighbour_name : attack_;
    const auto purpose = plugin == Plugin::attack_for_another_purpose ? another_purpose : one_purpose;
    calls_.push_back({spawn(host_->call(make_call(instance, purpose, std::move(document), deadline))),
                      deadline, std::nullopt});
    return calls_.size() - 1;
}

void WorkerHost::withdraw() {
    spawn(host_->cancel(subject_, *settings::parse_instance_id(attack_), one_purpose)).get();
    subject_ = storage::SubjectId::make();
}

bool WorkerHost::wait(std::size_t call) {
    auto& waited = calls_[call];
    if (!waited.outcome.valid())
        return true;
    if (waited.outcome.wait_for(waited.deadline + patience) != std::future_status::ready)
        return false;
    if (const auto outcome = waited.outcome.get())
        waited.answer = *outcome;
    return true;
}

std::optional<std::string> WorkerHost::answer(std::size_t call) {
    if (calls_[call].outcome.valid() && calls_[call].outcome.wait_for(0s) == std::future_status::ready)
        wait(call);
    return calls_[call].answer;
}

void WorkerHost::stop() {
    apply(std::nullopt);
}

std::string WorkerHost::log() {
    const std::lock_guard lock(mutex_);
    return log_;
}

std::set<pid_t> WorkerHost::innocent_processes() const {
    auto both = processes_of(good_name);
    both.merge(processes_of(neighbour_name));
    return both;
}

WorkerHost::Service WorkerHost::service() {
    const std::lock_guard lock(mutex_);
    return std::exchange(service_, {});
}

gate::PluginCall WorkerHost::make_call(const std::string& instance, Purpose purpose, std::string document,
                                       std::chrono::milliseconds deadline) const {
    gate::CallScope scope{
        storage::CallId::make(), *settings::parse_instance_id(instance), purpose, {{subject_, {}}}};
    return {std::move(scope), "deliver", std::move(document), "", deadline};
}

/// A worker has its instance's name as its argument, with the purpose behind it if there are several.
std::set<pid_t> WorkerHost::processes_of(std::string_view instance) {
    auto found = descendants();
    std::erase_if(found, [&](pid_t process) {
        std::ifstream file("/proc/" + std::to_string(process) + "/cmdline");
        const std::string line{std::istreambuf_iterator<char>(file), {}};
        const auto name = '\0' + std::string(instance);
        return line.find(name + '\0') == std::string::npos && line.find(name + " (") == std::string::npos;
    });
    return found;
}

void WorkerHost::work(const std::stop_token& stop) {
    for (int event = 0; !stop.stop_requested(); ++event, std::this_thread::sleep_for(20ms)) {
        const auto begin = std::chrono::steady_clock::now();
        const auto outcome =
            spawn(
                host_->call(make_call(good_name, one_purpose,
                                      R"([{"id":"e)" + std::to_string(event) + R"(","platform":"x"}])", 10s)))
                .get();
        const auto time = std::chrono::steady_clock::now() - begin;
        const std::lock_guard lock(mutex_);
        if (!outcome)
            service_.failure = outcome.error().message;
        else if (outcome->find("accepted") == std::string::npos)
            service_.failure = *outcome;
        else
            ++service_.answered;
        service_.slowest =
            std::max(service_.slowest, std::chrono::duration_cast<std::chrono::milliseconds>(time));
    }
}

boost::asio::awaitable<Result<HttpResponse>> WorkerHost::Egress::http(const host::EgressOrigin&,
                                                                      HttpRequest request) {
    {
        const std::lock_guard lock(mutex_);
        sent_ += request.url + request.body.data.substr(0, 1024);
    }
    // A third party that takes its time: until the call is over.
    asio::steady_timer never(co_await asio::this_coro::executor, 1h);
    co_await never.async_wait(asio::use_awaitable);
    co_return Error(ErrorKind::temporary, "no answer in this test");
}

boost::asio::awaitable<Result<MailReceipt>> WorkerHost::Egress::mail(const host::EgressOrigin&, MailRequest) {
    co_return Error(ErrorKind::unsupported, "no mail in this test");
}

std::string WorkerHost::Egress::sent() const {
    const std::lock_guard lock(mutex_);
    return sent_;
}

}  // namespace calyptenora::hostile
