#pragma once

#include "storage/field_cipher.hpp"
#include "storage/stores/subjects.hpp"

#include <calyptenora/result.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Accounts. Name and address are encrypted under the learner's key and read apart from the rest, so that the
/// plain record can be passed around. Callers: platform, cli (`user add`).
namespace calyptenora::storage {

enum class LearnerState : unsigned char { active, restricted, erased };
BOOST_DESCRIBE_ENUM(LearnerState, active, restricted, erased)

/// What a person may do on the platform. (`operator` is a word of C++, hence the underscore; the key has
/// none.)
enum class Role : unsigned char { learner, teacher, support, data_protection, operator_ };
inline constexpr std::array<std::string_view, 5> role_keys{"learner", "teacher", "support", "data_protection",
                                                           "operator"};
constexpr std::string_view key_of(Role role) {
    return role_keys[static_cast<std::size_t>(role)];
}
std::optional<Role> find_role(std::string_view key);

enum class Theme : unsigned char { light, dark };
BOOST_DESCRIBE_ENUM(Theme, light, dark)
enum class TextSize : unsigned char { larger, largest };
BOOST_DESCRIBE_ENUM(TextSize, larger, largest)

/// How somebody likes to have pages; what is absent is as the platform and the browser have it.
struct Presentation {
    std::optional<std::string> time_zone = {};  ///< A name of the IANA database.
    std::optional<Theme> theme = {};
    std::optional<TextSize> text_size = {};
};

struct Learner {
    LearnerId id;
    Timestamp created_at;
    LearnerState state = LearnerState::active;
    Role role = Role::learner;
    /// `de` or `en`.
    std::string language;
    std::optional<Timestamp> email_confirmed_at;
    /// `YYYY-MM`, the first month in which no guardian's consent is needed any more (consent.md, rule 16).
    /// Deleted when it has come.
    std::optional<std::string> guardian_needed_until;
    /// The instance of the auth family through which the learner signs in.
    std::string auth_instance;
    /// Since when processing is restricted (Art. 18 GDPR); absent if it is not.
    std::optional<Timestamp> restricted_at = std::nullopt;
    Presentation presentation = {};
};

struct Contact {
    std::string display_name;
    std::string email;
};

/// As it is stored, encrypted under the learner's key.
struct SealedContact {
    std::optional<std::string> display_name;
    std::optional<std::string> email;
};

namespace learners {

/// Inserts subject and learner. Call `KeyStore::create(learner.id)` first. `conflict` if the address has an
/// account.
Status insert(Transaction& tx, const FieldCipher& cipher, const Learner& learner, const Contact& contact);

std::optional<Learner> find(Transaction& tx, const LearnerId& id);
/// By any spelling that `normalise_email` makes equal. Never an erased one.
std::optional<Learner> find_by_email(Transaction& tx, const FieldCipher& cipher, std::string_view email);

/// `not_found` if it is empty, as that of an erased learner is.
Result<Contact> open_contact(const FieldCipher& cipher, const LearnerId& id, const SealedContact& sealed);
/// `not_found` for an erased learner.
Result<Contact> load_contact(Transaction& tx, const FieldCipher& cipher, const LearnerId& id);
/// `conflict` if the address belongs to another account. A changed address is no longer confirmed.
Status update_contact(Transaction& tx, const FieldCipher& cipher, const LearnerId& id,
                      const Contact& contact);

/// Education in the learner's own words; empty if they say nothing of it.
Result<std::string> load_education(Transaction& tx, const FieldCipher& cipher, const LearnerId& id);
Status set_education(Transaction& tx, const FieldCipher& cipher, const LearnerId& id,
                     std::string_view education);
void set_presentation(Transaction& tx, const LearnerId& id, const Presentation& presentation);

void set_language(Transaction& tx, const LearnerId& id, std::string_view language);
void set_role(Transaction& tx, const LearnerId& id, Role role);
/// Restricts from `now` on (Art. 18 GDPR); who is restricted already stays so since then. An erased learner
/// stays erased. Returns whether there was such a learner.
bool restrict(Transaction& tx, const LearnerId& id, Timestamp now);
/// Ends a restriction. Returns whether there was such a learner.
bool lift_restriction(Transaction& tx, const LearnerId& id);
void confirm_email(Transaction& tx, const LearnerId& id, Timestamp now);
void set_guardian_needed_until(Transaction& tx, const LearnerId& id,
                               const std::optional<std::string>& year_month);

/// Those with another role than `learner`, oldest first.
std::vector<Learner> list_staff(Transaction& tx);
/// Whether there is anybody with an account who is not of the staff.
bool has_any_but_staff(Transaction& tx);
/// All learners, oldest first; for operators' lists.
std::vector<Learner> list(Transaction& tx, const std::optional<LearnerId>& after, int limit);

}  // namespace learners

template <>
struct SqlConversion<Role> {
    static constexpr SqlType type = SqlType::text;
    static SqlValue to(Role role) { return SqlValue::of_text(key_of(role)); }
    static Role from(SqlValue&& value);
};

}  // namespace calyptenora::storage
