#include "host/smtp_client.hpp"

#include "host/redaction.hpp"
#include "settings/secret.hpp"

#include <calyptenora/json.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

namespace calyptenora::host {

namespace asio = boost::asio;

namespace {

constexpr auto in_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t longest_line = 2048;
constexpr int most_lines = 64;

struct Reply {
    int code = 0;
    std::vector<std::string> lines;  ///< Without codes.

    bool is_positive() const { return code >= 200 && code < 400; }
    std::string text() const { return fmt::format("{} {}", code, lines.empty() ? "" : lines.back()); }
};

std::string in_upper_case(std::string text) {
    std::ranges::transform(text, text.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

/// One line per extension of EHLO's answer; the rest of the line of `name`.
std::optional<std::string> find_extension(const Reply& reply, std::string_view name) {
    for (const auto& line : reply.lines) {
        const auto upper = in_upper_case(line);
        if (upper == name)
            return "";
        if (upper.starts_with(std::string(name) + " "))
            return upper.substr(name.size());
    }
    return std::nullopt;
}

/// Servers name whom they refuse, wholly or by the part before the at sign.
Redactor redactor_of(const WrittenMail& mail) {
    return Redactor({mail.recipient, mail.recipient.substr(0, mail.recipient.find('@'))});
}

std::string dot_stuffed(std::string_view bytes) {
    std::string out;
    bool at_line_start = true;
    for (const char c : bytes) {
        if (at_line_start && c == '.')
            out += '.';
        out += c;
        at_line_start = c == '\n';
    }
    return out + ".\r\n";
}

/// Commands and replies over one connection.
class Session {
  public:
    Session(EgressNetwork& network, EgressConnection& connection, const SmtpServer& server)
        : network_(network), connection_(connection), server_(server) {}

    asio::awaitable<Status> write(std::string_view bytes) {
        const auto buffer = asio::buffer(bytes.data(), bytes.size());
        const auto [failed, size] = connection_.is_secured()
                                        ? co_await asio::async_write(connection_.tls(), buffer, in_tuple)
                                        : co_await asio::async_write(connection_.socket(), buffer, in_tuple);
        co_return failed ? Status(connection_.error_of(failed, "writing to the mail server")) : Status();
    }

    asio::awaitable<Result<Reply>> read() {
        Reply reply;
        for (int count = 0; count < most_lines; ++count) {
            auto buffer = asio::dynamic_buffer(received_, longest_line);
            const auto [failed, size] =
                connection_.is_secured()
                    ? co_await asio::async_read_until(connection_.tls(), buffer, "\r\n", in_tuple)
                    : co_await asio::async_read_until(connection_.socket(), buffer, "\r\n", in_tuple);
            if (failed)
                co_return connection_.error_of(failed, "reading from the mail server");
            const auto line = received_.substr(0, size - 2);
            received_.erase(0, size);
            if (line.size() < 3 ||
                !std::all_of(line.begin(), line.begin() + 3, [](unsigned char c) { return std::isdigit(c); }))
                break;
            reply.code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
            reply.lines.push_back(line.size() > 4 ? line.substr(4) : "");
            if (line.size() == 3 || line[3] == ' ')
                co_return reply;
        }
        co_return Error(ErrorKind::temporary, name() + " does not answer like a mail server");
    }

    asio::awaitable<Result<Reply>> ask(std::string command) {
        auto written = co_await write(command + "\r\n");
        settings::wipe(command);
        if (!written)
            co_return written.error();
        co_return co_await read();
    }

    /// An answer that is expected to be positive, or the error that it stands for.
    Status expect(const Result<Reply>& reply, std::string_view step) const {
        if (!reply)
            return reply.error();
        if (reply->is_positive())
            return {};
        const auto kind = reply->code >= 500 ? ErrorKind::permanent : ErrorKind::temporary;
        return Error(kind, fmt::format("{} refused {}: {}", name(), step, reply->text()));
    }

    asio::awaitable<Status> open() {
        if (server_.security == SmtpSecurity::implicit_tls)
            if (auto secured = co_await connection_.start_tls(network_); !secured)
                co_return secured;
        if (auto greeted = expect(co_await read(), "the connection"); !greeted)
            co_return greeted;
        auto hello = co_await ask(hello_command());
        if (auto good = expect(hello, "EHLO"); !good)
            co_return good;
        if (!connection_.is_secured()) {
            if (!find_extension(*hello, "STARTTLS"))
                co_return Error(ErrorKind::invalid_config,
                                name() + " offers no STARTTLS; nothing is sent without encryption");
            if (auto ready = expect(co_await ask("STARTTLS"), "STARTTLS"); !ready)
                co_return ready;
            // What came unencrypted together with the answer could be anybody's.
            if (!received_.empty())
                co_return Error(ErrorKind::temporary,
                                name() + " sent something between STARTTLS and encryption");
            if (auto secured = co_await connection_.start_tls(network_); !secured)
                co_return secured;
            hello = co_await ask(hello_command());
            if (auto good = expect(hello, "EHLO"); !good)
                co_return good;
        }
        if (server_.username.empty())
            co_return Status();
        co_return co_await authenticate(find_extension(*hello, "AUTH").value_or(""));
    }

    asio::awaitable<Status> deliver(const WrittenMail& mail, BeginEmission begin, std::string& receipt) {
        auto emission = co_await begin();
        if (!emission)
            co_return emission.error();
        if (!(*emission)->is_in_time()) {
            co_await (*emission)->settle("failed: too late");
            co_return Error(ErrorKind::temporary, "the permission to send ran out before the first byte");
        }
        auto first = co_await write(fmt::format("MAIL FROM:<{}>\r\n", mail.sender));
        co_await (*emission)->release();
        auto outcome = first ? co_await transfer(mail, receipt) : first;
        if (!outcome)
            outcome = Error(outcome.error().kind, redactor_of(mail).line(outcome.error().message));
        co_await (*emission)->settle(outcome ? "SMTP " + receipt.substr(0, 3)
                                             : "failed: " + outcome.error().message);
        if (outcome)
            // The mail has been taken; whether the farewell arrives does not matter.
            static_cast<void>(co_await write("QUIT\r\n"));
        co_return outcome;
    }

  private:
    /// RFC 5321, section 4.1.3: a client without a name gives its address.
    std::string hello_command() const {
        boost::system::error_code failed;
        const auto local = connection_.socket().local_endpoint(failed).address();
        return fmt::format("EHLO [{}{}]", local.is_v6() ? "IPv6:" : "", local.to_string());
    }

    std::string name() const { return fmt::format("{}:{}", server_.where.host, server_.where.port); }

    asio::awaitable<Status> authenticate(std::string mechanisms) {
        Result<Reply> reply =
            Error(ErrorKind::invalid_config, name() + " offers neither AUTH PLAIN nor AUTH LOGIN");
        mechanisms += ' ';
        if (mechanisms.find(" PLAIN ") != std::string::npos) {
            std::string both =
                std::string(1, '\0') + server_.username + std::string(1, '\0') + server_.password;
            reply = co_await ask("AUTH PLAIN " + encode_base64(both));
            settings::wipe(both);
        } else if (mechanisms.find(" LOGIN ") != std::string::npos) {
            reply = co_await ask("AUTH LOGIN");
            if (reply && reply->code == 334)
                reply = co_await ask(encode_base64(server_.username));
            if (reply && reply->code == 334)
                reply = co_await ask(encode_base64(server_.password));
        }
        if (!reply)
            co_return reply.error();
        if (reply->code == 235)
            co_return Status();
        co_return Error(reply->code >= 500 ? ErrorKind::invalid_config : ErrorKind::temporary,
                        fmt::format("{} refused the user name and password: {}", name(), reply->text()));
    }

    /// From the answer to MAIL FROM to the acknowledgement of the message.
    asio::awaitable<Status> transfer(const WrittenMail& mail, std::string& receipt) {
        if (auto taken = expect(co_await read(), "the sender"); !taken)
            co_return taken;
        auto recipient = co_await ask(fmt::format("RCPT TO:<{}>", mail.recipient));
        if (auto taken = expect(recipient, "the recipient"); !taken)
            co_return taken;
        auto data = co_await ask("DATA");
        if (auto ready = expect(data, "DATA"); !ready)
            co_return ready;
        const auto stuffed = dot_stuffed(mail.bytes);
        if (auto written = co_await write(stuffed); !written)
            co_return written;
        const auto last = co_await read();
        if (auto taken = expect(last, "the message"); !taken)
            co_return taken;
        receipt = last->text();
        co_return Status();
    }

    EgressNetwork& network_;
    EgressConnection& connection_;
    const SmtpServer& server_;
    std::string received_;
};

}  // namespace

asio::awaitable<Result<std::string>> send_mail(EgressNetwork& network, const SmtpServer& server,
                                               const MailMessage& message, BeginEmission begin) {
    const auto mail = write_mail(message);
    if (!mail)
        co_return mail.error();
    auto connection =
        co_await EgressConnection::connect(network, server.where, network.settings.total_seconds);
    if (!connection)
        co_return connection.error();
    Session session(network, **connection, server);
    if (auto opened = co_await session.open(); !opened)
        co_return opened.error();
    std::string receipt;
    if (auto delivered = co_await session.deliver(*mail, std::move(begin), receipt); !delivered)
        co_return delivered.error();
    co_return receipt;
}

asio::awaitable<Status> try_mail_server(EgressNetwork& network, const SmtpServer& server) {
    auto connection =
        co_await EgressConnection::connect(network, server.where, network.settings.total_seconds);
    if (!connection)
        co_return connection.error();
    Session session(network, **connection, server);
    auto opened = co_await session.open();
    if (opened)
        static_cast<void>(co_await session.write("QUIT\r\n"));
    co_return opened;
}

}  // namespace calyptenora::host
