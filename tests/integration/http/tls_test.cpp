#include "http/self_signed.hpp"
#include "integration/http/raw_client.hpp"
#include "integration/http/test_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

namespace calyptenora::http::test {
namespace {

namespace asio = boost::asio;
using testing::HasSubstr;

mode_t mode_of(const std::filesystem::path& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_mode & 0777U;
}

struct TlsAnswer {
    boost::system::error_code error;
    std::string text;
    std::string version;
    std::string protocol;
};

/// Sends `request` and reads until the server closes. Trusts only `certificate`, for the name localhost.
TlsAnswer ask(std::uint16_t port, const std::filesystem::path& certificate, std::string_view request,
              int maximum_version = TLS1_3_VERSION) {
    asio::io_context io;
    asio::ssl::context context(asio::ssl::context::tls_client);
    context.load_verify_file(certificate.string());
    context.set_verify_mode(asio::ssl::verify_peer);
    context.set_verify_callback(asio::ssl::host_name_verification("localhost"));
    SSL_CTX_set_max_proto_version(context.native_handle(), maximum_version);
    const unsigned char protocols[] = "\x02h2\x08http/1.1";
    SSL_CTX_set_alpn_protos(context.native_handle(), protocols, sizeof protocols - 1);
    asio::ssl::stream<asio::ip::tcp::socket> stream(io, context);
    SSL_set_tlsext_host_name(stream.native_handle(), "localhost");
    TlsAnswer answer;
    stream.next_layer().connect({asio::ip::address_v4::loopback(), port});
    stream.handshake(asio::ssl::stream_base::client, answer.error);
    if (answer.error) {
        return answer;
    }
    answer.version = SSL_get_version(stream.native_handle());
    const unsigned char* name = nullptr;
    unsigned length = 0;
    SSL_get0_alpn_selected(stream.native_handle(), &name, &length);
    answer.protocol.assign(reinterpret_cast<const char*>(name), length);
    asio::write(stream, asio::buffer(request), answer.error);
    asio::read(stream, asio::dynamic_buffer(answer.text), answer.error);
    return answer;
}

class Tls : public testing::Test {
  protected:
    TemporaryFolder folder_;
    TlsFiles files_ = load_or_make_self_signed(folder_.path() / "tls").value();

    TestServer::Change serving_tls(MinimumTls minimum = MinimumTls::tls_1_3) {
        return [this, minimum](ServerOptions& options, Router&, ListenerOptions& listener) {
            listener.tls = files_;
            listener.minimum_tls = minimum;
            options.hsts_max_age = std::chrono::hours(24 * 365);
            options.timeouts.tls_handshake = std::chrono::milliseconds(100);
        };
    }
};

TEST_F(Tls, SelfSignedFilesAreSecretAndKept) {
    EXPECT_EQ(mode_of(files_.private_key), 0600U);
    EXPECT_EQ(mode_of(files_.private_key.parent_path()), 0700U);
    auto written = std::filesystem::last_write_time(files_.certificate);
    EXPECT_EQ(load_or_make_self_signed(folder_.path() / "tls").value().certificate, files_.certificate);
    EXPECT_EQ(std::filesystem::last_write_time(files_.certificate), written);
    std::ofstream(files_.certificate) << "damaged";
    ASSERT_TRUE(load_or_make_self_signed(folder_.path() / "tls"));
    EXPECT_TRUE(Listener::open_listener({.port = 0, .tls = files_}));
}

TEST_F(Tls, SelfSignedIsRecognisedByItsFingerprint) {
    const auto facts = read_certificate_facts(files_.certificate).value();
    EXPECT_THAT(facts.sha256, testing::MatchesRegex("([0-9A-F][0-9A-F]:){31}[0-9A-F][0-9A-F]"));
    const auto other = load_or_make_self_signed(folder_.path() / "other").value();
    EXPECT_NE(read_certificate_facts(other.certificate).value().sha256, facts.sha256);
    EXPECT_FALSE(read_certificate_facts(files_.private_key));
    EXPECT_FALSE(read_certificate_facts(folder_.path() / "none.crt"));
}

TEST_F(Tls, AnswersOverTls13WithHsts) {
    TestServer server(serving_tls());
    auto answer =
        ask(server.port(), files_.certificate, get("/echo") + get("/echo", "Connection: close\r\n"));
    EXPECT_EQ(answer.error, asio::error::eof) << "a clean close_notify";
    EXPECT_EQ(answer.version, "TLSv1.3");
    EXPECT_EQ(answer.protocol, "http/1.1");
    EXPECT_THAT(answer.text, HasSubstr("https=true"));
    EXPECT_THAT(answer.text, HasSubstr("Strict-Transport-Security: max-age=31536000"));
    EXPECT_EQ(server.handled(), 2);
}

TEST_F(Tls, LargeAnswersArriveWhole) {
    TestServer server(serving_tls());
    auto answer = ask(server.port(), files_.certificate, get("/big", "Connection: close\r\n"));
    EXPECT_EQ(answer.error, asio::error::eof);
    EXPECT_GT(answer.text.size(), 8U * 1024 * 1024);
}

TEST_F(Tls, Tls12OnlyWhereConfigured) {
    {
        TestServer server(serving_tls());
        EXPECT_TRUE(ask(server.port(), files_.certificate, get("/echo"), TLS1_2_VERSION).version.empty());
    }
    TestServer server(serving_tls(MinimumTls::tls_1_2));
    auto answer =
        ask(server.port(), files_.certificate, get("/echo", "Connection: close\r\n"), TLS1_2_VERSION);
    EXPECT_EQ(answer.version, "TLSv1.2");
    EXPECT_THAT(answer.text, HasSubstr("200 OK"));
}

TEST_F(Tls, MalformedIsRefusedOverTlsToo) {
    TestServer server(serving_tls());
    auto answer = ask(server.port(), files_.certificate, "GET /echo HTTP/1.1\r\nHost: evil\r\n\r\n");
    EXPECT_THAT(answer.text, testing::StartsWith("HTTP/1.1 400 "));
    EXPECT_EQ(server.handled(), 0);
}

TEST_F(Tls, SilentOrPlainClientIsClosed) {
    TestServer server(serving_tls());
    RawClient silent(server.port());
    EXPECT_TRUE(silent.is_closed_by_server());
    RawClient plain(server.port());
    plain.send(get("/echo"));
    EXPECT_FALSE(plain.read_response());
    EXPECT_EQ(server.handled(), 0);
}

TEST_F(Tls, BadFilesAreNamedWithTheRemedy) {
    auto missing = files_;
    missing.certificate = folder_.path() / "none.crt";
    auto refused = Listener::open_listener({.port = 0, .tls = missing});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("none.crt"));
    auto other = load_or_make_self_signed(folder_.path() / "other").value();
    auto mixed = files_;
    mixed.private_key = other.private_key;
    refused = Listener::open_listener({.port = 0, .tls = mixed});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("private key"));
    EXPECT_TRUE(Listener::open_listener({.port = 0, .tls = other}));
}

}  // namespace
}  // namespace calyptenora::http::test
