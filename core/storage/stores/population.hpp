#pragma once

#include "storage/field_cipher.hpp"
#include "storage/stores/account_events.hpp"
#include "storage/stores/consents.hpp"
#include "storage/stores/learners.hpp"
#include "storage/stores/learning.hpp"
#include "storage/stores/orders.hpp"
#include "storage/stores/study_time.hpp"

#include <span>
#include <string>
#include <utility>

/// Many new people at once, with what they did: row for row what the stores write one by one, in few
/// statements. Each function stands in its store's file, beside the one that it must agree with. Caller:
/// platform/demo.
namespace calyptenora::storage {

namespace learners {

struct NewLearner {
    Learner learner;
    Contact contact;
    std::string education;
    Timestamp last_seen_at;
};
/// insert(), set_education(), set_presentation() and subjects::touch(). Call KeyStore::create_all() first.
/// DatabaseError if an id or an address has an account.
Status insert_all(Transaction& tx, const FieldCipher& cipher, std::span<const NewLearner> people);

/// How many accounts there are, of whatever role, those of the erased not counted.
std::int64_t count(Transaction& tx);

}  // namespace learners

namespace learning {

/// enrol().
void insert_all(Transaction& tx, std::span<const std::pair<LearnerId, Enrolment>> enrolments);

struct NewProgress {
    LearnerId learner;
    std::string course;
    LessonProgress progress;
    Timestamp started_at;
};
/// record_position(), record_place() and complete_lesson().
void insert_all(Transaction& tx, std::span<const NewProgress> progress);

}  // namespace learning

namespace study_time {

/// switch_on() and set_clock().
void insert_all(Transaction& tx, std::span<const std::pair<LearnerId, StudyClock>> clocks);

struct NewTime {
    LearnerId learner;
    StudyTime time;
    Timestamp updated_at;
};
/// add().
void insert_all(Transaction& tx, std::span<const NewTime> times);

}  // namespace study_time

namespace orders {

/// insert(); without instructions, which only open orders have.
void insert_all(Transaction& tx, std::span<const Order> orders);

}  // namespace orders

namespace account_events {

struct NewEvent {
    EventId id;
    LearnerId learner;
    AccountEvent event;
};
/// append().
void append_all(Transaction& tx, std::span<const NewEvent> events);

}  // namespace account_events

namespace consents {

/// record(), for subjects without a chain whose events stand one after the other, oldest first.
void record_all(Transaction& tx, const ServiceSecrets& secrets, std::span<const ConsentEvent> events,
                ConsentOrigin origin);

}  // namespace consents

/// store_chain_head() for subjects that have none yet.
void insert_chain_heads(Transaction& tx, const ServiceSecrets& secrets, Ledger ledger,
                        std::span<const std::pair<SubjectId, ChainHead>> heads);

}  // namespace calyptenora::storage
