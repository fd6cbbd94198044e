#include "http/framing_check.hpp"

#include "http/fields.hpp"

#include <algorithm>
#include <optional>

namespace calyptenora::http {
namespace {

using Refusal = std::optional<FramingRefusal>;

std::string lowered(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return result;
}

bool is_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_version(std::string_view text) {
    return text.size() == 8 && text.starts_with("HTTP/") && is_digits(text.substr(5, 1)) && text[6] == '.' &&
           is_digits(text.substr(7, 1));
}

Refusal read_request_line(std::string_view line, const FramingLimits& limits, RequestHead& head) {
    auto first = line.find(' ');
    auto last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) {
        return FramingRefusal{400, "request line is not METHOD TARGET VERSION"};
    }
    auto method = line.substr(0, first);
    auto target = line.substr(first + 1, last - first - 1);
    auto version = line.substr(last + 1);
    if (!is_token(method)) {
        return FramingRefusal{400, "method is not a token"};
    }
    if (!is_version(version)) {
        return FramingRefusal{400, "bad version"};
    }
    if (version != "HTTP/1.1") {
        return FramingRefusal{505, "only HTTP/1.1"};
    }
    auto known = find_method(method);
    if (!known) {
        return FramingRefusal{501, "unknown method"};
    }
    if (target.size() > limits.max_target_bytes) {
        return FramingRefusal{414, "target too long"};
    }
    bool is_origin_form = target.starts_with('/') && !target.starts_with("//");
    bool is_plain = std::ranges::all_of(target, [](char c) { return c > 0x20 && c < 0x7F && c != '#'; });
    if (!is_origin_form || !is_plain ||
        target.substr(0, target.find('?')).find('\\') != std::string_view::npos) {
        return FramingRefusal{400, "target is not plain origin-form"};
    }
    head.method = *known;
    head.target = target;
    return {};
}

Refusal read_field(std::string_view line, const FramingLimits& limits, RequestHead& head) {
    if (line.starts_with(' ') || line.starts_with('\t')) {
        return FramingRefusal{400, "folded header line"};
    }
    auto colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
        return FramingRefusal{400, "header line is not NAME: VALUE"};
    }
    auto value = trim(line.substr(colon + 1));
    if (!is_field_value(value)) {
        return FramingRefusal{400, "control character in a header value"};
    }
    if (head.fields.size() == limits.max_fields) {
        return FramingRefusal{431, "too many header fields"};
    }
    head.fields.emplace_back(line.substr(0, colon), value);
    return {};
}

std::vector<std::string_view> values_of(const RequestHead& head, std::string_view name) {
    std::vector<std::string_view> values;
    for (const auto& [field, value] : head.fields) {
        if (is_same_name(field, name)) {
            values.push_back(value);
        }
    }
    return values;
}

Refusal read_host(const HostNames& hosts, std::uint16_t local_port, RequestHead& head) {
    auto values = values_of(head, "host");
    if (values.size() != 1) {
        return FramingRefusal{400, "exactly one Host is needed"};
    }
    if (!hosts.accepts(values.front(), local_port)) {
        return FramingRefusal{400, "Host is not a configured name"};
    }
    head.host = values.front();
    return {};
}

Refusal read_body_framing(RequestHead& head) {
    auto encodings = values_of(head, "transfer-encoding");
    auto lengths = values_of(head, "content-length");
    if (encodings.size() > 1 || lengths.size() > 1) {
        return FramingRefusal{400, "repeated Transfer-Encoding or Content-Length"};
    }
    if (!encodings.empty()) {
        if (!lengths.empty()) {
            return FramingRefusal{400, "Transfer-Encoding beside Content-Length"};
        }
        if (encodings.front() != "chunked") {
            return FramingRefusal{501, "Transfer-Encoding other than chunked"};
        }
        head.body = BodyFraming::chunked;
    } else if (!lengths.empty()) {
        // 18 digits cannot overflow; a route's limit is far below.
        if (!is_digits(lengths.front()) || lengths.front().size() > 18) {
            return FramingRefusal{400, "Content-Length is not a plain number"};
        }
        for (char c : lengths.front()) {
            head.content_length = head.content_length * 10 + static_cast<std::uint64_t>(c - '0');
        }
        head.body = head.content_length == 0 ? BodyFraming::none : BodyFraming::content_length;
    }
    if (head.body != BodyFraming::none && (head.method == Method::GET || head.method == Method::HEAD)) {
        return FramingRefusal{400, "a body in a request that has none"};
    }
    return {};
}

