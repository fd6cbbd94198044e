#pragma once

#include "storage/stores/accesses.hpp"
#include "storage/stores/checkpoints.hpp"
#include "storage/stores/consents.hpp"
#include "storage/stores/disclosures.hpp"
#include "support/databases.hpp"

#include <string>
#include <vector>

namespace calyptenora::test {

/// What `ledger verify` finds in all ledgers and in the chain of heads.
struct Findings {
    std::vector<storage::LedgerBreak> rows;
    std::vector<storage::CheckpointBreak> checkpoints;
    bool empty() const { return rows.empty() && checkpoints.empty(); }
    std::string text() const;
};

/// A store test with rows in the ledgers.
class LedgerTest : public StoreTest {
  protected:
    storage::ConsentEvent make_event(const storage::SubjectId& subject, int minute = 0);
    storage::Disclosure make_disclosure(const storage::SubjectId& subject, int minute = 0);
    storage::Access make_access(const storage::SubjectId& subject, int minute = 0);
    void append_event(const storage::SubjectId& subject, int minute = 0);
    void append_disclosure(const storage::SubjectId& subject, int minute = 0);
    void append_access(const storage::SubjectId& subject, int minute = 0);
    std::optional<storage::Checkpoint> take_checkpoint(int limit = 2000);

    Findings find_breaks(storage::Transaction& tx);
    Findings find_breaks();

    /// As somebody with all rights on the database could: no table is append-only any more.
    void drop_triggers();
    /// Runs statements, verifies, and undoes them.
    Findings find_breaks_after(const std::vector<std::string>& statements);
};

}  // namespace calyptenora::test
