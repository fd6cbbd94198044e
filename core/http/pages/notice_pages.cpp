#include "http/pages/visit.hpp"
#include "http/pages/words.hpp"
#include "platform/change_words.hpp"

#include <algorithm>
#include <charconv>

namespace calyptenora::http {
namespace {

using boost::asio::awaitable;

std::optional<std::int64_t> find_number(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    return failure == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::string standing_text(const Visit& visit, const storage::PolicyVersion& version,
                          const std::vector<storage::PolicyVersion>& versions) {
    const auto now = visit.services().gate.clock().now();
    const auto on = date_text(visit, version.effective_at);
    if (platform::is_withdrawn(version, versions))
        return visit.text("version.withdrawn");
    if (version.effective_at > now)
        return visit.text("version.announced", {{"on", on}});
    return platform::find_in_force(versions, now)->number == version.number
               ? visit.text("version.in_force", {{"on", on}})
               : visit.text("version.former", {{"on", on}});
}

awaitable<Response> list_versions(Visit& visit, const PathParams&) {
    const auto versions = co_await visit.services().policy_versions.list();
    if (!versions)
        co_return visit.problem(versions.error());
    boost::json::array list;
    for (const auto& version : *versions)
        list.push_back({{"number", version.number},
                        {"url", version_url(version)},
                        {"standing", standing_text(visit, version, *versions)},
                        {"material", version.material}});
    co_return visit.page("notice_versions", {{"versions", std::move(list)}});
}

boost::json::array sentences(const Visit& visit, const std::vector<platform::RecordChange>& changes,
                             bool material) {
    const web::Words words(visit.services().renderer.translations(), visit.language());
    boost::json::array list;
    for (const auto& change : changes)
        if (change.material == material)
            list.push_back({{"text", platform::in_words(change, words)}});
    return list;
}

awaitable<Response> show_version(Visit& visit, const PathParams& path) {
    const auto number = find_number(path.at("number"));
    if (!number)
        co_return visit.not_found();
    const auto changes = co_await visit.services().policy_versions.changes_of(*number);
    if (!changes)
        co_return visit.problem(changes.error());
    const auto versions = co_await visit.services().policy_versions.list();
    if (!versions)
        co_return visit.problem(versions.error());
    const auto& version = *std::ranges::find(*versions, *number, &storage::PolicyVersion::number);
    co_return visit.page("notice_version", {{"number", version.number},
                                            {"first", version.number == 1},
                                            {"made_on", date_text(visit, version.made_at)},
                                            {"standing", standing_text(visit, version, *versions)},
                                            {"material", sentences(visit, *changes, true)},
                                            {"other", sentences(visit, *changes, false)}});
}

awaitable<Response> put_away(Visit& visit, const PathParams&) {
    const auto number = find_number(visit.field("number"));
    const auto announced = visit.services().policy_versions.announcement();
    if (!visit.learner() || !number || !announced || *number > announced->number)
        co_return visit.not_found();
    const auto done = co_await visit.services().policy_versions.put_away(visit.learner()->id, *number);
    if (!done)
        co_return visit.problem(done.error());
    co_return redirect(visit.return_path("/"));
}

}  // namespace

std::string version_url(const storage::PolicyVersion& version) {
    return fmt::format("/privacy-notice/versions/{}", version.number);
}

void add_notice_pages(PageRoutes& routes) {
    routes.get("/privacy-notice/versions", list_versions);
    routes.get("/privacy-notice/versions/{number}", show_version);
    routes.post("/privacy-notice/announcement", put_away);
}

}  // namespace calyptenora::http
