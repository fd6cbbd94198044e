#include "http/files.hpp"
#include "http/pages/learning_views.hpp"
#include "http/pages/video_sources.hpp"

#include <calyptenora/families/video.hpp>

#include <boost/url/parse.hpp>

namespace calyptenora::http {
namespace {

using boost::asio::awaitable;

constexpr Purpose delivery = Purpose::essential_service_content_delivery;
constexpr std::string_view media_root = "/media/";

/// The first enabled instance that signs and checks paths of our own media.
const gate::InstancePolicy* hosting_instance(const gate::Policy& policy, std::string_view provider) {
    for (const auto* instance : policy.of_family(Family::video))
        if (instance->id.text() == provider)
            return instance;
    return nullptr;
}

/// A figure, a caption or a plain video file of a course. Those of paid courses need the enrolment.
awaitable<Response> send_course_file(Visit& visit, const PathParams& path) {
    const auto catalogue = visit.services().catalogue.current();
    const auto* course = catalogue->find_course(path.at("slug"));
    if (!course)
        co_return visit.not_found();
    const auto file = course->media.find(path.at("file"));
    if (file == course->media.end())
        co_return visit.not_found();
    if (!course->is_free()) {
        const auto standing =
            visit.learner() ? co_await visit.services().learning.standing(visit.learner()->id, course->slug)
                            : Result<platform::CourseStanding>(platform::CourseStanding());
        if (!standing || !standing->enrolled)
            co_return visit.problem(Error(ErrorKind::denied, "not enrolled"));
    }
    auto response = open_file_response(visit.request(), course->folder, file->first,
                                       course->is_free() ? FileCaching::revalidate : FileCaching::none);
    if (!response)
        co_return visit.not_found();
    // A figure opened alone is a document; it gets nothing to run.
    response->headers.set("Content-Security-Policy",
                          "default-src 'none'; style-src 'unsafe-inline'; sandbox");
    response->headers.set("Content-Type", file->second.content_type);
    co_return std::move(*response);
}

/// A playlist or segment: the plugin that signed the path says whether it still opens, and which file it
/// stands for. The signature alone opens it: nobody's session or choices are read for each segment.
awaitable<Response> send_segment(const Services& services, const Request& request, const PathParams& path) {
    const auto policy = services.gate.policy();
    for (const auto* instance : policy->of_family(Family::video)) {
        video::AuthoriseRecord<gate::Guarded> record;
        record.http.method = "GET";
        record.http.path = path.at("path");
        const auto reply = co_await services.gate.call_without_subject<video::Authorise>(
            instance->id, delivery, std::move(record));
        if (!reply || !reply->allowed)
            continue;
        auto response = open_file_response(request, services.videos, reply->file, FileCaching::none);
        if (response)
            co_return std::move(*response);
        co_return Response::make_empty(404);
    }
    co_return Response::make_empty(403);
}

/// A fresh signature while the video runs.
awaitable<Response> renew_source(Visit& visit, const PathParams& path) {
    const auto catalogue = visit.services().catalogue.current();
    const auto* course = catalogue->find_course(path.at("slug"));
    const auto* lesson = course ? course->find_lesson(path.at("lesson")) : nullptr;
    const auto* slot = lesson ? find_slot(*lesson, path.at("slot")) : nullptr;
    const auto* hosted = slot ? std::get_if<platform::SelfHostedVideo>(&slot->ref) : nullptr;
    if (!hosted)
        co_return Response::make_empty(404);
    if (!course->is_free()) {
        if (!visit.learner())
            co_return Response::make_empty(403);
        const auto standing = co_await visit.services().learning.standing(visit.learner()->id, course->slug);
        if (!standing || !standing->enrolled)
            co_return Response::make_empty(403);
    }
    const auto src = co_await signed_source(visit, slot->provider, hosted->content_hash);
    if (!src)
        co_return Response::make_empty(503);
    co_return Response::make_json(boost::json::serialize(boost::json::object{{"src", *src}}));
}

}  // namespace

awaitable<std::optional<std::string>> signed_source(const Visit& visit, std::string_view provider,
                                                    std::string_view asset) {
    const auto* instance = hosting_instance(*visit.policy(), provider);
    if (!instance)
        co_return std::nullopt;
    video::PlayRecord<gate::Guarded> record;
    record.asset = asset;
    record.locale = visit.language_tag();
    const auto reply = visit.subject() ? co_await visit.services().gate.call<video::Play>(
                                             instance->id, delivery, *visit.subject(), std::move(record))
                                       : co_await visit.services().gate.call_without_subject<video::Play>(
                                             instance->id, delivery, std::move(record));
    const auto* manifest = reply ? std::get_if<video::Manifest>(&*reply) : nullptr;
    if (!manifest || manifest->path.empty())
        co_return std::nullopt;
    co_return std::string(media_root) + manifest->path;
}

std::optional<Origin> declared_origin(const Visit& visit, const settings::InstanceId& instance,
                                      std::string_view url) {
    const auto parsed = boost::urls::parse_uri(url);
    if (!parsed)
        return std::nullopt;
    const std::string text =
        std::string(parsed->scheme()) + "://" + std::string(parsed->encoded_host_and_port());
    const auto& declared = visit.policy()->find_instance(instance)->frame_origins;
    if (std::find(declared.begin(), declared.end(), text) == declared.end())
        return std::nullopt;
    auto origin = Origin::parse(text);
    return origin ? std::optional(std::move(*origin)) : std::nullopt;
}

void add_media_routes(PageRoutes& routes) {
    routes.get("/courses/{slug}/media/{file...}", send_course_file);
    routes.get("/courses/{slug}/lessons/{lesson}/videos/{slot}/source", renew_source);
    routes.router().get("/media/{path...}",
                        [services = &routes.services()](Request& request, const PathParams& path) {
                            return send_segment(*services, request, path);
                        });
}

}  // namespace calyptenora::http
