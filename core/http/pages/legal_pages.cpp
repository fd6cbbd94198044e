#include "http/pages/stored_rows.hpp"
#include "http/pages/visit.hpp"
#include "http/pages/words.hpp"
#include "platform/processing_record.hpp"
#include "platform/promises.hpp"
#include "web/format.hpp"
#include "web/words.hpp"

#include <algorithm>
#include <sstream>

namespace calyptenora::http {
namespace {

using boost::asio::awaitable;

boost::json::array lines_of(const std::string& text) {
    boost::json::array lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        if (!line.empty())
            lines.push_back(boost::json::value(line));
    return lines;
}

boost::json::object imprint_view(const Visit& visit) {
    const auto settings = visit.services().settings();
    const auto& owner = settings->operator_info;
    boost::json::object view{
        {"name", owner.legal_name}, {"address_lines", lines_of(owner.address)}, {"email", owner.email}};
    if (!owner.representative.empty()) {
        view["represented_by"] = owner.representative;
        view["responsible"] = owner.representative;
    }
    if (!owner.phone.empty())
        view["phone"] = owner.phone;
    if (!owner.vat_id.empty())
        view["vat_id"] = owner.vat_id;
    if (owner.register_entry)
        view["register_text"] =
            fmt::format("{}, {}", owner.register_entry->court, owner.register_entry->number);
    return view;
}

std::string basis_text(const web::Words& words, const platform::KeptActivity& activity) {
    std::vector<std::string> texts;
    for (const auto basis : activity.bases)
        texts.push_back(words.word("basis", key_of(basis)));
    return texts.empty() ? words.word("legal_basis", "of_transmission")
                         : web::join_list(texts, words.language());
}

/// Each length of time once, and by whose doing it ends.
boost::json::array lengths_of_time(const web::Words& words, const platform::KeptActivity& activity) {
    std::vector<std::string> texts;
    boost::json::array lines;
    for (const auto& part : activity.parts) {
        const bool by_program = part.rule && part.rule->deleted_by == platform::DeletedBy::program;
        auto text = fmt::format("{} ({})", platform::length_in_words(part, words),
                                words.word("deleted_by", by_program ? "program" : "people"));
        if (std::ranges::find(texts, text) != texts.end())
            continue;
        lines.push_back({{"text", text}});
        texts.push_back(std::move(text));
    }
    return lines;
}

boost::json::array promise_rows(const web::Words& words) {
    boost::json::array rows;
    for (const auto& promise : platform::promises())
        rows.push_back({{"text", words.word("promise", promise.key)},
                        {"kept_by", words.word("kept_by", promise.kept_by == platform::KeptBy::platform
                                                              ? "platform"
                                                              : "organisation")}});
    return rows;
}

std::string lifetime_text(const web::Words& words, const std::optional<std::chrono::seconds>& lifetime) {
    if (!lifetime)
        return words.text("notice.until_closed");
    const auto days = std::chrono::floor<std::chrono::days>(*lifetime);
    if (days.count() > 0 && days == *lifetime)
        return words.text("privacy.retention_days", {{"count", std::to_string(days.count())}});
    return web::format_duration(*lifetime, words.language());
}

boost::json::array device_rows(const web::Words& words, const platform::ProcessingRecord& record) {
    boost::json::array rows;
    for (const auto& entry : record.device) {
        std::vector<std::string> purposes;
        for (const auto purpose : entry.purposes)
            purposes.push_back(words.word("purpose", key_of(purpose)));
        rows.push_back(
            {{"name", entry.name},
             {"kind",
              words.word("storage_kind", settings::storage_kind_keys[static_cast<std::size_t>(entry.kind)])},
             {"why", entry.key.empty() ? web::join_list(purposes, words.language())
                                       : words.word("device", entry.key)},
             {"basis", words.word("device_access", key_of(entry.access))},
             {"how_long", lifetime_text(words, entry.lifetime)},
             {"setter", entry.setter}});
    }
    return rows;
}

}  // namespace

boost::json::array stored_rows(const web::Words& words, const std::vector<platform::KeptActivity>& kept) {
    boost::json::array rows;
    for (const auto& activity : kept)
        rows.push_back({{"key", activity.key},
                        {"what", words.text(fmt::format("stored.{}_what", activity.key))},
                        {"data", words.kept_fields(activity.categories)},
                        {"why", words.text(fmt::format("stored.{}_why", activity.key))},
                        {"basis", basis_text(words, activity)},
                        {"how_long", lengths_of_time(words, activity)}});
    return rows;
}

namespace {

awaitable<Response> show_notice(Visit& visit, const PathParams&) {
    const auto settings = visit.services().settings();
    const auto& owner = settings->operator_info;
    const web::Words words(visit.services().renderer.translations(), visit.language());
    const auto record = platform::make_processing_record(*settings, *visit.policy());
    const auto versions = co_await visit.services().policy_versions.list();
    if (!versions)
        co_return visit.problem(versions.error());
    const auto now = visit.services().gate.clock().now();
    const auto* in_force = platform::find_in_force(*versions, now);
    if (!in_force)
        co_return visit.not_found();
    boost::json::object view{{"updated_on", date_text(visit, in_force->effective_at)},
                             {"version", in_force->number},
                             {"controller",
                              {{"name", owner.legal_name},
                               {"address", web::format_address(owner.address)},
                               {"email", owner.email}}},
                             {"authority", {{"name", owner.supervisory_authority}}},
                             {"groups", purpose_groups(visit, WithControl::no)},
                             {"stored", stored_rows(words, record.kept)},
                             {"device", device_rows(words, record)},
                             {"promises", promise_rows(words)}};
    if (owner.data_protection_officer)
        view["officer"] = {{"name", owner.data_protection_officer->name},
                           {"email", owner.data_protection_officer->email}};
    if (const auto& newest = versions->front(); newest.effective_at > now)
        view["announced"] = {
            {"text", visit.text("notice.announced", {{"on", date_text(visit, newest.effective_at)},
                                                     {"version", std::to_string(newest.number)}})},
            {"url", version_url(newest)}};
    co_return visit.page("privacy_notice", std::move(view));
}

awaitable<Response> show_imprint(Visit& visit, const PathParams&) {
    co_return visit.page("imprint", {{"imprint", imprint_view(visit)}});
}

awaitable<Response> show_contact(Visit& visit, const PathParams&) {
    boost::json::object view{{"imprint", imprint_view(visit)}};
    if (const auto& hours = visit.services().settings()->operator_info.support_hours; !hours.empty())
        view["hours"] = lines_of(hours);
    co_return visit.page("contact", std::move(view));
}

awaitable<Response> show_accessibility(Visit& visit, const PathParams&) {
    co_return visit.page("accessibility", {{"checked_on", date_text(visit, visit.services().started_at)},
                                           {"gaps", boost::json::array()},
                                           {"imprint", imprint_view(visit)}});
}

}  // namespace

void add_legal_pages(PageRoutes& routes) {
    routes.get("/privacy-notice", show_notice);
    routes.get("/imprint", show_imprint);
    routes.get("/contact", show_contact);
    routes.get("/accessibility", show_accessibility);
}

}  // namespace calyptenora::http
