#pragma once

#include <string>
#include <string_view>

namespace calyptenora::mail {

/// An answer without the message that it quotes at its end. Where the answer stands between quoted lines, or
/// nothing would be left, everything is kept.
std::string without_quotation(std::string_view text);

}  // namespace calyptenora::mail
