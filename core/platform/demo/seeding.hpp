#pragma once

#include "platform/demo/population.hpp"
#include "storage/database.hpp"
#include "storage/field_cipher.hpp"

#include <calyptenora/result.hpp>

#include <functional>

namespace calyptenora::platform::demo {

struct Seeded {
    std::int64_t learners = 0;
    std::int64_t enrolments = 0;
    std::int64_t lessons = 0;  ///< Begun or completed.
    std::int64_t answers = 0;  ///< To questions of consent.
    std::int64_t orders = 0;
};

/// The text that a proof of an answer shows, in `de` or `en`: what nobody was asked is not claimed to have
/// been shown.
std::string shown_text(std::string_view language);

/// Keeps the texts that the answers refer to, writes so many people, and the tombstones of those who withdrew
/// after `tombstones_since`. One transaction: all of them or nobody. What a run that was broken off leaves
/// are keys of nobody, which the next one with the same seed takes up. Blocks.
Result<Seeded> seed_people(storage::Database& database, const storage::FieldCipher& cipher,
                           const Population& population, std::size_t count,
                           storage::Timestamp tombstones_since,
                           const std::function<void(double done)>& on_progress);

}  // namespace calyptenora::platform::demo
