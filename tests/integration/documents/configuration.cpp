#include "integration/documents/configuration.hpp"

#include "gate/decide.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

namespace calyptenora::documents::test {
namespace {

constexpr std::size_t most_flows = 64;

/// Which categories the operations of a family have a place for, so that many configurations let something
/// flow; a few others are declared all the same.
CategoryMask usual_fields(Family family) {
    using enum Category;
    switch (family) {
        case Family::analytics:
            return CategoryMask(user_unique_id_pseudonymous) | user_name | user_contact_email |
                   user_account_settings | user_education_enrolment | user_education_progress |
                   user_education_grade | user_behavior_media_consumption | user_device_ip_address |
                   user_device_user_agent;
        case Family::support:
            return CategoryMask(user_unique_id_pseudonymous) | user_name | user_contact_email |
                   user_education_enrolment | user_content_message;
        default:
            return CategoryMask(user_device_ip_address) | user_device_user_agent | user_device_cookie_id |
                   user_device_screen | user_behavior_media_consumption | user_unique_id_pseudonymous;
    }
}

class Maker {
  public:
    explicit Maker(std::uint64_t seed) : random_(seed) {}

    Configuration make() {
        Configuration made;
        made.language = coin() ? "de" : "en";
        made.privacy_control = one_in(4);
        made.is_minor = one_in(8);
        made.is_restricted = one_in(12);
        for (std::size_t i = 0; i < most_flows; ++i)
            made.answers.push_back(static_cast<Answer>(one_in(3) ? pick(5) : 1));
        std::string plugins;
        const auto count = 1 + pick(5);
        for (std::size_t i = 0; i < count; ++i)
            plugins += plugin(i, made);
        made.settings = fmt::format(
            "platform: {{name: '{}', origin: 'http://localhost:8080', default_language: {}, address_form: "
            "{}}}\n"
            "operator: {{legal_name: '{}', address: '{}', country: DE, email: "
            "a@lms.example}}\n{}{}plugins:\n{}",
            text("Plattform", 0), made.language, coin() ? "du" : "sie", text("Betreiber", 1), text("Weg", 1),
            one_in(3) ? mail() : "", one_in(3) ? "consent: {duration_days: 30, refusal_days: 400}\n" : "",
            plugins);
        return made;
    }

  private:
    std::size_t pick(std::size_t count) { return random_() % count; }
    bool coin() { return pick(2) == 0; }
    bool one_in(std::size_t count) { return pick(count) == 0; }

    /// A name that nobody else has, with what markup, CSV and JSON must escape.
    std::string text(std::string_view word, std::size_t number) {
        static constexpr std::string_view ends[] = {
            "", " GmbH", " & Co, KG", " \"Nord\"", " <i>AG</i>", " – Größe", "; Ltd", " {{x}}", "\\, Inc."};
        return fmt::format("{} {}{}", word, number, ends[pick(std::size(ends))]);
    }

    std::string recipient(std::size_t number) {
        static constexpr std::string_view countries[] = {"DE", "FR", "NO", "US", "IN", "CH"};
        static constexpr std::string_view roles[] = {"processor", "controller", "joint"};
        const auto country = countries[pick(std::size(countries))];
        const auto role = roles[pick(std::size(roles))];
        std::string yaml = fmt::format(
            "{{legal_name: '{}', address: '{}', country: {}, role: {}, privacy_policy: "
            "'https://r{}.example/privacy'",
            text("Empfänger", number), text("Straße", number), country, role, number);
        if (country == "US" || country == "IN" || country == "CH")
            yaml += fmt::format(", safeguard: {}", coin() ? "scc" : "bcr");
        if (role == "processor" || coin())
            yaml += fmt::format(", contract: {{reference: '{}', date: 2026-0{}-11}}", text("AVV", number),
                                1 + pick(9));
        return yaml + "}";
    }

    std::string mail() {
        return fmt::format("mail: {{host: smtp.example, from: a@lms.example, recipient: {}}}\n",
                           recipient(99));
    }

    std::vector<Purpose> purposes(Family family) {
        if (family == Family::video)
            return {Purpose::essential_service_content_delivery};
        std::vector<Purpose> some;
        for (const auto purpose :
             {Purpose::analytics_reporting_content_performance, Purpose::essential_service_operations_support,
              Purpose::functional_service_improve, Purpose::personalize_content_recommendation,
              Purpose::analytics_reporting_system_performance, Purpose::marketing_communications_email})
            if (one_in(3))
                some.push_back(purpose);
        if (some.empty())
            some.push_back(family == Family::analytics ? Purpose::analytics_reporting_content_performance
                                                       : Purpose::essential_service_operations_support);
        return some;
    }

