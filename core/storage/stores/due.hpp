#pragma once

#include "storage/transaction.hpp"

#include <cstdint>
#include <optional>

/// What the sweeps of the stores would delete, counted and left where it is. Caller: platform/housekeeping.
namespace calyptenora::storage {

struct Due {
    std::int64_t rows = 0;            ///< Whose time has come.
    std::optional<Timestamp> oldest;  ///< Of those, the moment from which their time counts.
    std::int64_t later = 0;           ///< Whose time has not.
    std::optional<Timestamp> next;    ///< The same of those.
    bool operator==(const Due&) const = default;
};

namespace due {

/// The moment of a row is before `cutoff`, as the sweep of the same name means it.
Due sessions(Transaction& tx, Timestamp now);
Due outgoing(Transaction& tx, Timestamp settled_before);
Due attempts(Transaction& tx, Timestamp began_before);
Due leases(Transaction& tx, Timestamp expired_before);
Due links(Transaction& tx, Timestamp now);
Due activity(Transaction& tx, Timestamp happened_before);
Due reads(Transaction& tx, Timestamp now);
Due timings(Transaction& tx, Timestamp week_before);
Due browsers(Transaction& tx, Timestamp week_before);
Due devices(Transaction& tx, Timestamp seen_before);
/// From its last day on, ISO 8601.
Due retained(Transaction& tx, std::string_view today);
/// In the key store.
Due tombstones(Transaction& tx, Timestamp before);

}  // namespace due
}  // namespace calyptenora::storage
