#pragma once

#include "http/pages/visit.hpp"
#include "platform/catalogue_search.hpp"

#include <boost/json/object.hpp>

#include <cstddef>

/// The search of the catalogue as a form, and its results page by page. Everything stands in the address, so
/// that it works without scripts and can be kept.
namespace calyptenora::http {

/// What the address asks for. A subject or a language that no course has, a level or a price that does not
/// exist, narrows nothing.
platform::CourseQuery read_course_query(const Visit& visit, const platform::Catalogue& catalogue);

/// The form, filled in with the query.
boost::json::object search_view(const Visit& visit, const platform::Catalogue& catalogue,
                                const platform::CourseQuery& query);

/// The part of the results that the address asks for: `page`, from 1; the nearest one that exists.
class CataloguePage {
  public:
    CataloguePage(const Visit& visit, std::size_t results);

    std::size_t number() const { return number_; }
    std::size_t total() const { return total_; }
    std::size_t begin() const { return (number_ - 1) * size; }
    std::size_t end() const { return std::min(number_ * size, results_); }
    /// The way to the other pages of the same query.
    boost::json::object view(const platform::CourseQuery& query) const;

  private:
    static constexpr std::size_t size = 24;

    std::size_t results_;
    std::size_t total_;
    std::size_t number_;
};

}  // namespace calyptenora::http
