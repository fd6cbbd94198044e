#include "gate/answer_rules.hpp"

#include <boost/url/parse.hpp>

#include <algorithm>
#include <cmath>
#include <set>

namespace calyptenora::gate {
namespace {

constexpr std::size_t most_text_bytes = 256 * 1024, most_line_bytes = 4 * 1024;
/// More than any course costs in any currency's minor unit, and far from where sums overflow.
constexpr std::int64_t most_minor_units = 1'000'000'000'000;
constexpr UnixMicros year_2200 = 7'258'118'400'000'000;
constexpr std::int64_t day_s = 24 * 60 * 60, most_wait_s = 366 * day_s;

Error broken(std::string what) {
    return Error(ErrorKind::permanent, std::move(what));
}

template <class Number>
Status check_range(const char* name, Number value, Number least, Number most) {
    if (value >= least && value <= most)
        return {};
    return broken(fmt::format("{} is not between {} and {}", name, least, most));
}

Status check_length(const char* name, std::string_view text, std::size_t most) {
    return text.size() <= most ? Status() : broken(fmt::format("{} is longer than {} bytes", name, most));
}

/// An absolute address, to which a browser is sent.
Status check_url(std::string_view url, const DeclaredOrigins& declared) {
    const auto parsed = boost::urls::parse_uri(url);
    if (!parsed || !parsed->has_authority() || parsed->has_userinfo())
        return broken("the address is no absolute URL");
    const auto origin = std::string(parsed->scheme()) + "://" + std::string(parsed->encoded_host_and_port());
    if (std::ranges::find(declared, origin) == declared.end())
        return broken("the address is of an origin that the plugin's manifest does not declare");
    return {};
}

/// A relative path that stays where it begins.
Status check_path(std::string_view path) {
    // An encoded dot is a dot to browsers.
    if (path.starts_with('/') || path.find('%') != path.npos || path.find('\\') != path.npos ||
        path.find("//") != path.npos || path.find(':') != path.npos || path == ".." ||
        path.starts_with("../") || path.ends_with("/..") || path.find("/../") != path.npos)
        return broken("the path leaves its folder");
    return {};
}

bool is_between(char value, int least, int most) {
    return static_cast<unsigned char>(value) >= least && static_cast<unsigned char>(value) <= most;
}

/// Whether a character begins here that does not belong into one line: a control character (U+0000 to U+001F,
/// U+007F to U+009F) or a line end (U+2028, U+2029).
bool breaks_line(std::string_view text) {
    if (is_between(text[0], 0x00, 0x1f) || text[0] == '\x7f')
        return true;
    return (text.starts_with("\xc2") && text.size() > 1 && is_between(text[1], 0x80, 0x9f)) ||
           text.starts_with("\xe2\x80\xa8") || text.starts_with("\xe2\x80\xa9");
}

/// Whether the character that begins here turns the direction of writing: U+061C, U+200E, U+200F, U+202A to
/// U+202E, U+2066 to U+2069.
bool turns_direction(std::string_view text) {
    if (text.starts_with("\xd8\x9c"))
        return true;
    if (text.size() < 3)
        return false;
    return (text.starts_with("\xe2\x80") &&
            (is_between(text[2], 0x8e, 0x8f) || is_between(text[2], 0xaa, 0xae))) ||
           (text.starts_with("\xe2\x81") && is_between(text[2], 0xa6, 0xa9));
}

}  // namespace

Status check_text(std::string_view text) {
    if (text.find('\0') != text.npos)
        return broken("the text has a NUL");
    return check_length("the text", text, most_text_bytes);
}

Status check_line(std::string_view line) {
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (breaks_line(line.substr(i)))
            return broken("the line has control characters");
        if (turns_direction(line.substr(i)))
            return broken("the line has characters that turn the direction of writing");
    }
    return check_length("the line", line, most_line_bytes);
}

Status check_rules(const analytics::DeliverReply& reply, const DeclaredOrigins&) {
    std::set<std::string_view> told;
    for (const auto& delivery : reply.deliveries)
        if (!told.insert(delivery.id).second)
            return broken("an event has two outcomes");
    return {};
}

Status check_rules(const analytics::Delivery& reply, const DeclaredOrigins&) {
    const auto id = check_line(reply.id);
    return id ? check_line(reply.reason.value_or("")) : id;
}

Status check_rules(const payments::Redirect& reply, const DeclaredOrigins& declared) {
    return check_url(reply.url, declared);
}

