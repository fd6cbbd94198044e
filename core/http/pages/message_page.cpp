#include "http/pages/message_page.hpp"

namespace calyptenora::http {

Response say(const Visit& visit, std::string_view heading, std::string_view text, std::string_view url,
             std::string_view link_text, int status) {
    return visit.page("message",
                      {{"heading", visit.text(heading)},
                       {"paragraphs", boost::json::array{visit.text(text)}},
                       {"link", {{"url", url}, {"text", visit.text(link_text)}}}},
                      Section::none, status);
}

std::string token_of(const Visit& visit) {
    return std::string(visit.request().target.query.find("token").value_or(visit.field("token")));
}

Response ask_by_button(const Visit& visit, std::string heading, const std::vector<std::string>& paragraphs,
                       std::string_view action, std::string button,
                       std::vector<std::pair<std::string, std::string>> fields) {
    fields.emplace_back("token", token_of(visit));
    boost::json::array hidden;
    for (const auto& [name, value] : fields)
        hidden.push_back({{"name", name}, {"value", value}});
    return visit.page(
        "message",
        {{"heading", std::move(heading)},
         {"paragraphs", boost::json::array(paragraphs.begin(), paragraphs.end())},
         {"form", {{"action", action}, {"text", std::move(button)}, {"fields", std::move(hidden)}}}});
}

}  // namespace calyptenora::http
