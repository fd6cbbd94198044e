#pragma once

#include <string>
#include <string_view>

/// The encodings in which mail carries text, read into UTF-8.
namespace calyptenora::mail {

std::string lower_case(std::string_view text);
std::string_view trimmed(std::string_view text);

/// RFC 2045: broken escapes stay as they are.
std::string decode_quoted_printable(std::string_view text);
/// RFC 2045: characters outside the alphabet are passed over.
std::string decode_loose_base64(std::string_view text);

/// UTF-8 and US-ASCII are checked, ISO 8859-1, -15 and Windows-1252 converted; what cannot be read becomes
/// U+FFFD.
std::string to_utf8(std::string_view bytes, std::string_view charset);

/// RFC 2047 words in a header field.
std::string decode_words(std::string_view header);

/// The text of an HTML document; paragraphs and breaks become line ends, quoted blocks begin with "> ".
std::string text_of_html(std::string_view html);

}  // namespace calyptenora::mail
