#include "settings/country.hpp"
#include "settings/sections.hpp"

#include <fmt/format.h>

namespace calyptenora::settings {
namespace {

constexpr std::array<std::string_view, 2> http_schemes{"https", "http"};
constexpr std::int64_t oldest_age = 16, youngest_age = 13;  // Article 8(1) GDPR

void read_origin(const Field& field, std::string& out) {
    std::string url;
    field.url(url, http_schemes);
    if (url.empty())
        return;
    const auto parts = find_url_parts(url);
    if (!parts->is_origin)
        field.wrong("an origin: scheme, host and port only");
    else if (parts->scheme == "http" && !is_loopback_host(parts->host))
        field.wrong("an origin that begins with https://", "plain HTTP works on localhost only");
    else
        out = parts->origin();
}

void read_currency(const Field& field, std::string& out) {
    std::string currency;
    field.text(currency);
    if (currency.empty())
        return;
    if (currency.size() != 3 || !std::ranges::all_of(currency, [](char c) { return c >= 'A' && c <= 'Z'; }))
        field.wrong("an ISO 4217 currency code of three letters, such as EUR");
    else
        out = currency;
}

void read_minors(const Field& field, Minors& out) {
    Object object = field.object();
    object.optional("age_of_consent").integer(out.age_of_consent, youngest_age, oldest_age);
    for (const auto& [country, age] :
         object.optional("per_country").entries("a mapping of country codes to ages")) {
        if (!is_country(country))
            age.wrong_hidden("an ISO 3166 country code of two letters as key",
                             fmt::format("\"{}\"", country));
        else
            age.integer(out.per_country[country], youngest_age, oldest_age);
    }
}

/// Law sets the least; what no law demands is not kept (Art. 5(1)(e) GDPR).
void read_years(const Field& field, int& out, int least) {
    constexpr int most = 10;
    int years = out;
    field.integer(years, 0, 1000);
    if (years < least)
        field.wrong(fmt::format("at least {} years, which section 147(3) AO demands", least));
    else if (years > most)
        field.wrong(fmt::format("at most {} years, since nothing is kept longer than law demands", most));
    else
        out = years;
}

}  // namespace

int Minors::age_in(const std::string& country) const {
    const auto found = per_country.find(country);
    return found == per_country.end() ? age_of_consent : found->second;
}

void read_platform(const Field& field, Platform& out) {
    Object object = field.object();
    object.required("name", "the name that learners see").text(out.name, {.max_bytes = 100});
    read_origin(object.required("origin", "the public address, such as https://lms.example"), out.origin);
    object.optional("default_language").word(out.default_language, language_keys);
    object.optional("address_form").word(out.address_form, address_form_keys);
    read_currency(object.optional("currency"), out.currency);
    for (const auto& folder : object.optional("courses").items("a list of folders"))
        if (folder) {
            std::filesystem::path path;
            folder.existing_folder(path);
            out.courses.push_back(std::move(path));
        }
    object.optional("policies").existing_folder(out.policies);
    read_minors(object.optional("minors"), out.minors);
}

void read_operator(const Field& field, Operator& out) {
    Object object = field.object();
    object.required("legal_name", "the full legal name, as section 5 DDG wants it").text(out.legal_name);
    object.required("address", "the postal address, no post office box")
        .text(out.address, {.max_bytes = 1000});
    object.required("country", "an ISO 3166 country code of two letters, such as DE").country(out.country);
    object.optional("representative").text(out.representative);
    object.required("email", "an e-mail address for the imprint").email(out.email);
    object.optional("phone").text(out.phone, {.max_bytes = 50});
    if (Object entry = object.optional("register").object("a mapping of court and number")) {
        auto& target = out.register_entry.emplace();
        entry.required("court", "the court that keeps the register").text(target.court);
        entry.required("number", "the number in the register").text(target.number);
    }
    object.optional("vat_id").text(out.vat_id, {.max_bytes = 20});
    object.optional("supervisory_authority").text(out.supervisory_authority);
    if (Object officer = object.optional("data_protection_officer").object("a mapping of name and email")) {
        auto& target = out.data_protection_officer.emplace();
        officer.optional("name").text(target.name);
        officer.required("email", "the officer's e-mail address (Art. 13(1)(b) GDPR)").email(target.email);
    }
    object.optional("support_hours").text(out.support_hours);
}

void read_consent(const Field& field, Consent& out) {
    Object object = field.object();
    object.optional("duration_days").integer(out.duration_days, 1, 730);
    const auto refusal = object.optional("refusal_days");
    if (refusal)
        refusal.integer(out.refusal_days, 1, 3650);
    else
        out.refusal_days = std::max(out.refusal_days, out.duration_days);
    if (out.refusal_days < out.duration_days)
        refusal.wrong(
            fmt::format("at least duration_days ({}), since a refusal counts at least as long as a consent",
                        out.duration_days.count()));
    object.optional("honour_gpc").boolean(out.honour_gpc);
}

void read_retention(const Field& field, Retention& out) {
    Object object = field.object();
    object.optional("outgoing_days").integer(out.outgoing_days, 1, 365);
    object.optional("attempts_days").integer(out.attempts_days, 1, 30);
    object.optional("activity_days").integer(out.activity_days, 30, 730);
    object.optional("figures_weeks").integer(out.figures_weeks, 1, 520);
    object.optional("timings_days").integer(out.timings_days, 1, 730);
    object.optional("browsers_days").integer(out.browsers_days, 1, 730);
    object.optional("devices_days").integer(out.devices_days, 1, 730);
    read_years(object.optional("voucher_years"), out.voucher_years, 8);
    read_years(object.optional("letter_years"), out.letter_years, 6);
}

void read_technical_data(const Field& field, TechnicalData& out) {
    Object object = field.object("a mapping of performance, functional, analytics and smallest_group");
    object.optional("performance").boolean(out.performance);
    object.optional("functional").boolean(out.functional);
    object.optional("analytics").boolean(out.analytics);
    object.optional("smallest_group").integer(out.smallest_group, 10, 10'000);
}

void read_staff(const Field& field, Staff& out) {
    Object object = field.object();
    object.optional("training_days").integer(out.training_days, 1, 3650);
    Object review = object.optional("review").object();
    review.optional("sample_percent").integer(out.review.sample_percent, 0, 100);
    review.optional("many_records").integer(out.review.many_records, 1, 100'000);
    review.optional("within_minutes").integer(out.review.within_minutes, 1, 60 * 24 * 7);
    review.optional("same_family_name").boolean(out.review.same_family_name);
    review.optional("from_hour").integer(out.review.from_hour, 0, 23);
    const auto to_hour = review.optional("to_hour");
    to_hour.integer(out.review.to_hour, 1, 24);
    if (out.review.to_hour <= out.review.from_hour)
        to_hour.wrong(fmt::format("an hour after from_hour ({})", out.review.from_hour));
    review.optional("weekends").boolean(out.review.weekends);
}

}  // namespace calyptenora::settings
