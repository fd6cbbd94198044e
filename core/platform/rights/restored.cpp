#include "platform/rights/restored.hpp"

#include "platform/rights/deadlines.hpp"
#include "platform/rights/own_records.hpp"
#include "storage/stores/consents.hpp"
#include "storage/stores/erasure.hpp"
#include "storage/stores/learners.hpp"
#include "storage/stores/outbox.hpp"
#include "storage/stores/requests.hpp"
#include "storage/stores/sessions.hpp"
#include "storage/stores/subjects.hpp"
#include "storage/stores/technical_data.hpp"
#include "storage/stores/tombstones.hpp"

#include <algorithm>

namespace calyptenora::platform {
namespace {

namespace consents = storage::consents;
using storage::Tombstone;
using storage::TombstoneKind;
using storage::Transaction;

bool is_open(ConsentState state) {
    return state == ConsentState::given || state == ConsentState::renewed;
}

/// Does again what one tombstone says.
class Mender {
  public:
    Mender(Transaction& tx, const storage::FieldCipher& cipher, const settings::Retention& retention,
           storage::Timestamp now, Reapplied& done)
        : tx_(tx), cipher_(cipher), retention_(retention), now_(now), done_(done) {}

    Status mend(const Tombstone& stone) {
        // Of whom nothing is left but a number, nothing else is to be stopped.
        if (stone.kind != TombstoneKind::erasure && storage::subjects::find(tx_, stone.subject)->erased_at)
            return {};
        switch (stone.kind) {
            case TombstoneKind::withdrawal:
                return withdraw(stone);
            case TombstoneKind::guardian_withdrawal:
                return withdraw_as_guardian(stone);
            case TombstoneKind::objection:
                return object(stone);
            case TombstoneKind::restriction:
                return restrict(stone);
            case TombstoneKind::erasure:
                return erase(stone);
            case TombstoneKind::privacy_control:
                return note_privacy_control(stone);
        }
        return {};
    }

  private:
    /// The event that opened a flow before it was closed, if the data know nothing of its closing.
    std::optional<storage::ConsentEvent> last_opening(const Tombstone& stone, bool by_guardian) {
        std::optional<storage::ConsentEvent> last;
        for (auto& event : consents::list_events(tx_, stone.subject))
            if (event.instance == stone.instance && event.purpose == stone.purpose &&
                (event.entity_id == "guardian") == by_guardian)
                last = std::move(event);
        return last && is_open(last->event_state) && last->event_time < stone.at ? last : std::nullopt;
    }

    static storage::ConsentEvent closing_of(const storage::ConsentEvent& opening, storage::Timestamp now) {
        auto event = opening;
        event.record_id = storage::RecordId::make();
        event.event_time = now;
        event.event_type = key_of(ConsentState::withdrawn);
        event.event_state = ConsentState::withdrawn;
        event.action = "restored_backup";
        event.validity_duration.reset();
        event.text_hash.clear();
        event.choices_hash.clear();
        return event;
    }

    void close(const Tombstone& stone) {
        storage::outbox::drop_all(tx_, stone.subject, stone.instance, *stone.purpose, "withdrawn", now_);
        storage::technical_data::forget_withdrawn(tx_, stone.subject, stone.instance, *stone.purpose);
        ++done_.withdrawals;
    }

    Status withdraw(const Tombstone& stone) {
        const auto consent = consents::find(tx_, stone.subject, stone.instance, *stone.purpose);
        const auto opening = last_opening(stone, false);
        if (!consent || !is_open(consent->state) || !opening)
            return {};
        auto event = closing_of(*opening, now_);
        event.entity_id = "system";
        close(stone);
        return consents::record(tx_, cipher_.keys().service(), event, consent->origin);
    }

    Status withdraw_as_guardian(const Tombstone& stone) {
        const auto opening = last_opening(stone, true);
        if (!opening)
            return {};
        close(stone);
        return consents::record_guardian(tx_, cipher_.keys().service(), closing_of(*opening, now_));
    }

