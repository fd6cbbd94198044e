#include "settings/reference.hpp"

#include <fmt/format.h>

namespace calyptenora::settings {
namespace {

std::optional<Reference> find_reference(std::string_view inside) {
    const auto colon = inside.find(':');
    if (colon == std::string_view::npos || colon + 1 == inside.size())
        return std::nullopt;
    const auto kind = inside.substr(0, colon);
    const std::string name(inside.substr(colon + 1));
    if (kind == "file")
        return Reference{Reference::Kind::file, name};
    const bool is_variable = std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
    if (kind != "env" || !is_variable)
        return std::nullopt;
    return Reference{Reference::Kind::env, name};
}

}  // namespace

std::string Reference::text() const {
    return fmt::format("${{{}:{}}}", kind == Kind::env ? "env" : "file", name);
}

std::optional<TextPieces> find_pieces(std::string_view text) {
    TextPieces pieces;
    std::string plain;
    const auto flush = [&] {
        if (!plain.empty())
            pieces.emplace_back(std::exchange(plain, {}));
    };
    while (!text.empty()) {
        if (text.starts_with("$${")) {
            plain += "${";
            text.remove_prefix(3);
        } else if (text.starts_with("${")) {
            const auto end = text.find('}');
            const auto reference =
                end == std::string_view::npos ? std::nullopt : find_reference(text.substr(2, end - 2));
            if (!reference)
                return std::nullopt;
            flush();
            pieces.emplace_back(*reference);
            text.remove_prefix(end + 1);
        } else {
            plain += text.front();
            text.remove_prefix(1);
        }
    }
    flush();
    return pieces;
}

}  // namespace calyptenora::settings