Refusal read_connection(RequestHead& head) {
    for (auto value : values_of(head, "connection")) {
        while (!value.empty()) {
            auto end = std::min(value.find(','), value.size());
            if (is_same_name(trim(value.substr(0, end)), "close")) {
                head.wants_close = true;
            }
            value.remove_prefix(std::min(end + 1, value.size()));
        }
    }
    auto expectations = values_of(head, "expect");
    if (expectations.size() > 1 ||
        (!expectations.empty() && !is_same_name(expectations.front(), "100-continue"))) {
        return FramingRefusal{417, "unknown expectation"};
    }
    head.expects_continue = !expectations.empty() && head.body != BodyFraming::none;
    return {};
}

}  // namespace

HostNames::HostNames(std::vector<std::string> names) {
    for (const auto& name : names) {
        names_.push_back(lowered(name));
    }
}

void HostNames::add_loopback() {
    for (auto name : {"localhost", "127.0.0.1", "[::1]"}) {
        names_.emplace_back(name);
    }
}

bool HostNames::accepts(std::string_view authority, std::uint16_t local_port) const {
    auto given = lowered(authority);
    auto port = ":" + std::to_string(local_port);
    return std::ranges::any_of(
        names_, [&](const std::string& name) { return given == name || given == name + port; });
}

std::variant<NeedMoreBytes, HeaderEnd, FramingRefusal> scan_header(std::string_view received,
                                                                   std::size_t scanned,
                                                                   const FramingLimits& limits) {
    // A CR at the end of the last call is looked at again, now with its successor.
    for (std::size_t i = scanned == 0 ? 0 : scanned - 1; i < received.size(); ++i) {
        if (i >= limits.max_header_bytes) {
            bool is_first_line = received.substr(0, i).find('\n') == std::string_view::npos;
            return is_first_line ? FramingRefusal{414, "request line too long"}
                                 : FramingRefusal{431, "header too long"};
        }
        char c = received[i];
        if (c == '\0') {
            return FramingRefusal{400, "NUL in the header"};
        }
        if (c == '\n' && (i == 0 || received[i - 1] != '\r')) {
            return FramingRefusal{400, "bare LF in the header"};
        }
        if (c == '\r' && i + 1 < received.size() && received[i + 1] != '\n') {
            return FramingRefusal{400, "bare CR in the header"};
        }
        if (c == '\n' && i == 1) {
            return FramingRefusal{400, "empty request line"};
        }
        if (c == '\n' && i >= 3 && received[i - 2] == '\n') {
            return HeaderEnd{i + 1};
        }
    }
    return NeedMoreBytes{};
}

std::variant<RequestHead, FramingRefusal> check_framing(std::string_view block, const HostNames& hosts,
                                                        std::uint16_t local_port,
                                                        const FramingLimits& limits) {
    RequestHead head;
    auto end_of_line = block.find("\r\n");
    if (end_of_line == std::string_view::npos || !block.ends_with("\r\n\r\n")) {
        return FramingRefusal{400, "header is not complete"};
    }
    if (auto refusal = read_request_line(block.substr(0, end_of_line), limits, head)) {
        return *refusal;
    }
    auto lines = block.substr(end_of_line + 2);
    while (lines.size() > 2) {
        end_of_line = lines.find("\r\n");
        if (auto refusal = read_field(lines.substr(0, end_of_line), limits, head)) {
            return *refusal;
        }
        lines.remove_prefix(end_of_line + 2);
    }
    if (auto refusal = read_host(hosts, local_port, head)) {
        return *refusal;
    }
    if (auto refusal = read_body_framing(head)) {
        return *refusal;
    }
    if (auto refusal = read_connection(head)) {
        return *refusal;
    }
    return head;
}

}  // namespace calyptenora::http
