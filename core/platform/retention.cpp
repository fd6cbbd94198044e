#include "platform/retention.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace calyptenora::platform {
namespace {

// A row that says `program` is a promise of this program's: housekeeping.cpp keeps it.
constexpr std::array rules{
    RetentionRule{"tombstone", "until erasure; the id stays as a tombstone", DeletedBy::program},
    RetentionRule{"erasure", "until erasure", DeletedBy::program},
    RetentionRule{"month_of_age", "until the month has passed or erasure", DeletedBy::people},
    RetentionRule{"restriction", "until the restriction is lifted or erasure", DeletedBy::people},
    RetentionRule{"session", "until signed out or expired", DeletedBy::program},
    RetentionRule{"link", "until used or run out", DeletedBy::program},
    RetentionRule{"announcement", "until the announcement is shown no more or erasure", DeletedBy::program},
    RetentionRule{"activity", "{activity_days} days", DeletedBy::program},
    RetentionRule{"referenced", "as long as a consent event refers to it", DeletedBy::people},
    RetentionRule{"proof", "as proof until limitation of claims: 3 years from the end of the year of erasure",
                  DeletedBy::people},
    RetentionRule{"outgoing",
                  "{outgoing_days} days after it is settled; the payload until it is settled; mail that was "
                  "refused as long as the note",
                  DeletedBy::program},
    RetentionRule{"seconds", "seconds: until released or run out", DeletedBy::program},
    RetentionRule{"kept_apart", "until erasure; what has to be kept goes on in retained_records",
                  DeletedBy::program},
    RetentionRule{"legal_dates",
                  "until its date: {voucher_years} years from the end of the calendar year for booking "
                  "vouchers (section "
                  "147 AO); {letter_years} years for business letters",
                  DeletedBy::program},
    RetentionRule{
        "request_proof",
        "as proof until limitation of claims: 3 years from the end of the year in which it was settled",
        DeletedBy::people},
    RetentionRule{"copy", "7 days after the copy was made that they go into; or until erasure",
                  DeletedBy::program},
    RetentionRule{"backups", "as long as backups are kept", DeletedBy::program},
    RetentionRule{"plugin", "until the plugin erases it or the subject is erased", DeletedBy::program},
    RetentionRule{"day", "{attempts_days} days", DeletedBy::program},
    RetentionRule{"figures", "{figures_weeks} weeks", DeletedBy::program},
    RetentionRule{"timings", "{timings_days} days", DeletedBy::program},
    RetentionRule{"browsers", "{browsers_days} days", DeletedBy::program},
    RetentionRule{"devices",
                  "{devices_days} days after the device was seen last; until withdrawal or erasure",
                  DeletedBy::program},
    RetentionRule{"course", "30 days after the last use of the course", DeletedBy::program},
    RetentionRule{"for_ever", "for ever", DeletedBy::people},
};

std::string text_of(std::chrono::days days) {
    return std::to_string(days.count());
}

}  // namespace

std::span<const RetentionRule> retention_rules() {
    return rules;
}

const RetentionRule* find_retention_rule(std::string_view words) {
    const auto found = std::ranges::find(rules, words, &RetentionRule::words);
    return found == rules.end() ? nullptr : &*found;
}

const RetentionRule& retention_rule(std::string_view key) {
    return *std::ranges::find(rules, key, &RetentionRule::key);
}

web::Translations::Arguments lengths_of(const RetentionRule& rule, const settings::Retention& settings) {
    web::Translations::Arguments lengths{{"outgoing_days", text_of(settings.outgoing_days)},
                                         {"attempts_days", text_of(settings.attempts_days)},
                                         {"activity_days", text_of(settings.activity_days)},
                                         {"voucher_years", std::to_string(settings.voucher_years)},
                                         {"letter_years", std::to_string(settings.letter_years)},
                                         {"figures_weeks", std::to_string(settings.figures_weeks.count())},
                                         {"timings_days", text_of(settings.timings_days)},
                                         {"browsers_days", text_of(settings.browsers_days)},
                                         {"devices_days", text_of(settings.devices_days)}};
    if (rule.key == "outgoing")
        lengths.emplace_back("count", text_of(settings.outgoing_days));
    if (rule.key == "figures")
        lengths.emplace_back("count", std::to_string(settings.figures_weeks.count()));
    if (rule.key == "day")
        lengths.emplace_back("count", text_of(settings.attempts_days));
    if (rule.key == "activity")
        lengths.emplace_back("count", text_of(settings.activity_days));
    if (rule.key == "timings")
        lengths.emplace_back("count", text_of(settings.timings_days));
    if (rule.key == "browsers")
        lengths.emplace_back("count", text_of(settings.browsers_days));
    if (rule.key == "devices")
        lengths.emplace_back("count", text_of(settings.devices_days));
    return lengths;
}

std::string fill_in(std::string_view words, const web::Translations::Arguments& lengths) {
    std::string filled(words);
    for (const auto& [name, length] : lengths) {
        const auto placeholder = fmt::format("{{{}}}", name);
        if (const auto at = filled.find(placeholder); at != std::string::npos)
            filled.replace(at, placeholder.size(), length);
    }
    return filled;
}

}  // namespace calyptenora::platform
