#include "http/pages/catalogue_views.hpp"

#include "http/target.hpp"
#include "platform/search_terms.hpp"
#include "web/format.hpp"

#include <algorithm>
#include <charconv>

namespace calyptenora::http {
namespace {

using platform::Catalogue;
using platform::CourseQuery;
using platform::Level;

constexpr std::array levels{std::pair{"beginner", Level::beginner},
                            std::pair{"intermediate", Level::intermediate},
                            std::pair{"advanced", Level::advanced}};

std::string parameter(const Visit& visit, std::string_view name) {
    return std::string(visit.request().target.query.find(name).value_or(""));
}

/// The address of a page of the results.
std::string page_url(const CourseQuery& query, std::size_t number) {
    std::string url = "/";
    const auto add = [&](std::string_view name, std::string_view value) {
        if (!value.empty())
            url.append(url.size() == 1 ? "?" : "&").append(name).append("=").append(percent_encode(value));
    };
    add("q", query.words);
    add("subject", query.subject);
    add("language", query.language);
    for (const auto& [name, level] : levels)
        if (query.level == level)
            add("level", name);
    if (query.is_free)
        add("price", *query.is_free ? "free" : "paid");
    if (number > 1)
        add("page", std::to_string(number));
    return url;
}

}  // namespace

CourseQuery read_course_query(const Visit& visit, const Catalogue& catalogue) {
    CourseQuery query;
    query.words = platform::trim_query(parameter(visit, "q"));
    if (auto subject = parameter(visit, "subject"); catalogue.subjects().contains(subject))
        query.subject = std::move(subject);
    if (auto language = parameter(visit, "language"); catalogue.languages().contains(language))
        query.language = std::move(language);
    const auto asked_level = parameter(visit, "level");
    for (const auto& [name, level] : levels)
        if (asked_level == name)
            query.level = level;
    if (const auto price = parameter(visit, "price"); price == "free" || price == "paid")
        query.is_free = price == "free";
    return query;
}

boost::json::object search_view(const Visit& visit, const Catalogue& catalogue, const CourseQuery& query) {
    boost::json::array subjects, languages;
    for (const auto& subject : catalogue.subjects())
        subjects.push_back({{"name", subject}, {"selected", subject == query.subject}});
    for (const auto& tag : catalogue.languages())
        languages.push_back({{"tag", tag},
                             {"name", web::language_name(tag, visit.language())},
                             {"selected", tag == query.language}});
    boost::json::object view{{"words", query.words},
                             {"longest", platform::longest_query},
                             {"narrowed", !query.subject.empty() || !query.language.empty() || query.level ||
                                              query.is_free.has_value()},
                             {"free", query.is_free == true},
                             {"paid", query.is_free == false}};
    for (const auto& [name, level] : levels)
        view[name] = query.level == level;
    if (subjects.size() > 1)
        view["subjects"] = std::move(subjects);
    if (languages.size() > 1)
        view["languages"] = std::move(languages);
    return view;
}

CataloguePage::CataloguePage(const Visit& visit, std::size_t results)
    : results_(results), total_(std::max<std::size_t>(1, (results + size - 1) / size)), number_(1) {
    const auto asked = parameter(visit, "page");
    std::size_t number = 0;
    if (std::from_chars(asked.data(), asked.data() + asked.size(), number).ec == std::errc())
        number_ = std::clamp<std::size_t>(number, 1, total_);
}

boost::json::object CataloguePage::view(const CourseQuery& query) const {
    boost::json::object view{{"number", number_}, {"total", total_}};
    if (number_ > 1)
        view["previous_url"] = page_url(query, number_ - 1);
    if (number_ < total_)
        view["next_url"] = page_url(query, number_ + 1);
    return view;
}

}  // namespace calyptenora::http
