#pragma once

#include "storage/stores/learners.hpp"
#include "storage/stores/sessions.hpp"
#include "storage/stores/subjects.hpp"
#include "storage/transaction.hpp"

#include <optional>
#include <string_view>

/// Subjects with all that pages and the gate ask about each, in one statement. Callers: gate, platform.
namespace calyptenora::storage {

struct Person {
    Subject subject;
    std::optional<Learner> learner;  ///< Absent for a guest.
    bool has_objected = false;       ///< Whether `consents::list_objections` holds any.
};

/// Somebody at a browser.
struct SignedIn {
    Session session;
    Person person;
    SealedContact contact;  ///< Empty for a guest.
};

namespace persons {

std::optional<Person> find(Transaction& tx, const SubjectId& id);
/// By the token of a session. Nothing for an unknown or expired one.
std::optional<SignedIn> find_by_session(Transaction& tx, std::string_view token, Timestamp now);

}  // namespace persons
}  // namespace calyptenora::storage
