#include "http/pages/error_page.hpp"

#include "http/pages/visit.hpp"

namespace calyptenora::http {
namespace {

struct Words {
    std::string_view heading;
    std::string_view what;
};

Words words_for(int status) {
    switch (status) {
        case 404:
        case 405:
            return {"failure.not_found_heading", "failure.not_found_what"};
        case 403:
            return {"failure.denied_heading", "failure.denied_what"};
        default:
            return {"failure.general_heading", "failure.general_what"};
    }
}

}  // namespace

ErrorRenderer make_error_renderer(const Services& services) {
    return [&services](const ErrorPage& error, const Request* request) {
        const auto& platform = services.settings()->platform;
        const auto fallback =
            platform.default_language == settings::Language::de ? web::Language::de : web::Language::en;
        const auto language =
            request ? web::negotiate_language(request->accept_language(), fallback) : fallback;
        const auto text = [&](std::string_view key) {
            return services.renderer.translations().text(language, key);
        };
        const auto words = words_for(error.status);
        const boost::json::object view{{"heading", text(words.heading)},
                                       {"what", text(words.what)},
                                       {"todo", text("failure.todo_retry")},
                                       {"link", {{"url", "/"}, {"text", text("failure.to_courses")}}},
                                       {"reference", error.reference},
                                       {"site", {{"name", platform.name}}},
                                       {"path", "/"},
                                       {"csrf", ""},
                                       {"nav", boost::json::object()}};
        auto response = Response::make_page(services.renderer.render("error", view, language), error.status);
        if (error.retry_after)
            response.headers.set("Retry-After", std::to_string(error.retry_after->count()));
        return response;
    };
}

void add_all_pages(Router& router, const Services& services) {
    PageRoutes routes(router, services);
    add_learning_pages(routes);
    add_account_pages(routes);
    add_security_pages(routes);
    add_profile_page(routes);
    add_privacy_pages(routes);
    add_order_pages(routes);
    add_support_pages(routes);
    add_contract_pages(routes);
    add_rights_pages(routes);
    add_figures_page(routes);
    add_review_pages(routes);
    add_notification_pages(routes);
    add_news_pages(routes);
    add_study_pages(routes);
    add_technical_pages(routes);
    add_notes_pages(routes);
    add_staff_pages(routes);
    add_data_record_pages(routes);
    add_legal_pages(routes);
    add_terms_pages(routes);
    add_notice_pages(routes);
    add_media_routes(routes);
    services.assets.add_routes(router);
    add_health_route(router);
}

}  // namespace calyptenora::http
