#pragma once

#include "storage/field_cipher.hpp"
#include "storage/transaction.hpp"

#include <calyptenora/result.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Requests of data subjects (Art. 15 to 21 GDPR): what was asked, and how it stands at the platform and at
/// each recipient who was told (Art. 19). A request outlives the person's key: what they wrote does not.
/// Caller: platform.
namespace calyptenora::storage {

using RequestId = Id<struct RequestTag>;

enum class RequestKind : unsigned char {
    access,
    portability,
    rectification,
    erasure,
    restriction,
    objection
};
BOOST_DESCRIBE_ENUM(RequestKind, access, portability, rectification, erasure, restriction, objection)

enum class RequestStatus : unsigned char {
    pending,      ///< Nothing has been done yet.
    in_progress,  ///< Begun; tried again, or waiting for the recipient.
    completed,
    partial,   ///< Done but for what is named.
    retained,  ///< Not done, on a ground and until a date.
    manual,    ///< Somebody of the staff has to do it, and to say so.
    failed,
    cancelled,
};
BOOST_DESCRIBE_ENUM(RequestStatus, pending, in_progress, completed, partial, retained, manual, failed,
                    cancelled)

/// Whether nothing more will be done about it.
constexpr bool is_settled(RequestStatus status) {
    return status == RequestStatus::completed || status == RequestStatus::partial ||
           status == RequestStatus::retained || status == RequestStatus::cancelled;
}

struct SubjectRequest {
    RequestId id;
    SubjectId subject;
    RequestKind kind{};
    RequestStatus status = RequestStatus::pending;
    /// `de` or `en`.
    std::string language;
    /// `subject`, or who of the staff entered it.
    std::string entered_by;
    /// JSON; empty once the person's key is gone.
    std::string details;
    Timestamp received_at;
    /// Until then it can be cancelled, and nothing is done.
    Timestamp starts_at;
    /// Art. 12(3) GDPR: one month after it was received, or the extended time.
    Timestamp due_at;
    std::optional<std::string> extension_reason = {};
    std::optional<Timestamp> settled_at = {};
};

/// One party's part: the platform's, or a recipient's.
struct RequestStep {
    RequestId request;
    /// `family/name`; empty: the platform.
    std::string instance;
    /// Under whose name the recipient knows the person: the account's, or that of a guest who signed in to
    /// it.
    SubjectId subject;
    /// The recipient's name at that time.
    std::string recipient;
    RequestStatus status = RequestStatus::pending;
    int attempts = 0;
    Timestamp next_attempt_at;
    /// What the recipient calls its own job, to ask again.
    std::string job = {};
    /// Evidence, what is left, instructions, or what failed: without the person's data.
    std::string outcome = {};
    /// ISO 8601 date, if retained.
    std::optional<std::string> retained_until = {};
    Timestamp updated_at;
};

namespace requests {

/// `token` is a secret by which its status can be read without an account; see sessions::make_token().
/// `not_found` if the subject has no key.
Status insert(Transaction& tx, const FieldCipher& cipher, const SubjectRequest& request,
              std::string_view token);

std::optional<SubjectRequest> find(Transaction& tx, const FieldCipher& cipher, const RequestId& id);
std::optional<SubjectRequest> find_by_token(Transaction& tx, const FieldCipher& cipher,
                                            std::string_view token);
/// One subject's, newest first.
std::vector<SubjectRequest> list(Transaction& tx, const FieldCipher& cipher, const SubjectId& subject);
/// Those that are not settled, the most urgent first.
std::vector<SubjectRequest> list_open(Transaction& tx, const FieldCipher& cipher, int limit);

/// At most `limit` that have something to do now; the caller's until `now + lease`, and nobody else's.
std::vector<SubjectRequest> claim(Transaction& tx, const FieldCipher& cipher, std::string_view node,
                                  int limit, Timestamp now, std::chrono::microseconds lease);
/// Gives a claimed request back with its status; false if it is not the node's any more. Settles it if the
/// status is settled.
bool give_back(Transaction& tx, const RequestId& id, std::string_view node, RequestStatus status,
               Timestamp next_attempt_at, Timestamp now);

/// Only while it waits for its start; false if it is too late.
bool cancel(Transaction& tx, const RequestId& id, Timestamp now);
/// Art. 12(3) GDPR: at most two further months, with the reason that the person is told. False for a settled
/// one.
bool extend(Transaction& tx, const RequestId& id, Timestamp due_at, std::string_view reason);

/// Replaces the step of the same request, instance and subject.
void put_step(Transaction& tx, const RequestStep& step);
/// The platform's first, then by instance.
std::vector<RequestStep> list_steps(Transaction& tx, const RequestId& id);
/// Has a request looked at again at once, after one of its steps was changed by hand.
void wake(Transaction& tx, const RequestId& id, Timestamp now);

}  // namespace requests
}  // namespace calyptenora::storage
