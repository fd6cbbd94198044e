#pragma once

#include "storage/migrations.hpp"

#include <calyptenora/result.hpp>
#include <calyptenora/vocabulary.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What every column of both databases holds, whose it is and how long it stays: `inventory.csv`, compiled
/// into the program. A migration that adds a column adds a line there; a test compares it with the real
/// schema. Callers: cli (`privacy inventory`), platform (privacy rights, record of processing).
namespace calyptenora::storage {

struct InventoryEntry {
    /// `data` or `keys`.
    std::string database;
    std::string table;
    std::string column;
    /// A key of the data vocabulary, `system` (needed to run the platform, says something about a person only
    /// together with others) or `none`.
    std::string category;
    /// The vocabulary's term, unless it is `system` or `none`.
    std::optional<Category> term;
    /// `learner`, `guest`, `subject` (either), `operator` or `none`.
    std::string whose;
    /// `subject_key`, `system_key`, `master_key`, `hashed` or `none`.
    std::string protection;

    // How the column takes part in the rights of the person whose it is. `none`: it says nothing of them.

    /// `portable`: given out under Art. 15 and Art. 20 GDPR. `access`: under Art. 15 only. `withheld`: a
    /// secret, or derived from what is given out.
    std::string export_;
    /// Art. 16: `learner`: corrected on a page of the learner's own. `request`: by staff, on request.
    /// `supplement`: the record stays as it was made, and a statement is added. `none`: it is no statement
    /// about the person that could be wrong.
    std::string rectification;
    /// Art. 18: `held`: stored and nothing else. `used`: needed to store, secure and answer for the rest, so
    /// its use goes on.
    std::string restriction;
    /// Art. 17: `deleted` with its row; `emptied`: the row stays, this does not; `tombstone`: stays, to say
    /// that there was somebody who is erased; `retained`: as long as `retention` says, which names the
    /// ground; `expires`: goes by itself in the time that `retention` says.
    std::string erasure;

    /// How long it stays, in words.
    std::string retention;
};

/// The program's own inventory.
const std::vector<InventoryEntry>& inventory();

/// `invalid_config`, naming the line, for a word that is not in one of the lists above, or a repeated column.
Result<std::vector<InventoryEntry>> parse_inventory(std::string_view csv);

/// Where inventory and schema differ, as `table.column`.
struct InventoryGaps {
    /// In the schema, but claimed by no line.
    std::vector<std::string> unclaimed;
    /// Claimed, but in no schema.
    std::vector<std::string> nonexistent;
    bool empty() const { return unclaimed.empty() && nonexistent.empty(); }
};
InventoryGaps find_gaps(const std::vector<InventoryEntry>& entries, std::string_view database,
                        const std::vector<SchemaColumn>& schema);

}  // namespace calyptenora::storage
