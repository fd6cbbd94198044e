#pragma once

#include <calyptenora/json.hpp>
#include <calyptenora/plugin.h>
#include <calyptenora/result.hpp>
#include <calyptenora/task.hpp>

#include <boost/describe.hpp>

#include <algorithm>
#include <coroutine>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What a plugin may ask of the host. A plugin has no other means: a socket or a file that it opens itself
/// fails.
namespace calyptenora {

/// An HTTP request to one of the hosts that the manifest declares. Redirects are followed to declared hosts
/// only.
struct HttpRequest {
    std::string method = "GET";
    std::string url;
    std::map<std::string, std::string> headers;
    Bytes body;
    std::int64_t timeout_ms = 15'000;  ///< The host may allow less.
    /// Which subjects' data this request carries: indexes into the batch, or empty for all of the call. A
    /// request that carries fewer than all lets a withdrawal cancel only what it must.
    std::vector<std::int64_t> records;
};
BOOST_DESCRIBE_STRUCT(HttpRequest, (), (method, url, headers, body, timeout_ms, records))

struct HttpResponse {
    int status = 0;
    std::map<std::string, std::string> headers;  ///< Names in lower case.
    Bytes body;
};
BOOST_DESCRIBE_STRUCT(HttpResponse, (), (status, headers, body))

/// A mail through the SMTP server that the plugin's settings name (a declared host). STARTTLS is required and
/// the server's certificate verified, before credentials are sent.
struct MailRequest {
    std::string server;  ///< host:port
    std::string username;
    std::string password;
    std::string from;
    std::string to;
    std::string reply_to;
    std::string subject;
    std::string text;
    std::string message_id;                      ///< Without angle brackets; the same for each try.
    std::map<std::string, std::string> headers;  ///< Further ones, e.g. Auto-Submitted.
};
BOOST_DESCRIBE_STRUCT(MailRequest, (),
                      (server, username, password, from, to, reply_to, subject, text, message_id, headers))

struct MailReceipt {
    std::string response;  ///< The server's last line.
};
BOOST_DESCRIBE_STRUCT(MailReceipt, (), (response))

/// The plugin's small sealed key-value store. Entries belong to the learner and the purpose of the call they
/// are written in, are readable in calls for the same learner and purpose only, and are erased with the
/// learner.
struct StoreRequest {
    std::string verb;  ///< get | put | erase
    std::string key;
    std::optional<std::string> value;
};
BOOST_DESCRIBE_STRUCT(StoreRequest, (), (verb, key, value))

struct StoreReply {
    std::optional<std::string> value;
};
BOOST_DESCRIBE_STRUCT(StoreReply, (), (value))

struct ClockReply {
    std::int64_t unix_micros = 0;
};
BOOST_DESCRIBE_STRUCT(ClockReply, (), (unix_micros))

struct RandomRequest {
    std::int64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(RandomRequest, (), (count))

struct RandomReply {
    Bytes bytes;
};
BOOST_DESCRIBE_STRUCT(RandomReply, (), (bytes))

enum class LogLevel : unsigned char { debug, info, warning, error };
BOOST_DESCRIBE_ENUM(LogLevel, debug, info, warning, error)

/// One line for the operator. The host bounds and redacts it; personal data and secrets do not belong here.
struct LogLine {
    LogLevel level = LogLevel::info;
    std::string text;
};
BOOST_DESCRIBE_STRUCT(LogLine, (), (level, text))

struct ServiceRequestNothing {};
BOOST_DESCRIBE_STRUCT(ServiceRequestNothing, (), ())

/// How a failure crosses the wire, in both directions.
struct ErrorDocument {
    std::string message;
    std::optional<std::int64_t> retry_after_s;
};
BOOST_DESCRIBE_STRUCT(ErrorDocument, (), (message, retry_after_s))

inline std::uint32_t status_of(ErrorKind kind) {
    return static_cast<std::uint32_t>(kind) + 1;
}

inline std::string error_document(const Error& error) {
    ErrorDocument document{error.message, std::nullopt};
    if (error.retry_after)
        document.retry_after_s = error.retry_after->count();
    return to_json(document);
}

/// The error that a status and its document stand for. An unknown status and an unreadable document are
/// `permanent`. A time to wait counts for at most a day.
inline Error read_error(std::uint32_t status, std::string_view document) {
    const auto kind = status >= 1 && status <= 9 ? static_cast<ErrorKind>(status - 1) : ErrorKind::permanent;
    auto read = parse_json<ErrorDocument>(document);
    if (!read)
        return Error(kind, "failed without saying why");
    Error error(kind, std::move(read->message));
    if (read->retry_after_s)
        error.retry_after =
            std::chrono::seconds(std::clamp<std::int64_t>(*read->retry_after_s, 0, 24 * 60 * 60));
    return error;
}

class Host;

namespace runtime_detail {

/// A request that waits for its answer. Lives in the frame of the coroutine that awaits it.
class Waiting {
  public:
    virtual void answer(std::uint32_t status, std::string_view payload) = 0;
    std::uint64_t call = 0;
    std::coroutine_handle<> coroutine;

