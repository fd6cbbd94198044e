#include "giro_code.hpp"

#include <qrencode.h>

#include <algorithm>
#include <memory>

namespace calyptenora::sepa {

std::string decimal_amount(std::int64_t cents) {
    auto fraction = std::to_string(cents % 100);
    if (fraction.size() < 2)
        fraction.insert(0, "0");
    return std::to_string(cents / 100) + "." + fraction;
}

std::size_t count_characters(std::string_view utf8) {
    return static_cast<std::size_t>(
        std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

Result<std::string> giro_code_text(const GiroCode& code) {
    const auto has_line_break = [](std::string_view text) {
        return text.find_first_of("\r\n") != std::string_view::npos;
    };
    if (code.amount_cents < 1 || code.amount_cents > 99'999'999'999)
        return Error(ErrorKind::invalid_input, "a transfer has an amount of 0.01 to 999999999.99 euro");
    if (code.payee_name.empty() || count_characters(code.payee_name) > 70)
        return Error(ErrorKind::invalid_config, "payee_name: 1 to 70 characters");
    if (count_characters(code.text) > 140 || has_line_break(code.text) || has_line_break(code.payee_name) ||
        (!code.text.empty() && !code.creditor_reference.empty()))
        return Error(ErrorKind::invalid_input,
                     "the remittance information is one line of at most 140 characters");
    std::string text = "BCD\n002\n1\nSCT\n" + code.bic + "\n" + code.payee_name + "\n" + code.iban + "\nEUR" +
                       decimal_amount(code.amount_cents) + "\n\n" + code.creditor_reference;
    if (!code.text.empty())
        text += "\n" + code.text;
    if (text.size() > 331)
        return Error(ErrorKind::invalid_input, "the GiroCode would be longer than 331 bytes");
    return text;
}

Result<payments::QrCode> draw_qr_code(const std::string& text) {
    constexpr int highest_version = 13;
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> drawn(
        QRcode_encodeData(static_cast<int>(text.size()), reinterpret_cast<const unsigned char*>(text.data()),
                          0, QR_ECLEVEL_M),
        &QRcode_free);
    if (!drawn || drawn->version > highest_version)
        return Error(ErrorKind::invalid_input, "the GiroCode does not fit into a QR code of version 13");
    payments::QrCode code{drawn->width, {}};
    const auto modules = static_cast<std::size_t>(drawn->width) * static_cast<std::size_t>(drawn->width);
    code.modules.reserve(modules);
    for (std::size_t i = 0; i < modules; ++i)
        code.modules.push_back(drawn->data[i] & 1 ? '1' : '0');
    return code;
}

}  // namespace calyptenora::sepa
