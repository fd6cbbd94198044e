#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

/// The words in which the platform speaks about personal data: data categories, purposes, legal bases.
/// YAML, JSON, SQL and pages use exactly the keys listed here.
///
/// Data categories and purposes are keys of the fideslang taxonomy (Ethyca, CC BY 4.0), extended by
/// `user.education.*` and `essential.service.content_delivery`; legal bases and consent states follow the W3C
/// Data Privacy Vocabulary.
namespace calyptenora {

/// A leaf data category that the platform holds. The value is the bit position in a CategoryMask.
enum class Category : std::uint8_t {
    user_name,
    user_contact_email,
    user_account_settings,
    user_demographic_education,
    user_unique_id_pseudonymous,
    user_device_ip_address,
    user_device_user_agent,
    user_device_screen,
    user_device_cookie_id,
    user_behavior_browsing_history,
    user_behavior_media_consumption,
    user_education_enrolment,
    user_education_progress,
    user_education_grade,
    user_education_submission,
    user_education_certificate,
    user_education_feedback,
    user_payment_transaction,
    user_content_message,
};

inline constexpr std::array<std::string_view, 19> category_keys{
    "user.name",
    "user.contact.email",
    "user.account.settings",
    "user.demographic.education",
    "user.unique_id.pseudonymous",
    "user.device.ip_address",
    "user.device.user_agent",
    "user.device.screen",
    "user.device.cookie_id",
    "user.behavior.browsing_history",
    "user.behavior.media_consumption",
    "user.education.enrolment",
    "user.education.progress",
    "user.education.grade",
    "user.education.submission",
    "user.education.certificate",
    "user.education.feedback",
    "user.payment.transaction",
    "user.content.message",
};

/// A purpose for which data is used (fideslang "data use").
enum class Purpose : std::uint8_t {
    essential_service_authentication,
    essential_service_payment_processing,
    essential_service_operations_support,
    essential_service_content_delivery,
    essential_fraud_detection,
    essential_legal_obligation,
    functional_service_improve,
    analytics_reporting_content_performance,
    analytics_reporting_system_performance,
    personalize_content_recommendation,
    marketing_communications_email,
};

inline constexpr std::array<std::string_view, 11> purpose_keys{
    "essential.service.authentication",
    "essential.service.payment_processing",
    "essential.service.operations.support",
    "essential.service.content_delivery",
    "essential.fraud_detection",
    "essential.legal_obligation",
    "functional.service.improve",
    "analytics.reporting.content_performance",
    "analytics.reporting.system_performance",
    "personalize.content.recommendation",
    "marketing.communications.email",
};

/// Article 6(1) and 9(2)(a) GDPR.
enum class LegalBasis : std::uint8_t {
    consent,
    explicit_consent,
    contract,
    legal_obligation,
    vital_interest,
    public_task,
    legitimate_interest,
};

inline constexpr std::array<std::string_view, 7> legal_basis_keys{
    "consent",        "explicit_consent", "contract",           "legal_obligation",
    "vital_interest", "public_task",      "legitimate_interest"};

/// Section 25 TDDDG: why the learner's device may be read or written, or made to ask a third party.
enum class DeviceAccess : std::uint8_t { consent, transmission, strictly_necessary };

inline constexpr std::array<std::string_view, 3> device_access_keys{"consent", "transmission",
                                                                    "strictly_necessary"};

/// How choices are grouped for a learner.
enum class CookieCategory : std::uint8_t { necessary, functional, analytics, performance, external_media };

inline constexpr std::array<std::string_view, 5> cookie_category_keys{"necessary", "functional", "analytics",
                                                                      "performance", "external_media"};

/// States of a consent (DPV). Only `given` and `renewed` are valid.
enum class ConsentState : std::uint8_t {
    unknown,
    requested,
    refused,
    given,
    renewed,
    withdrawn,
    expired,
    invalidated,
};

inline constexpr std::array<std::string_view, 8> consent_state_keys{
    "unknown", "requested", "refused", "given", "renewed", "withdrawn", "expired", "invalidated"};

/// What happens to a released value on its way out.
enum class Transform : std::uint8_t {
    none,
    pseudonym,          ///< Replaced by the learner's pseudonym at this plugin instance.
    truncate_ip,        ///< IPv4 to /24, IPv6 to /48.
    coarse_user_agent,  ///< Browser family and major version only.
};

inline constexpr std::array<std::string_view, 4> transform_keys{"none", "pseudonym", "truncate_ip",
                                                                "coarse_user_agent"};

/// The recipient's role under the GDPR (Articles 4(7), 4(8), 26).
enum class RecipientRole : std::uint8_t { processor, controller, joint };

inline constexpr std::array<std::string_view, 3> recipient_role_keys{"processor", "controller", "joint"};

enum class Family : std::uint8_t { auth, payments, video, analytics, support };

inline constexpr std::array<std::string_view, 5> family_keys{"auth", "payments", "video", "analytics",
                                                             "support"};

/// The table of keys that belongs to an enumeration of this header.
constexpr const auto& keys_of(std::type_identity<Category>) {
    return category_keys;
}
constexpr const auto& keys_of(std::type_identity<Purpose>) {
    return purpose_keys;
}
constexpr const auto& keys_of(std::type_identity<LegalBasis>) {
    return legal_basis_keys;
}
constexpr const auto& keys_of(std::type_identity<DeviceAccess>) {
    return device_access_keys;
}
constexpr const auto& keys_of(std::type_identity<CookieCategory>) {
    return cookie_category_keys;
}
constexpr const auto& keys_of(std::type_identity<ConsentState>) {
    return consent_state_keys;
}
constexpr const auto& keys_of(std::type_identity<Transform>) {
    return transform_keys;
}
constexpr const auto& keys_of(std::type_identity<RecipientRole>) {
    return recipient_role_keys;
}
constexpr const auto& keys_of(std::type_identity<Family>) {
    return family_keys;
}

/// An enumeration of this header.
template <class E>
concept VocabularyTerm = std::is_enum_v<E> && requires { keys_of(std::type_identity<E>{}); };

/// The exact key of a term, as it stands in YAML, JSON and SQL.
template <VocabularyTerm E>
constexpr std::string_view key_of(E term) {
    return keys_of(std::type_identity<E>{})[static_cast<std::size_t>(term)];
}

/// The term with exactly this key, or nothing.
template <VocabularyTerm E>
constexpr std::optional<E> find_term(std::string_view key) {
    const auto& keys = keys_of(std::type_identity<E>{});
    for (std::size_t i = 0; i < keys.size(); ++i)
        if (keys[i] == key)
            return static_cast<E>(i);
    return std::nullopt;
}

/// A set of leaf categories.
class CategoryMask {
  public:
    constexpr CategoryMask() = default;
    constexpr CategoryMask(Category category) : bits_(1u << static_cast<unsigned>(category)) {}

