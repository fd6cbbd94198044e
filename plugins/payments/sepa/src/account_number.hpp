#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Numbers with ISO 7064 MOD 97-10 check digits: IBAN (ISO 13616) and creditor references (ISO 11649).
namespace calyptenora::sepa {

/// Letters and digits only, in capitals. Everything else is dropped.
std::string compact(std::string_view text);

/// The compact form, if length, country and check digits are right.
std::optional<std::string> find_iban(std::string_view text);

/// In groups of four, as people read it.
std::string grouped(std::string_view compact_text);

/// `RF` + check digits + body; the body is 1 to 21 capitals and digits.
std::optional<std::string> find_creditor_reference(std::string_view body);

/// Whether a compact text is a creditor reference with right check digits.
bool is_creditor_reference(std::string_view compact_text);

}  // namespace calyptenora::sepa
