#pragma once

#include "storage/ids.hpp"
#include "storage/transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The versions of the terms of use, and who has accepted which. Caller: platform.
namespace calyptenora::storage {

struct TermsVersion {
    std::int64_t number = 0;
    std::string de;  ///< Markdown.
    std::string en;
    Timestamp made_at;

    /// From then on there are no terms.
    bool is_end() const { return de.empty() && en.empty(); }
};

struct TermsAcceptance {
    std::int64_t version;
    std::string language;  ///< In which they were read: `de` or `en`.
    Timestamp accepted_at;
};

namespace terms {

/// False if there is a version with this number.
bool insert(Transaction& tx, const TermsVersion& version);
/// Newest first.
std::vector<TermsVersion> list(Transaction& tx);
std::optional<TermsVersion> find_newest(Transaction& tx);

/// What was accepted before stays so, as of then.
void accept(Transaction& tx, const LearnerId& learner, const TermsAcceptance& acceptance);
/// That of the newest version that they have accepted.
std::optional<TermsAcceptance> find_acceptance(Transaction& tx, const LearnerId& learner);

}  // namespace terms
}  // namespace calyptenora::storage
