#pragma once

#include "storage/clock.hpp"

#include <calyptenora/result.hpp>

#include <compare>
#include <functional>
#include <string>
#include <string_view>

/// Identifiers: UUIDv7 (RFC 9562, section 5.7) as lower-case text of 36 characters, made by us, never by the
/// database.
namespace calyptenora::storage {

/// A new UUIDv7. Within one process each is greater than the one before, also within one millisecond and when
/// the clock is set back (RFC 9562, section 6.2, method 1). The 62 bits after the counter are random.
/// Thread-safe.
std::string make_uuid_v7();

/// Whether the text is a UUID in the one spelling that we write: lower case, with hyphens.
bool is_uuid(std::string_view text);

/// An identifier of one kind; ids of different kinds do not convert into each other.
template <class Tag>
class Id {
  public:
    static Id make() { return Id(make_uuid_v7()); }

    /// For text from outside (a path, a form, a file). `invalid_input` if it is no UUID.
    static Result<Id> parse(std::string_view text) {
        if (!is_uuid(text))
            return Error(ErrorKind::invalid_input, "expected a UUID in lower case with hyphens");
        return Id(std::string(text));
    }

    /// For text that the database returned.
    static Id from_database(std::string text) { return Id(std::move(text)); }

    const std::string& text() const { return text_; }
    auto operator<=>(const Id&) const = default;
    bool operator==(const Id&) const = default;

  private:
    explicit Id(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

/// Whom personal data is about: a learner with an account, or a guest without one.
using SubjectId = Id<struct SubjectTag>;
/// A subject who has an account. The same id, for a guest becomes no learner: a new subject does.
using LearnerId = SubjectId;
/// A signed-in (or guest) session as the learner sees it in the list; not the secret token.
using SessionId = Id<struct SessionTag>;
using OrderId = Id<struct OrderTag>;
using CaseId = Id<struct CaseTag>;
using MessageId = Id<struct MessageTag>;
/// A row of the outbox.
using EventId = Id<struct EventTag>;
/// One call into a plugin; joins the ledger rows and the log lines about it.
using CallId = Id<struct CallTag>;
using DisclosureId = Id<struct DisclosureTag>;
/// A consent event (`record_id` of ISO/IEC TS 27560).
using RecordId = Id<struct RecordTag>;
using LeaseId = Id<struct LeaseTag>;
using AccountLinkId = Id<struct AccountLinkTag>;
using InboundEventId = Id<struct InboundEventTag>;
using AnnouncementId = Id<struct AnnouncementTag>;

}  // namespace calyptenora::storage

template <class Tag>
struct std::hash<calyptenora::storage::Id<Tag>> {
    std::size_t operator()(const calyptenora::storage::Id<Tag>& id) const noexcept {
        return std::hash<std::string>{}(id.text());
    }
};