    LegalBasis basis(Purpose purpose) {
        for (;;) {
            const auto basis = static_cast<LegalBasis>(coin() ? 0 : pick(legal_basis_keys.size()));
            if (gate::is_admissible(purpose, basis))
                return basis;
        }
    }

    struct Field {
        Category category;
        bool required;
    };

    std::vector<Field> fields(Family family) {
        const auto usual = usual_fields(family);
        const bool frame = family == Family::video && !one_in(4);
        std::vector<Field> chosen;
        for (std::size_t i = 0; i < category_keys.size(); ++i) {
            const auto category = static_cast<Category>(i);
            const bool by_frame = frame && (category == Category::user_device_ip_address ||
                                            category == Category::user_device_user_agent);
            if (by_frame || (usual.contains(category) ? coin() : one_in(12)))
                chosen.push_back({category, by_frame || (usual.contains(category) && one_in(4))});
        }
        return chosen;
    }

    static std::string_view transform(Family family, Category category) {
        if (category == Category::user_unique_id_pseudonymous)
            return ", transform: pseudonym";
        if (category == Category::user_device_ip_address && family != Family::video)
            return ", transform: truncate_ip";
        return "";
    }

    /// The manifest goes to `made`; yields the instance's part of the operator's file.
    std::string plugin(std::size_t number, Configuration& made) {
        static constexpr Family families[] = {Family::analytics, Family::support, Family::video};
        const auto family = families[pick(std::size(families))];
        const auto name = fmt::format("{}/p{}", key_of(family), number);
        const auto instance = one_in(4) ? name + "@second" : name;
        const auto origin = fmt::format("https://player{}.example", number);
        std::string manifest = fmt::format(
            "id: {}\nversion: 0.1.0\nsdk: \"1.0\"\nsummary: {{de: 'Erweiterung {}', en: 'Plugin {}'}}\n"
            "licence: AGPL-3.0-or-later\npurposes:\n",
            name, number, number);
        std::string grants;
        for (const auto purpose : purposes(family)) {
            const bool device = family == Family::video;
            const auto on = device && coin() ? LegalBasis::consent : basis(purpose);
            manifest += fmt::format("  - purpose: {}\n    legal_basis: {}\n    cookie_category: {}\n",
                                    key_of(purpose), key_of(on), device ? "external_media" : "analytics");
            if (device)
                manifest += "    device_access: consent\n";
            if (coin())
                manifest += fmt::format("    retention_days: {}\n", 90 + pick(900));
            manifest += "    fields:\n";
            std::string granted;
            for (const auto& field : fields(family)) {
                const auto key = key_of(field.category);
                manifest += fmt::format(
                    "      - {{category: {}, required: {}{}, why: {{de: 'Wozu {}', en: 'What for {}'}}}}\n",
                    key, field.required, transform(family, field.category), number, number);
                if (field.required ? one_in(20) : !one_in(3))
                    granted += fmt::format("{}{}: {}", granted.empty() ? "" : ", ", key,
                                           !field.required && !one_in(4));
            }
            if (manifest.ends_with("fields:\n"))
                manifest.insert(manifest.size() - 1, " []");
            grants += fmt::format("      {}: {{enabled: {}, fields: {{{}}}{}{}}}\n", key_of(purpose),
                                  !one_in(8), granted,
                                  on != LegalBasis::explicit_consent && one_in(5) && is_asked(purpose)
                                      ? ", legal_basis: consent"
                                      : "",
                                  one_in(4) ? ", retention_days: 60" : "");
        }
        if (family == Family::video) {
            manifest += fmt::format(
                "browser:\n  frame_origins: ['{}']\n  storage:\n    - {{name: 'id of {}', kind: cookie, "
                "duration: "
                "{}d}}\n",
                origin, number, 1 + pick(700));
            if (coin())
                manifest += fmt::format(
                    "    - {{name: 'volume of {}', kind: local_storage, duration: session}}\n", number);
            made.videos.push_back({instance, origin});
        } else {
            manifest += fmt::format("egress: ['h{}.example:443']\n", number);
        }
        made.manifests.push_back(manifest);
        return fmt::format("  {}:\n    enabled: {}\n{}    purposes:\n{}", instance, !one_in(10),
                           one_in(12) ? std::string()
                                      : fmt::format("    recipient: {}\n",
                                                    is_own(number) ? "{self: true}" : recipient(number)),
                           grants);
    }

    /// At most one, since all that the operator runs itself has the operator's name.
    bool is_own(std::size_t number) {
        if (!own_ && one_in(6))
            own_ = number;
        return own_ == number;
    }

    static bool is_asked(Purpose purpose) { return gate::is_admissible(purpose, LegalBasis::consent); }

    std::mt19937_64 random_;
    std::optional<std::size_t> own_;
};

}  // namespace

Configuration make_configuration(std::uint64_t seed) {
    return Maker(seed).make();
}

}  // namespace calyptenora::documents::test
