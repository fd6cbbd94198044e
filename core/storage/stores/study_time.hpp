#pragma once

#include "storage/transaction.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// How long a learner learnt, lesson by lesson, if they want that counted. What counts is the platform's to
/// say. Caller: platform.
namespace calyptenora::storage {

/// There is one for who has switched it on.
struct StudyClock {
    Timestamp since;
    Timestamp counted_until;  ///< No moment before is counted again.
    /// The lesson whose page was opened last.
    std::optional<std::string> course;
    std::optional<std::string> lesson;
    Timestamp opened_at;
    bool reports = false;  ///< That page says itself what is counted.
};

struct StudyTime {
    std::string course;
    std::string lesson;
    std::chrono::seconds spent;
};

namespace study_time {

/// Nothing if it is on already.
void switch_on(Transaction& tx, const LearnerId& learner, Timestamp now);
void switch_off(Transaction& tx, const LearnerId& learner);

std::optional<StudyClock> find_clock(Transaction& tx, const LearnerId& learner);
/// The same, kept from other writers until the transaction ends.
std::optional<StudyClock> lock_clock(Transaction& tx, const LearnerId& learner);
void set_clock(Transaction& tx, const LearnerId& learner, const StudyClock& clock);

void add(Transaction& tx, const LearnerId& learner, std::string_view course, std::string_view lesson,
         std::chrono::seconds spent, Timestamp now);
/// The longest first.
std::vector<StudyTime> list(Transaction& tx, const LearnerId& learner);
void forget(Transaction& tx, const LearnerId& learner);

}  // namespace study_time
}  // namespace calyptenora::storage
