#include "host/running_instance.hpp"

#include "settings/secret.hpp"

#include <fmt/format.h>

namespace calyptenora::host {

namespace asio = boost::asio;

namespace {

/// The values of a JSON object of texts: what a person typed into a plugin's prompt.
std::vector<std::string> typed_values(std::string_view secret) {
    std::vector<std::string> values;
    if (const auto read = parse_json<std::map<std::string, std::string>>(secret); read)
        for (const auto& [name, value] : *read)
            values.push_back(value);
    return values;
}

}  // namespace

class RunningInstance::Typed {
  public:
    Typed(RunningInstance& instance, WireCall call, const Redactor& redactor)
        : instance_(instance), call_(call) {
        const std::lock_guard lock(instance_.mutex_);
        instance_.typed_.emplace(call_, redactor);
    }
    Typed(const Typed&) = delete;
    Typed& operator=(const Typed&) = delete;
    ~Typed() {
        // What it has written during the call lies before the answer, and may not have been read yet.
        instance_.channel_->read_output();
        const std::lock_guard lock(instance_.mutex_);
        instance_.typed_.erase(call_);
    }

  private:
    RunningInstance& instance_;
    WireCall call_;
};

RunningInstance::RunningInstance(std::string name, const InstancePlan& plan, ServiceProviders providers,
                                 const Cancellations& cancellations, asio::any_io_executor executor,
                                 Lost lost)
    : name_(std::move(name)),
      log_(providers.log),
      lost_callback_(std::move(lost)),
      redactor_(plan.secrets),
      services_(plan, std::move(providers)),
      cancellations_(cancellations),
      tasks_(std::make_shared<ServiceTasks>(std::move(executor))) {}

asio::awaitable<Status> RunningInstance::start(std::string settings) {
    auto started = co_await channel_->start(std::move(settings));
    if (!started)
        co_return Error(started.error().kind,
                        fmt::format("{}: {}", name_, redactor_.line(started.error().message)));
    co_return Status();
}

asio::awaitable<Result<std::string>> RunningInstance::call(gate::PluginCall call) {
    const auto self = shared_from_this();
    const auto id = channel_->next_call();
    auto redactor = redactor_;
    std::optional<Typed> typed;
    if (!call.secret.empty()) {
        auto values = typed_values(call.secret);
        redactor = redactor_.with(values);
        for (auto& value : values)
            settings::wipe(value);
        typed.emplace(*this, id, redactor);
    }
    const auto live = std::make_shared<LiveCall>(id, std::move(call.scope), redactor);
    calls_.add(live);
    // After it can be found: whoever cancels first marks and then looks.
    if (cancellations_.concern(live->scope)) {
        on_call_over(id);
        settings::wipe(call.secret);
        co_return Error(ErrorKind::denied, fmt::format("{}: {}: the permission was withdrawn before the call",
                                                       name_, call.operation));
    }
    const auto operation = call.operation;
    auto answer = co_await channel_->call(id, ChannelCall{std::move(call.operation), std::move(call.document),
                                                          std::move(call.secret), call.deadline});
    if (answer)
        co_return std::move(answer);
    // Nobody has said so of a call that the channel never took.
    on_call_over(id);
    auto error = answer.error();
    error.message = fmt::format("{}: {}: {}", name_, operation, redactor.line(error.message));
    co_return error;
}

asio::awaitable<void> RunningInstance::cancel(const storage::SubjectId& subject) {
    const auto self = shared_from_this();
    const auto calls = calls_.about(subject);
    for (const auto call : calls)
        channel_->cancel(
            call, Error(ErrorKind::denied, "the permission was withdrawn while the call was under way"));
    co_await tasks_->ended(calls);
}

asio::awaitable<void> RunningInstance::stop() {
    const auto self = shared_from_this();
    co_await channel_->stop();
    co_await tasks_->stop();
}

std::optional<std::string> RunningInstance::lost() const {
    const std::lock_guard lock(mutex_);
    return lost_;
}

void RunningInstance::on_request(ServiceRequest request) {
    auto call = calls_.find(request.call);
    if (!call)
        return;
    if (request.service == "log")
        return services_.log(*call, request.payload);
    const auto id = request.call;
    tasks_->start(
        id, [self = shared_from_this(), call = std::move(call), request = std::move(request)]() mutable {
            return self->serve(std::move(call), std::move(request));
        });
    // The call may have ended between the look-up and the start; then nobody else would cancel this.
    if (!calls_.find(id))
        tasks_->cancel(id);
}

asio::awaitable<void> RunningInstance::serve(std::shared_ptr<const LiveCall> call, ServiceRequest request) {
    ServiceAnswer answer;
    try {
        answer =
            co_await services_.serve(std::move(call), std::move(request.service), std::move(request.payload));
    } catch (const std::exception&) {
        // Cancelled with its call, in which case nobody reads this; or a defect of ours.
        answer = {CALYPTENORA_TEMPORARY,
                  error_document(Error(ErrorKind::temporary, "the service has failed"))};
    }
    channel_->answer(request.call, request.token, answer.status, std::move(answer.payload));
}

void RunningInstance::on_call_over(WireCall call) {
    calls_.remove(call);
    tasks_->cancel(call);
}

void RunningInstance::on_violation(std::string text) {
    log_(LogLevel::warning, name_, redactor_.line(text));
}

void RunningInstance::on_output(std::string line) {
    auto redactor = redactor_;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [call, typed] : typed_)
            redactor = redactor.with(typed);
    }
    log_(LogLevel::warning, name_, "output: " + redactor.line(line));
}

void RunningInstance::on_lost(Loss loss, std::string reason) {
    {
        const std::lock_guard lock(mutex_);
        lost_ = reason;
    }
    log_(LogLevel::error, name_, reason);
    lost_callback_(*this, loss, reason);
}

}  // namespace calyptenora::host
