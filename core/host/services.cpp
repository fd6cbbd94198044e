#include "host/services.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <chrono>

namespace calyptenora::host {

namespace asio = boost::asio;

namespace {

constexpr std::size_t longest_key = 200;
constexpr std::size_t longest_value = 16 * 1024;
constexpr std::int64_t most_random_bytes = 4096;

ServiceAnswer answer(const Result<std::string>& outcome) {
    if (outcome)
        return {CALYPTENORA_OK, *outcome};
    return {status_of(outcome.error().kind), error_document(outcome.error())};
}

Result<std::string> read_clock() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return to_json(ClockReply{std::chrono::duration_cast<std::chrono::microseconds>(now).count()});
}

Result<std::string> make_random(std::string_view payload) {
    const auto request = parse_json<RandomRequest>(payload);
    if (!request)
        return request.error();
    if (request->count < 0 || request->count > most_random_bytes)
        return Error(ErrorKind::invalid_input,
                     fmt::format("at most {} random bytes at a time", most_random_bytes));
    RandomReply reply;
    reply.bytes.data.resize(static_cast<std::size_t>(request->count));
    randombytes_buf(reply.bytes.data.data(), reply.bytes.data.size());
    return to_json(reply);
}

template <class Reply>
Result<std::string> document(const Result<Reply>& reply) {
    if (!reply)
        return reply.error();
    return to_json(*reply);
}

}  // namespace

Services::Services(const InstancePlan& plan, ServiceProviders providers)
    : instance_(plan.id), egress_(plan.egress), mail_(plan.mail), providers_(std::move(providers)) {}

asio::awaitable<ServiceAnswer> Services::serve(std::shared_ptr<const LiveCall> call, std::string service,
                                               std::string payload) {
    if (service == "clock")
        co_return answer(read_clock());
    if (service == "random")
        co_return answer(make_random(payload));
    if (service == "store")
        co_return answer(co_await store(*call, std::move(payload)));
    const EgressOrigin origin{call->scope, egress_, mail_};
    if (service == "http") {
        auto request = parse_json<HttpRequest>(payload);
        if (!request)
            co_return answer(Error(ErrorKind::invalid_input, "http: " + request.error().message));
        const auto response = co_await providers_.egress.http(origin, std::move(*request));
        co_return answer(document(response));
    }
    if (service == "mail") {
        auto request = parse_json<MailRequest>(payload);
        if (!request)
            co_return answer(Error(ErrorKind::invalid_input, "mail: " + request.error().message));
        const auto receipt = co_await providers_.egress.mail(origin, std::move(*request));
        co_return answer(document(receipt));
    }
    co_return answer(Error(ErrorKind::unsupported, "there is no service \"" + service + "\""));
}

asio::awaitable<Result<std::string>> Services::store(const LiveCall& call, std::string payload) {
    auto request = parse_json<StoreRequest>(payload);
    if (!request)
        co_return Error(ErrorKind::invalid_input, "store: " + request.error().message);
    if (call.scope.records.size() != 1)
        co_return Error(ErrorKind::denied, "the store is there in calls about exactly one learner");
    if (request->key.empty() || request->key.size() > longest_key)
        co_return Error(ErrorKind::invalid_input, fmt::format("a key has 1 to {} bytes", longest_key));
    if (request->value && request->value->size() > longest_value)
        co_return Error(ErrorKind::invalid_input, fmt::format("a value has at most {} bytes", longest_value));
    auto permitted = co_await providers_.guard.may_store(call.scope);
    if (!permitted)
        co_return permitted.error();
    StoreEntry entry{instance_, call.scope.records[0].subject, call.scope.purpose, std::move(request->key)};
    if (request->verb == "get") {
        auto value = co_await providers_.store.get(std::move(entry));
        if (!value)
            co_return value.error();
        co_return to_json(StoreReply{std::move(*value)});
    }
    Status done = Error(ErrorKind::invalid_input, "store: the verb is get, put or erase");
    if (request->verb == "put" && request->value)
        done = co_await providers_.store.put(std::move(entry), std::move(*request->value));
    else if (request->verb == "erase")
        done = co_await providers_.store.erase(std::move(entry));
    if (!done)
        co_return done.error();
    co_return to_json(StoreReply{});
}

void Services::log(const LiveCall& call, std::string_view payload) {
    int dropped = 0;
    {
        const std::lock_guard lock(log_mutex_);
        const auto now = std::chrono::steady_clock::now();
        if (now - minute_ >= std::chrono::minutes(1)) {
            minute_ = now;
            lines_ = 0;
            dropped = std::exchange(dropped_, 0);
        }
        if (++lines_ > lines_per_minute) {
            ++dropped_;
            return;
        }
    }
    if (dropped > 0)
        providers_.log(
            LogLevel::warning, instance_.text(),
            fmt::format("{} lines were left out: more than {} in a minute", dropped, lines_per_minute));
    const auto line = parse_json<LogLine>(payload);
    if (line)
        providers_.log(line->level, instance_.text(), call.redactor.line(line->text));
    else
        providers_.log(LogLevel::warning, instance_.text(), "wrote a log line that cannot be read");
}

}  // namespace calyptenora::host
