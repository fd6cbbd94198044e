#include "cli/incident_notices.hpp"

#include "web/format.hpp"

#include <fmt/format.h>

namespace calyptenora::cli {
namespace {

constexpr std::string_view time_zone = "Europe/Berlin";

class Notice {
  public:
    Notice(const web::Words& words) : words_(words) {}

    void line(const std::string& text) { text_ += text + "\n"; }
    void heading(std::string_view key) { text_ += "\n" + words_.text(key) + "\n"; }
    /// What somebody wrote, or a gap to be filled.
    void written(const std::string& text) { line(text.empty() ? words_.text("incident_notice.gap") : text); }
    std::string time(storage::Timestamp moment) const {
        return web::format_date_time(moment, words_.language(), time_zone);
    }
    std::string& text() { return text_; }

  private:
    const web::Words& words_;
    std::string text_;
};

void add_contact(Notice& notice, const settings::Settings& settings, const web::Words& words) {
    const auto& owner = settings.operator_info;
    notice.heading("incident_notice.contact");
    notice.line(fmt::format("{}, {}", owner.legal_name, owner.email));
    if (const auto& officer = owner.data_protection_officer)
        notice.line(words.text(
            "incident_notice.officer",
            {{"name", officer->name.empty() ? officer->email : officer->name}, {"email", officer->email}}));
}

void add_delay(Notice& notice, const platform::IncidentView& view, const web::Words& words,
               storage::Timestamp now) {
    if (now <= view.due_at() || view.incident.authority_told_at)
        return;
    notice.heading("incident_notice.delay");
    notice.line(words.text("incident_notice.delay_text", {{"due", notice.time(view.due_at())}}));
    notice.written("");
}

}  // namespace

std::string make_incident_notice(const platform::IncidentView& view, platform::Audience audience,
                                 const settings::Settings& settings, const web::Words& words,
                                 storage::Timestamp now) {
    const auto& incident = view.incident;
    Notice notice(words);
    const bool for_authority = audience == platform::Audience::authority;
    notice.line(
        words.text(for_authority ? "incident_notice.authority_title" : "incident_notice.people_title"));
    if (for_authority && !settings.operator_info.supervisory_authority.empty())
        notice.line(settings.operator_info.supervisory_authority);
    if (!for_authority)
        notice.line("\n" + words.text("incident_notice.people_lead", {{"platform", settings.platform.name}}));

    notice.heading("incident_notice.nature");
    notice.line(incident.title);
    notice.line(incident.nature);
    notice.line(words.text("incident_notice.when", {{"from", notice.time(incident.began_at)},
                                                    {"until", notice.time(incident.ended_at)}}));
    if (!incident.categories.empty())
        notice.line(words.text("incident_notice.data", {{"data", words.fields(incident.categories)}}));
    if (for_authority) {
        long long records = 0;
        for (const auto& person : view.people)
            records += person.records;
        notice.line(words.text("incident_notice.aware", {{"on", notice.time(incident.aware_at)}}));
        notice.line(words.text(
            "incident_notice.numbers",
            {{"people", web::format_number(static_cast<std::int64_t>(view.people.size()), words.language())},
             {"records", web::format_number(records, words.language())}}));
    }
    add_contact(notice, settings, words);
    notice.heading("incident_notice.consequences");
    notice.written(incident.consequences);
    notice.heading("incident_notice.measures");
    notice.written(incident.measures);
    if (for_authority)
        add_delay(notice, view, words, now);
    return std::move(notice.text());
}

}  // namespace calyptenora::cli
