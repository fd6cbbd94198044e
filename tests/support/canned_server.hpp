#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace calyptenora {

/// A certificate for one DNS name, signed by itself, made by the openssl program in a folder.
struct TestCertificate {
    TestCertificate(const std::filesystem::path& folder, const std::string& name)
        : key(folder / (name + ".key")), certificate(folder / (name + ".pem")) {
        std::filesystem::create_directories(folder);
        const auto command =
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 2 -keyout " +
            key.string() + " -out " + certificate.string() + " -subj /CN=" + name +
            " -addext subjectAltName=DNS:" + name + " 2>/dev/null";
        if (std::system(command.c_str()) != 0)
            throw std::runtime_error("openssl could not make a certificate");
    }
    std::filesystem::path key, certificate;
};

/// An HTTP server on loopback that answers each request with exactly the bytes that a function gives for it,
/// and keeps what it was asked. One connection at a time, on a thread of its own.
class CannedServer {
  public:
    /// Request head and body to the raw answer. An empty answer closes the connection; `pause` lets it wait.
    using Answer = std::function<std::string(const std::string& request)>;

    explicit CannedServer(Answer answer, const TestCertificate* certificate = nullptr)
        : answer_(std::move(answer)) {
        if (certificate) {
            tls_.emplace(boost::asio::ssl::context::tls_server);
            tls_->use_certificate_chain_file(certificate->certificate.string());
            tls_->use_private_key_file(certificate->key.string(), boost::asio::ssl::context::pem);
        }
        thread_ = std::thread([this] { serve(); });
    }
    ~CannedServer() {
        stopping_ = true;
        boost::system::error_code ignored;
        boost::asio::io_context context;
        boost::asio::ip::tcp::socket wake(context);
        wake.connect(acceptor_.local_endpoint(), ignored);
        thread_.join();
    }
    CannedServer(const CannedServer&) = delete;
    CannedServer& operator=(const CannedServer&) = delete;

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    std::vector<std::string> requests() const {
        const std::lock_guard lock(mutex_);
        return requests_;
    }
    /// How many connections were opened, with or without a request.
    int connections() const { return connections_; }

    static std::string ok(const std::string& body = "", const std::string& headers = "") {
        return "HTTP/1.1 200 OK\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
               "\r\n\r\n" + body;
    }
    static std::string redirect(const std::string& location, int status = 302) {
        return "HTTP/1.1 " + std::to_string(status) + " Elsewhere\r\nLocation: " + location +
               "\r\nContent-Length: 0\r\n\r\n";
    }

  private:
    void serve() {
        while (!stopping_) {
            boost::system::error_code failed;
            boost::asio::ip::tcp::socket socket(context_);
            acceptor_.accept(socket, failed);
            if (failed || stopping_)
                continue;
            ++connections_;
            if (tls_) {
                boost::asio::ssl::stream<boost::asio::ip::tcp::socket&> stream(socket, *tls_);
                stream.handshake(boost::asio::ssl::stream_base::server, failed);
                if (!failed)
                    converse(stream);
            } else {
                converse(socket);
            }
        }
    }

    template <class Stream>
    void converse(Stream& stream) {
        boost::system::error_code failed;
        std::string request;
        const auto head =
            boost::asio::read_until(stream, boost::asio::dynamic_buffer(request), "\r\n\r\n", failed);
        if (failed)
            return;
        std::size_t body = 0;
        if (const auto at = request.find("Content-Length: "); at != std::string::npos && at < head)
            body = std::stoul(request.substr(at + 16));
        if (request.size() < head + body) {
            std::string rest(head + body - request.size(), '\0');
            boost::asio::read(stream, boost::asio::buffer(rest), failed);
            request += rest;
        }
        {
            const std::lock_guard lock(mutex_);
            requests_.push_back(request);
        }
        boost::asio::write(stream, boost::asio::buffer(answer_(request)), failed);
    }

    Answer answer_;
    std::optional<boost::asio::ssl::context> tls_;
    boost::asio::io_context context_;
    boost::asio::ip::tcp::acceptor acceptor_{context_, {boost::asio::ip::make_address("127.0.0.1"), 0}};
    std::atomic<bool> stopping_ = false;
    std::atomic<int> connections_ = 0;
    mutable std::mutex mutex_;
    std::vector<std::string> requests_;
    std::thread thread_;
};

}  // namespace calyptenora
