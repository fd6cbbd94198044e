#pragma once

#include "storage/field_cipher.hpp"
#include "storage/transaction.hpp"

#include <calyptenora/result.hpp>
#include <calyptenora/vocabulary.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Events that wait to be sent. They are written in the transaction of the change that they tell about, and
/// decided on only when sent. The core's own letters (settings::core_mail_id()) wait here, too. Callers:
/// platform (append; everything about letters), dispatch (everything else about events).
namespace calyptenora::storage {

enum class OutboxState : unsigned char {
    queued,     ///< Waits for `next_attempt_at`.
    claimed,    ///< A dispatcher works on it until `claim_until`; then anybody may.
    delivered,  ///< The recipient has it.
    dropped,    ///< Denied when it was to be sent. Never sent later.
    failed,     ///< Given up.
};
BOOST_DESCRIBE_ENUM(OutboxState, queued, claimed, delivered, dropped, failed)

struct NewEvent {
    EventId id;
    /// `family/name`.
    std::string instance;
    /// `family.operation`.
    std::string operation;
    Purpose purpose;
    SubjectId subject;
    /// JSON; encrypted under the subject's key.
    std::string payload;
};

struct OutboxEvent {
    EventId id;
    std::string instance;
    std::string operation;
    Purpose purpose;
    SubjectId subject;
    /// Nothing if the subject's key is gone: then the event can only be dropped.
    std::optional<std::string> payload;
    Timestamp created_at;
    /// This attempt included.
    int attempts;
};

/// How one event stands, without what it says and whom it is about.
struct OutboxNote {
    EventId id;
    std::string operation;
    OutboxState state;
    int attempts;
    Timestamp created_at;
    /// While it is queued.
    Timestamp next_attempt_at;
    std::string last_error;
    std::optional<Timestamp> settled_at;
};

/// Names a dispatcher while it holds events: a node's name and something that changes when it restarts.
using NodeName = std::string;

namespace outbox {

/// In the caller's transaction. `not_found` if the subject is erased; an id that is there already is left
/// alone.
Status append(Transaction& tx, const FieldCipher& cipher, const NewEvent& event, Timestamp now);

/// At most `limit` events that are due, or whose claim ran out, oldest first; `instance` empty means any
/// plugin's, letters not among them. They are the caller's until `now + lease`. Two dispatchers never get the
/// same one.
std::vector<OutboxEvent> claim(Transaction& tx, const FieldCipher& cipher, std::string_view instance,
                               const NodeName& node, int limit, Timestamp now,
                               std::chrono::microseconds lease);

/// These settle one event that `node` still holds; false if it does not (its claim ran out and another took
/// it). Settled events lose their payload.
bool deliver(Transaction& tx, const EventId& id, const NodeName& node, Timestamp now);
bool drop(Transaction& tx, const EventId& id, const NodeName& node, std::string_view reason, Timestamp now);
bool fail(Transaction& tx, const EventId& id, const NodeName& node, std::string_view reason, Timestamp now);
/// Given up like `fail`, but with its payload, so that an operator can have it tried again.
bool set_aside(Transaction& tx, const EventId& id, const NodeName& node, std::string_view reason,
               Timestamp now);
/// Back to the queue; see `backoff`. With `CountAttempt::no` for an event that only shared a batch with a
/// refused one.
enum class CountAttempt : unsigned char { yes, no };
bool requeue(Transaction& tx, const EventId& id, const NodeName& node, std::string_view reason, Timestamp at,
             CountAttempt count = CountAttempt::yes);

/// How long to wait after so many attempts: doubles from 2 s, at most 1 h.
std::chrono::seconds backoff(int attempts);

/// Drops everything unsent of the subject, at one instance or (empty) all, for one purpose or all. Part of a
/// withdrawal.
long long drop_all(Transaction& tx, const SubjectId& subject, std::string_view instance,
                   const std::optional<Purpose>& purpose, std::string_view reason, Timestamp now);

/// Has one that was set aside, or that waits, tried again at once, as if for the first time. False if there
/// is no such one at this instance.
bool retry(Transaction& tx, const EventId& id, std::string_view instance, Timestamp now);
/// Whether an event of this operation to this instance about the subject waits, and is not under way.
bool is_waiting(Transaction& tx, const SubjectId& subject, std::string_view instance,
                std::string_view operation);
/// One instance's that have not arrived: what waits, is under way or was given up; oldest first.
std::vector<OutboxNote> list_undelivered(Transaction& tx, std::string_view instance, int limit);

/// How many there are of each state; `instance` empty means all.
std::map<OutboxState, long long> count(Transaction& tx, std::string_view instance);

/// When the next queued or claimed event becomes due, if there is one.
std::optional<Timestamp> find_next_due(Transaction& tx);

/// Deletes what was settled before. Returns how many.
long long sweep(Transaction& tx, Timestamp settled_before);

}  // namespace outbox
}  // namespace calyptenora::storage
