#pragma once

#include "http/message.hpp"
#include "http/pages/services.hpp"
#include "http/router.hpp"
#include "platform/own_cookies.hpp"
#include "web/language.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// One request for a page: who asks, in which language, and what all pages share.
namespace calyptenora::http {

/// The parts of the navigation that a page can belong to.
enum class Section : unsigned char { none, courses, support, account };

/// What a visit says about who is looking.
class Visit {
  public:
    /// Reads the session, the language and the privacy signal. The request must outlive the visit.
    static boost::asio::awaitable<Result<Visit>> begin(
        const Services& services, const Request& request,
        platform::VisitorPart part = platform::VisitorPart::none);

    const Services& services() const { return *services_; }
    const Request& request() const { return *request_; }
    web::Language language() const { return language_; }
    std::string_view language_tag() const { return web::tag_of(language_); }
    const std::optional<platform::Viewer>& viewer() const { return visitor_.viewer; }
    /// Whose data it is, if anybody is known: a learner or a guest.
    std::optional<storage::SubjectId> subject() const;
    /// The account of who is signed in.
    const storage::Learner* learner() const;
    /// A guest's subject, for what carries over at sign-in.
    std::optional<storage::SubjectId> guest() const;
    platform::RequestFacts facts() const;
    const std::shared_ptr<const gate::Policy>& policy() const { return policy_; }
    /// What the learner has taken up or ordered, and their account; empty on pages that did not ask for it.
    const platform::OwnCourses& own_courses() const { return visitor_.courses; }
    const platform::Overview& overview() const { return visitor_.overview; }
    /// All flows with this visitor's choices; for a visitor without a session, as if nothing had been chosen.
    const std::vector<gate::Standing>& standings() const { return visitor_.standings; }
    const gate::Standing* find_standing(const settings::InstanceId& instance, Purpose purpose) const;

    /// A text of the catalogue in the visitor's language.
    std::string text(std::string_view key, const web::Translations::Arguments& arguments = {}) const;

    /// The page with its view model; layout, navigation, notices and the consent dialog are added here.
    Response page(std::string_view name, boost::json::object view, Section section = Section::none,
                  int status = 200) const;
    /// The page for what went wrong.
    Response problem(const Error& error) const;
    Response not_found() const;
    /// To the sign-in page and back here afterwards.
    Response ask_to_sign_in() const;
    /// 303, with a notice on the next page (a key of texts `message.*`).
    Response back_to(std::string_view path, std::string_view notice = {}) const;
    /// Where a form wants to go afterwards: a path of ours, or `fallback`.
    std::string return_path(std::string_view fallback) const;

    /// Keeps the cookie that ties forms to a visitor without a session.
    void attach_cookies(Response& response) const;

    /// The token for forms, and whether a POST carries it and comes from our own pages.
    std::string csrf_token() const;
    bool is_own_form() const;
    /// Ours, but from another session, or from before a restart.
    bool is_stale_form() const;

    std::string field(std::string_view name) const;

    /// The identifier in this device's cookie; nothing if there is none or another's.
    std::optional<std::string> device() const;

  private:
    Visit(const Services& services, const Request& request) : services_(&services), request_(&request) {}

    boost::json::object layout(Section section) const;
    std::optional<boost::json::object> consent_dialog() const;
    /// Whether data about the browser may be gathered for this purpose now.
    bool may_gather(Purpose purpose) const;
    /// For the script that reads from the device; nothing where nobody has allowed it to.
    std::optional<boost::json::object> technical(std::string_view page) const;
    /// The device's identifier is made where it has been allowed, and deleted where it has not.
    void attach_device(Response& response) const;

    const Services* services_;
    const Request* request_;
    web::Language language_{};
    std::shared_ptr<const gate::Policy> policy_;
    platform::Visitor visitor_;
    std::string form_secret_;  ///< What the CSRF token is bound to: the session's token, or the visit's.
    bool new_visit_ = false;
};

inline constexpr std::string_view session_cookie = platform::session_cookie.name;
inline constexpr std::string_view visit_cookie = platform::visit_cookie.name;
inline constexpr std::string_view language_cookie = platform::language_cookie.name;
inline constexpr std::string_view notice_cookie = platform::notice_cookie.name;

/// A cookie as the privacy notice lists it.
Cookie make_own_cookie(const platform::OwnCookie& cookie, std::string_view value);

/// A handler of a page, after the visit has been read.
using PageHandler = std::function<boost::asio::awaitable<Response>(Visit& visit, const PathParams& path)>;

/// Registers pages. POSTs are admitted only from our own forms; everything else is answered with the page
/// that says how to go on.
class PageRoutes {
  public:
    PageRoutes(Router& router, const Services& services) : router_(router), services_(services) {}
    void get(std::string_view pattern, PageHandler handler, RouteOptions options = {});
    void get(std::string_view pattern, PageHandler handler, platform::VisitorPart part);
    void post(std::string_view pattern, PageHandler handler, RouteOptions options = {});
    /// For forms whose text would be missed: `stale` answers what comes from our own page, but from another
    /// session. It must change nothing; it may show again what was typed.
    void post(std::string_view pattern, PageHandler handler, PageHandler stale, RouteOptions options = {});
    /// For what a secret in the address allows to whoever has it, from wherever it comes: a program that
    /// reads mail sends no cookie and shows no form of ours (RFC 8058).
    void post_by_secret(std::string_view pattern, PageHandler handler, RouteOptions options = {});
    const Services& services() const { return services_; }
    /// For what is no page and does not depend on who asks.
    Router& router() { return router_; }

  private:
    Router& router_;
    const Services& services_;
};

/// Each file of pages registers its own.
void add_learning_pages(PageRoutes& routes);
void add_account_pages(PageRoutes& routes);
void add_security_pages(PageRoutes& routes);
void add_profile_page(PageRoutes& routes);
void add_privacy_pages(PageRoutes& routes);
void add_order_pages(PageRoutes& routes);
void add_support_pages(PageRoutes& routes);
void add_contract_pages(PageRoutes& routes);
void add_data_record_pages(PageRoutes& routes);
void add_rights_pages(PageRoutes& routes);
void add_figures_page(PageRoutes& routes);
void add_review_pages(PageRoutes& routes);
void add_staff_pages(PageRoutes& routes);
void add_notification_pages(PageRoutes& routes);
void add_news_pages(PageRoutes& routes);
void add_study_pages(PageRoutes& routes);
void add_notes_pages(PageRoutes& routes);
void add_technical_pages(PageRoutes& routes);
void add_legal_pages(PageRoutes& routes);
void add_terms_pages(PageRoutes& routes);
void add_notice_pages(PageRoutes& routes);
void add_media_routes(PageRoutes& routes);

}  // namespace calyptenora::http