    Status object(const Tombstone& stone) {
        const auto known = consents::list_objections(tx_, stone.subject);
        if (std::ranges::any_of(known, [&](const auto& objection) {
                return objection.instance == stone.instance && objection.purpose == stone.purpose;
            }))
            return {};
        consents::object(tx_, stone.subject, stone.instance, *stone.purpose, stone.at);
        ++done_.objections;
        return {};
    }

    Status restrict(const Tombstone& stone) {
        const auto learner = storage::learners::find(tx_, stone.subject);
        if (!learner || learner->state != storage::LearnerState::active)
            return {};
        storage::learners::restrict(tx_, stone.subject, stone.at);
        ++done_.restrictions;
        return {};
    }

    Status note_privacy_control(const Tombstone& stone) {
        if (storage::subjects::find(tx_, stone.subject)->gpc_seen_at)
            return {};
        storage::subjects::record_gpc(tx_, stone.subject, stone.at);
        ++done_.privacy_controls;
        return {};
    }

    Status erase(const Tombstone& stone) {
        const auto keys = cipher_.keys().load(stone.subject);
        const bool is_over = !keys && keys.error().kind == ErrorKind::not_found;
        if (!keys && !is_over)
            return keys.error();
        const auto learner = storage::learners::find(tx_, stone.subject);
        const auto subject = storage::subjects::find(tx_, stone.subject);
        if (!subject->erased_at) {
            if (const auto erased = erase_own_records(tx_, cipher_, stone.subject, retention_, now_); !erased)
                return erased.error();
            ++done_.erasures;
        }
        if (is_over) {
            storage::erasure::erase_identifiers(tx_, stone.subject);
            return {};
        }
        if (learner)
            return ask_recipients_again(stone, learner->language);
        // A guest who is known to be an account's has a part in its erasure, and goes with it.
        return subject->merged_into ? Status() : cipher_.keys().destroy(stone.subject);
    }

    Status ask_recipients_again(const Tombstone& stone, const std::string& language) {
        for (const auto& request : storage::requests::list(tx_, cipher_, stone.subject))
            if (request.kind == storage::RequestKind::erasure && !storage::is_settled(request.status))
                return {};
        return storage::requests::insert(tx_, cipher_,
                                         {.id = storage::RequestId::make(),
                                          .subject = stone.subject,
                                          .kind = storage::RequestKind::erasure,
                                          .language = language.empty() ? "en" : language,
                                          .entered_by = "restored_backup",
                                          .details = "{}",
                                          .received_at = stone.at,
                                          .starts_at = now_,
                                          .due_at = months_after(stone.at, 1)},
                                         storage::sessions::make_token());
    }

    Transaction& tx_;
    const storage::FieldCipher& cipher_;
    const settings::Retention& retention_;
    const storage::Timestamp now_;
    Reapplied& done_;
};

}  // namespace

Result<Reapplied> reapply_tombstones(storage::Database& database, const storage::FieldCipher& cipher,
                                     const storage::Clock& clock, const settings::Retention& retention) {
    const auto stones = storage::tombstones::list(cipher.keys());
    if (!stones)
        return stones.error();
    Reapplied all;
    // One transaction for each, so that a failure loses nothing and no lock is held for long.
    for (const auto& stone : *stones) {
        const auto mended = database.transaction_blocking([&](Transaction& tx) -> Result<Reapplied> {
            // Whoever is not there has come after the backup was made.
            if (const auto locked = storage::subjects::lock(tx, stone.subject); !locked)
                return locked.error().kind == ErrorKind::not_found ? Result<Reapplied>(Reapplied())
                                                                   : locked.error();
            Reapplied done;
            if (const auto result = Mender(tx, cipher, retention, clock.now(), done).mend(stone); !result)
                return result.error();
            return done;
        });
        if (!mended)
            return mended.error();
        all.withdrawals += mended->withdrawals;
        all.objections += mended->objections;
        all.restrictions += mended->restrictions;
        all.erasures += mended->erasures;
        all.privacy_controls += mended->privacy_controls;
    }
    return all;
}

}  // namespace calyptenora::platform
