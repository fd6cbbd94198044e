#pragma once

#include "storage/stores/ledger_chain.hpp"
#include "storage/transaction.hpp"

#include <calyptenora/result.hpp>
#include <calyptenora/vocabulary.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Choices: what holds now, and the append-only proof of how it came about. Callers: gate (reads), platform
/// (records). `record` changes both in the caller's transaction; it is the only way to change a consent.
namespace calyptenora::storage {

enum class ConsentOrigin : unsigned char { guest, account };
BOOST_DESCRIBE_ENUM(ConsentOrigin, guest, account)

/// What holds now for one subject, instance and purpose. Whether it is expired is for the reader to say, by
/// `expires_at`.
struct Consent {
    SubjectId subject;
    /// `family/name`.
    std::string instance;
    Purpose purpose;
    ConsentState state;
    /// When it was first shown; "never shown" is not "refused".
    std::optional<Timestamp> shown_at;
    /// The event that made it so.
    RecordId record_id;
    Timestamp changed_at;
    std::optional<Timestamp> expires_at;
    /// Hash over what the consent covers; asked again when it widens.
    std::string policy_hash;
    ConsentOrigin origin;
};

/// A row of proof. Field names of ISO/IEC TS 27560 where it has one.
struct ConsentEvent {
    RecordId record_id;
    SubjectId pii_principal_id;
    Timestamp event_time;
    /// What happened: `requested`, `given`, `refused`, `withdrawn`, `renewed`, `expired`, `invalidated`,
    /// `carried_over`.
    std::string event_type;
    ConsentState event_state;
    /// Who acted: the subject's id, `guardian`, `operator` or `system`.
    std::string entity_id;
    std::string instance;
    Purpose purpose;
    /// The recipient's name as it was shown.
    std::string recipient_third_parties;
    /// Version of the privacy notice in force.
    std::string privacy_notice;
    std::string language;
    /// The exact act: `dialog_reject_all`, `privacy_page_switch`, `gpc`, ...
    std::string action;
    /// How long a given consent holds.
    std::optional<std::chrono::seconds> validity_duration;
    /// Key of consent_texts; empty if nothing was shown (expiry, GPC).
    std::string text_hash;
    /// Hash of the choices offered, with what was preselected (nothing).
    std::string choices_hash;
    std::string manifest_hash;
    std::string policy_hash;
};

namespace consents {

/// Appends the event to the subject's chain and makes it what holds now. `not_found` for an unknown subject.
Status record(Transaction& tx, const ServiceSecrets& secrets, const ConsentEvent& event,
              ConsentOrigin origin);

/// Appends what a guardian said of a minor's consent (Art. 8(1) GDPR): `entity_id` is `guardian`. What the
/// minor chose stays as it is; data need both. `not_found` for an unknown subject.
Status record_guardian(Transaction& tx, const ServiceSecrets& secrets, const ConsentEvent& event);

/// What a guardian said last of one flow.
struct GuardianConsent {
    ConsentState state;
    std::optional<Timestamp> expires_at;
    std::string policy_hash;
};
std::optional<GuardianConsent> find_guardian(Transaction& tx, const SubjectId& subject,
                                             std::string_view instance, Purpose purpose);

/// Whether the person, or a guardian, has closed a flow after `since`, even if it is open again.
bool was_closed_since(Transaction& tx, const SubjectId& subject, std::string_view instance, Purpose purpose,
                      Timestamp since);

std::optional<Consent> find(Transaction& tx, const SubjectId& subject, std::string_view instance,
                            Purpose purpose);
/// All of one subject.
std::vector<Consent> list(Transaction& tx, const SubjectId& subject);
/// `given` and `renewed` whose time is over, for the task that records their expiry.
std::vector<Consent> list_expired(Transaction& tx, Timestamp now, int limit);

/// The subject's history, oldest first.
std::vector<ConsentEvent> list_events(Transaction& tx, const SubjectId& subject);

/// Keeps a text that is about to be shown, and returns its hash.
std::string store_text(Transaction& tx, std::string_view language, std::string_view body, Timestamp now);
std::optional<std::string> find_text(Transaction& tx, std::string_view hash);

/// What the chain covers of an event, in the order of ChainRow::fields.
inline constexpr std::array<std::string_view, 17> chain_fields{
    "record_id",         "pii_principal_id", "event_time",
    "event_type",        "event_state",      "entity_id",
    "instance",          "purpose",          "recipient_third_parties",
    "privacy_notice",    "language",         "action",
    "validity_duration", "text_hash",        "choices_hash",
    "manifest_hash",     "policy_hash"};
/// The subject's chain, oldest first, as it stands in the database.
std::vector<ChainRow> list_chain(Transaction& tx, const SubjectId& subject);

/// Breaks in the chain of one subject, or of all.
std::vector<LedgerBreak> verify(Transaction& tx, const ServiceSecrets& secrets, const SubjectId& subject);
std::vector<LedgerBreak> verify_all(Transaction& tx, const ServiceSecrets& secrets);

/// An objection (Art. 21 GDPR) against one purpose at one instance, or at all (`instance` empty).
struct Objection {
    std::string instance;
    Purpose purpose;
    Timestamp objected_at;
    /// Recorded by the operator after balancing; never possible for direct marketing.
    std::optional<std::string> compelling_grounds;
    std::optional<Timestamp> grounds_at;
};

/// Keeps the first date if there is one already.
void object(Transaction& tx, const SubjectId& subject, std::string_view instance, Purpose purpose,
            Timestamp now);
void withdraw_objection(Transaction& tx, const SubjectId& subject, std::string_view instance,
                        Purpose purpose);
/// False if there is no such objection.
bool record_compelling_grounds(Transaction& tx, const SubjectId& subject, std::string_view instance,
                               Purpose purpose, std::string_view grounds, Timestamp now);
std::vector<Objection> list_objections(Transaction& tx, const SubjectId& subject);

}  // namespace consents
}  // namespace calyptenora::storage
