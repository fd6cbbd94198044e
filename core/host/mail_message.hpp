#pragma once

#include <calyptenora/result.hpp>

#include <chrono>
#include <map>
#include <string>
#include <string_view>

namespace calyptenora::host {

/// A mail of plain text.
struct MailMessage {
    std::string from;      ///< `name@host`, or `Some Name <name@host>`.
    std::string to;        ///< The same.
    std::string reply_to;  ///< The same, or empty.
    std::string subject;
    std::string text;        ///< UTF-8; lines end in LF or CRLF.
    std::string message_id;  ///< Without angle brackets.
    std::map<std::string, std::string> headers;
    std::chrono::system_clock::time_point date;
};

/// A message as it goes over the wire.
struct WrittenMail {
    std::string sender, recipient;  ///< Of the envelope.
    std::string bytes;              ///< RFC 5322, ASCII, lines of at most 998 bytes, CRLF; not dot-stuffed.
};

/// Writes the message: header texts as encoded words where they are not ASCII (RFC 2047), the body in
/// quoted-printable. `invalid_input` for what could add a header or a recipient (line breaks, control
/// characters), for addresses that are not plain ASCII ones, and for headers that the message has already.
Result<WrittenMail> write_mail(const MailMessage& message);

}  // namespace calyptenora::host
