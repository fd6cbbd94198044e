#include "host/egress.hpp"

#include "host/egress_headers.hpp"
#include "host/egress_http.hpp"
#include "host/egress_target.hpp"
#include "host/smtp_client.hpp"
#include "settings/secret.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace calyptenora::host {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

milliseconds since(steady_clock::time_point start) {
    return std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
}

Error denied(std::string what) {
    return Error(ErrorKind::denied, std::move(what));
}

bool is_redirect(const HttpResponse& response) {
    return (response.status == 301 || response.status == 302 || response.status == 303 ||
            response.status == 307 || response.status == 308) &&
           response.headers.contains("location");
}

/// RFC 9110, section 15.4: what the next request looks like. Credentials stay with the host they were meant
/// for.
void follow(HttpRequest& request, int status, bool same_host) {
    const bool rewritten = (status == 303 && request.method != "HEAD") ||
                           ((status == 301 || status == 302) && request.method == "POST");
    if (rewritten) {
        request.method = "GET";
        request.body.data.clear();
    }
    std::erase_if(request.headers, [&](const auto& header) {
        std::string name(header.first);
        std::ranges::transform(name, name.begin(),
                               [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        return (!same_host && name == "authorization") || (rewritten && name.starts_with("content-"));
    });
}

EgressRecord make_record(const EgressOrigin& origin, std::string host, std::string method) {
    return {origin.scope.instance.text(),
            origin.scope.purpose,
            origin.scope.call.text(),
            std::move(host),
            std::move(method),
            "",
            {}};
}

}  // namespace

Egress::Egress(EgressNetwork& network, gate::EmissionGuard& guard, EgressRecordSink record)
    : network_(network), guard_(guard), record_(std::move(record)) {}

asio::awaitable<Result<HttpResponse>> Egress::http(const EgressOrigin& origin, HttpRequest request) {
    if (auto good = check_http_request(request); !good)
        co_return good.error();
    for (const auto index : request.records)
        if (index < 0 || static_cast<std::size_t>(index) >= origin.scope.records.size())
            co_return Error(ErrorKind::invalid_input,
                            "the request names a record that the call does not have");
    const auto start = steady_clock::now();
    const auto total = std::clamp<milliseconds>(milliseconds(request.timeout_ms), milliseconds(1),
                                                network_.settings.total_seconds);
    auto target = parse_target(request.url);
    if (!target)
        co_return target.error();
    for (int hops = 0;; ++hops) {
        auto response =
            co_await hop(origin, *target, request, std::max(total - since(start), milliseconds(1)));
        if (!response || !is_redirect(*response))
            co_return response;
        if (hops == most_redirects)
            co_return Error(ErrorKind::permanent, fmt::format("{} was redirected more than {} times",
                                                              target->host_text(), most_redirects));
        auto next = resolve_redirect(*target, response->headers.at("location"));
        if (!next)
            co_return next.error();
        follow(request, response->status, next->where == target->where);
        target = std::move(next);
    }
}

asio::awaitable<Result<HttpResponse>> Egress::hop(const EgressOrigin& origin, const EgressTarget& target,
                                                  const HttpRequest& request, milliseconds left) {
    const auto start = steady_clock::now();
    auto record = make_record(origin, target.host_text(), request.method);
    auto response = co_await send(origin, target, request, left);
    record.outcome = response ? fmt::format("HTTP {}", response->status) : response.error().message;
    record.duration = since(start);
    record_(record);
    co_return response;
}

asio::awaitable<Result<HttpResponse>> Egress::send(const EgressOrigin& origin, const EgressTarget& target,
                                                   const HttpRequest& request, milliseconds left) {
    if (!names_host(origin.allowed, target.where, target.tls ? 443 : 80))
        co_return denied(fmt::format("{} is not among the hosts that the plugin's manifest declares (egress)",
                                     target.host_text()));
    if (!target.tls && !network_.is_allowed_private(target.where))
        co_return denied(
            fmt::format("{}: plain HTTP goes only to loopback addresses that egress.allow_private names",
                        target.host_text()));
    auto connected = co_await EgressConnection::connect(network_, target.where, left);
    if (!connected)
        co_return connected.error();
    auto& connection = **connected;
    if (!target.tls && !connection.is_loopback())
        co_return denied(fmt::format("{}: plain HTTP goes to loopback addresses only", target.host_text()));
    if (target.tls)
        if (auto secured = co_await connection.start_tls(network_); !secured)
            co_return secured.error();

    const gate::EmissionRequest asked{
        {request.records.begin(), request.records.end()}, target.host_text(), request.method};
    auto emission = co_await guard_.begin(origin.scope, asked);
    if (!emission)
        co_return emission.error();
    if (!(*emission)->is_in_time()) {
        co_await (*emission)->settle("failed: too late");
        co_return Error(ErrorKind::temporary, "the permission to send ran out before the first byte");
    }
    auto response = co_await exchange_http(connection, target, request, network_.settings.max_bytes,
                                           [&] { return (*emission)->release(); });
    const auto outcome =
        response ? fmt::format("HTTP {}", response->status) : "failed: " + response.error().message;
    co_await (*emission)->settle(outcome);
    co_return response;
}

asio::awaitable<Result<MailReceipt>> Egress::mail(const EgressOrigin& origin, MailRequest request) {
    const auto where = settings::find_host_port(request.server, 587);
    if (!where)
        co_return Error(ErrorKind::invalid_config, "the mail server is no host:port");
    const auto name = fmt::format("{}:{}", where->host, where->port);
    if (!origin.mail)
        co_return denied("the plugin's manifest does not declare that it sends mail");
    if (!names_host(origin.allowed, *where, 587))
        co_return denied(
            fmt::format("{} is not among the hosts that the plugin's manifest declares (egress)", name));
    const auto start = steady_clock::now();
    auto record = make_record(origin, name, "SMTP");
    SmtpServer server{*where, origin.mail_security, std::move(request.username), std::move(request.password)};
    const MailMessage message{std::move(request.from),     std::move(request.to),
                              std::move(request.reply_to), std::move(request.subject),
                              std::move(request.text),     std::move(request.message_id),
                              std::move(request.headers),  std::chrono::system_clock::now()};
    auto sent = co_await send_mail(network_, server, message, [&] {
        return guard_.begin(origin.scope, gate::EmissionRequest{{}, name, "SMTP"});
    });
    settings::wipe(server.password);
    record.outcome = sent ? fmt::format("SMTP {}", sent->substr(0, 3)) : sent.error().message;
    record.duration = since(start);
    record_(record);
    if (!sent)
        co_return sent.error();
    co_return MailReceipt{std::move(*sent)};
}

}  // namespace calyptenora::host
