#include "host/egress_target.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace calyptenora::host {
namespace {

std::string in_lower_case(std::string text) {
    std::ranges::transform(text, text.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

Result<EgressTarget> read(const boost::urls::url_view& url) {
    const auto bad = [](const char* what) {
        return Error(ErrorKind::invalid_input, std::string("the URL ") + what);
    };
    if (url.scheme_id() != boost::urls::scheme::https && url.scheme_id() != boost::urls::scheme::http)
        return bad("is neither https nor http");
    if (url.has_userinfo())
        return bad("holds a user name; use a header for credentials");
    EgressTarget target;
    target.tls = url.scheme_id() == boost::urls::scheme::https;
    const std::uint16_t default_port = target.tls ? 443 : 80;
    if (url.has_port() && !url.port().empty() && url.port_number() == 0)
        return bad("has an impossible port");
    const auto host = in_lower_case(std::string(url.encoded_host()));
    const auto where = settings::find_host_port(
        host, url.has_port() && !url.port().empty() ? url.port_number() : default_port);
    if (!where)
        return bad("has no usable host");
    target.where = *where;
    target.path = std::string(url.encoded_path());
    if (target.path.empty())
        target.path = "/";
    if (url.has_query())
        target.path += "?" + std::string(url.encoded_query());
    return target;
}

}  // namespace

std::string EgressTarget::host_text() const {
    return fmt::format("{}:{}", where.host, where.port);
}

Result<EgressTarget> parse_target(std::string_view url) {
    const auto parsed = boost::urls::parse_uri(boost::urls::string_view(url.data(), url.size()));
    if (!parsed)
        return Error(ErrorKind::invalid_input, "the URL cannot be read");
    return read(*parsed);
}

Result<EgressTarget> resolve_redirect(const EgressTarget& from, std::string_view location) {
    const auto base = boost::urls::parse_uri(
        fmt::format("{}://{}{}", from.tls ? "https" : "http", from.host_text(), from.path));
    const auto next =
        boost::urls::parse_uri_reference(boost::urls::string_view(location.data(), location.size()));
    boost::urls::url resolved;
    if (!base || !next || !boost::urls::resolve(*base, *next, resolved))
        return Error(ErrorKind::permanent, "was redirected to something that is no URL");
    return read(resolved);
}

bool names_host(const std::vector<settings::HostPort>& hosts, const settings::HostPort& where,
                std::uint16_t default_port) {
    return std::ranges::any_of(hosts, [&](const settings::HostPort& host) {
        return host.host == where.host && (host.port ? host.port : default_port) == where.port;
    });
}

}  // namespace calyptenora::host
