#include "host/egress_target.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
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
    // Not port_number(): it wraps around instead of failing.
    const std::string digits(url.port());
    const auto number = digits.size() > 5 ? 0 : digits.empty() ? default_port : std::stoi(digits);
    if (number < 1 || number > 65535)
        return bad("has an impossible port");
    const auto host = in_lower_case(std::string(url.encoded_host()));
    const auto where = settings::find_host_port(host, static_cast<std::uint16_t>(number));
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
    // By hand, since resolve() of Boost.URL 1.81 loses the authority of the base. Dot segments are the
    // server's to resolve: they cannot change the host.
    const std::string scheme = from.tls ? "https:" : "http:";
    const auto path = from.path.substr(0, from.path.find('?'));
    std::string url(location.substr(0, location.find('#')));
    if (url.starts_with("//"))
        url = scheme + url;
    else if (url.starts_with('/'))
        url = scheme + "//" + from.host_text() + url;
    else if (url.empty() || url.starts_with('?'))
        url = scheme + "//" + from.host_text() + path + url;
    else if (!boost::urls::parse_uri(url))
        url = scheme + "//" + from.host_text() + path.substr(0, path.rfind('/') + 1) + url;
    auto target = parse_target(url);
    if (!target)
        return Error(ErrorKind::permanent, "was redirected to somewhere unusable: " + target.error().message);
    return target;
}

bool names_host(const std::vector<settings::HostPort>& hosts, const settings::HostPort& where,
                std::uint16_t default_port) {
    return std::ranges::any_of(hosts, [&](const settings::HostPort& host) {
        return host.host == where.host && (host.port ? host.port : default_port) == where.port;
    });
}

}  // namespace calyptenora::host
