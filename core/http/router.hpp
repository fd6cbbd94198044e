#pragma once

#include "http/message.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace calyptenora::http {

/// The decoded values of a pattern's `{names}` in one request.
class PathParams {
  public:
    void add(std::string_view name, std::string value) { values_.emplace_back(name, std::move(value)); }

    /// Throws std::out_of_range for a name that is not in the route's pattern.
    const std::string& at(std::string_view name) const;

  private:
    std::vector<std::pair<std::string_view, std::string>> values_;
};

/// Answers one request. Runs on the connection's strand and must not block; the request outlives the
/// coroutine. An exception becomes a 500 page with the request's reference; its text goes to the log only.
using Handler = std::function<boost::asio::awaitable<Response>(Request&, const PathParams&)>;

/// `essential` is served while others are turned away with 503: health checks, the end of a checkout.
enum class Priority : std::uint8_t { normal, essential };

/// `raw` leaves the body as bytes (webhooks, whose signature is over them); `form` also reads it as a form.
enum class BodyUse : std::uint8_t { form, raw };

struct RouteOptions {
    std::size_t max_body_bytes = 64 * 1024;  ///< 413 above.
    BodyUse body_use = BodyUse::form;
    Priority priority = Priority::normal;
};

/// Which handler answers which path. Filled at start by explicit registration, then never changed, so that
/// all threads read it without a lock.
///
///     boost::asio::awaitable<Response> CoursePages::show(Request& request, const PathParams& path) {
///         auto course = co_await catalogue_.find_course(path.at("slug"));
///         co_return Response::make_page(render_course(course, request.accept_language()));
///     }
///
///     Router router;
///     router.get("/courses/{slug}", [&pages](Request& request, const PathParams& path) {
///         return pages.show(request, path);
///     });
///     router.post("/cases", open_case, {.max_body_bytes = 5 * 1024 * 1024});
///     router.get("/media/{file...}", send_media);
///
/// The handler lives as long as the router, the request and the parameters as long as its coroutine.
/// A pattern is made of literal segments, `{name}` for one segment that is not empty, and at its end
/// `{name...}` for the rest of the path. A literal goes before a name. HEAD is answered by the GET handler
/// without its body; OPTIONS is answered with Allow.
class Router {
  public:
    struct Route {
        std::string pattern;
        Method method;
        Handler handler;
        RouteOptions options;
    };

    struct Found {
        const Route* route;
        PathParams params;
    };
    struct NotFound {};
    /// The path exists with other methods; `allow` is the value of the Allow header.
    struct MethodNotAllowed {
        std::string allow;
    };
    using Match = std::variant<Found, NotFound, MethodNotAllowed>;

    Router();
    ~Router();
    Router(Router&&) noexcept;
    Router& operator=(Router&&) noexcept;

    /// Throws std::logic_error for a bad pattern or one that is registered already.
    void get(std::string_view pattern, Handler handler, RouteOptions options = {});
    void post(std::string_view pattern, Handler handler, RouteOptions options = {});
    void add(Method method, std::string_view pattern, Handler handler, RouteOptions options = {});

    /// `path` is decoded and normalised. The match lives as long as the router.
    Match match(Method method, std::string_view path) const;

    /// Every pattern with its method, in the order of registration, for tests and documentation.
    std::vector<std::pair<Method, std::string>> routes() const;

  private:
    struct Node;
    std::unique_ptr<Node> root_;
    std::vector<std::unique_ptr<Route>> routes_;
};

}  // namespace calyptenora::http
