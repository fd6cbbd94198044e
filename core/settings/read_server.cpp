#include "settings/sections.hpp"

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>

namespace calyptenora::settings {
namespace {

std::optional<Network> find_network(const std::string& text) {
    boost::system::error_code error;
    if (const auto v4 = boost::asio::ip::make_network_v4(text, error); !error)
        return v4;
    error.clear();
    if (const auto v6 = boost::asio::ip::make_network_v6(text, error); !error)
        return v6;
    return std::nullopt;
}

void read_proxy(const Field& field, Transport& out) {
    Object object = field.object("a mapping with trusted");
    BehindProxy proxy;
    const auto trusted =
        object.required("trusted", "the proxy's addresses as a list of networks, such as 10.0.0.7/32");
    for (const auto& item : trusted.items("a list of networks, such as 10.0.0.7/32")) {
        std::string text;
        item.text(text);
        if (text.empty())
            continue;
        if (const auto network = find_network(text))
            proxy.trusted.push_back(*network);
        else
            item.wrong("a network, such as 10.0.0.7/32 or fd00::/8");
    }
    if (trusted.is_list() && trusted.node()->items.empty())
        trusted.wrong("at least one network", "a proxy that nobody trusts cannot forward");
    out = std::move(proxy);
}

void read_tls(const Field& field, Transport& out) {
    static constexpr std::string_view self_signed = "self_signed";
    static constexpr std::string_view expected = "a mapping of certificate and key, or self_signed";
    if (!field.is_mapping()) {
        // Also for a wrong word, so that the origin is not blamed for it.
        out = SelfSigned{};
        std::string word;
        if (field.is_list())
            field.wrong(std::string(expected));
        else
            field.text(word);
        if (!word.empty() && word != self_signed)
            field.not_among(std::string(expected), std::vector{std::string(self_signed)});
        return;
    }
    Object object = field.object(expected);
    Tls tls;
    object.required("certificate", "a PEM file with the certificate chain").existing_file(tls.certificate);
    object.required("key", "a PEM file with the private key").existing_file(tls.key);
    out = std::move(tls);
}

void read_limits(const Field& field, Server::Limits& out) {
    Object object = field.object();
    object.optional("body_bytes").integer(out.body_bytes, 1024, std::int64_t{4} << 30);
    object.optional("header_bytes").integer(out.header_bytes, 1024, 1 << 20);
    object.optional("connections").integer(out.connections, 1, 1'000'000);
    object.optional("requests_per_second").integer(out.requests_per_second, 0, 1'000'000);
    object.optional("header_seconds").integer(out.header_seconds, 1, 600);
    object.optional("body_seconds").integer(out.body_seconds, 1, 3600);
    object.optional("idle_seconds").integer(out.idle_seconds, 1, 3600);
    object.optional("shutdown_seconds").integer(out.shutdown_seconds, 1, 600);
}

}  // namespace

void read_server(const Field& field, Server& out) {
    Object object = field.object();
    const auto address = object.optional("address");
    std::string text;
    address.text(text);
    if (!text.empty()) {
        boost::system::error_code error;
        boost::asio::ip::make_address(text, error);
        if (error)
            address.wrong("an IP address to listen on, such as 127.0.0.1 or ::");
        else
            out.address = text;
    }
    object.optional("port").integer(out.port, 0, 65535);
    const auto tls = object.optional("tls");
    const auto proxy = object.optional("behind_proxy");
    if (tls && proxy)
        proxy.wrong_hidden("either tls or behind_proxy", "both");
    if (tls)
        read_tls(tls, out.transport);
    if (proxy)
        read_proxy(proxy, out.transport);
    for (const auto& item : object.optional("hosts").items("a list of host names")) {
        std::string host;
        item.host(host);
        if (!host.empty())
            out.hosts.push_back(std::move(host));
    }
    read_limits(object.optional("limits"), out.limits);
    // Two things fail silently on plain addresses other than loopback: __Host- cookies and Sec-Fetch-Site.
    if (!tls && !proxy && !is_loopback_host(out.address))
        address.wrong("a loopback address, since the server would speak plain HTTP",
                      "add tls with certificate and key, or behind_proxy, or listen on 127.0.0.1");
}

void read_egress(const Field& field, Egress& out) {
    Object object = field.object();
    for (const auto& item : object.optional("allow_private").items("a list of host:port")) {
        HostPort target;
        item.host_port(target, 0);
        if (target.port != 0)
            out.allow_private.push_back(std::move(target));
    }
    object.optional("connect_seconds").integer(out.connect_seconds, 1, 120);
    object.optional("total_seconds").integer(out.total_seconds, 1, 600);
    object.optional("max_bytes").integer(out.max_bytes, 1024, std::int64_t{1} << 30);
    object.optional("ca_file").existing_file(out.ca_file);
}

void read_mail(const Field& field, std::optional<Mail>& out) {
    if (!field)
        return;
    Object object = field.object();
    Mail mail;
    object.required("host", "the SMTP server's host name").host(mail.host);
    object.optional("security").word(mail.security, mail_security_keys);
    mail.port = mail.security == Mail::Security::implicit_tls ? 465 : 587;
    object.optional("port").integer(mail.port, 1, 65535);
    const auto username = object.optional("username");
    username.text(mail.username);
    const auto password = object.optional("password");
    password.secret(mail.password);
    if (username && !password)
        password.missing("the password of that username, as ${env:NAME} or ${file:PATH}");
    if (password && !username)
        username.missing("the username of that password");
    object.required("from", "the sender's e-mail address").email(mail.from);
    object.optional("from_name").text(mail.from_name, {.max_bytes = 100});
    const auto recipient = object.required(
        "recipient",
        "who runs this mail server, since it receives learners' addresses (self: true for your own)");
    if (auto read = read_recipient(recipient))
        mail.recipient = std::move(*read);
    if (const auto retention = object.optional("retention_days")) {
        mail.retention_days.emplace(0);
        retention.integer(*mail.retention_days, 1, 3650);
    }
    object.optional("news").boolean(mail.news);
    if (object)
        out = std::move(mail);
}

}  // namespace calyptenora::settings
