#include "gate/decide.hpp"

namespace calyptenora::gate {
namespace {

constexpr CategoryMask nothing;
// The call itself says something about a person, even without a field: that they are here, and do this. So a
// rule may forbid it as well, and without it nothing goes.
constexpr CategoryMask the_call = CategoryMask::from_bits(1u << 31);
constexpr CategoryMask everything = CategoryMask::all() | the_call;

constexpr bool is_marketing(Purpose purpose) {
    return purpose == Purpose::marketing_communications_email;
}
constexpr bool is_profiling(Purpose purpose) {
    return purpose == Purpose::personalize_content_recommendation;
}
constexpr bool is_analytics(Purpose purpose) {
    return purpose == Purpose::analytics_reporting_content_performance ||
           purpose == Purpose::analytics_reporting_system_performance;
}

/// Whether the flow stands on the person's consent: by its basis, or because the browser is involved.
bool rests_on_consent(const Flow& flow, const Request& request) {
    return is_consent(flow.basis) || (request.device && flow.device_access == DeviceAccess::consent);
}

constexpr bool is_valid(ConsentState state) {
    return state == ConsentState::given || state == ConsentState::renewed;
}

CategoryMask unreadable_state(const Flow&, const SubjectState& subject, const Request&) {
    return subject.readable ? nothing : everything;
}

CategoryMask unnamed_recipient(const Flow& flow, const SubjectState&, const Request&) {
    return flow.has_recipient ? nothing : everything;
}

CategoryMask undeclared(const Flow& flow, const SubjectState&, const Request&) {
    return CategoryMask::all() - flow.declared;
}

// An erased person's identifiers still go to recipients who must be told to erase.
CategoryMask erased(const Flow& flow, const SubjectState& subject, const Request&) {
    return subject.erased && flow.basis != LegalBasis::legal_obligation ? everything : nothing;
}

// Article 18(2) leaves consent, legal claims and the protection of others; the person's own sign-in is not
// processing against them.
CategoryMask restricted(const Flow& flow, const SubjectState& subject, const Request&) {
    const bool allowed = flow.purpose == Purpose::essential_service_authentication ||
                         flow.basis == LegalBasis::legal_obligation ||
                         flow.basis == LegalBasis::vital_interest ||
                         (is_consent(flow.basis) && subject.consented_since_restriction);
    return subject.restricted && !allowed ? everything : nothing;
}

// Direct marketing and recommendations end at once, whatever they stand on and whatever speaks for them
// (Article 21(2), (3)). Elsewhere an objection reaches legitimate interest and public task, until compelling
// grounds are recorded.
CategoryMask objected(const Flow& flow, const SubjectState& subject, const Request&) {
    if (!subject.objected || !is_open_to_objection(flow))
        return nothing;
    const bool at_once = is_marketing(flow.purpose) || is_profiling(flow.purpose);
    return at_once || !subject.compelling_grounds ? everything : nothing;
}

CategoryMask minor(const Flow& flow, const SubjectState& subject, const Request& request) {
    if (!subject.guardian_needed)
        return nothing;
    if (is_marketing(flow.purpose) || is_profiling(flow.purpose))
        return everything;
    return rests_on_consent(flow, request) && !subject.guardian_consented ? everything : nothing;
}

CategoryMask inadmissible_basis(const Flow& flow, const SubjectState&, const Request&) {
    return is_admissible(flow.purpose, flow.basis) ? nothing : everything;
}

// The second key: section 25 TDDDG. Legitimate interest never opens the browser.
CategoryMask closed_device(const Flow& flow, const SubjectState&, const Request& request) {
    if (!request.device)
        return nothing;
    return !flow.device_access || flow.basis == LegalBasis::legitimate_interest ? everything : nothing;
}

CategoryMask invalid_consent(const Flow& flow, const SubjectState& subject, const Request& request) {
    return rests_on_consent(flow, request) && !is_valid(subject.consent) ? everything : nothing;
}

// Who has withdrawn is not asked to bear the same flow on another basis.
CategoryMask replaced_consent(const Flow& flow, const SubjectState& subject, const Request&) {
    const bool other_basis = flow.basis == LegalBasis::contract ||
                             flow.basis == LegalBasis::legitimate_interest ||
                             flow.basis == LegalBasis::public_task;
    return subject.consent == ConsentState::withdrawn && other_basis ? everything : nothing;
}

CategoryMask expired(const Flow& flow, const SubjectState& subject, const Request& request) {
    const bool over = !subject.consent_expires_at || *subject.consent_expires_at <= request.now;
    return rests_on_consent(flow, request) && is_valid(subject.consent) && over ? everything : nothing;
}

// A consent reaches as far as what was shown when it was given.
CategoryMask widened(const Flow& flow, const SubjectState& subject, const Request& request) {
    if (!rests_on_consent(flow, request) || !is_valid(subject.consent))
        return nothing;
    return subject.terms_widened ? everything : (flow.declared & flow.granted) - subject.consented;
}

// Who is not asked is told ahead of time. With all of its fields the call itself is new.
CategoryMask announced(const Flow& flow, const SubjectState&, const Request& request) {
    if (request.now >= flow.in_force_from)
        return nothing;
    return flow.announced.contains(flow.declared & flow.granted) ? everything : flow.announced;
}

// The signal decides where no choice has been made here; a choice made on the site wins.
CategoryMask privacy_control(const Flow& flow, const SubjectState& subject, const Request& request) {
    const bool meant = flow.third_party && (is_marketing(flow.purpose) || is_analytics(flow.purpose));
    return request.privacy_control && meant && !is_valid(subject.consent) ? everything : nothing;
}

CategoryMask ungranted(const Flow& flow, const SubjectState&, const Request&) {
    return CategoryMask::all() - flow.granted;
}

CategoryMask sensitive(const Flow& flow, const SubjectState&, const Request&) {
    constexpr CategoryMask by_name_only =
        CategoryMask(Category::user_education_grade) | Category::user_education_submission;
    return flow.third_party ? by_name_only - flow.granted_by_name : nothing;
}

constexpr std::array rules_in_force{
    Rule{RuleId::state_readable, "state_readable", "rule 1", unreadable_state},
    Rule{RuleId::recipient_named, "recipient_named", "Art. 13(1)(e) GDPR", unnamed_recipient},
    Rule{RuleId::declared, "declared", "rule 2", undeclared},
    Rule{RuleId::erased, "erased", "Art. 17 GDPR", erased},
    Rule{RuleId::restricted, "restricted", "Art. 18 GDPR", restricted},
    Rule{RuleId::objected, "objected", "Art. 21 GDPR", objected},
    Rule{RuleId::minor, "minor", "Art. 8 GDPR", minor},
    Rule{RuleId::basis_admissible, "basis_admissible", "Art. 6(1) GDPR", inadmissible_basis},
    Rule{RuleId::device_access, "device_access", "section 25 TDDDG", closed_device},
    Rule{RuleId::consent_state, "consent_state", "Art. 6(1)(a) GDPR", invalid_consent},
    Rule{RuleId::consent_replaced, "consent_replaced", "Art. 7(3) GDPR", replaced_consent},
    Rule{RuleId::expiry, "expiry", "rule 13", expired},
    Rule{RuleId::policy_version, "policy_version", "rule 12", widened},
    Rule{RuleId::announced, "announced", "rule 17", announced},
    Rule{RuleId::privacy_control, "privacy_control", "rule 14", privacy_control},
    Rule{RuleId::granted, "granted", "rule 2", ungranted},
    Rule{RuleId::sensitive_by_name, "sensitive_by_name", "rule 2", sensitive},
};

}  // namespace

std::span<const Rule> rules() {
    return rules_in_force;
}

Decision decide(const Flow& flow, const SubjectState& subject, const Request& request) {
    const auto asked = request.fields | the_call;
    auto left = asked;
    Decision decision;
    decision.wanted = request.fields;
    for (const Rule& rule : rules_in_force) {
        const auto held_back = rule.forbids(flow, subject, request) & asked;
        decision.forbidden[static_cast<std::size_t>(rule.id)] = held_back;
        left = left - held_back;
    }
    decision.refused = !left.contains(the_call | (flow.required & request.fields));
    if (!decision.refused)
        decision.released = left - the_call;
    return decision;
}

bool is_open_to_objection(const Flow& flow) {
    return is_marketing(flow.purpose) || is_profiling(flow.purpose) ||
           flow.basis == LegalBasis::legitimate_interest || flow.basis == LegalBasis::public_task;
}

bool is_admissible(Purpose purpose, LegalBasis basis) {
    using enum LegalBasis;
    switch (purpose) {
        // Art. 6(1)(b), (c), (f); consent would not be free where the service cannot be had without it (Art.
        // 7(4)).
        case Purpose::essential_service_authentication:
        case Purpose::essential_service_payment_processing:
            return basis == contract || basis == legal_obligation || basis == legitimate_interest ||
                   basis == public_task;
        case Purpose::essential_service_operations_support:
        case Purpose::essential_service_content_delivery:
            return basis == contract || is_consent(basis) || basis == legitimate_interest ||
                   basis == public_task;
        // Recital 47.
        case Purpose::essential_fraud_detection:
            return basis == legitimate_interest || basis == legal_obligation || basis == contract;
        case Purpose::essential_legal_obligation:
            return basis == legal_obligation || basis == vital_interest;
        case Purpose::functional_service_improve:
            return is_consent(basis) || basis == legitimate_interest || basis == public_task;
        // Never contract, never legal obligation (EDPB Guidelines 2/2019, 48 to 57).
        case Purpose::analytics_reporting_content_performance:
        case Purpose::analytics_reporting_system_performance:
            return is_consent(basis) || basis == legitimate_interest;
        case Purpose::personalize_content_recommendation:
            return is_consent(basis) || basis == legitimate_interest;
        // Section 7(2) UWG asks for express consent; the exception of 7(3) is not offered.
        case Purpose::marketing_communications_email:
            return is_consent(basis);
    }
    return false;
}

}  // namespace calyptenora::gate
