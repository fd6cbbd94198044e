#pragma once

#include <calyptenora/families/payments.hpp>

#include <optional>
#include <string>

namespace calyptenora::http {

/// The code as an SVG picture with the quiet zone of four modules that readers need (ISO/IEC 18004). Nothing
/// if what the plugin gave is no square of '0' and '1' of a sensible size.
std::optional<std::string> draw_qr(const payments::QrCode& code);

}  // namespace calyptenora::http
