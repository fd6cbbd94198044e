#include "gate/choices.hpp"

#include "gate/emission.hpp"
#include "gate/subject_state.hpp"
#include "storage/stores/learners.hpp"
#include "storage/stores/leases.hpp"
#include "storage/stores/outbox.hpp"
#include "storage/stores/subjects.hpp"
#include "storage/stores/technical_data.hpp"
#include "storage/stores/tombstones.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace calyptenora::gate {
namespace {

constexpr std::chrono::milliseconds poll_interval{5};
/// After a failure of the database, which others want to reach, too.
constexpr std::chrono::milliseconds retry_interval{100};

bool is_valid(ConsentState state) {
    return state == ConsentState::given || state == ConsentState::renewed;
}

bool has_guardian(storage::Transaction& tx, const storage::SubjectId& subject, storage::Timestamp now) {
    const auto learner = storage::learners::find(tx, subject);
    return learner && needs_guardian(*learner, now);
}

ConsentState state_before(storage::Transaction& tx, const storage::SubjectId& subject, const PolicyFlow& row,
                          Chooser chooser) {
    namespace consents = storage::consents;
    const auto instance = row.instance.text();
    if (chooser == Chooser::guardian) {
        const auto said = consents::find_guardian(tx, subject, instance, row.flow.purpose);
        return said ? said->state : ConsentState::unknown;
    }
    const auto chosen = consents::find(tx, subject, instance, row.flow.purpose);
    return chosen ? chosen->state : ConsentState::unknown;
}

/// What the choice makes of the state before it.
ConsentState next_state(ConsentState before, bool allowed) {
    if (allowed)
        return is_valid(before) ? ConsentState::renewed : ConsentState::given;
    return is_valid(before) || before == ConsentState::withdrawn ? ConsentState::withdrawn
                                                                 : ConsentState::refused;
}

bool needs_asking(const storage::Consent& consent, const SubjectState& state, const Flow& flow,
                  storage::Timestamp now) {
    if (consent.expires_at && *consent.expires_at <= now)
        return true;
    if (consent.state == ConsentState::refused || consent.state == ConsentState::withdrawn)
        return false;
    return !is_valid(consent.state) || state.terms_widened ||
           !state.consented.contains(flow.declared & flow.granted);
}

}  // namespace

bool asks(const PolicyFlow& row) {
    return is_consent(row.flow.basis) || row.flow.device_access == DeviceAccess::consent;
}

bool opts_in_by_mail(const PolicyFlow& row) {
    return row.instance == settings::core_mail_id() &&
           row.flow.purpose == Purpose::marketing_communications_email;
}

Choices::Choices(storage::Database& database, const storage::FieldCipher& cipher, Gate& gate,
                 PluginPort& plugins, ChoiceDurations durations)
    : database_(database), cipher_(cipher), gate_(gate), plugins_(plugins), durations_(durations) {}

