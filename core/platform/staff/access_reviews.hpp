#pragma once

#include "platform/staff/staff.hpp"
#include "storage/stores/access_reviews.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

/// The review of what the staff opens: rules and chance choose looks, and somebody else signs each off.
namespace calyptenora::platform {

/// What the rules ask about a look, besides the look itself.
struct LookFacts {
    std::string own_account;           ///< Id of whoever looked; empty for users of the operating system.
    std::string family_name_of_actor;  ///< Empty where it is not known.
    std::string family_name;           ///< Of the person whose record it was; empty where it is not known.
    int people_in_window = 0;  ///< Whose records the same actor opened just before, this one included.
    int hour = 12;             ///< At the platform's place.
    int weekday = 1;           ///< 0 is Sunday.
};

/// Which rules choose a look; chance aside. Pure.
std::vector<storage::ReviewRule> apply_rules(const settings::Staff::Review& settings,
                                             const storage::Access& access, const LookFacts& facts);

/// Whether the look is this person's own, under whichever name.
bool is_own(const storage::Access& access, const StaffStanding& reviewer);

/// What came of the review in a length of time.
struct ReviewReport {
    int looks = 0;
    std::map<storage::ReviewRule, int> chosen;  ///< A look that two rules chose counts for both.
    int justified = 0;
    int unjustified = 0;
    int open = 0;
    std::map<std::string, int> looks_by_actor;
};

class AccessReviews {
  public:
    /// `rules` yields the settings in force.
    AccessReviews(storage::Database& database, const storage::FieldCipher& cipher,
                  const storage::Clock& clock, Staff& staff, std::function<settings::Staff()> rules);

    /// Applies the rules to every look that is new. Yields how many were chosen. Several processes may do
    /// this on one database: each look is considered once.
    boost::asio::awaitable<Result<int>> consider_new();

    /// Those that wait for somebody, oldest first.
    boost::asio::awaitable<Result<std::vector<storage::OpenReview>>> list_open(int limit);

    /// Signs one off. `denied` without the permission, and for whoever looked themselves, under whichever
    /// name; `not_found` if it does not wait; `invalid_input` without a remark where it was unjustified.
    boost::asio::awaitable<Status> sign(storage::LearnerId reviewer, storage::AccessId access,
                                        storage::Verdict verdict, std::string remark);

    boost::asio::awaitable<Result<ReviewReport>> report(storage::Timestamp since);

    /// What waits, as one sentence; nothing if nothing does.
    boost::asio::awaitable<Result<std::vector<std::string>>> list_reminders();

  private:
    LookFacts find_facts(storage::Transaction& tx, const storage::Access& access,
                         std::span<const storage::Access> before) const;

    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    const storage::Clock& clock_;
    Staff& staff_;
    const std::function<settings::Staff()> rules_;
};

}  // namespace calyptenora::platform
