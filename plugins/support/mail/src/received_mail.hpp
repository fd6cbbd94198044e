#pragma once

#include <calyptenora/result.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace calyptenora::mail {

inline constexpr std::size_t longest_mail = 1024 * 1024;

/// A mail as it came (RFC 5322, MIME), read as far as a case needs it.
struct ReceivedMail {
    std::string message_id;               ///< Without angle brackets; empty when there is none.
    std::vector<std::string> recipients;  ///< To, Cc, Delivered-To and X-Original-To, in small letters.
    std::string text;           ///< UTF-8, lines ended by LF; from HTML where there is no plain text.
    bool is_automatic = false;  ///< An automatic reply, mass mail or a bounce (RFC 3834).
};

/// Fails for what is too long or has no header.
Result<ReceivedMail> parse_mail(std::string_view bytes);

}  // namespace calyptenora::mail