    static constexpr CategoryMask all() { return from_bits((1u << category_keys.size()) - 1); }
    static constexpr CategoryMask from_bits(std::uint32_t bits) {
        CategoryMask mask;
        mask.bits_ = bits;
        return mask;
    }

    constexpr std::uint32_t bits() const { return bits_; }
    constexpr bool empty() const { return bits_ == 0; }
    constexpr int count() const { return std::popcount(bits_); }
    constexpr bool contains(CategoryMask other) const { return (bits_ & other.bits_) == other.bits_; }

    constexpr CategoryMask operator|(CategoryMask other) const { return from_bits(bits_ | other.bits_); }
    constexpr CategoryMask operator&(CategoryMask other) const { return from_bits(bits_ & other.bits_); }
    /// Set difference.
    constexpr CategoryMask operator-(CategoryMask other) const { return from_bits(bits_ & ~other.bits_); }
    constexpr CategoryMask& operator|=(CategoryMask other) { return *this = *this | other; }
    constexpr CategoryMask& operator&=(CategoryMask other) { return *this = *this & other; }
    constexpr bool operator==(const CategoryMask&) const = default;

  private:
    std::uint32_t bits_ = 0;
};

/// The leaf categories that a key covers: the category itself, or all below it at a dot boundary
/// (`user.contact` covers `user.contact.email`, never `user.contacts`). Empty for a key that covers nothing.
constexpr CategoryMask categories_under(std::string_view key) {
    CategoryMask mask;
    for (std::size_t i = 0; i < category_keys.size(); ++i) {
        const auto leaf = category_keys[i];
        const bool covers = leaf.starts_with(key) && (leaf.size() == key.size() || leaf[key.size()] == '.');
        if (covers && !key.empty())
            mask |= static_cast<Category>(i);
    }
    return mask;
}

}  // namespace calyptenora
