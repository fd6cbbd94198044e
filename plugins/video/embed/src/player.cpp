#include "player.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>
#include <vector>

namespace calyptenora::embed {
namespace {

std::vector<std::string> split(std::string_view line) {
    std::vector<std::string> parts;
    while (true) {
        const auto end = line.find(';');
        auto part = line.substr(0, end);
        while (part.starts_with(' '))
            part.remove_prefix(1);
        while (part.ends_with(' '))
            part.remove_suffix(1);
        parts.emplace_back(part);
        if (end == std::string_view::npos)
            return parts;
        line.remove_prefix(end + 1);
    }
}

bool is_unreserved(char c) {
    return (std::isalnum(static_cast<unsigned char>(c)) && static_cast<unsigned char>(c) < 0x80) ||
           c == '-' || c == '_' || c == '.' || c == '~';
}

}  // namespace

std::optional<std::string> find_origin(std::string_view url) {
    const bool secure = url.starts_with("https://");
    if (!secure && !url.starts_with("http://"))
        return std::nullopt;
    const std::string_view scheme = secure ? "https://" : "http://";
    const auto host = url.substr(scheme.size(), url.find_first_of("/?#", scheme.size()) - scheme.size());
    const bool plain = !host.empty() && std::ranges::all_of(host, [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == ':';
    });
    const auto name = host.substr(0, host.find(':'));
    if (!plain || (!secure && name != "localhost" && name != "127.0.0.1"))
        return std::nullopt;
    std::string origin = std::string(scheme) + std::string(host);
    std::ranges::transform(origin, origin.begin(), [](char c) {
        return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
    if (const std::string_view usual = secure ? ":443" : ":80"; origin.ends_with(usual))
        origin.resize(origin.size() - usual.size());
    return origin;
}

std::optional<std::string> Player::find_url(const std::string& id) const {
    if (id.empty() || id.size() > 128 || !std::ranges::all_of(id, is_unreserved) ||
        !std::regex_match(id, id_pattern))
        return std::nullopt;
    auto filled = url;
    filled.replace(filled.find("{id}"), 4, id);
    return filled;
}

Player parse_player(std::string_view line) {
    const auto parts = split(line);
    const auto refuse = [&](const std::string& why) {
        throw std::invalid_argument("players: \"" + std::string(line) + "\": " + why);
    };
    if (parts.size() != 5)
        refuse(
            "five parts are needed, separated by semicolons: short name; title; protocol; pattern; address");
    Player player{parts[0], parts[1], parts[2], {}, parts[4], {}};
    if (player.name.empty() || !std::ranges::all_of(player.name, is_unreserved))
        refuse("a short name is made of letters, digits and hyphens");
    if (player.title.empty())
        refuse("the title, which learners see, is missing");
    if (player.protocol == "none")
        player.protocol.clear();
    else if (player.protocol != "generic" && player.protocol != "vimeo" && player.protocol != "youtube")
        refuse("the protocol is generic, vimeo, youtube or none");
    try {
        player.id_pattern = std::regex(parts[3], std::regex::ECMAScript);
    } catch (const std::regex_error&) {
        refuse("the pattern of the id is not a regular expression");
    }
    const auto origin = find_origin(player.url);
    const auto place = player.url.find("{id}");
    if (!origin)
        refuse(
            "the address must begin with https:// and a host (or http:// and localhost, to try things out)");
    if (place == std::string::npos || place < origin->size() ||
        player.url.find_first_of(" \"'<>") != std::string::npos)
        refuse("the address must hold {id} after the host, and no spaces or quotes");
    player.origin = *origin;
    return player;
}

}  // namespace calyptenora::embed
