#include "web/template_source.hpp"

#include <algorithm>
#include <optional>
#include <sstream>

namespace calyptenora::web {
namespace {

constexpr auto none = std::string_view::npos;

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == none)
        return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

/// A `{{...}}` tag that starts with one of ours.
struct Tag {
    std::size_t begin, end;
    std::string_view content;
};

std::optional<Tag> find_tag(std::string_view source, std::string_view opening, std::size_t from) {
    const auto begin = source.find(opening, from);
    if (begin == none)
        return std::nullopt;
    const auto close = source.find("}}", begin + opening.size());
    if (close == none)
        return std::nullopt;
    return Tag{begin, close + 2,
               trimmed(source.substr(begin + opening.size(), close - begin - opening.size()))};
}

std::string without_comments(std::string_view source) {
    std::string kept;
    std::size_t from = 0;
    while (const auto tag = find_tag(source, "{{!", from)) {
        kept.append(source, from, tag->begin - from);
        from = tag->end;
    }
    return kept.append(source, from);
}

std::string with_partials(const TemplateFiles& files, std::string_view source, std::string_view page,
                          int depth, std::vector<std::string>& problems) {
    if (depth > 8) {
        problems.push_back(std::string(page) + ": partials include each other");
        return {};
    }
    std::string filled;
    std::size_t from = 0;
    while (const auto tag = find_tag(source, "{{>", from)) {
        filled.append(source, from, tag->begin - from);
        from = tag->end;
        const auto partial = files.find("partials/" + std::string(tag->content));
        if (partial == files.end())
            problems.push_back(std::string(page) + ": there is no partial " + std::string(tag->content));
        else
            filled +=
                with_partials(files, trimmed(without_comments(partial->second)), page, depth + 1, problems);
    }
    return filled.append(source, from);
}

/// Cuts `{{$name}}...{{/name}}` out of a source.
std::map<std::string, std::string> take_blocks(std::string& source, std::string_view page,
                                               std::vector<std::string>& problems) {
    std::map<std::string, std::string> blocks;
    while (const auto tag = find_tag(source, "{{$", 0)) {
        const std::string name(tag->content), closing = "{{/" + name + "}}";
        const auto close = source.find(closing, tag->end);
        if (close == none) {
            problems.push_back(std::string(page) + ": {{$" + name + "}} is not closed");
            break;
        }
        blocks[name] = trimmed(std::string_view(source).substr(tag->end, close - tag->end));
        source.erase(tag->begin, close + closing.size() - tag->begin);
    }
    return blocks;
}

std::string with_blocks(std::string_view layout, const std::map<std::string, std::string>& blocks) {
    std::string filled;
    std::size_t from = 0;
    while (const auto tag = find_tag(layout, "{{$", from)) {
        const std::string name(tag->content), closing = "{{/" + name + "}}";
        const auto close = layout.find(closing, tag->end);
        filled.append(layout, from, tag->begin - from);
        const auto block = blocks.find(name);
        filled.append(block != blocks.end() ? std::string_view(block->second)
                                            : layout.substr(tag->end, close - tag->end));
        from = close + closing.size();
    }
    return filled.append(layout, from);
}

/// Marks of a text to HTML; `[words](url)` and `**words**`. Escapes everything else. Placeholders stay as
/// they are.
std::string marks_as_html(std::string_view text) {
    std::string html;
    std::size_t from = 0;
    while (from < text.size()) {
        const auto mark = std::min(text.find("**", from), text.find('[', from));
        html += escape_html(text.substr(from, mark == none ? none : mark - from));
        if (mark == none)
            break;
        const bool is_link = text[mark] == '[';
        const auto words_end = is_link ? text.find("](", mark) : text.find("**", mark + 2);
        const auto end = is_link && words_end != none ? text.find(')', words_end) : words_end;
        if (end == none) {
            html += escape_html(text.substr(mark));
            break;
        }
        if (is_link) {
            html += "<a href=\"" + escape_html(text.substr(words_end + 2, end - words_end - 2)) + "\">" +
                    escape_html(text.substr(mark + 1, words_end - mark - 1)) + "</a>";
            from = end + 1;
        } else {
            html += "<strong>" + escape_html(text.substr(mark + 2, end - mark - 2)) + "</strong>";
            from = end + 2;
        }
    }
    return html;
}

std::string key_in_view(const std::string& name, const std::map<std::string, std::string>& renamed) {
    const auto found = renamed.find(name);
    return found == renamed.end() ? name : found->second;
}

std::string placeholders_as_tags(std::string_view html, const std::map<std::string, std::string>& renamed) {
    std::string filled;
    std::size_t from = 0;
    for (auto open = html.find('{'); open != none; open = html.find('{', from)) {
        const auto close = html.find('}', open);
        if (close == none)
            break;
        filled.append(html, from, open - from);
        filled += "{{" + key_in_view(std::string(html.substr(open + 1, close - open - 1)), renamed) + "}}";
        from = close + 1;
    }
    return filled.append(html, from);
}

}  // namespace

