#pragma once

#include <calyptenora/vocabulary.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

/// The decision: may these fields of this person go to this recipient for this purpose, now?
///
/// One pure function over bit masks. Everything in the platform that speaks about data flow is a view of it:
/// what plugins are sent, the Content-Security-Policy of pages, the privacy page, the privacy notice, `gate
/// explain`.
namespace calyptenora::gate {

using Instant = std::chrono::sys_time<std::chrono::microseconds>;

/// A set of purposes.
class PurposeMask {
  public:
    constexpr PurposeMask() = default;
    constexpr PurposeMask(Purpose purpose) : bits_(1u << static_cast<unsigned>(purpose)) {}
    constexpr PurposeMask operator|(PurposeMask other) const {
        PurposeMask both;
        both.bits_ = bits_ | other.bits_;
        return both;
    }
    constexpr bool contains(Purpose purpose) const { return bits_ & PurposeMask(purpose).bits_; }
    constexpr bool operator==(const PurposeMask&) const = default;

  private:
    std::uint32_t bits_ = 0;
};

/// One compiled row of the policy: what one plugin instance may do for one purpose.
struct Flow {
    Purpose purpose{};
    LegalBasis basis{};  ///< In force: the manifest's, or a stricter one of the operator's.
    std::optional<DeviceAccess> device_access;  ///< Only where the learner's browser is involved.
    CategoryMask declared;                      ///< By the manifest.
    CategoryMask granted;                       ///< By the operator's YAML, which can only narrow.
    CategoryMask granted_by_name;               ///< Of those, the ones whose very key the operator wrote.
    CategoryMask required;                      ///< Without these a call makes no sense.
    bool has_recipient = false;                 ///< The operator has named who receives the data.
    bool third_party = false;                   ///< The recipient is somebody else than the operator.
    CategoryMask announced = {};  ///< Of those granted, what the privacy notice announces for a later day.
    Instant in_force_from{};      ///< That day; everything that is granted may be used from it on.
};

/// What is known of a person with respect to one flow, at the moment of deciding.
struct SubjectState {
    bool readable = false;  ///< The state could be read; otherwise nothing is known and nothing is sent.
    bool erased = false;
    bool restricted = false;                   ///< Article 18.
    bool consented_since_restriction = false;  ///< Article 18(2): the person allowed just this afterwards.
    bool objected = false;                     ///< Article 21, to this flow.
    bool compelling_grounds = false;  ///< Recorded by the operator against the objection, Article 21(1).
    bool guardian_needed = false;     ///< Under the age of Article 8 in the person's country.
    bool guardian_consented = false;
    ConsentState consent = ConsentState::unknown;
    std::optional<Instant>
        consent_expires_at;  ///< Absent: a consent without an end, which is not valid here.
    CategoryMask consented;  ///< What the choice spoke of.
    bool terms_widened =
        false;  ///< Recipient, endpoints, basis, retention or country have widened since the choice.
};

/// What is asked for.
struct Request {
    Instant now{};
    CategoryMask fields;  ///< The fields that the operation has a place for.
    bool device = false;  ///< The person's browser would be read, written, or made to ask a third party.
    bool privacy_control = false;  ///< Global Privacy Control is on for this person or request.
};

/// The rules, in the order in which they are explained. A rule is named in explanations, tables and logs by
/// `key`.
enum class RuleId : std::uint8_t {
    state_readable,
    recipient_named,
    declared,
    erased,
    restricted,
    objected,
    minor,
    basis_admissible,
    device_access,
    consent_state,
    consent_replaced,
    expiry,
    policy_version,
    announced,
    privacy_control,
    granted,
    sensitive_by_name,
};

inline constexpr std::size_t rule_count = 17;

/// One rule: which of the declared categories it forbids, in this situation.
struct Rule {
    RuleId id;
    std::string_view key;
    std::string_view source;  ///< Article of the law, or the number of the rule in the design.
    CategoryMask (*forbids)(const Flow&, const SubjectState&, const Request&);
};

/// The outcome, with every step kept.
struct Decision {
    CategoryMask wanted;
    CategoryMask released;  ///< Empty when refused.
    bool refused =
        false;  ///< Nothing goes: the call itself, or a field that it cannot do without, is forbidden.
    std::array<CategoryMask, rule_count> forbidden{};  ///< By rule: what it alone would hold back.

    /// Whether a rule held anything back.
    constexpr bool forbids(RuleId rule) const { return !forbidden[static_cast<std::size_t>(rule)].empty(); }
    constexpr bool operator==(const Decision&) const = default;
};

/// The rules in force, in order.
std::span<const Rule> rules();

/// Default deny, deny wins: a field is released only if no rule forbids it. Pure; takes no lock and no
/// memory.
Decision decide(const Flow& flow, const SubjectState& subject, const Request& request);

/// Whether a legal basis can carry a purpose at all: a table of ours, whatever a manifest claims (Article
/// 6(1) GDPR; sections 25 and 7 of TDDDG and UWG for marketing).
bool is_admissible(Purpose purpose, LegalBasis basis);

/// Whether an objection (Article 21) reaches this flow: legitimate interest and public task, and direct
/// marketing and recommendations whatever they stand on.
bool is_open_to_objection(const Flow& flow);

/// Whether a basis rests on the person's own choice.
constexpr bool is_consent(LegalBasis basis) {
    return basis == LegalBasis::consent || basis == LegalBasis::explicit_consent;
}

}  // namespace calyptenora::gate
