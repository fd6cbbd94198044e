#include "http/pages/stored_rows.hpp"
#include "http/pages/visit.hpp"
#include "http/pages/words.hpp"
#include "http/target.hpp"
#include "platform/processing_record.hpp"
#include "web/format.hpp"

#include <charconv>

// The page that tells a learner what is known about them, who got what of it, and when it goes. Whatever can
// be changed has a link to where.
namespace calyptenora::http {
namespace {

using boost::asio::awaitable;

constexpr int rows_on_a_page = 25;
constexpr int most_pages = 100'000;

/// Where a learner changes what is kept for an activity; empty where there is nothing to change.
std::string_view control_of(std::string_view activity) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 10> controls{{
        {"account", "/account/profile"},
        {"session", "/account/security#sessions-title"},
        {"learning", "/account/data#erasure-title"},
        {"orders", "/account"},
        {"cases", "/support"},
        {"contracts", "/withdraw-contract"},
        {"requests", "/account/data"},
        {"outgoing", "/privacy"},
        {"plugins", "/privacy"},
        {"proof", "/privacy/receipts"},
    }};
    for (const auto& [key, url] : controls)
        if (key == activity)
            return url;
    return {};
}

boost::json::array kept_view(const Visit& visit) {
    const web::Words words(visit.services().renderer.translations(), visit.language());
    const auto record = platform::make_processing_record(*visit.services().settings(), *visit.policy());
    auto rows = stored_rows(words, record.kept);
    for (auto& row : rows) {
        auto& activity = row.as_object();
        const auto url = control_of(activity.at("key").as_string());
        activity["control_url"] = url;
        activity["has_control"] = !url.empty();
    }
    return rows;
}

std::string record_url(std::string_view instance, int page) {
    std::string url = "/account/data/record?";
    if (!instance.empty())
        url += fmt::format("recipient={}&", percent_encode(instance));
    return url + fmt::format("page={}#sent-title", page);
}

/// Where the privacy page has the switch of a transmission; nothing if nothing more can be sent.
std::string switch_of(const Visit& visit, const storage::Disclosure& row) {
    const auto instance = settings::parse_instance_id(row.instance);
    const auto* standing = instance ? visit.find_standing(*instance, row.purpose) : nullptr;
    if (!standing || !is_shown(*standing->row))
        return {};
    return fmt::format(
        "/privacy#{}",
        std::string(recipient_view(visit, *standing, WithControl::no).at("anchor").as_string()));
}

/// What the browser's signal does, by what flows although it is sent.
awaitable<boost::json::object> privacy_control_view(const Visit& visit) {
    boost::json::object view{{"sent", visit.request().signals_global_privacy_control()}};
    const auto seen = co_await visit.services().accounts.privacy_control_seen(visit.learner()->id);
    if (seen && *seen)
        view["seen_on"] = moment_text(visit, **seen);
    view["known"] = view.contains("seen_on") || view.at("sent").as_bool();
    bool overridden = false;
    for (const auto& standing : visit.standings())
        overridden = overridden || (gate::asks(*standing.row) && standing.flowing);
    view["overridden"] = overridden;
    view["held"] = !overridden;
    co_return view;
}

awaitable<Response> show_record(Visit& visit, const PathParams&) {
    if (!visit.learner())
        co_return visit.ask_to_sign_in();
    const auto& query = visit.request().target.query;
    const std::string chosen(query.find("recipient").value_or(""));
    const auto wanted = query.find("page").value_or("0");
    int number = 0;
    if (std::from_chars(wanted.data(), wanted.data() + wanted.size(), number).ec != std::errc() ||
        number < 0 || number > most_pages)
        co_return visit.not_found();
    auto& receipts = visit.services().receipts;
    const auto recipients = co_await receipts.recipients(visit.learner()->id);
    const auto sent = co_await receipts.page(visit.learner()->id, chosen, number, rows_on_a_page);
    if (!recipients || !sent)
        co_return visit.problem(recipients ? sent.error() : recipients.error());

    boost::json::array flows;
    for (const auto& recipient : *recipients)
        flows.push_back({{"name", recipient.recipient},
                         {"instance", recipient.instance},
                         {"count", recipient.attempts},
                         {"last", moment_text(visit, recipient.last_at)},
                         {"chosen", recipient.instance == chosen},
                         {"url", record_url(recipient.instance, 0)}});
    boost::json::array rows;
    for (const auto& row : sent->rows) {
        const auto url = switch_of(visit, row);
        rows.push_back({{"text", receipt_sentence(visit, row)},
                        {"purpose", visit.text(fmt::format("purpose.{}", key_of(row.purpose)))},
                        {"switch_url", url},
                        {"has_switch", !url.empty()}});
    }
    boost::json::object view{{"kept", kept_view(visit)},
                             {"flows", std::move(flows)},
                             {"sent", std::move(rows)},
                             {"filtered", !chosen.empty()},
                             {"gpc", co_await privacy_control_view(visit)}};
    if (number > 0)
        view["newer_url"] = record_url(chosen, number - 1);
    if (sent->has_more)
        view["older_url"] = record_url(chosen, number + 1);
    co_return visit.page("data_record", std::move(view), Section::account);
}

}  // namespace

void add_data_record_pages(PageRoutes& routes) {
    routes.get("/account/data/record", show_record);
}

}  // namespace calyptenora::http