  protected:
    ~Waiting() = default;
};

/// The plugin's end of the wire: open requests and the call that is running. One for each instance.
class Wire {
  public:
    explicit Wire(const calyptenora_host* host) : host_(host) {}
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    std::uint64_t open(Waiting& waiting, std::string_view service, const std::string& payload) {
        const auto token = ++last_token_;
        waiting.call = running_call;
        open_.emplace(token, &waiting);
        send(waiting.call, token, service, payload);
        return token;
    }
    void send(std::uint64_t call, std::uint64_t token, std::string_view service,
              std::string_view payload) const {
        host_->request(host_->context, call, token, {service.data(), service.size()},
                       {payload.data(), payload.size()});
    }
    void forget(std::uint64_t token) { open_.erase(token); }
    /// Takes the waiting request out, or returns nothing for a token that is not open (its call was
    /// cancelled).
    Waiting* take(std::uint64_t token) {
        const auto found = open_.find(token);
        if (found == open_.end())
            return nullptr;
        auto* waiting = found->second;
        open_.erase(found);
        return waiting;
    }
    void complete(std::uint64_t call, std::uint32_t status, std::string_view payload) const {
        host_->complete(host_->context, call, status, {payload.data(), payload.size()});
    }

    /// The call whose coroutine runs now; requests made meanwhile belong to it.
    std::uint64_t running_call = 0;

  private:
    const calyptenora_host* host_;
    std::uint64_t last_token_ = 0;
    std::map<std::uint64_t, Waiting*> open_;
};

}  // namespace runtime_detail

/// A service request as an awaitable; yields Result<Reply>. Await it at once.
template <class Reply>
class [[nodiscard]] ServiceCall final : private runtime_detail::Waiting {
  public:
    ServiceCall(runtime_detail::Wire& wire, std::string_view service, std::string payload)
        : wire_(wire), service_(service), payload_(std::move(payload)) {}
    ServiceCall(const ServiceCall&) = delete;
    ServiceCall& operator=(const ServiceCall&) = delete;
    ~ServiceCall() {
        if (token_)
            wire_.forget(token_);
    }

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> awaiting) {
        coroutine = awaiting;
        token_ = wire_.open(*this, service_, payload_);
    }
    Result<Reply> await_resume() { return std::move(*outcome_); }

  private:
    void answer(std::uint32_t status, std::string_view payload) override {
        token_ = 0;
        if (status == CALYPTENORA_OK)
            outcome_.emplace(parse_json<Reply>(payload));
        else
            outcome_.emplace(read_error(status, payload));
    }

    runtime_detail::Wire& wire_;
    std::string_view service_;
    std::string payload_;
    std::uint64_t token_ = 0;
    std::optional<Result<Reply>> outcome_;
};

/// The host services of one instance. Use it from inside an operation only: outside a live call nothing
/// leaves. Cheap to copy; valid as long as the instance.
class Host {
  public:
    explicit Host(runtime_detail::Wire& wire) : wire_(&wire) {}

    /// Carries out a request. Refused (`denied`) for undeclared hosts, for addresses that are not public, and
    /// when the learners of the call may no longer be spoken of; `temporary` when the network or the server
    /// fails.
    ServiceCall<HttpResponse> http(const HttpRequest& request) const {
        return {*wire_, "http", to_json(request)};
    }

    /// Sends a mail; the receipt means that the SMTP server has taken responsibility for it.
    ServiceCall<MailReceipt> mail(const MailRequest& mail) const { return {*wire_, "mail", to_json(mail)}; }

    /// The value under a key (at most 200 bytes) for the call's learner and purpose, if there is one.
    ServiceCall<StoreReply> store_get(std::string key) const {
        return {*wire_, "store", to_json(StoreRequest{"get", std::move(key), std::nullopt})};
    }
    /// Keeps a value (UTF-8, at most 16 KiB). Durable when answered.
    ServiceCall<StoreReply> store_put(std::string key, std::string value) const {
        return {*wire_, "store", to_json(StoreRequest{"put", std::move(key), std::move(value)})};
    }
    ServiceCall<StoreReply> store_erase(std::string key) const {
        return {*wire_, "store", to_json(StoreRequest{"erase", std::move(key), std::nullopt})};
    }

    /// The host's wall clock.
    ServiceCall<ClockReply> clock() const { return {*wire_, "clock", "{}"}; }

    /// Random bytes from the operating system, at most 4096.
    ServiceCall<RandomReply> random(std::int64_t count) const {
        return {*wire_, "random", to_json(RandomRequest{count})};
    }

    /// Writes a line to the operator's log, under the plugin's name. Does not wait.
    void log(LogLevel level, std::string text) const {
        wire_->send(wire_->running_call, 0, "log", to_json(LogLine{level, std::move(text)}));
    }

  private:
    runtime_detail::Wire* wire_;
};

/// Secret inputs of one call, as typed by a person into the plugin's own prompt. Wiped when it dies; never
/// log it, never store it, never keep a copy past the call.
class Secret {
  public:
    Secret() = default;
    /// `json`: an object of texts, as it came over the wire. What cannot be read is as if nothing had been
    /// typed.
    explicit Secret(std::string_view json) {
        if (json.empty())
            return;
        auto read = parse_json<std::map<std::string, std::string>>(json);
        if (read)
            values_ = std::move(*read);
    }
    Secret(Secret&& other) noexcept : values_(std::exchange(other.values_, {})) {}
    Secret& operator=(Secret&&) = delete;
    ~Secret() {
        for (auto& [name, value] : values_) {
            volatile char* bytes = value.data();
            for (std::size_t i = 0; i < value.size(); ++i)
                bytes[i] = 0;
        }
    }

    /// What was typed into the field of this name; empty when nothing was.
    std::string_view get(const std::string& name) const {
        const auto found = values_.find(name);
        return found == values_.end() ? std::string_view() : std::string_view(found->second);
    }

  private:
    std::map<std::string, std::string> values_;
};

}  // namespace calyptenora
