#pragma once

#include "storage/field_cipher.hpp"
#include "storage/stores/learners.hpp"
#include "storage/transaction.hpp"

#include <optional>
#include <string>
#include <vector>

/// What makes an account one of the staff's: appointments, undertakings of confidentiality, trainings (Art.
/// 29 and 32(4) GDPR). Append-only. Caller: platform.
namespace calyptenora::storage {

using StaffEventId = Id<struct StaffEventTag>;

enum class StaffEventKind : unsigned char { appointed, undertaking, training };
BOOST_DESCRIBE_ENUM(StaffEventKind, appointed, undertaking, training)

struct StaffEvent {
    StaffEventId id;
    LearnerId learner;
    StaffEventKind kind{};
    /// Of an appointment; `learner` ends one.
    std::optional<Role> role;
    /// Of an appointment: what the same person is called by the operating system, if they work there.
    std::optional<std::string> system_user = std::nullopt;
    /// ISO 8601 date on which it was given.
    std::string on_day;
    /// Where it can be found; without names.
    std::string evidence;
    /// Who recorded it, as in Access.
    std::string actor;
    Timestamp at;
};

namespace staff_events {

void append(Transaction& tx, const FieldCipher& cipher, const StaffEvent& event);
/// One account's, oldest first.
std::vector<StaffEvent> list(Transaction& tx, const FieldCipher& cipher, const LearnerId& learner);

}  // namespace staff_events
}  // namespace calyptenora::storage
