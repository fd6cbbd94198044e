#include "http/pages/visit.hpp"
#include "http/pages/words.hpp"

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

boost::json::array stored_rows(const Visit& visit) {
    boost::json::array rows;
    for (const auto name : {"account", "session", "learning", "orders", "cases", "contracts", "proof"})
        rows.push_back({{"what", visit.text(fmt::format("stored.{}_what", name))},
                        {"why", visit.text(fmt::format("stored.{}_why", name))},
                        {"basis", visit.text(fmt::format("stored.{}_basis", name))},
                        {"how_long", visit.text(fmt::format("stored.{}_how_long", name))}});
    return rows;
}

awaitable<Response> show_notice(Visit& visit, const PathParams&) {
    const auto settings = visit.services().settings();
    const auto& owner = settings->operator_info;
    boost::json::object view{
        {"updated_on", date_text(visit, visit.services().started_at)},
        {"version", visit.policy()->hash().substr(0, 12)},
        {"controller", {{"name", owner.legal_name}, {"address", owner.address}, {"email", owner.email}}},
        {"authority", {{"name", owner.supervisory_authority}}},
        {"groups", purpose_groups(visit, WithControl::no)},
        {"stored", stored_rows(visit)}};
    if (owner.data_protection_officer)
        view["officer"] = {{"name", owner.data_protection_officer->name},
                           {"email", owner.data_protection_officer->email}};
    co_return visit.page("privacy_notice", std::move(view));
}

awaitable<Response> show_imprint(Visit& visit, const PathParams&) {
    co_return visit.page("imprint", {{"imprint", imprint_view(visit)}});
}

awaitable<Response> show_contact(Visit& visit, const PathParams&) {
    co_return visit.page("contact", {{"imprint", imprint_view(visit)}});
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
