#include "web/view.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <charconv>
#include <string>

namespace calyptenora::web {
namespace {

namespace json = boost::json;
using kainjow::mustache::data;

std::string_view view(const json::string& text) {
    return {text.data(), text.size()};
}

bool is_unwanted_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n' && c != '\r' && c != '\t') || byte == 0x7f;
}

bool names_an_address(std::string_view key) {
    return key == "url" || key == "href" || key == "src" || key == "action" || key.ends_with("_url");
}

data convert(const json::value& value, std::string_view key);

data convert(const json::object& object) {
    data converted(data::type::object);
    for (const auto& [name, value] : object) {
        std::string key(name.data(), name.size());
        if (value.is_int64() || value.is_uint64()) {
            converted[key + "_is_one"] = data(value == 1);
        } else if (value.is_array()) {
            converted["has_" + key] = data(!value.get_array().empty());
        }
        auto item = convert(value, key);
        converted[key] = std::move(item);
    }
    return converted;
}

data convert(const json::value& value, std::string_view key) {
    switch (value.kind()) {
        case json::kind::null:
            return data(false);
        case json::kind::bool_:
            return data(value.get_bool());
        case json::kind::object:
            return convert(value.get_object());
        case json::kind::array: {
            data converted(data::type::list);
            // push_back() of kainjow copies the whole tree; the list itself is ours to fill.
            auto& items = const_cast<kainjow::mustache::list&>(converted.list_value());
            items.reserve(value.get_array().size());
            for (const auto& item : value.get_array())
                items.push_back(convert(item, key));
            return converted;
        }
        case json::kind::string: {
            const auto text = view(value.get_string());
            if (text.empty())
                return data(false);
            if (names_an_address(key) && !is_safe_url(text))
                return data("#");
            std::string clean(text);
            // Counted first: that goes in wide steps through long texts, which mostly hold none.
            if (std::ranges::count_if(clean, is_unwanted_control) > 0)
                std::erase_if(clean, is_unwanted_control);
            return data(clean);
        }
        default: {
            char digits[32];
            const auto write = [&](auto number) {
                return std::string(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
            };
            if (value.is_int64())
                return data(write(value.get_int64()));
            if (value.is_uint64())
                return data(write(value.get_uint64()));
            return data(write(value.get_double()));
        }
    }
}

}  // namespace

data make_view(const json::object& view_model) {
    return convert(view_model);
}

bool is_safe_url(std::string_view url) {
    // A browser drops tabs and line ends inside an address before it reads the scheme.
    if (std::any_of(url.begin(), url.end(), [](char c) { return static_cast<unsigned char>(c) <= 0x20; }))
        return false;
    const auto colon = url.find(':');
    if (colon == std::string_view::npos || url.find_first_of("/?#") < colon)
        return true;
    std::string scheme(url.substr(0, colon));
    std::transform(scheme.begin(), scheme.end(), scheme.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    return scheme == "https" || scheme == "http" || scheme == "mailto" || scheme == "tel";
}

const data* ViewContext::get(const std::string& name) const {
    if (name == ".")
        return stack_.back();
    const auto dot = name.find('.');
    if (dot == std::string::npos) {
        for (auto scope = stack_.rbegin(); scope != stack_.rend(); ++scope)
            if (const auto* found = (*scope)->get(name))
                return found;
        return nullptr;
    }
    for (auto scope = stack_.rbegin(); scope != stack_.rend(); ++scope) {
        const auto* found = *scope;
        for (std::size_t from = 0; found && from <= name.size();) {
            const auto end = std::min(name.find('.', from), name.size());
            found = found->get(name.substr(from, end - from));
            from = end + 1;
        }
        if (found)
            return found;
    }
    return nullptr;
}

}  // namespace calyptenora::web
