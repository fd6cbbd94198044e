#include "web/renderer.hpp"

#include "web/template_source.hpp"
#include "web/view.hpp"

#include <kainjow/mustache.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

namespace calyptenora::web {
namespace {

using kainjow::mustache::mustache;

Language other(Language language) {
    return language == Language::de ? Language::en : Language::de;
}

/// Part of a page, made by itself.
bool is_fragment(std::string_view name) {
    return name.starts_with("fragments/");
}

// kainjow makes a component of every blank and handles lines one by one, which costs more than all the rest.
// Blanks of the templates are therefore hidden behind two control characters (which make_view() removes from
// data).
constexpr char hidden_blank = '\x01', hidden_line_end = '\x02';

std::string hide_blanks(std::string_view source) {
    std::string hidden;
    hidden.reserve(source.size());
    bool at_line_start = true;
    for (std::size_t i = 0; i < source.size(); ++i) {
        if (source.substr(i).starts_with("{{")) {
            const auto end = std::min(source.find("}}", i), source.size() - 2) + 2;
            hidden.append(source, i, end - i);
            i = end - 1;
            at_line_start = false;
        } else if (source[i] == '\n') {
            if (!at_line_start)
                hidden.push_back(hidden_line_end);
            at_line_start = true;
        } else if (source[i] == ' ') {
            if (!at_line_start)
                hidden.push_back(hidden_blank);
        } else {
            hidden.push_back(source[i]);
            at_line_start = false;
        }
    }
    return hidden;
}

Result<TemplateFiles> read_templates(const std::filesystem::path& folder) {
    TemplateFiles files;
    std::error_code failure;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, failure)) {
        if (entry.path().extension() != ".mustache")
            continue;
        std::ifstream file(entry.path());
        std::ostringstream bytes;
        bytes << file.rdbuf();
        auto name = std::filesystem::relative(entry.path(), folder).replace_extension().generic_string();
        files.emplace(std::move(name), bytes.str());
    }
    if (failure)
        return Error(ErrorKind::invalid_config, folder.string() + ": " + failure.message());
    return files;
}

}  // namespace

struct Renderer::Parts {
    using PerLanguage = std::array<std::unique_ptr<mustache>, languages.size()>;

    Translations translations;
    std::map<std::string, PerLanguage, std::less<>> pages;
    std::set<std::string> used_texts;
    kainjow::mustache::data constants;
};

Renderer::Renderer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Renderer::Renderer(Renderer&&) noexcept = default;
Renderer& Renderer::operator=(Renderer&&) noexcept = default;
Renderer::~Renderer() = default;

Result<Renderer> Renderer::load(const RendererSettings& settings) {
    auto translations = Translations::load(settings.texts, settings.address_form);
    if (!translations)
        return translations.error();
    const auto files = read_templates(settings.templates);
    if (!files)
        return files.error();

    auto parts = std::make_unique<Parts>();
    parts->translations = std::move(*translations);
    parts->constants = make_view(settings.constants);
    std::vector<std::string> problems;
    for (const auto& [name, source] : *files) {
        if (name == "layout" || name.starts_with("partials/"))
            continue;
        const auto composed = is_fragment(name) ? compose_fragment(*files, name, problems)
                                                : compose_page(*files, name, problems);
        check_raw_tags(composed, name, problems);
        auto& page = parts->pages[name];
        for (const auto language : languages) {
            const auto translated =
                translate(composed, parts->translations, language, problems, parts->used_texts);
            auto& parsed = page[static_cast<std::size_t>(language)];
            parsed = std::make_unique<mustache>(hide_blanks(translated));
            parsed->set_custom_escape([](const std::string& text) { return escape_html(text); });
            if (!parsed->is_valid())
                problems.push_back(name + ": " + parsed->error_message());
        }
    }
    if (parts->pages.empty())
        problems.push_back("there are no templates");
    if (!problems.empty()) {
        std::sort(problems.begin(), problems.end());
        problems.erase(std::unique(problems.begin(), problems.end()), problems.end());
        std::string message = settings.templates.string() + ": the templates cannot be used:";
        for (const auto& problem : problems)
            message += "\n  " + problem;
        return Error(ErrorKind::invalid_config, message);
    }
    return Renderer(std::move(parts));
}

std::string Renderer::render(std::string_view page, const boost::json::object& view,
                             Language language) const {
    const auto found = parts_->pages.find(page);
    if (found == parts_->pages.end())
        throw std::out_of_range("there is no page " + std::string(page));
    const auto data = make_view(view);
    const auto languages_of_page =
        make_view({{"lang", tag_of(language)}, {"other_lang", tag_of(other(language))}});
    ViewContext context(parts_->constants);
    context.push(&data);
    // A part of a page may be in a language of its own.
    if (!is_fragment(page))
        context.push(&languages_of_page);

    // kainjow's render() is not const, but changes nothing in a template without partials and lambdas.
    auto html = found->second[static_cast<std::size_t>(language)]->render(context);
    for (char& c : html) {
        if (c == hidden_blank)
            c = ' ';
        else if (c == hidden_line_end)
            c = '\n';
    }
    return html;
}

std::vector<std::string> Renderer::pages() const {
    std::vector<std::string> names;
    for (const auto& [name, page] : parts_->pages)
        if (!is_fragment(name))
            names.push_back(name);
    return names;
}

const Translations& Renderer::translations() const {
    return parts_->translations;
}

const std::set<std::string>& Renderer::used_texts() const {
    return parts_->used_texts;
}

}  // namespace calyptenora::web
