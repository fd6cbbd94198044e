#include "gate/subject_state.hpp"

#include <algorithm>

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

/// What a choice spoke of stands in the terms that were kept with it, under their hash.
std::optional<Terms> find_terms(storage::Transaction& tx, const std::string& policy_hash,
                                const PolicyFlow& flow) {
    // Mostly they are today's.
    if (policy_hash == flow.terms_hash)
        return flow.terms;
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
    const auto then = find_terms(tx, said->policy_hash, flow);
    return then && !widens(flow.terms, *then) &&
           categories_of(*then).contains(flow.flow.declared & flow.flow.granted);
}

/// Puts the choice into the state.
bool read_consent(storage::Transaction& tx, const storage::Consent& consent, const PolicyFlow& flow,
                  SubjectState& state) {
    state.consent = consent.state;
    state.consent_expires_at = consent.expires_at;
    const auto then = find_terms(tx, consent.policy_hash, flow);
    if (!then)
        return false;
    state.consented = categories_of(*then);
    state.terms_widened = widens(flow.terms, *then);
    return true;
}

}  // namespace

SubjectFacts::SubjectFacts(storage::Transaction& tx, const storage::SubjectId& subject)
    : SubjectFacts(tx, storage::persons::find(tx, subject), storage::consents::list(tx, subject)) {}

SubjectFacts::SubjectFacts(storage::Transaction& tx, storage::Person person)
    : SubjectFacts(tx, std::optional(std::move(person)), {}) {
    consents_ = storage::consents::list(tx, person_->subject.id);
}

SubjectFacts::SubjectFacts(storage::Transaction& tx, const storage::SubjectId& subject,
                           const PolicyFlow& flow)
    : SubjectFacts(tx, storage::persons::find(tx, subject), {}) {
    if (auto consent = storage::consents::find(tx, subject, flow.instance.text(), flow.flow.purpose))
        consents_.push_back(std::move(*consent));
}

SubjectFacts::SubjectFacts(storage::Transaction& tx, std::optional<storage::Person> person,
                           std::vector<storage::Consent> consents)
    : tx_(tx), person_(std::move(person)), consents_(std::move(consents)) {
    if (person_ && person_->has_objected)
        objections_ = storage::consents::list_objections(tx, person_->subject.id);
}

const storage::Consent* SubjectFacts::find_consent(const PolicyFlow& flow) const {
    const auto instance = flow.instance.text();
    const auto found = std::ranges::find_if(consents_, [&](const storage::Consent& consent) {
        return consent.instance == instance && consent.purpose == flow.flow.purpose;
    });
    return found == consents_.end() ? nullptr : &*found;
}

SubjectState SubjectFacts::state_for(const PolicyFlow& flow, storage::Timestamp now) const {
    SubjectState state;
    if (!person_)
        return state;
    const auto& subject = person_->subject;
    const auto& learner = person_->learner;
    std::optional<storage::Timestamp> restricted_at;
    state.erased = subject.erased_at.has_value();
    if (subject.kind == storage::SubjectKind::learner) {
        if (!learner)
            return state;
        state.erased |= learner->state == storage::LearnerState::erased;
        state.restricted = learner->state == storage::LearnerState::restricted;
        restricted_at = learner->restricted_at;
        state.guardian_needed = needs_guardian(*learner, now);
        state.guardian_consented = state.guardian_needed && guardian_agrees(tx_, subject.id, flow, now);
    }
    const auto instance = flow.instance.text();
    for (const auto& objection : objections_) {
        if (objection.purpose != flow.flow.purpose)
            continue;
        if (!objection.instance.empty() && objection.instance != instance)
            continue;
        // Against every objection that reaches this flow there must be grounds.
        state.compelling_grounds =
            objection.compelling_grounds.has_value() && (!state.objected || state.compelling_grounds);
        state.objected = true;
    }
    if (const auto* consent = find_consent(flow)) {
        if (!read_consent(tx_, *consent, flow, state))
            return state;
        state.consented_since_restriction =
            restricted_at && is_valid(consent->state) && consent->changed_at > *restricted_at;
    }
    state.readable = true;
    return state;
}

bool SubjectFacts::would_flow(const PolicyFlow& flow, storage::Timestamp now) const {
    auto state = state_for(flow, now);
    const auto fields = flow.flow.declared & flow.flow.granted;
    state.readable = person_.has_value();
    state.consent = ConsentState::given;
    state.consent_expires_at = now + std::chrono::days(1);
    state.consented = fields;
    state.terms_widened = false;
    return !decide(flow.flow, state, {now, fields, flow.flow.device_access.has_value(), asks_for_privacy()})
                .refused;
}

bool was_closed_since(storage::Transaction& tx, const storage::SubjectId& id, const PolicyFlow& flow,
                      storage::Timestamp since) {
    return storage::consents::was_closed_since(tx, id, flow.instance.text(), flow.flow.purpose, since);
}

bool needs_guardian(const storage::Learner& learner, storage::Timestamp now) {
    return learner.guardian_needed_until && is_before(now, *learner.guardian_needed_until);
}

}  // namespace calyptenora::gate
