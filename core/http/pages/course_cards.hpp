#pragma once

#include "platform/courses/catalogue.hpp"
#include "web/language.hpp"
#include "web/renderer.hpp"

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace calyptenora::http {

/// The cards of all courses for whoever takes none of them, as HTML. They are made once for each catalogue
/// and language, since a front page shows dozens. Thread-safe; nobody waits while another request makes them.
class CourseCards {
  public:
    using BySlug = std::map<std::string, std::string, std::less<>>;

    explicit CourseCards(const web::Renderer& renderer) : renderer_(renderer) {}

    std::shared_ptr<const BySlug> find(const std::shared_ptr<const platform::Catalogue>& catalogue,
                                       web::Language language) const;

  private:
    struct Made {
        std::weak_ptr<const platform::Catalogue> catalogue;
        std::shared_ptr<const BySlug> cards;
    };

    const web::Renderer& renderer_;
    mutable std::mutex mutex_;
    mutable std::array<Made, web::languages.size()> made_;
};

/// The view model of a card.
boost::json::object course_card(const platform::Course& course, web::Language language);

}  // namespace calyptenora::http
