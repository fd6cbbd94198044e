#pragma once

#include "storage/stores/accesses.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Which looks into people's records are reviewed, and what came of it. Caller: platform, which knows the
/// rules.
namespace calyptenora::storage {

/// Why a look was chosen.
enum class ReviewRule : unsigned char {
    sample,         ///< By chance.
    many_records,   ///< One of many people's within a short time.
    family_name,    ///< The person has the family name of whoever looked.
    own_record,     ///< Their own.
    outside_hours,  ///< Before, after, or on a day without work.
};
BOOST_DESCRIBE_ENUM(ReviewRule, sample, many_records, family_name, own_record, outside_hours)

enum class Verdict : unsigned char { justified, unjustified };
BOOST_DESCRIBE_ENUM(Verdict, justified, unjustified)

struct OpenReview {
    Access access;
    std::vector<ReviewRule> rules;
    Timestamp considered_at;
};

struct SignedReview {
    Access access;
    std::vector<ReviewRule> rules;
    std::optional<Verdict> verdict;  ///< Absent while nobody has signed, or if it was not chosen.
};

namespace access_reviews {

/// Looks that no rule has been applied to yet, oldest first.
std::vector<Access> list_unconsidered(Transaction& tx, const FieldCipher& cipher, int limit);
/// Keeps which rules chose a look; none: it is not reviewed. What was considered before stays as it is.
void consider(Transaction& tx, const Access& access, const std::vector<ReviewRule>& rules, Timestamp now);

/// Chosen and not signed off, oldest first.
std::vector<OpenReview> list_open(Transaction& tx, const FieldCipher& cipher, int limit);
std::optional<OpenReview> find_open(Transaction& tx, const FieldCipher& cipher, const AccessId& access);
/// All looks since then that were considered, newest first.
std::vector<SignedReview> list_since(Transaction& tx, const FieldCipher& cipher, Timestamp since, int limit);

/// Signs one off. False if it does not wait for anybody.
bool sign(Transaction& tx, const FieldCipher& cipher, const AccessId& access, Verdict verdict,
          std::string_view remark, std::string_view reviewer, Timestamp now);

}  // namespace access_reviews
}  // namespace calyptenora::storage
