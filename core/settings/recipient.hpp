#pragma once

#include "settings/reader.hpp"

#include <calyptenora/vocabulary.hpp>

#include <chrono>
#include <optional>
#include <string>

/// Who receives data (Articles 4(9), 13(1)(e) GDPR).
namespace calyptenora::settings {

/// What makes a transfer to a third country lawful (Articles 45, 46, 49).
enum class Safeguard : std::uint8_t {
    adequacy,         ///< Article 45; only for countries of has_adequacy_decision().
    scc,              ///< Standard contractual clauses, Article 46(2)(c).
    bcr,              ///< Binding corporate rules, Article 47.
    code_of_conduct,  ///< Article 46(2)(e).
    certification,    ///< Article 46(2)(f).
    derogation,       ///< Article 49, for single cases.
};
inline constexpr std::array<std::string_view, 6> safeguard_keys{
    "adequacy", "scc", "bcr", "code_of_conduct", "certification", "derogation"};

/// The agreement under Article 28(3) (processor) or Article 26 (joint controllers).
struct Contract {
    std::string reference;  ///< How the operator finds it again.
    std::chrono::year_month_day date;
};

struct Recipient {
    /// The operator itself, no third party: name, address and country are then the operator's.
    bool self = false;
    std::string legal_name;
    std::string address;  ///< One or more lines.
    std::string country;  ///< ISO 3166-1 alpha-2.
    RecipientRole role = RecipientRole::controller;
    std::string privacy_policy;  ///< URL; empty only for `self`.
    std::string contact;         ///< E-mail address for data protection requests; may be empty.
    std::optional<Safeguard> safeguard;
    std::optional<Contract> contract;

    bool in_third_country() const;
};

/// Reads a `recipient` block, or nothing if it is absent. Refuses a processor without contract (Article
/// 28(3)), and a third country without safeguard (Article 44). A `self` recipient comes without name: the
/// caller fills it in from the operator.
std::optional<Recipient> read_recipient(const Field& field);

}  // namespace calyptenora::settings
