#include "http/connection.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <random>

namespace calyptenora::http {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t header_read_bytes = 4 * 1024;
constexpr std::size_t body_read_bytes = 16 * 1024;
constexpr std::size_t write_piece_bytes = 64 * 1024;

/// Names a request; not a secret.
std::string make_reference() {
    constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    thread_local std::mt19937_64 random{std::random_device{}()};
    std::string text(12, '0');
    auto bits = random();
    for (auto& c : text) {
        c = alphabet[bits & 31U];
        bits >>= 5U;
    }
    return text;
}

std::string lowered(std::string_view text) {
    std::string result(text);
    for (auto& c : result) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    return result;
}

milliseconds time_for(std::uint64_t bytes, milliseconds grace, std::uint64_t bytes_per_second) {
    return grace + milliseconds(bytes * 1000 / std::max<std::uint64_t>(bytes_per_second, 1));
}

/// Reads on a thread of `pool`, so that a slow disk holds up no other connection.
asio::awaitable<ssize_t> read_file(asio::thread_pool& pool, const FileHandle& file, std::span<char> into,
                                   std::uint64_t offset) {
    return asio::async_initiate<const asio::use_awaitable_t<>&, void(ssize_t)>(
        [&pool, &file, into, offset](auto handler) {
            auto executor = asio::prefer(asio::get_associated_executor(handler),
                                         asio::execution::outstanding_work.tracked);
            asio::post(pool, [handler = std::move(handler), executor, &file, into, offset]() mutable {
                auto bytes = ::pread(file.descriptor(), into.data(), into.size(), static_cast<off_t>(offset));
                asio::post(executor, [handler = std::move(handler), bytes]() mutable { handler(bytes); });
            });
        },
        asio::use_awaitable);
}

asio::awaitable<std::optional<std::string>> read_source(asio::thread_pool& pool, BodySource& source) {
    return asio::async_initiate<const asio::use_awaitable_t<>&, void(std::optional<std::string>)>(
        [&pool, &source](auto handler) {
            auto executor = asio::prefer(asio::get_associated_executor(handler),
                                         asio::execution::outstanding_work.tracked);
            asio::post(pool, [handler = std::move(handler), executor, &source]() mutable {
                auto bytes = source.read();
                asio::post(executor, [handler = std::move(handler), bytes = std::move(bytes)]() mutable {
                    handler(std::move(bytes));
                });
            });
        },
        asio::use_awaitable);
}

class RequestSlot {
  public:
    RequestSlot(Admission& admission, Priority priority)
        : admission_(admission), is_held_(admission.begin_request(priority)) {}
    ~RequestSlot() {
        if (is_held_) {
            admission_.end_request();
        }
    }
    RequestSlot(const RequestSlot&) = delete;
    RequestSlot& operator=(const RequestSlot&) = delete;
    bool is_held() const { return is_held_; }

  private:
    Admission& admission_;
    bool is_held_;
};

Response make_plain_error(const ErrorPage& page) {
    return Response::make_text(
        fmt::format("{} {}\nReference: {}\n", page.status, reason_phrase(page.status), page.reference),
        page.status);
}

}  // namespace

Connection::Connection(ConnectionServices services, ConnectionFacts facts, asio::any_io_executor executor,
                       std::unique_ptr<Transport> transport)
    : services_(services),
      facts_(std::move(facts)),
      executor_(std::move(executor)),
      transport_(std::move(transport)) {}

Connection::~Connection() {
    services_.admission.leave(facts_.admission_key);
}

void Connection::drain() {
    if (phase_ == Phase::idle) {
        cut();
    }
}

void Connection::cut() {
    is_cut_ = true;
    transport_->cut();
    cancellation_.emit(asio::cancellation_type::terminal);
}

asio::awaitable<void> Connection::serve() {
    if (co_await transport_->handshake(services_.options.timeouts.tls_handshake)) {
        co_return;
    }
    while (co_await serve_one() == ConnectionFate::keep) {
    }
    if (!is_cut_) {
        co_await transport_->finish(services_.options.timeouts.farewell);
    }
}

