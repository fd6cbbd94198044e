#pragma once

#include "platform/export/byte_sink.hpp"
#include "platform/export/issuer.hpp"
#include "storage/field_cipher.hpp"
#include "storage/stores/legal_demands.hpp"
#include "storage/stores/subject_records.hpp"

#include <calyptenora/result.hpp>

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What is handed to an authority that demands it by law: of a person's records what was granted, and nothing
/// else.
namespace calyptenora::platform {

/// What of a record set can be handed over.
struct DemandedSet {
    std::string_view set;
    /// When what a row says came to be, by which the period is judged; empty: it is so now, whenever that
    /// began.
    std::string_view dated = {};
    /// Handed out beside the data, which could not be read without.
    std::vector<std::string_view> beside = {};
    /// All that its documents may hold: they are handed over whole, or not at all. Empty: what the inventory
    /// says.
    CategoryMask holds = {};
};

/// The sets that hold data of some category. Those that repeat what another has, or what somebody else
/// answered in words of all kinds, are no part of it: consent_history, events, recipient_answers.
std::span<const DemandedSet> demanded_sets();

struct DemandedContents {
    std::map<std::string, long long, std::less<>> records;  ///< By record set.
    CategoryMask categories;                                ///< Of which there is something in the file.
    bool is_erased = false;
};

/// Writes a ZIP file: `demand.json` says what was asked for and what there is, `csv/` holds it. Of each
/// record there are the columns of the categories granted, and its date. Of somebody erased there is nothing
/// left, and the file says so. `tx` is a reading transaction of the caller.
Result<DemandedContents> write_demanded_file(storage::Transaction& tx, const storage::FieldCipher& cipher,
                                             const ExportIssuer& issuer, const storage::LegalDemand& demand,
                                             storage::Timestamp made_at, ByteSink& sink);

}  // namespace calyptenora::platform
