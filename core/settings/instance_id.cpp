#include "settings/instance_id.hpp"

#include <fmt/format.h>

namespace calyptenora::settings {

bool is_plugin_word(std::string_view text) {
    const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
    if (text.empty() || text.size() > 63 || !is_letter(text.front()))
        return false;
    return std::ranges::all_of(
        text, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-'; });
}

Result<InstanceId> parse_instance_id(std::string_view text) {
    const auto wrong = [](std::string_view why) {
        return Error(ErrorKind::invalid_input,
                     fmt::format("a plugin instance is written family/name or family/name@label: {}", why));
    };
    for (const auto* own : {&core_mail_id(), &core_technical_id()})
        if (text == own->text())
            return *own;
    const auto slash = text.find('/');
    if (slash == std::string_view::npos)
        return wrong("the slash is missing");
    const auto family = find_term<Family>(text.substr(0, slash));
    if (!family)
        return wrong("the family is one of auth, payments, video, analytics, support");
    const auto at = text.find('@', slash);
    if (!is_plugin_word(text.substr(slash + 1, at == std::string_view::npos ? at : at - slash - 1)))
        return wrong("the name holds a-z, 0-9, _ and -, and begins with a letter");
    if (at != std::string_view::npos && !is_plugin_word(text.substr(at + 1)))
        return wrong("the label holds a-z, 0-9, _ and -, and begins with a letter");
    return InstanceId(std::string(text), *family, at == std::string_view::npos ? text.size() : at);
}

const InstanceId& core_mail_id() {
    static const std::string text = "core/mail";
    static const InstanceId id(text, std::nullopt, text.size());
    return id;
}

const InstanceId& core_technical_id() {
    static const std::string text = "core/technical";
    static const InstanceId id(text, std::nullopt, text.size());
    return id;
}

std::string_view InstanceId::label() const {
    return plugin_size_ == text_.size() ? std::string_view()
                                        : std::string_view(text_).substr(plugin_size_ + 1);
}

}  // namespace calyptenora::settings
