#include "http/pages/course_cards.hpp"

#include "http/pages/learning_views.hpp"

namespace calyptenora::http {

boost::json::object course_card(const platform::Course& course, web::Language language) {
    auto card = course_summary(course, language);
    card["subject"] = course.subject;
    return card;
}

std::shared_ptr<const CourseCards::BySlug> CourseCards::find(
    const std::shared_ptr<const platform::Catalogue>& catalogue, web::Language language) const {
    auto& made = made_[static_cast<std::size_t>(language)];
    {
        const std::lock_guard lock(mutex_);
        if (made.catalogue.lock() == catalogue)
            return made.cards;
    }
    auto cards = std::make_shared<BySlug>();
    for (const auto& course : catalogue->courses())
        cards->emplace(course.slug,
                       renderer_.render("fragments/course_card", course_card(course, language), language));
    const std::lock_guard lock(mutex_);
    made = {catalogue, cards};
    return cards;
}

}  // namespace calyptenora::http
