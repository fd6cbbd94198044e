#include "gate/subject_state.hpp"

#include "storage/stores/consents.hpp"
#include "storage/stores/learners.hpp"
#include "storage/stores/subjects.hpp"

#include <algorithm>

namespace calyptenora::gate {
namespace {

/// `YYYY-MM` names the first month in which nobody else has to consent.
bool is_before(storage::Timestamp now, const std::string& year_month) {
    const std::chrono::year_month_day today(std::chrono::floor<std::chrono::days>(now));
    return fmt::format("{:04}-{:02}", static_cast<int>(today.year()), static_cast<unsigned>(today.month())) <
           year_month;
}

CategoryMask categories_of(const Terms& terms) {
    CategoryMask mask;
    for (const auto& key : terms.categories)
        if (const auto category = find_term<Category>(key))
            mask |= *category;
    return mask;
}

/// Puts the choice into the state; what it spoke of stands in the terms that were kept with it.
bool read_consent(storage::Transaction& tx, const storage::Consent& consent, const PolicyFlow& flow,
                  SubjectState& state) {
    state.consent = consent.state;
    state.consent_expires_at = consent.expires_at;
    const auto document = storage::consents::find_text(tx, consent.policy_hash);
    if (!document)
        return false;
    const auto then = parse_json<Terms>(*document);
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
        state.guardian_needed =
            learner->guardian_needed_until && is_before(now, *learner->guardian_needed_until);
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
    if (const auto consent = storage::consents::find(tx, id, instance, flow.flow.purpose))
        if (!read_consent(tx, *consent, flow, state))
            return state;
    state.readable = true;
    return state;
}

bool was_closed_since(storage::Transaction& tx, const storage::SubjectId& id, const PolicyFlow& flow,
                      storage::Timestamp since) {
    const auto instance = flow.instance.text();
    const auto consent = storage::consents::find(tx, id, instance, flow.flow.purpose);
    // Nearly always: then the history need not be read.
    if (!consent || consent->changed_at <= since)
        return false;
    return std::ranges::any_of(storage::consents::list_events(tx, id), [&](const auto& event) {
        const bool valid =
            event.event_state == ConsentState::given || event.event_state == ConsentState::renewed;
        return event.event_time > since && !valid && event.instance == instance &&
               event.purpose == flow.flow.purpose;
    });
}

bool asks_for_privacy(storage::Transaction& tx, const storage::SubjectId& id) {
    const auto subject = storage::subjects::find(tx, id);
    return subject && subject->gpc_seen_at.has_value();
}

}  // namespace calyptenora::gate