/// Answers one request. `close` with the transport open means: say goodbye.
asio::awaitable<ConnectionFate> Connection::serve_one() {
    auto received = co_await receive_header();
    phase_ = Phase::busy;
    if (std::holds_alternative<Gone>(received)) {
        is_cut_ = true;
        transport_->cut();
        co_return ConnectionFate::close;
    }
    auto* block = std::get_if<std::string>(&received);
    auto checked =
        block != nullptr
            ? check_framing(*block, services_.options.hosts, facts_.local_port, services_.options.framing)
            : std::variant<RequestHead, FramingRefusal>(std::get<FramingRefusal>(received));
    if (auto* refusal = std::get_if<FramingRefusal>(&checked)) {
        ErrorPage page{.status = refusal->status, .reference = make_reference(), .retry_after = {}};
        co_await send(make_error(page, nullptr), Method::GET, ConnectionFate::close);
        co_return ConnectionFate::close;
    }
    const auto& head = std::get<RequestHead>(checked);
    auto request = make_request(head);
    auto outcome = co_await answer(request, head, *block);
    auto* ready = std::get_if<Answer>(&outcome);
    if (ready == nullptr) {
        is_cut_ = true;
        transport_->cut();
        co_return ConnectionFate::close;
    }
    bool must_close =
        head.wants_close || services_.is_draining.load() || facts_.door == Admission::Door::essential_only;
    auto fate = must_close ? ConnectionFate::close : ready->fate;
    if (!co_await deliver(std::move(ready->response), request, fate)) {
        is_cut_ = true;
        transport_->cut();
        co_return ConnectionFate::close;
    }
    co_return fate;
}

asio::awaitable<bool> Connection::read_more(std::size_t bytes, Clock::time_point deadline) {
    auto remaining = std::chrono::ceil<milliseconds>(deadline - Clock::now());
    if (remaining <= milliseconds(0)) {
        co_return false;
    }
    auto old_size = in_.size();
    in_.resize(old_size + bytes);
    auto read = co_await transport_->read_some(asio::buffer(in_.data() + old_size, bytes), remaining);
    in_.resize(old_size + read.bytes);
    co_return !read.error && read.bytes > 0;
}

asio::awaitable<Connection::Received> Connection::receive_header() {
    const auto& timeouts = services_.options.timeouts;
    if (in_.empty()) {
        if (services_.is_draining.load()) {
            co_return Gone{};
        }
        in_.shrink_to_fit();
        phase_ = Phase::idle;
        if (!co_await read_more(header_read_bytes, Clock::now() + timeouts.idle)) {
            co_return Gone{};
        }
        phase_ = Phase::busy;
    }
    auto deadline = Clock::now() + timeouts.header;
    std::size_t scanned = 0;
    while (true) {
        auto scan = scan_header(in_, scanned, services_.options.framing);
        if (auto* refusal = std::get_if<FramingRefusal>(&scan)) {
            co_return *refusal;
        }
        if (auto* end = std::get_if<HeaderEnd>(&scan)) {
            auto block = in_.substr(0, end->bytes);
            in_.erase(0, end->bytes);
            co_return block;
        }
        scanned = in_.size();
        if (!co_await read_more(header_read_bytes, deadline)) {
            co_return Gone{};
        }
    }
}

Request Connection::make_request(const RequestHead& head) const {
    Request request;
    request.method = head.method;
    request.arrived_at = std::chrono::system_clock::now();
    request.reference = make_reference();
    request.host = lowered(head.host);
    for (const auto& [name, value] : head.fields) {
        request.headers.add(name, value);
        if (is_same_name(name, "cookie")) {
            for (const auto& [cookie, content] : make_cookies(value)) {
                request.cookies.add(cookie, content);
            }
        }
    }
    auto client = find_client(facts_.peer, facts_.scheme, request.headers, services_.options.proxies);
    request.peer = client.address;
    request.scheme = client.scheme;
    return request;
}

