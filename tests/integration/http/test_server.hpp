#pragma once

#include "http/files.hpp"
#include "http/server.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace calyptenora::http::test {

/// A folder that goes with the test.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "calyptenora-http-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

/// A real server on a free port of 127.0.0.1 with a few routes to try things on:
/// /echo (limit 1024 bytes), /form, /big (8 MiB), /boom, /wait (until the connection is cut), /checkout
/// (essential), /media/...
class TestServer {
  public:
    using Change = std::function<void(ServerOptions&, Router&, ListenerOptions&)>;

    explicit TestServer(const Change& change = {}) {
        ServerOptions options;
        options.hosts.add_loopback();
        options.rate_per_client.reset();
        options.timeouts.farewell = std::chrono::milliseconds(200);
        Router router;
        add_health_route(router);
        auto bind = [this](auto member) {
            return [this, member](Request& request, const PathParams& path) {
                return (this->*member)(request, path);
            };
        };
        router.get("/echo", bind(&TestServer::echo));
        router.post("/echo", bind(&TestServer::echo), {.max_body_bytes = 1024});
        router.post("/checkout", bind(&TestServer::echo), {.priority = Priority::essential});
        router.post("/form", bind(&TestServer::form));
        router.get("/big", bind(&TestServer::big));
        router.get("/boom", bind(&TestServer::boom));
        router.get("/wait", bind(&TestServer::wait));
        router.get("/release", bind(&TestServer::wait_for_release));
        router.get("/media/{file...}", bind(&TestServer::media));
        ListenerOptions listener;
        listener.port = 0;
        if (change) {
            change(options, router, listener);
        }
        auto opened = Listener::open_listener(listener);
        port_ = opened.value().port();
        server_ = std::make_unique<Server>(std::move(options), std::move(router), ErrorRenderer{},
                                           [this](std::string_view line) {
                                               std::lock_guard lock(mutex_);
                                               log_ += std::string(line) + "\n";
                                           });
        std::vector<Listener> listeners;
        listeners.push_back(std::move(*opened));
        server_->start(std::move(listeners));
    }

    ~TestServer() { server_->stop(); }

    std::uint16_t port() const { return port_; }
    Server& server() { return *server_; }
    const std::filesystem::path& folder() const { return folder_.path(); }
    /// How many requests reached /echo or /checkout.
    int handled() const { return handled_.load(); }
    /// Handlers in /wait and /release now.
    int waiting() const { return waiting_.load(); }
    void release() { is_released_ = true; }
    std::string log() const {
        std::lock_guard lock(mutex_);
        return log_;
    }

  private:
    using Answer = boost::asio::awaitable<Response>;

    Answer echo(Request& request, const PathParams&) {
        ++handled_;
        co_return Response::make_text(fmt::format("{} {} q={} body={} peer={} https={}",
                                                  method_name(request.method), request.path(),
                                                  request.target.query.find("q").value_or("-"), request.body,
                                                  request.peer.to_string(), request.scheme == Scheme::https));
    }

    Answer form(Request& request, const PathParams&) {
        std::string text;
        for (const auto& [name, value] : request.form.fields) {
            text += fmt::format("{}={};", name, value);
        }
        for (const auto& upload : request.form.uploads) {
            text += fmt::format("file {} {} {};", upload.field, upload.file_name, upload.content.size());
        }
        co_return Response::make_text(text);
    }

    Answer big(Request&, const PathParams&) {
        co_return Response::make_text(std::string(8 * 1024 * 1024, 'x'));
    }

    Answer boom(Request&, const PathParams&) {
        throw std::runtime_error("secret detail of the failure");
        co_return Response{};
    }

    Answer wait(Request&, const PathParams&) {
        boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, std::chrono::hours(1));
        Waiting waiting(waiting_);
        co_await timer.async_wait(boost::asio::use_awaitable);
        co_return Response{};
    }

    Answer wait_for_release(Request&, const PathParams&) {
        boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
        Waiting waiting(waiting_);
        while (!is_released_.load()) {
            timer.expires_after(std::chrono::milliseconds(5));
            co_await timer.async_wait(boost::asio::use_awaitable);
        }
        co_return Response::make_text("released");
    }

    Answer media(Request& request, const PathParams& path) {
        auto response = open_file_response(request, folder_.path(), path.at("file"));
        co_return response ? std::move(*response) : Response::make_text("none", 404);
    }

    struct Waiting {
        explicit Waiting(std::atomic<int>& counter) : count(counter) { ++count; }
        ~Waiting() { --count; }
        Waiting(const Waiting&) = delete;
        Waiting& operator=(const Waiting&) = delete;
        std::atomic<int>& count;
    };

    TemporaryFolder folder_;
    std::atomic<int> handled_ = 0;
    std::atomic<int> waiting_ = 0;
    std::atomic<bool> is_released_ = false;
    mutable std::mutex mutex_;
    std::string log_;
    std::uint16_t port_ = 0;
    std::unique_ptr<Server> server_;
};

/// Waits for something that must become true; false after a long patience.
template <class Condition>
bool becomes_true(Condition condition) {
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

}  // namespace calyptenora::http::test
