#include "received_mail.hpp"

#include "mail_text.hpp"

#include <algorithm>
#include <map>

namespace calyptenora::mail {
namespace {

constexpr int deepest_part = 8;
constexpr std::size_t most_parts = 64;
constexpr std::size_t longest_text = 64 * 1024;

struct Entity {
    std::multimap<std::string, std::string> headers;  ///< Names in small letters, values unfolded.
    std::string_view body;

    std::string header(const std::string& name) const {
        const auto found = headers.find(name);
        return found == headers.end() ? std::string() : found->second;
    }
};

// Takes one line off the front, without its end.
std::string_view take_line(std::string_view& text) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    return line;
}

Entity read_entity(std::string_view bytes) {
    Entity entity;
    auto last = entity.headers.end();
    while (!bytes.empty()) {
        const auto line = take_line(bytes);
        if (line.empty())
            break;
        if (line[0] == ' ' || line[0] == '\t') {
            if (last != entity.headers.end())
                last->second += " " + std::string(trimmed(line));
            continue;
        }
        const auto colon = line.find(':');
        last = entity.headers.end();
        if (colon != std::string_view::npos && entity.headers.size() < 500)
            last = entity.headers.emplace(lower_case(trimmed(line.substr(0, colon))),
                                          std::string(trimmed(line.substr(colon + 1))));
    }
    entity.body = bytes;
    return entity;
}

// `text/plain; charset="utf-8"`: the parameter's value.
std::string parameter(const std::string& header, const std::string& name) {
    const auto lower = lower_case(header);
    for (auto at = lower.find(';'); at != std::string::npos; at = lower.find(';', at + 1)) {
        auto begin = lower.find_first_not_of(" \t", at + 1);
        if (begin == std::string::npos || lower.compare(begin, name.size(), name) != 0)
            continue;
        begin = lower.find_first_not_of(" \t", begin + name.size());
        if (begin == std::string::npos || lower[begin] != '=')
            continue;
        begin = lower.find_first_not_of(" \t", begin + 1);
        if (begin == std::string::npos)
            return {};
        if (header[begin] == '"')
            return header.substr(begin + 1, header.find('"', begin + 1) - begin - 1);
        return std::string(trimmed(std::string_view(header).substr(begin, header.find(';', begin) - begin)));
    }
    return {};
}

std::vector<std::string_view> split_parts(std::string_view body, const std::string& boundary) {
    std::vector<std::string_view> parts;
    const auto delimiter = "--" + boundary;
    std::size_t begin = std::string_view::npos;
    auto rest = body;
    while (!rest.empty() && parts.size() < most_parts) {
        const auto line_begin = body.size() - rest.size();
        const auto line = trimmed(take_line(rest));
        const bool last = line == delimiter + "--";
        if (line != delimiter && !last)
            continue;
        if (begin != std::string_view::npos)
            parts.push_back(body.substr(begin, line_begin - begin));
        begin = body.size() - rest.size();
        if (last)
            return parts;
    }
    if (begin != std::string_view::npos && parts.size() < most_parts)
        parts.push_back(body.substr(begin));
    return parts;
}

struct Texts {
    std::optional<std::string> plain;
    std::optional<std::string> html;
};

void collect_texts(const Entity& entity, int depth, Texts& found) {
    const auto content_type = entity.header("content-type");
    const auto type = lower_case(trimmed(std::string_view(content_type).substr(0, content_type.find(';'))));
    if (type.starts_with("multipart/")) {
        const auto boundary = parameter(content_type, "boundary");
        if (boundary.empty() || depth >= deepest_part)
            return;
        for (const auto part : split_parts(entity.body, boundary))
            collect_texts(read_entity(part), depth + 1, found);
        return;
    }
    const bool attached = lower_case(entity.header("content-disposition")).starts_with("attachment");
    const bool plain = type.empty() || type == "text/plain";
    auto& place = plain ? found.plain : found.html;
    if (attached || place || (!plain && type != "text/html"))
        return;
    const auto encoding = lower_case(trimmed(entity.header("content-transfer-encoding")));
    const auto bytes = encoding == "quoted-printable" ? decode_quoted_printable(entity.body)
                       : encoding == "base64"         ? decode_loose_base64(entity.body)
                                                      : std::string(entity.body);
    auto text = to_utf8(bytes, parameter(content_type, "charset"));
    std::erase(text, '\r');
    place = plain ? std::move(text) : text_of_html(text);
}

// Every address of an address list; comments and display names are passed over.
void add_addresses(std::string_view header, std::vector<std::string>& out) {
    std::string word;
    const auto flush = [&] {
        if (word.find('@') != std::string::npos && out.size() < 200)
            out.push_back(lower_case(word));
        word.clear();
    };
    for (const char c : header) {
        if (std::string_view(" \t,;<>()\"").find(c) != std::string_view::npos)
            flush();
        else
            word.push_back(c);
    }
    flush();
}

bool is_automatic(const Entity& mail) {
    const auto submitted = lower_case(trimmed(mail.header("auto-submitted")));
    const auto precedence = lower_case(trimmed(mail.header("precedence")));
    const auto from = lower_case(mail.header("from"));
    const auto type = lower_case(mail.header("content-type"));
    return (!submitted.empty() && submitted != "no") || precedence == "bulk" || precedence == "junk" ||
           precedence == "list" || precedence == "auto_reply" || mail.headers.contains("x-autoreply") ||
           mail.headers.contains("x-autorespond") || mail.headers.contains("list-id") ||
           trimmed(mail.header("return-path")) == "<>" || type.starts_with("multipart/report") ||
           from.find("mailer-daemon") != std::string::npos || from.find("postmaster@") != std::string::npos;
}

}  // namespace

Result<ReceivedMail> parse_mail(std::string_view bytes) {
    if (bytes.size() > longest_mail)
        return Error(ErrorKind::invalid_input, "the mail is longer than 1 MiB");
    const auto mail = read_entity(bytes);
    if (mail.headers.empty())
        return Error(ErrorKind::invalid_input, "not a mail: there is no header");
    ReceivedMail out;
    const auto id = mail.header("message-id");
    const auto begin = id.find('<');
    out.message_id = std::string(
        trimmed(begin == std::string::npos ? id : id.substr(begin + 1, id.find('>') - begin - 1)));
    for (const auto* name : {"to", "cc", "delivered-to", "x-original-to"})
        for (auto [at, end] = mail.headers.equal_range(name); at != end; ++at)
            add_addresses(decode_words(at->second), out.recipients);
    out.is_automatic = is_automatic(mail);
    Texts texts;
    collect_texts(mail, 0, texts);
    out.text = texts.plain && !trimmed(*texts.plain).empty() ? *texts.plain : texts.html.value_or("");
    if (out.text.size() > longest_text) {
        out.text.resize(longest_text);
        out.text = to_utf8(out.text, "utf-8");
    }
    return out;
}

}  // namespace calyptenora::mail