asio::awaitable<std::variant<Connection::Answer, Connection::Gone>> Connection::answer(
    Request& request, const RequestHead& head, std::string_view block) {
    // An answer before the body is read costs the connection, since the rest of the body would be taken for a
    // request.
    auto early_fate = head.body == BodyFraming::none ? ConnectionFate::keep : ConnectionFate::close;
    auto refuse = [&](int status, ConnectionFate fate, std::optional<std::chrono::seconds> wait = {}) {
        return Answer{
            make_error({.status = status, .reference = request.reference, .retry_after = wait}, &request),
            fate};
    };
    if (services_.limiter != nullptr) {
        if (auto wait = services_.limiter->take(rate_key(request.peer), Clock::now())) {
            co_return refuse(429, early_fate, wait);
        }
    }
    auto target = parse_target(head.target);
    if (!target) {
        co_return refuse(400, ConnectionFate::close);
    }
    request.target = std::move(*target);
    auto match = services_.router.match(request.method, request.target.path);
    auto* found = std::get_if<Router::Found>(&match);
    auto priority = found != nullptr ? found->route->options.priority : Priority::normal;
    if (facts_.door == Admission::Door::essential_only && priority != Priority::essential) {
        co_return refuse(503, ConnectionFate::close, std::chrono::seconds(5));
    }
    if (std::holds_alternative<Router::NotFound>(match)) {
        co_return refuse(404, early_fate);
    }
    if (auto* other = std::get_if<Router::MethodNotAllowed>(&match)) {
        bool is_question = request.method == Method::OPTIONS;
        auto answer = is_question ? Answer{Response::make_empty(204), early_fate} : refuse(405, early_fate);
        answer.response.headers.set("Allow", other->allow);
        co_return answer;
    }
    if (head.body != BodyFraming::none) {
        BodyDecoder decoder(block, head, found->route->options.max_body_bytes);
        switch (co_await receive_body(decoder, head.expects_continue)) {
            case BodyState::complete:
                request.body = decoder.take_body();
                break;
            case BodyState::too_large:
                co_return refuse(413, ConnectionFate::close);
            case BodyState::malformed:
                co_return refuse(400, ConnectionFate::close);
            case BodyState::incomplete:
                co_return Gone{};
        }
        if (found->route->options.body_use == BodyUse::form) {
            auto form = parse_form(request.headers.find("content-type").value_or(""), request.body);
            if (!form) {
                co_return refuse(400, ConnectionFate::keep);
            }
            request.form = std::move(*form);
        }
    }
    RequestSlot slot(services_.admission, priority);
    if (!slot.is_held()) {
        co_return refuse(503, ConnectionFate::close, std::chrono::seconds(2));
    }
    co_return Answer{co_await call_handler(*found, request), ConnectionFate::keep};
}

/// `incomplete` when the peer went away or was too slow.
asio::awaitable<BodyState> Connection::receive_body(BodyDecoder& decoder, bool expects_continue) {
    const auto& timeouts = services_.options.timeouts;
    auto started = Clock::now();
    if (expects_continue && in_.empty() && decoder.state() == BodyState::incomplete) {
        if (!co_await send_bytes("HTTP/1.1 100 Continue\r\n\r\n", {})) {
            co_return BodyState::incomplete;
        }
    }
    while (true) {
        in_.erase(0, decoder.feed(in_));
        if (decoder.state() != BodyState::incomplete) {
            co_return decoder.state();
        }
        auto deadline = started + time_for(decoder.received_bytes(), timeouts.body_grace,
                                           timeouts.least_bytes_per_second);
        if (!co_await read_more(body_read_bytes, deadline)) {
            co_return BodyState::incomplete;
        }
    }
}

asio::awaitable<Response> Connection::call_handler(const Router::Found& found, Request& request) {
    std::string what;
    try {
        co_return co_await found.route->handler(request, found.params);
    } catch (const std::exception& error) {
        what = error.what();
    } catch (...) {
        what = "an exception that is no std::exception";
    }
    if (!is_cut_ && services_.log) {
        services_.log(fmt::format("request {} failed in {} {}: {}", request.reference,
                                  method_name(found.route->method), found.route->pattern, what));
    }
    co_return make_error({.status = 500, .reference = request.reference, .retry_after = {}}, &request);
}

Response Connection::make_error(const ErrorPage& page, const Request* request) const {
    Response response;
    try {
        response = services_.render_error ? services_.render_error(page, request) : make_plain_error(page);
        response.status = page.status;
    } catch (const std::exception& error) {
        if (services_.log) {
            services_.log(fmt::format("request {}: the error page failed: {}", page.reference, error.what()));
        }
        response = make_plain_error(page);
    }
    if (page.retry_after) {
        response.headers.set("Retry-After", std::to_string(page.retry_after->count()));
    }
    return response;
}

