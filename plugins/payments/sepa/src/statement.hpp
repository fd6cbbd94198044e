#pragma once

#include "reference_mask.hpp"

#include <calyptenora/families/operation.hpp>

#include <boost/describe.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Bank statements: ISO 20022 camt.053 (end of day) and camt.054 (single bookings), versions 001.02 to
/// 001.08.
namespace calyptenora::sepa {

/// What a booking does to an order. The names are those of Signal::kind.
namespace booking_kind {
inline constexpr std::string_view credit = "credit";                    ///< Money has arrived.
inline constexpr std::string_view reversal = "reversal";                ///< The bank has taken it back.
inline constexpr std::string_view refund = "refund";                    ///< The operator has paid it back.
inline constexpr std::string_view refund_returned = "refund_returned";  ///< That has come back.
inline constexpr std::string_view unmatched = "unmatched_credit";  ///< Arrived, for no order or for several.
}  // namespace booking_kind

/// What is kept of a booking, in Signal::detail. Payer and account are not in it: they are not needed to give
/// access to a course.
struct Booking {
    std::int64_t amount_minor = 0;  ///< In hundredths.
    std::string currency;
    std::string booked;  ///< ISO 8601 date, or empty.
    std::string entry;   ///< The bank's reference, to find the booking in the statement; or empty.
};
BOOST_DESCRIBE_STRUCT(Booking, (), (amount_minor, currency, booked, entry))

inline constexpr std::size_t longest_statement = 8 * 1024 * 1024;

/// The signals of all booked entries of the account `iban` (compact) that concern orders, and of all other
/// incoming payments. Pending entries and other outgoing ones give none. `invalid_input` for what is no such
/// statement, or one of another account.
Result<std::vector<Signal>> read_statement(std::string_view xml, const std::string& iban,
                                           const ReferenceMask& mask);

}  // namespace calyptenora::sepa
