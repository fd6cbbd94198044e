#pragma once

#include "web/language.hpp"
#include "web/translations.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// Turns the template files into one plain Mustache text per page and language, once at start, so that
/// rendering pays neither for partials nor for translations. Beyond Mustache (mustache(5)) a template may
/// say:
/// - `{{$title}}...{{/title}}` in a page: fills the place of the same name in the layout, whose own content
/// is the default;
/// - `{{t:group.name}}`: a text of the catalogue. `{{t:group.name count=lessons who=course.author}}` says
/// from which
///   keys of the view model the text's placeholders come, where they are not called the same;
/// - `{{{name_html}}}` only for the keys in `raw_html_keys`.
namespace calyptenora::web {

/// The keys whose values are HTML that the platform has made or cleaned itself, and which are not escaped.
inline constexpr std::string_view raw_html_keys[] = {
    "text_html",         ///< A lesson's or a page's Markdown, rendered by the platform.
    "description_html",  ///< A course's description, likewise.
    "card_html",         ///< The fragment course_card.
};

/// Template files by name: "layout", "lesson", "partials/consent_dialog", "fragments/course_card".
using TemplateFiles = std::map<std::string, std::string, std::less<>>;

/// The page inside the layout, with all partials in place and comments removed. Appends to `problems`.
std::string compose_page(const TemplateFiles& files, std::string_view page,
                         std::vector<std::string>& problems);

/// The fragment alone, with all partials in place and comments removed. Appends to `problems`.
std::string compose_fragment(const TemplateFiles& files, std::string_view fragment,
                             std::vector<std::string>& problems);

/// Replaces all `{{t:...}}` by the texts of one language. Appends each missing key to `problems`, and each
/// used one to `used`.
std::string translate(std::string_view source, const Translations& translations, Language language,
                      std::vector<std::string>& problems, std::set<std::string>& used);

/// A catalogue text as Mustache: HTML escaped, marks turned into elements, `{name}` into `{{name}}`.
/// `renamed` maps placeholders to keys of the view model.
std::string text_as_mustache(const Text& text, const std::map<std::string, std::string>& renamed);

/// Names each raw-HTML tag (`{{{x}}}`, `{{&x}}`) that is not in `raw_html_keys`.
void check_raw_tags(std::string_view source, std::string_view page, std::vector<std::string>& problems);

}  // namespace calyptenora::web