boost::asio::awaitable<Status> Choices::record(storage::SubjectId subject, std::vector<Choice> choices,
                                               ChoiceContext context) {
    const auto policy = gate_.policy();
    std::vector<const PolicyFlow*> rows;
    for (const auto& choice : choices) {
        const auto* row = policy->find_flow(choice.instance, choice.purpose);
        if (!row || !asks(*row))
            co_return Error(
                ErrorKind::invalid_input,
                fmt::format("{} asks nobody about {}", choice.instance.text(), key_of(choice.purpose)));
        rows.push_back(row);
    }

    const auto committed = co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        if (auto locked = storage::subjects::lock(tx, subject); !locked)
            return locked;
        if (context.condition)
            if (auto met = context.condition(tx); !met)
                return met;
        const auto now = gate_.clock().now();
        const bool by_guardian = context.chooser == Chooser::guardian;
        if (by_guardian && !has_guardian(tx, subject, now))
            return Error(ErrorKind::invalid_input, "this person consents alone and needs no guardian");
        const auto text_hash = storage::consents::store_text(tx, context.language, context.shown_text, now);
        for (std::size_t i = 0; i < choices.size(); ++i) {
            const auto& row = *rows[i];
            const auto before = state_before(tx, subject, row, context.chooser);
            const auto state = next_state(before, choices[i].allowed);
            const storage::ConsentEvent event{
                .record_id = storage::RecordId::make(),
                .pii_principal_id = subject,
                .event_time = now,
                .event_type = std::string(key_of(state)),
                .event_state = state,
                .entity_id = by_guardian ? "guardian" : subject.text(),
                .instance = row.instance.text(),
                .purpose = row.flow.purpose,
                .recipient_third_parties = row.terms.recipient,
                .privacy_notice = context.notice_version,
                .language = context.language,
                .action = context.action,
                .validity_duration = choices[i].allowed ? context.validity.value_or(durations_.consent)
                                                        : std::chrono::seconds(durations_.refusal),
                .text_hash = text_hash,
                .choices_hash = sha256_hex(context.shown_text),
                .manifest_hash = policy->find_instance(row.instance)->manifest_hash,
                .policy_hash = storage::consents::store_text(tx, "", row.terms_document, now)};
            const auto& secrets = cipher_.keys().service();
            const auto recorded = by_guardian ? storage::consents::record_guardian(tx, secrets, event)
                                              : storage::consents::record(tx, secrets, event, context.origin);
            if (!recorded)
                return recorded;
            // Never sent later when consent comes back.
            if (choices[i].allowed)
                continue;
            const auto kind = by_guardian ? storage::TombstoneKind::guardian_withdrawal
                                          : storage::TombstoneKind::withdrawal;
            if (auto closed = close(tx, {subject, kind, row.instance.text(), row.flow.purpose, now}); !closed)
                return closed;
        }
        return {};
    });
    if (!committed)
        co_return committed;
    const auto committed_at = gate_.clock().now();

    bool closed = false;
    for (const auto& choice : choices) {
        if (choice.allowed)
            continue;
        closed = true;
        co_await plugins_.cancel(subject, choice.instance, choice.purpose);
    }
    if (closed)
        co_await await_emissions(subject, committed_at);
    co_return Status();
}

Status Choices::close(storage::Transaction& tx, const storage::Tombstone& stone) const {
    storage::outbox::drop_all(tx, stone.subject, stone.instance, *stone.purpose, "withdrawn", stone.at);
    storage::technical_data::forget_withdrawn(tx, stone.subject, stone.instance, *stone.purpose);
    return storage::tombstones::put(cipher_.keys(), {stone});
}

boost::asio::awaitable<Status> Choices::withdraw(storage::SubjectId subject, settings::InstanceId instance,
                                                 Purpose purpose, ChoiceContext context) {
    bool closed = false;
    const auto committed = co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        closed = false;
        if (auto locked = storage::subjects::lock_unless_erased(tx, subject); !locked)
            return locked;
        const auto consent = storage::consents::find(tx, subject, instance.text(), purpose);
        if (!consent || !is_valid(consent->state))
            return {};
        // What it covered stands in the event that allowed it.
        auto events = storage::consents::list_events(tx, subject);
        const auto allowed = std::ranges::find(events, consent->record_id, &storage::ConsentEvent::record_id);
        if (allowed == events.end())
            return Error(ErrorKind::conflict, "there is no record of the consent that is to be withdrawn");
        const auto now = gate_.clock().now();
        auto& event = *allowed;
        event.record_id = storage::RecordId::make();
        event.event_time = now;
        event.event_type = key_of(ConsentState::withdrawn);
        event.event_state = ConsentState::withdrawn;
        event.entity_id = subject.text();
        event.privacy_notice = context.notice_version;
        event.language = context.language;
        event.action = context.action;
        event.validity_duration = durations_.refusal;
        event.text_hash = storage::consents::store_text(tx, context.language, context.shown_text, now);
        event.choices_hash = sha256_hex(context.shown_text);
        if (auto recorded = storage::consents::record(tx, cipher_.keys().service(), event, context.origin);
            !recorded)
            return recorded;
        closed = true;
        return close(tx, {subject, storage::TombstoneKind::withdrawal, instance.text(), purpose, now});
    });
    if (!committed || !closed)
        co_return committed;
    const auto committed_at = gate_.clock().now();
    co_await plugins_.cancel(subject, instance, purpose);
    co_await await_emissions(subject, committed_at);
    co_return Status();
}

