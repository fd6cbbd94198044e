#include "platform/minors.hpp"

#include <charconv>

namespace calyptenora::platform {
namespace {

std::optional<int> find_number(std::string_view text) {
    int number = 0;
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
    return wrong == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::optional<std::chrono::year_month> find_year_month(std::string_view month, std::string_view year) {
    const auto m = find_number(month);
    const auto y = find_number(year);
    if (!m || !y || *m < 1 || *m > 12 || *y < 1900 || *y > 2999)
        return std::nullopt;
    return std::chrono::year(*y) / *m;
}

}  // namespace

std::optional<std::string> month_of_age(std::chrono::year_month born, int age_of_consent,
                                        storage::Timestamp now) {
    const std::chrono::year_month_day today(std::chrono::floor<std::chrono::days>(now));
    const auto this_month = today.year() / today.month();
    // The birthday may be the last day of its month.
    const auto of_age = born + std::chrono::years(age_of_consent) + std::chrono::months(1);
    if (born > this_month || of_age <= this_month)
        return std::nullopt;
    return fmt::format("{:04}-{:02}", static_cast<int>(of_age.year()), static_cast<unsigned>(of_age.month()));
}

std::optional<std::string> month_of_age(const std::string& month, const std::string& year, int age_of_consent,
                                        storage::Timestamp now) {
    const auto born = find_year_month(month, year);
    return born ? month_of_age(*born, age_of_consent, now) : std::nullopt;
}

bool is_year_month(const std::string& text) {
    return text.size() == 7 && text[4] == '-' && find_year_month(text.substr(5), text.substr(0, 4));
}

}  // namespace calyptenora::platform
