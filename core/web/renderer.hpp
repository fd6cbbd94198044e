#pragma once

#include "web/language.hpp"
#include "web/translations.hpp"

#include <calyptenora/result.hpp>

#include <boost/json/object.hpp>

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace calyptenora::web {

struct RendererSettings {
    std::filesystem::path templates;  ///< layout.mustache, one file per page, fragments/ and partials/.
    std::filesystem::path texts;      ///< Folder with de.json and en.json.
    AddressForm address_form = AddressForm::du;
    boost::json::object constants = {};  ///< Keys that all pages read, unless their view has them.
};

/// Makes the pages that learners see. All templates are parsed once, at load, for each language.
/// Which keys a page reads from its view model stands in the comment at the top of its template; what all
/// pages share, in that of layout.mustache. The keys `lang` and `other_lang` are set here.
class Renderer {
  public:
    /// Fails with one message that lists everything that is wrong: syntax, missing partials, missing texts,
    /// unescaped tags.
    static Result<Renderer> load(const RendererSettings& settings);

    Renderer(Renderer&&) noexcept;
    Renderer& operator=(Renderer&&) noexcept;
    ~Renderer();

    /// The page as a UTF-8 HTML document, or a part of one for names as `fragments/course_card`, which reads
    /// `lang` from its view. May be called from any thread. An unknown page is a broken invariant
    /// (std::out_of_range).
    std::string render(std::string_view page, const boost::json::object& view, Language language) const;

    /// The names of all pages.
    std::vector<std::string> pages() const;

    /// The texts, for what handlers say themselves.
    const Translations& translations() const;

    /// The keys of all texts that templates use.
    const std::set<std::string>& used_texts() const;

  private:
    struct Parts;
    explicit Renderer(std::unique_ptr<Parts> parts);

    std::unique_ptr<Parts> parts_;
};

}  // namespace calyptenora::web