Status check_rules(const payments::Embedded& reply, const DeclaredOrigins& declared) {
    return check_url(reply.url, declared);
}

Status check_rules(const payments::InstructionLine& reply, const DeclaredOrigins&) {
    const auto label = check_line(reply.label);
    return label ? check_line(reply.value) : label;
}

Status check_rules(const payments::QrCode& reply, const DeclaredOrigins&) {
    // ISO/IEC 18004: versions 1 to 40.
    if (auto bounded = check_range("width", reply.width, 21, 177); !bounded)
        return bounded;
    const auto modules = static_cast<std::size_t>(reply.width) * static_cast<std::size_t>(reply.width);
    if (reply.modules.size() != modules || reply.modules.find_first_not_of("01") != std::string::npos)
        return broken("the modules are not width times width of 0 and 1");
    return {};
}

Status check_rules(const payments::PaymentState& reply, const DeclaredOrigins&) {
    for (const auto& [name, amount] : {std::pair("authorised_minor", reply.authorised_minor),
                                       std::pair("captured_minor", reply.captured_minor),
                                       std::pair("refunded_minor", reply.refunded_minor)})
        if (auto bounded = check_range(name, amount, std::int64_t(0), most_minor_units); !bounded)
            return bounded;
    return {};
}

Status check_rules(const auth::Redirect& reply, const DeclaredOrigins& declared) {
    return check_url(reply.url, declared);
}

Status check_rules(const auth::Assertion& reply, const DeclaredOrigins&) {
    const auto method = check_line(reply.method);
    return method ? check_line(reply.external_subject.value_or("")) : method;
}

Status check_rules(const auth::Refusal& reply, const DeclaredOrigins&) {
    if (auto reason = check_line(reply.reason); !reason)
        return reason;
    return check_range("retry_after_s", reply.retry_after_s.value_or(0), std::int64_t(0), most_wait_s);
}

Status check_rules(const video::Manifest& reply, const DeclaredOrigins&) {
    if (auto bounded = check_range("renew_after_s", reply.renew_after_s, std::int64_t(0), most_wait_s);
        !bounded)
        return bounded;
    if (auto bounded = check_length("path", reply.path, 4096); !bounded)
        return bounded;
    return check_path(reply.path);
}

Status check_rules(const video::Iframe& reply, const DeclaredOrigins& declared) {
    return check_url(reply.url, declared);
}

Status check_rules(const video::AuthoriseReply& reply, const DeclaredOrigins&) {
    return check_path(reply.file);
}

Status check_rules(const video::NormaliseReply& reply, const DeclaredOrigins&) {
    for (const auto seconds : {reply.position_s.value_or(0), reply.duration_s.value_or(0)})
        if (!std::isfinite(seconds) || seconds < 0 || seconds > static_cast<double>(30 * day_s))
            return broken("a position is not between 0 and 30 days");
    return {};
}

Status check_rules(const support::ThreadMessage& reply, const DeclaredOrigins&) {
    if (auto bounded = check_length("external_id", reply.external_id, 256); !bounded)
        return bounded;
    if (auto checked = check_line(reply.external_id); !checked)
        return checked;
    return check_range("at", reply.at, UnixMicros(0), year_2200);
}

Status check_rules(const support::SsoReply& reply, const DeclaredOrigins& declared) {
    return check_url(reply.redirect_url, declared);
}

Status check_rules(const support::WidgetReply& reply, const DeclaredOrigins& declared) {
    return check_url(reply.frame_url, declared);
}

Status check_rules(const HttpReply& reply, const DeclaredOrigins&) {
    if (auto type = check_line(reply.content_type); !type)
        return type;
    return check_range("status", reply.status, 200, 599);
}

Status check_rules(const Signal& reply, const DeclaredOrigins&) {
    if (reply.dedupe_key.empty())
        return broken("dedupe_key is empty");
    for (const auto& [name, line, most] : {std::tuple("event_id", std::string_view(reply.event_id), 256U),
                                           std::tuple("dedupe_key", std::string_view(reply.dedupe_key), 512U),
                                           std::tuple("object_ref", std::string_view(reply.object_ref), 256U),
                                           std::tuple("kind", std::string_view(reply.kind), 40U)}) {
        if (auto bounded = check_length(name, line, most); !bounded)
            return bounded;
        if (auto checked = check_line(line); !checked)
            return checked;
    }
    return {};
}

}  // namespace calyptenora::gate
