#include "web/translations.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>

namespace calyptenora::web {
namespace {

namespace json = boost::json;

std::string_view view(const json::string& text) {
    return {text.data(), text.size()};
}
std::string_view view(json::string_view text) {
    return {text.data(), text.size()};
}

std::optional<Text> read_text(const json::value& value, std::string_view form) {
    if (value.is_string())
        return Text{"", std::string(view(value.get_string()))};
    if (!value.is_object())
        return std::nullopt;
    const auto& variants = value.get_object();
    if (const auto* of_form = variants.if_contains(json::string_view(form.data(), form.size()))) {
        return variants.size() == 2 && variants.contains("du") && variants.contains("sie")
                   ? read_text(*of_form, "")
                   : std::nullopt;
    }
    const auto* one = variants.if_contains("one");
    const auto* other = variants.if_contains("other");
    if (variants.size() != 2 || !one || !other || !one->is_string() || !other->is_string())
        return std::nullopt;
    return Text{std::string(view(one->get_string())), std::string(view(other->get_string()))};
}

std::set<std::string> names_in(const Text& text) {
    std::set<std::string> names;
    for (const auto& part : {text.one, text.other})
        for (auto& name : placeholders_of(part))
            names.insert(std::move(name));
    if (text.has_plural())
        names.insert("count");
    return names;
}

std::string listed(const std::set<std::string>& names) {
    std::string list;
    for (const auto& name : names)
        list += (list.empty() ? "{" : ", {") + name + "}";
    return list.empty() ? "none" : list;
}

}  // namespace

std::vector<std::string> placeholders_of(std::string_view text) {
    std::vector<std::string> names;
    for (auto open = text.find('{'); open != std::string_view::npos; open = text.find('{', open + 1)) {
        const auto close = text.find('}', open);
        if (close == std::string_view::npos)
            break;
        const std::string name(text.substr(open + 1, close - open - 1));
        if (std::find(names.begin(), names.end(), name) == names.end())
            names.push_back(name);
    }
    return names;
}

std::string escape_html(std::string_view text) {
    std::string escaped;
    escaped.reserve(text.size() + text.size() / 8);
    std::size_t clean_from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char* entity = nullptr;
        switch (text[i]) {
            case '&':
                entity = "&amp;";
                break;
            case '<':
                entity = "&lt;";
                break;
            case '>':
                entity = "&gt;";
                break;
            case '"':
                entity = "&quot;";
                break;
            case '\'':
                entity = "&#39;";
                break;
            default:
                continue;
        }
        escaped.append(text, clean_from, i - clean_from).append(entity);
        clean_from = i + 1;
    }
    return escaped.append(text, clean_from);
}

Result<Translations> Translations::load(const std::filesystem::path& folder, AddressForm address_form) {
    Translations translations;
    std::string problems;
    for (const auto language : languages) {
        const auto path = folder / (std::string(tag_of(language)) + ".json");
        std::ifstream file(path);
        if (!file)
            return Error(ErrorKind::invalid_config, path.string() + ": cannot be read");
        std::ostringstream bytes;
        bytes << file.rdbuf();
        json::error_code failure;
        const auto document = json::parse(bytes.str(), failure);
        if (failure || !document.is_object())
            return Error(ErrorKind::invalid_config,
                         path.string() + ": is not a JSON object: " + failure.message());

        auto& catalogue = translations.catalogues_[static_cast<std::size_t>(language)];
        for (const auto& [group, texts] : document.get_object()) {
            if (!texts.is_object()) {
                problems +=
                    "\n  " + path.string() + ": " + std::string(view(group)) + " is not a group of texts";
                continue;
            }
            for (const auto& [name, value] : texts.get_object()) {
                const auto key = std::string(view(group)) + "." + std::string(view(name));
                auto text = read_text(value, address_form == AddressForm::du ? "du" : "sie");
                if (text)
                    catalogue.emplace(key, std::move(*text));
                else
                    problems += "\n  " + path.string() + ": " + key +
                                " is neither a text nor {one, other} nor {du, sie}";
            }
        }
    }
    const auto& [de, en] = translations.catalogues_;
    for (const auto& [key, text] : de) {
        const auto twin = en.find(key);
        if (twin == en.end())
            problems += "\n  en.json lacks " + key;
        else if (names_in(text) != names_in(twin->second))
            problems += "\n  " + key + ": placeholders differ: " + listed(names_in(text)) + " in German, " +
                        listed(names_in(twin->second)) + " in English";
    }
    for (const auto& [key, text] : en)
        if (!de.contains(key))
            problems += "\n  de.json lacks " + key;
    if (!problems.empty())
        return Error(ErrorKind::invalid_config, folder.string() + ": the catalogues do not fit:" + problems);
    return translations;
}

const Text* Translations::find_text(Language language, std::string_view key) const {
    const auto& catalogue = catalogues_[static_cast<std::size_t>(language)];
    const auto found = catalogue.find(key);
    return found == catalogue.end() ? nullptr : &found->second;
}

std::string Translations::text(Language language, std::string_view key, const Arguments& arguments) const {
    const auto* found = find_text(language, key);
    if (!found)
        throw std::out_of_range("no text with the key " + std::string(key));
    const auto argument = [&](std::string_view name) -> const std::string& {
        for (const auto& [given, value] : arguments)
            if (given == name)
                return value;
        throw std::out_of_range("the text " + std::string(key) + " needs the argument " + std::string(name));
    };
    const std::string_view pattern =
        found->has_plural() && argument("count") == "1" ? found->one : found->other;
    std::string filled;
    std::size_t from = 0;
    for (auto open = pattern.find('{'); open != std::string_view::npos; open = pattern.find('{', from)) {
        const auto close = pattern.find('}', open);
        if (close == std::string_view::npos)
            break;
        filled.append(pattern, from, open - from)
            .append(argument(pattern.substr(open + 1, close - open - 1)));
        from = close + 1;
    }
    return filled.append(pattern, from);
}

std::set<std::string> Translations::keys() const {
    std::set<std::string> keys;
    for (const auto& [key, text] : catalogues_[0])
        keys.insert(key);
    return keys;
}

}  // namespace calyptenora::web
