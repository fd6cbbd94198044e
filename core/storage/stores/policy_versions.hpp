#pragma once

#include "storage/transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What the privacy notice has said, version by version. Caller: platform, which knows what it says now.
namespace calyptenora::storage {

using PolicyVersionId = Id<struct PolicyVersionTag>;

struct PolicyVersion {
    PolicyVersionId id;
    std::int64_t number = 1;  ///< From 1.
    std::string hash;         ///< Of the record; two versions in a row differ in it.
    Timestamp made_at;
    Timestamp effective_at;
    bool material = false;  ///< It reaches further than the version before, so that people are told.
};

namespace policy_versions {

/// False if there is a version with this number: another process was faster.
bool insert(Transaction& tx, const PolicyVersion& version, const std::string& record);
/// Newest first.
std::vector<PolicyVersion> list(Transaction& tx);
/// What a version says, as JSON.
std::optional<std::string> find_record(Transaction& tx, std::int64_t number);

/// The newest version whose announcement a learner has put away; 0 if none.
std::int64_t find_seen(Transaction& tx, const LearnerId& learner);
/// Never goes back.
void note_seen(Transaction& tx, const LearnerId& learner, std::int64_t number);

/// At most `limit` accounts that were there before `made_at` and have not been written to about this version.
std::vector<LearnerId> list_unmailed(Transaction& tx, std::int64_t number, Timestamp made_at, int limit);
/// Never goes back. False if somebody else was faster: then it is theirs to write.
bool note_mailed(Transaction& tx, const LearnerId& learner, std::int64_t number);

}  // namespace policy_versions
}  // namespace calyptenora::storage
