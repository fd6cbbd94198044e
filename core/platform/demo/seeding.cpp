#include "platform/demo/seeding.hpp"

#include "storage/stores/tombstones.hpp"

#include <algorithm>

namespace calyptenora::platform::demo {
namespace {

/// People at a time: enough for few statements, few enough to be forgotten again.
constexpr std::size_t batch_size = 500;

/// What the stores take of several people.
struct Batch {
    std::vector<storage::SubjectId> ids;
    std::vector<storage::learners::NewLearner> accounts;
    std::vector<std::pair<storage::LearnerId, storage::Enrolment>> enrolments;
    std::vector<storage::learning::NewProgress> progress;
    std::vector<storage::Order> orders;
    std::vector<std::pair<storage::LearnerId, storage::StudyClock>> clocks;
    std::vector<storage::study_time::NewTime> times;
    std::vector<storage::ConsentEvent> answers;
    std::vector<storage::account_events::NewEvent> events;

    void add(Person person) {
        const auto& id = ids.emplace_back(person.account.learner.id);
        accounts.push_back(std::move(person.account));
        for (auto& enrolment : person.enrolments)
            enrolments.emplace_back(id, std::move(enrolment));
        if (person.clock)
            clocks.emplace_back(id, std::move(*person.clock));
        std::ranges::move(person.progress, std::back_inserter(progress));
        std::ranges::move(person.orders, std::back_inserter(orders));
        std::ranges::move(person.times, std::back_inserter(times));
        std::ranges::move(person.answers, std::back_inserter(answers));
        std::ranges::move(person.events, std::back_inserter(events));
    }
};

Status write(storage::Transaction& tx, const storage::FieldCipher& cipher, const Batch& batch) {
    if (auto made = cipher.keys().create_all(batch.ids); !made)
        return made;
    if (auto inserted = storage::learners::insert_all(tx, cipher, batch.accounts); !inserted)
        return inserted;
    storage::orders::insert_all(tx, batch.orders);
    storage::learning::insert_all(tx, batch.enrolments);
    storage::learning::insert_all(tx, batch.progress);
    storage::study_time::insert_all(tx, batch.clocks);
    storage::study_time::insert_all(tx, batch.times);
    storage::account_events::append_all(tx, batch.events);
    storage::consents::record_all(tx, cipher.keys().service(), batch.answers,
                                  storage::ConsentOrigin::account);
    return {};
}

/// Of those who closed what was open. A refusal needs none: where nothing was open, a restored backup opens
/// nothing.
void add_tombstones(const Batch& batch, storage::Timestamp since, std::vector<storage::Tombstone>& stones) {
    for (const auto& answer : batch.answers)
        if (answer.event_state == ConsentState::withdrawn && answer.event_time >= since)
            stones.push_back({answer.pii_principal_id, storage::TombstoneKind::withdrawal, answer.instance,
                              answer.purpose, answer.event_time});
}

}  // namespace

std::string shown_text(std::string_view language) {
    return language == "de"
               ? "Vorführung: Diese Person und ihre Wahl sind erfunden; niemandem wurde etwas gezeigt.\n"
               : "Demonstration: this person and their choice are made up; nobody was shown anything.\n";
}

Result<Seeded> seed_people(storage::Database& database, const storage::FieldCipher& cipher,
                           const Population& population, std::size_t count,
                           storage::Timestamp tombstones_since,
                           const std::function<void(double done)>& on_progress) {
    return database.transaction_blocking([&](storage::Transaction& tx) -> Result<Seeded> {
        Seeded seeded;
        std::vector<storage::Tombstone> stones;
        for (const auto* language : {"de", "en"})
            storage::consents::store_text(tx, language, shown_text(language), population.setting().until);
        for (const auto& question : population.setting().questions)
            storage::consents::store_text(tx, "", question.terms_document, population.setting().until);
        for (std::size_t begin = 0; begin < count; begin += batch_size) {
            Batch batch;
            for (auto i = begin; i < std::min(count, begin + batch_size); ++i)
                batch.add(population.make_person(i));
            if (const auto written = write(tx, cipher, batch); !written)
                return written.error();
            add_tombstones(batch, tombstones_since, stones);
            seeded.learners += static_cast<std::int64_t>(batch.ids.size());
            seeded.enrolments += static_cast<std::int64_t>(batch.enrolments.size());
            seeded.lessons += static_cast<std::int64_t>(batch.progress.size());
            seeded.answers += static_cast<std::int64_t>(batch.answers.size());
            seeded.orders += static_cast<std::int64_t>(batch.orders.size());
            on_progress(static_cast<double>(begin + batch.ids.size()) / static_cast<double>(count));
        }
        if (const auto put = storage::tombstones::put(cipher.keys(), stones); !put)
            return put.error();
        return seeded;
    });
}

}  // namespace calyptenora::platform::demo