boost::asio::awaitable<void> Choices::enforce(storage::SubjectId subject) {
    const auto committed_at = gate_.clock().now();
    const auto policy = gate_.policy();
    std::vector<const PolicyFlow*> closed;
    const auto standings = co_await standing(policy, subject);
    for (const auto& instance : policy->instances())
        for (const auto& row : instance.flows)
            if (!standings || !std::ranges::find(*standings, &row, &Standing::row)->flowing)
                closed.push_back(&row);
    (void)co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        for (const auto* row : closed)
            storage::outbox::drop_all(tx, subject, row->instance.text(), row->flow.purpose, "closed",
                                      committed_at);
        return {};
    });
    for (const auto* row : closed)
        co_await plugins_.cancel(subject, row->instance, row->flow.purpose);
    if (!closed.empty())
        co_await await_emissions(subject, committed_at);
}

// Emissions that begin from now on read what was just committed. Those that began before hold a lease until
// their first byte is out, or until they give up, or until their node is known to be dead.
//
// When the leases cannot be read, time alone answers: a lease granted before the commit has run out
// `lease_time` later, and whoever holds it has stopped writing a margin earlier, by a clock that need not
// agree with ours, only run as fast. New ones are not granted without the database.
boost::asio::awaitable<void> Choices::await_emissions(const storage::SubjectId& subject,
                                                      storage::Timestamp committed_at) {
    using Leases = std::vector<storage::Lease>;
    std::optional<Leases> held;
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
    for (;;) {
        auto remaining = co_await database_.run([&](storage::Transaction& tx) -> Result<Leases> {
            const auto now = gate_.clock().now();
            return held ? storage::leases::list_remaining(tx, *held, now)
                        : storage::leases::list_held(tx, subject, now);
        });
        if (remaining)
            held = std::move(*remaining);
        if ((held && held->empty()) || gate_.clock().now() >= committed_at + lease_time)
            co_return;
        timer.expires_after(remaining ? poll_interval : retry_interval);
        co_await timer.async_wait(boost::asio::use_awaitable);
    }
}

std::vector<Standing> list_standings(const SubjectFacts& facts, const Policy& policy, storage::Timestamp now,
                                     bool privacy_control) {
    std::vector<Standing> standings;
    for (const auto& instance : policy.instances())
        for (const auto& row : instance.flows) {
            Standing standing{.row = &row};
            const auto* consent = facts.find_consent(row);
            if (consent) {
                standing.state = consent->state;
                standing.changed_at = consent->changed_at;
                standing.expires_at = consent->expires_at;
            }
            auto state = facts.state_for(row, now);
            standing.asked = asks(row) && (!consent || needs_asking(*consent, state, row.flow, now));
            const Request request{now, row.flow.declared & row.flow.granted,
                                  row.flow.device_access.has_value(),
                                  privacy_control || facts.asks_for_privacy()};
            const auto decision = decide(row.flow, state, request);
            standing.flowing = !decision.refused;
            state.guardian_consented = true;
            standing.guardian_missing =
                decision.forbids(RuleId::minor) && !decide(row.flow, state, request).forbids(RuleId::minor);
            standings.push_back(standing);
        }
    return standings;
}

boost::asio::awaitable<Result<std::vector<Standing>>> Choices::standing(std::shared_ptr<const Policy> policy,
                                                                        storage::SubjectId subject,
                                                                        bool privacy_control) {
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<std::vector<Standing>> {
        return list_standings(SubjectFacts(tx, subject), *policy, gate_.clock().now(), privacy_control);
    });
}

boost::asio::awaitable<Status> Choices::carry_over(storage::SubjectId guest, storage::SubjectId account,
                                                   ChoiceContext context) {
    std::vector<Choice> closed;
    const auto policy = gate_.policy();
    const auto read = co_await database_.run([&](storage::Transaction& tx) -> Status {
        for (const auto& consent : storage::consents::list(tx, guest)) {
            if (consent.state != ConsentState::refused && consent.state != ConsentState::withdrawn)
                continue;
            if (storage::consents::find(tx, account, consent.instance, consent.purpose))
                continue;
            const auto instance = settings::parse_instance_id(consent.instance);
            if (!instance)
                continue;
            const auto* row = policy->find_flow(*instance, consent.purpose);
            if (row && asks(*row))
                closed.push_back({*instance, consent.purpose, false});
        }
        return {};
    });
    if (!read || closed.empty())
        co_return read;
    co_return co_await record(account, std::move(closed), std::move(context));
}

}  // namespace calyptenora::gate
