#include "http/server.hpp"

#include "http/connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sys/socket.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_map>

namespace calyptenora::http {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

constexpr unsigned file_threads = 2;

constexpr std::string_view shed_answer =
    "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 5\r\nContent-Length: 0\r\n"
    "Cache-Control: no-store\r\n\r\n";
constexpr std::string_view proxies_only_answer =
    "HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 48\r\n"
    "Cache-Control: no-store\r\n\r\nThis address answers only its configured proxy.\n";

/// As far as it goes out at once; the socket is closed afterwards.
void say_and_leave(tcp::socket& socket, std::string_view answer) {
    [[maybe_unused]] auto sent =
        ::send(socket.native_handle(), answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace

struct Server::Impl {
    /// A listening socket and its accept loop, which ends when `stop()` closes the acceptor.
    struct Door {
        explicit Door(const asio::any_io_executor& executor) : acceptor(executor) {}
        tcp::acceptor acceptor;
        std::shared_ptr<asio::ssl::context> tls;
        std::uint16_t port = 0;
        Peers peers = Peers::anybody;
    };

    Impl(ServerOptions server_options, Router server_router, ErrorRenderer renderer, FailureLog failure_log)
        : options(std::move(server_options)),
          router(std::move(server_router)),
          render_error(std::move(renderer)),
          log(std::move(failure_log)),
          admission(options.admission),
          files(file_threads),
          io(static_cast<int>(std::max(options.io_threads, 1U))) {
        if (options.rate_per_client) {
            limiter = std::make_unique<RateLimiter>(*options.rate_per_client);
        }
    }

    asio::awaitable<void> accept_loop(std::shared_ptr<Door> door);
    void welcome(const std::shared_ptr<Door>& door, tcp::socket socket);
    void forget(Connection* connection);
    template <class Action>
    void for_each_connection(Action action);
    bool wait_until_empty(std::chrono::milliseconds at_most);

    // Coroutines are destroyed with `io`, so everything that they use stands above it.
    ServerOptions options;
    Router router;
    ErrorRenderer render_error;
    FailureLog log;
    Admission admission;
    std::unique_ptr<RateLimiter> limiter;
    std::atomic<bool> is_draining = false;
    asio::thread_pool files;
    asio::io_context io;
    asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
    std::vector<std::shared_ptr<Door>> doors;
    std::vector<std::thread> threads;
    std::mutex mutex;
    std::condition_variable is_empty;
    std::unordered_map<Connection*, std::shared_ptr<Connection>> connections;
};

asio::awaitable<void> Server::Impl::accept_loop(std::shared_ptr<Door> door) {
    asio::steady_timer pause(door->acceptor.get_executor());
    while (!is_draining.load()) {
        auto [error, socket] =
            co_await door->acceptor.async_accept(asio::make_strand(io), asio::as_tuple(asio::use_awaitable));
        if (!error) {
            welcome(door, std::move(socket));
        } else if (!is_draining.load()) {
            // No file descriptors or no memory: others will free some.
            pause.expires_after(std::chrono::milliseconds(50));
            co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
        }
    }
}

void Server::Impl::welcome(const std::shared_ptr<Door>& door, tcp::socket socket) {
    boost::system::error_code error;
    auto peer = socket.remote_endpoint(error).address();
    if (error) {
        return;
    }
    if (door->peers == Peers::proxies && !options.proxies.contains(peer)) {
        say_and_leave(socket, proxies_only_answer);
        return;
    }
    socket.set_option(tcp::no_delay(true), error);
    auto key = options.proxies.contains(peer) ? std::string() : rate_key(peer);
    auto admitted = admission.enter(key);
    if (admitted == Admission::Door::shut) {
        if (!door->tls) {
            say_and_leave(socket, shed_answer);
        }
        return;
    }
    asio::any_io_executor executor = socket.get_executor();
    auto transport = door->tls ? make_tls_transport(std::move(socket), door->tls)
                               : make_plain_transport(std::move(socket));
    auto connection =
        std::make_shared<Connection>(ConnectionServices{.options = options,
                                                        .router = router,
                                                        .render_error = render_error,
                                                        .log = log,
                                                        .admission = admission,
                                                        .limiter = limiter.get(),
                                                        .files = files,
                                                        .is_draining = is_draining},
                                     ConnectionFacts{.peer = peer,
                                                     .local_port = door->port,
                                                     .scheme = door->tls ? Scheme::https : Scheme::http,
                                                     .door = admitted,
                                                     .admission_key = std::move(key)},
                                     executor, std::move(transport));
    {
        std::lock_guard lock(mutex);
        if (is_draining.load()) {
            return;
        }
        connections.emplace(connection.get(), connection);
    }
    asio::co_spawn(executor, connection->serve(),
                   asio::bind_cancellation_slot(
                       connection->cancellation_slot(),
                       [this, connection](const std::exception_ptr&) { forget(connection.get()); }));
}

void Server::Impl::forget(Connection* connection) {
    std::lock_guard lock(mutex);
    connections.erase(connection);
    is_empty.notify_all();
}

template <class Action>
void Server::Impl::for_each_connection(Action action) {
    std::lock_guard lock(mutex);
    for (const auto& [unused, connection] : connections) {
        asio::post(connection->executor(), [connection, action] { action(*connection); });
    }
}

bool Server::Impl::wait_until_empty(std::chrono::milliseconds at_most) {
    std::unique_lock lock(mutex);
    return is_empty.wait_for(lock, at_most, [this] { return connections.empty(); });
}

Server::Server(ServerOptions options, Router router, ErrorRenderer render_error, FailureLog log)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(router), std::move(render_error),
                                   std::move(log))) {}

Server::~Server() {
    stop();
}

void Server::start(std::vector<Listener> listeners) {
    for (auto& listener : listeners) {
        auto strand = asio::make_strand(impl_->io);
        auto door = std::make_shared<Impl::Door>(strand);
        door->tls = listener.tls();
        door->port = listener.port();
        door->peers = listener.peers();
        door->acceptor.assign(listener.is_ipv6() ? tcp::v6() : tcp::v4(), listener.release_descriptor());
        impl_->doors.push_back(door);
        asio::co_spawn(strand, impl_->accept_loop(door),
                       [log = &impl_->log](const std::exception_ptr& failure) {
                           if (failure && *log) {
                               (*log)("an accept loop ended with an exception");
                           }
                       });
    }
    for (unsigned i = 0; i < std::max(impl_->options.io_threads, 1U); ++i) {
        impl_->threads.emplace_back([this] { impl_->io.run(); });
    }
}

void Server::stop() {
    {
        std::lock_guard lock(impl_->mutex);
        if (impl_->is_draining.exchange(true)) {
            return;
        }
    }
    for (const auto& door : impl_->doors) {
        asio::post(door->acceptor.get_executor(), [door] {
            boost::system::error_code ignored;
            door->acceptor.close(ignored);
        });
    }
    if (!impl_->threads.empty()) {
        impl_->for_each_connection([](Connection& connection) { connection.drain(); });
        if (!impl_->wait_until_empty(impl_->options.timeouts.drain)) {
            impl_->for_each_connection([](Connection& connection) { connection.cut(); });
            impl_->wait_until_empty(impl_->options.timeouts.farewell);
        }
    }
    impl_->files.join();
    impl_->work.reset();
    impl_->io.stop();
    for (auto& thread : impl_->threads) {
        thread.join();
    }
}

asio::io_context& Server::io_context() {
    return impl_->io;
}

std::size_t Server::open_connections() const {
    return impl_->admission.connections();
}

void add_health_route(Router& router) {
    router.get(
        "/healthz",
        [](Request&, const PathParams&) -> asio::awaitable<Response> { co_return Response::make_text("ok"); },
        {.priority = Priority::essential});
}

}  // namespace calyptenora::http
