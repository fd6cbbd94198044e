#include "host/mail_message.hpp"

#include "settings/text_check.hpp"

#include <calyptenora/json.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

namespace calyptenora::host {
namespace {

constexpr std::array<std::string_view, 15> reserved{
    "from",        "to",       "cc",         "bcc",          "sender",       "reply-to",
    "subject",     "date",     "message-id", "mime-version", "content-type", "content-transfer-encoding",
    "return-path", "received", "resent-to"};

Error bad(std::string what) {
    return Error(ErrorKind::invalid_input, std::move(what));
}

bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](unsigned char c) { return c < 0x80; });
}

/// A header's text: as it is, or as encoded words of at most 75 characters, cut between characters.
std::string header_text(std::string_view text) {
    if (is_ascii(text) && text.size() < 900 && text.find("=?") == std::string_view::npos)
        return std::string(text);
    std::string words;
    while (!text.empty()) {
        auto size = std::min<std::size_t>(text.size(), 36);
        while (size < text.size() && size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80)
            --size;
        words +=
            (words.empty() ? "=?utf-8?B?" : "\r\n =?utf-8?B?") + encode_base64(text.substr(0, size)) + "?=";
        text.remove_prefix(size);
    }
    return words;
}

struct Mailbox {
    std::string address;
    std::string header;
};

std::optional<Mailbox> read_mailbox(std::string_view text) {
    std::string_view name;
    auto address = text;
    if (const auto open = text.rfind('<'); open != std::string_view::npos && text.ends_with('>')) {
        name = text.substr(0, open);
        address = text.substr(open + 1, text.size() - open - 2);
        while (name.ends_with(' '))
            name.remove_suffix(1);
    }
    const auto is_allowed = [](unsigned char c) {
        return c > 0x20 && c < 0x7f && c != '<' && c != '>' && c != '"';
    };
    if (has_control(text) || !settings::is_email(address) || address.size() > 254 ||
        !std::ranges::all_of(address, is_allowed) || address.find(',') != std::string_view::npos)
        return std::nullopt;
    Mailbox mailbox{std::string(address), std::string(address)};
    if (name.empty())
        return mailbox;
    std::string shown = header_text(name);
    if (is_ascii(name)) {
        shown = "\"";
        for (const char c : name)
            shown += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
        shown += '"';
    }
    mailbox.header = fmt::format("{} <{}>", shown, address);
    return mailbox;
}

/// RFC 2045, section 6.7, with CRLF line ends.
std::string quoted_printable(std::string_view text) {
    std::string out;
    std::size_t column = 0;
    const auto put = [&](std::string_view piece) {
        if (column + piece.size() > 75) {
            out += "=\r\n";
            column = 0;
        }
        out += piece;
        column += piece.size();
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n')
            continue;
        if (c == '\n') {
            out += "\r\n";
            column = 0;
            continue;
        }
        const bool ends_line = i + 1 == text.size() || text[i + 1] == '\n' || text[i + 1] == '\r';
        const bool plain = (c > 0x20 && c < 0x7f && c != '=') || (c == ' ' && !ends_line);
        put(plain ? std::string(1, static_cast<char>(c)) : fmt::format("={:02X}", c));
    }
    if (!out.ends_with("\r\n"))
        out += "\r\n";
    return out;
}

}  // namespace

Result<WrittenMail> write_mail(const MailMessage& message) {
    const auto from = read_mailbox(message.from), to = read_mailbox(message.to);
    const auto reply_to =
        message.reply_to.empty() ? std::optional(Mailbox{}) : read_mailbox(message.reply_to);
    if (!from || !to || !reply_to)
        return bad("a mail's from, to or reply_to is no address that can be sent to");
    if (has_control(message.subject) || settings::find_invalid_utf8(message.subject) ||
        message.subject.size() > 2000)
        return bad("a mail's subject has a line break or another control character in it, or is too long");
    const auto is_in_id = [](unsigned char c) { return c > 0x20 && c < 0x7f && c != '<' && c != '>'; };
    if (message.message_id.empty() || message.message_id.size() > 250 ||
        !std::ranges::all_of(message.message_id, is_in_id))
        return bad("a mail's message_id is empty or has characters that are not allowed there");
    if (settings::find_invalid_utf8(message.text) || message.text.find('\0') != std::string::npos)
        return bad("a mail's text is not UTF-8");

    WrittenMail mail{from->address, to->address, {}};
    auto out = std::back_inserter(mail.bytes);
    fmt::format_to(out, "From: {}\r\nTo: {}\r\n", from->header, to->header);
    if (!reply_to->address.empty())
        fmt::format_to(out, "Reply-To: {}\r\n", reply_to->header);
    fmt::format_to(out, "Subject: {}\r\n", header_text(message.subject));
    fmt::format_to(out, "Date: {:%a, %d %b %Y %H:%M:%S} +0000\r\n", fmt::gmtime(message.date));
    fmt::format_to(out, "Message-ID: <{}>\r\n", message.message_id);
    for (const auto& [name, value] : message.headers) {
        std::string lower(name);
        std::ranges::transform(lower, lower.begin(),
                               [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        const bool is_name =
            !name.empty() && name.size() < 70 &&
            std::ranges::all_of(name, [](unsigned char c) { return c > 0x20 && c < 0x7f && c != ':'; });
        if (!is_name || has_control(value) || settings::find_invalid_utf8(value))
            return bad("a mail's header has a line break or another control character in it");
        if (std::ranges::find(reserved, lower) != reserved.end())
            return bad(fmt::format("a mail's header {} cannot be given twice", lower));
        fmt::format_to(out, "{}: {}\r\n", name, header_text(value));
    }
    mail.bytes +=
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n";
    mail.bytes += quoted_printable(message.text);
    return mail;
}

}  // namespace calyptenora::host
