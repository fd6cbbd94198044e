#pragma once

#include "storage/field_cipher.hpp"
#include "storage/transaction.hpp"

#include <calyptenora/result.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What third parties told us (webhooks, statements, mail), each once. Inserted in the same transaction as
/// its effects, so that a repetition has none. Callers: platform.
namespace calyptenora::storage {

struct InboundEvent {
    InboundEventId id;
    /// The instance it came through.
    std::string instance;
    /// What makes it the same event when it comes again; unique within the instance.
    std::string dedupe_key;
    /// The third party's own id of it, if it has one.
    std::string event_id;
    /// What it is about, in the third party's or our words (an order's reference, a case's alias).
    std::string object_ref;
    std::string kind;
    /// Whom it is about, if that is known; then the detail is encrypted under that subject's key, else under
    /// the system's.
    std::optional<SubjectId> subject;
    /// JSON.
    std::string detail;
    Timestamp received_at;
    std::optional<Timestamp> handled_at;
};

namespace inbound_events {

/// Whether it is the first time. `before` means: do nothing more.
enum class Received : unsigned char { now, before };
Result<Received> insert(Transaction& tx, const FieldCipher& cipher, const InboundEvent& event);

/// For events that could not be handled at once.
void mark_handled(Transaction& tx, const InboundEventId& id, Timestamp now);
/// Oldest first; the detail is empty where the subject is erased.
std::vector<InboundEvent> list_unhandled(Transaction& tx, const FieldCipher& cipher,
                                         std::string_view instance, int limit);

/// All about one object, oldest first: what the plugin is handed as history.
std::vector<InboundEvent> list_about(Transaction& tx, const FieldCipher& cipher, std::string_view instance,
                                     std::string_view object_ref);

}  // namespace inbound_events
}  // namespace calyptenora::storage
