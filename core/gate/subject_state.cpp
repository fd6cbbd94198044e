#include "gate/subject_state.hpp"

#include "storage/stores/consents.hpp"
#include "storage/stores/learners.hpp"
#include "storage/stores/subjects.hpp"

namespace calyptenora::gate {
namespace {

/// `YYYY-MM` names the first month in which nobody else has to consent.
bool is_before(storage::Timestamp now, const std::string& year_month) {
    const std::chrono::year_month_day today(std::chrono::floor<std::chrono::days>(now));
    return fmt::format("{:04}-{:02}", static_cast<int>(today.year()), static_cast<unsigned>(today.month())) <
           year_month;
}

bool is_valid(ConsentState state) {
    return state == ConsentState::given || state == ConsentState::renewed;
}

CategoryMask categories_of(const Terms& terms) {
    CategoryMask mask;
    for (const auto& key : terms.categories)
        if (const auto category = find_term<Category>(key))
            mask |= *category;
    return mask;
}

/// What a choice spoke of stands in the terms that were kept with it.
std::optional<Terms> find_terms(storage::Transaction& tx, const std::string& policy_hash) {
    const auto document = storage::consents::find_text(tx, policy_hash);
    if (!document)
        return std::nullopt;
    auto terms = parse_json<Terms>(*document);
    return terms ? std::optional(std::move(*terms)) : std::nullopt;
}

/// Whether a guardian agrees now, to all that this flow is today (Art. 8(1) GDPR).
bool guardian_agrees(storage::Transaction& tx, const storage::SubjectId& subject, const PolicyFlow& flow,
                     storage::Timestamp now) {
    const auto said = storage::consents::find_guardian(tx, subject, flow.instance.text(), flow.flow.purpose);
    if (!said || !is_valid(said->state) || !said->expires_at || *said->expires_at <= now)
        return false;
    const auto then = find_terms(tx, said->policy_hash);
    return then && !widens(flow.terms, *then) &&
           categories_of(*then).contains(flow.flow.declared & flow.flow.granted);
}

/// Puts the choice into the state.
bool read_consent(storage::Transaction& tx, const storage::Consent& consent, const PolicyFlow& flow,
                  SubjectState& state) {
    state.consent = consent.state;
    state.consent_expires_at = consent.expires_at;
    const auto then = find_terms(tx, consent.policy_hash);
    if (!then)
        return false;
    state.consented = categories_of(*then);
    state.terms_widened = widens(flow.terms, *then);
    return true;
}

}  // namespace

SubjectState read_subject_state(storage::Transaction& tx, const storage::SubjectId& id,
                                const PolicyFlow& flow, storage::Timestamp now) {
    SubjectState state;
    std::optional<storage::Timestamp> restricted_at;
    const auto subject = storage::subjects::find(tx, id);
    if (!subject)
        return state;
    state.erased = subject->erased_at.has_value();
    if (subject->kind == storage::SubjectKind::learner) {
        const auto learner = storage::learners::find(tx, id);
        if (!learner)
            return state;
        state.erased |= learner->state == storage::LearnerState::erased;
        state.restricted = learner->state == storage::LearnerState::restricted;
        restricted_at = learner->restricted_at;
        state.guardian_needed = needs_guardian(*learner, now);
        state.guardian_consented = state.guardian_needed && guardian_agrees(tx, id, flow, now);
    }
    const auto instance = flow.instance.text();
    for (const auto& objection : storage::consents::list_objections(tx, id)) {
        if (objection.purpose != flow.flow.purpose)
            continue;
        if (!objection.instance.empty() && objection.instance != instance)
            continue;
        // Against every objection that reaches this flow there must be grounds.
        state.compelling_grounds =
            objection.compelling_grounds.has_value() && (!state.objected || state.compelling_grounds);
        state.objected = true;
    }
    if (const auto consent = storage::consents::find(tx, id, instance, flow.flow.purpose)) {
        if (!read_consent(tx, *consent, flow, state))
            return state;
        state.consented_since_restriction =
            restricted_at && is_valid(consent->state) && consent->changed_at > *restricted_at;
    }
    state.readable = true;
    return state;
}

bool was_closed_since(storage::Transaction& tx, const storage::SubjectId& id, const PolicyFlow& flow,
                      storage::Timestamp since) {
    return storage::consents::was_closed_since(tx, id, flow.instance.text(), flow.flow.purpose, since);
}

bool needs_guardian(const storage::Learner& learner, storage::Timestamp now) {
    return learner.guardian_needed_until && is_before(now, *learner.guardian_needed_until);
}

bool asks_for_privacy(storage::Transaction& tx, const storage::SubjectId& id) {
    const auto subject = storage::subjects::find(tx, id);
    return subject && subject->gpc_seen_at.has_value();
}

}  // namespace calyptenora::gate
