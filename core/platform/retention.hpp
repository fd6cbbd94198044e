#pragma once

#include "settings/settings.hpp"
#include "web/translations.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// How long things stay, as `storage/inventory.csv` says it, under names that texts in all languages can
/// have.
namespace calyptenora::platform {

/// Who sees to it that what is due goes.
enum class DeletedBy : std::uint8_t {
    program,  ///< By itself, without anybody's doing.
    people,   ///< The operator, by an organisational rule: the program deletes nothing of it on a date.
};

struct RetentionRule {
    std::string_view key;    ///< Names the texts `retention.<key>`.
    std::string_view words;  ///< Exactly as the inventory has them; `{name}` is a length of the settings.
    DeletedBy deleted_by;
};

std::span<const RetentionRule> retention_rules();

/// The rule with just these words of the inventory, or nullptr.
const RetentionRule* find_retention_rule(std::string_view words);
/// The rule of this name, which there must be.
const RetentionRule& retention_rule(std::string_view key);

/// What stands in a rule's words and texts for the operator's lengths of time.
web::Translations::Arguments lengths_of(const RetentionRule& rule, const settings::Retention& settings);
/// The inventory's words with these lengths in them.
std::string fill_in(std::string_view words, const web::Translations::Arguments& lengths);

}  // namespace calyptenora::platform