std::string compose_page(const TemplateFiles& files, std::string_view page,
                         std::vector<std::string>& problems) {
    const auto layout = files.find("layout");
    const auto found = files.find(page);
    if (layout == files.end() || found == files.end()) {
        problems.push_back("there is no template " + std::string(layout == files.end() ? "layout" : page));
        return {};
    }
    std::string content = without_comments(found->second);
    const auto blocks = take_blocks(content, page, problems);
    std::string source = with_blocks(without_comments(layout->second), blocks);
    const std::string place = "{{>content}}";
    if (const auto at = source.find(place); at != std::string::npos)
        source.replace(at, place.size(), trimmed(content));
    else
        problems.push_back("layout: has no {{>content}}");
    return with_partials(files, source, page, 0, problems);
}

std::string compose_fragment(const TemplateFiles& files, std::string_view fragment,
                             std::vector<std::string>& problems) {
    const auto source = without_comments(files.find(fragment)->second);
    return with_partials(files, trimmed(source), fragment, 0, problems);
}

std::string text_as_mustache(const Text& text, const std::map<std::string, std::string>& renamed) {
    const auto form = [&](const std::string& pattern) {
        return placeholders_as_tags(marks_as_html(pattern), renamed);
    };
    if (!text.has_plural())
        return form(text.other);
    const auto is_one = key_in_view("count", renamed) + "_is_one";
    return "{{#" + is_one + "}}" + form(text.one) + "{{/" + is_one + "}}{{^" + is_one + "}}" +
           form(text.other) + "{{/" + is_one + "}}";
}

std::string translate(std::string_view source, const Translations& translations, Language language,
                      std::vector<std::string>& problems, std::set<std::string>& used) {
    std::string translated;
    std::size_t from = 0;
    while (const auto tag = find_tag(source, "{{t:", from)) {
        translated.append(source, from, tag->begin - from);
        from = tag->end;
        std::istringstream words{std::string(tag->content)};
        std::string key;
        words >> key;
        std::map<std::string, std::string> renamed;
        for (std::string word; words >> word;) {
            const auto equals = word.find('=');
            if (equals == std::string::npos)
                problems.push_back("{{t:" + std::string(tag->content) + "}}: expected name=key, found " +
                                   word);
            else
                renamed[word.substr(0, equals)] = word.substr(equals + 1);
        }
        used.insert(key);
        const auto* text = translations.find_text(language, key);
        if (text)
            translated += text_as_mustache(*text, renamed);
        else
            problems.push_back(std::string(tag_of(language)) + ".json lacks " + key);
    }
    return translated.append(source, from);
}

void check_raw_tags(std::string_view source, std::string_view page, std::vector<std::string>& problems) {
    for (const std::string_view opening : {"{{{", "{{&"}) {
        for (std::size_t from = 0; const auto tag = find_tag(source, opening, from); from = tag->end) {
            const auto last_dot = tag->content.rfind('.');
            const auto key = last_dot == none ? tag->content : tag->content.substr(last_dot + 1);
            if (std::find(std::begin(raw_html_keys), std::end(raw_html_keys), key) == std::end(raw_html_keys))
                problems.push_back(std::string(page) + ": " + std::string(tag->content) +
                                   " must not be written unescaped (see raw_html_keys)");
        }
    }
}

}  // namespace calyptenora::web