/// Sends an answer, if what it makes the browser disclose is still permitted, and says what became of it.
asio::awaitable<bool> Connection::deliver(Response response, const Request& request, ConnectionFate fate) {
    auto emissions = std::move(response.emissions);
    bool in_time = std::ranges::all_of(emissions, [](const auto& each) { return each->is_in_time(); });
    if (!in_time) {
        response = make_error(
            {.status = 503, .reference = request.reference, .retry_after = std::chrono::seconds(1)},
            &request);
    }
    bool is_sent = co_await send(response, request.method, fate);
    bool has_body = in_time && request.method != Method::HEAD;
    std::string_view outcome = !has_body ? "page not sent" : is_sent ? "page sent" : "page sent in part";
    for (const auto& emission : emissions) {
        co_await emission->settle(outcome);
    }
    co_return is_sent;
}

asio::awaitable<bool> Connection::send(const Response& response, Method method, ConnectionFate fate) {
    auto head = make_head(response, {.scheme = facts_.scheme,
                                     .hsts_max_age = services_.options.hsts_max_age,
                                     .fate = fate,
                                     .now = std::chrono::system_clock::now()});
    bool has_no_body = method == Method::HEAD || response.status == 204 || response.status == 304;
    if (has_no_body) {
        co_return co_await send_bytes(head, {});
    }
    if (const auto* range = std::get_if<FileRange>(&response.body)) {
        co_return co_await send_file(std::move(head), *range);
    }
    if (const auto* source = std::get_if<std::unique_ptr<BodySource>>(&response.body)) {
        co_return co_await send_source(std::move(head), **source);
    }
    if (const auto* prepared = std::get_if<std::shared_ptr<const PreparedAnswer>>(&response.body)) {
        co_return co_await send_bytes(head, *(*prepared)->body);
    }
    co_return co_await send_bytes(head, std::get<std::string>(response.body));
}

asio::awaitable<bool> Connection::send_bytes(std::string_view head, std::string_view body) {
    const auto& timeouts = services_.options.timeouts;
    do {
        auto piece = body.substr(0, write_piece_bytes);
        std::array<asio::const_buffer, 2> buffers{asio::buffer(head), asio::buffer(piece)};
        auto error = co_await transport_->write(
            buffers,
            time_for(head.size() + piece.size(), timeouts.write_grace, timeouts.least_bytes_per_second));
        if (error) {
            co_return false;
        }
        head = {};
        body.remove_prefix(piece.size());
    } while (!body.empty());
    co_return true;
}

asio::awaitable<bool> Connection::send_file(std::string head, const FileRange& range) {
    std::vector<char> piece(std::min<std::uint64_t>(range.length, write_piece_bytes));
    std::uint64_t sent = 0;
    do {
        auto wanted = std::min<std::uint64_t>(range.length - sent, piece.size());
        auto bytes = wanted == 0 ? 0
                                 : co_await read_file(services_.files, *range.file,
                                                      std::span(piece.data(), wanted), range.offset + sent);
        if (bytes < 0 || (bytes == 0 && wanted != 0)) {
            co_return false;
        }
        if (!co_await send_bytes(head, std::string_view(piece.data(), static_cast<std::size_t>(bytes)))) {
            co_return false;
        }
        head.clear();
        sent += static_cast<std::uint64_t>(bytes);
    } while (sent < range.length);
    co_return true;
}

asio::awaitable<bool> Connection::send_source(std::string head, BodySource& source) {
    std::uint64_t left = source.size();
    if (left == 0) {
        co_return co_await send_bytes(head, {});
    }
    while (left > 0) {
        auto bytes = co_await read_source(services_.files, source);
        if (!bytes || bytes->empty() || bytes->size() > left) {
            co_return false;
        }
        if (!co_await send_bytes(head, *bytes)) {
            co_return false;
        }
        head.clear();
        left -= bytes->size();
    }
    co_return true;
}

}  // namespace calyptenora::http
