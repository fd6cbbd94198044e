#pragma once

#include <calyptenora/families/payments.hpp>

#include <cstdint>
#include <string>

/// The QR code that banking apps read: "Quick Response Code: Guidelines to Enable Data Capture for the
/// Initiation of a SEPA Credit Transfer", EPC069-12, version 002.
namespace calyptenora::sepa {

struct GiroCode {
    std::string bic;         ///< May be empty.
    std::string payee_name;  ///< At most 70 characters.
    std::string iban;        ///< Compact.
    std::int64_t amount_cents = 0;
    std::string creditor_reference;  ///< Either this (RF...)
    std::string text;                ///< or this, at most 140 characters.
};

/// The text that is encoded; fails when a field or the whole (331 bytes) is too long.
Result<std::string> giro_code_text(const GiroCode& code);

/// The modules: error correction level M, at most version 13.
Result<payments::QrCode> draw_qr_code(const std::string& text);

/// `1234.50`: a point, two decimals, no grouping.
std::string decimal_amount(std::int64_t cents);

std::size_t count_characters(std::string_view utf8);

}  // namespace calyptenora::sepa
