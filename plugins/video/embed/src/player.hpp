#pragma once

#include <optional>
#include <regex>
#include <string>
#include <string_view>

namespace calyptenora::embed {

/// A provider's player, as one line of the settings describes it.
struct Player {
    std::string name;
    std::string title;
    std::string protocol;  ///< generic, vimeo, youtube; empty for none.
    std::regex id_pattern;
    std::string url;     ///< With `{id}`.
    std::string origin;  ///< `https://host[:port]` of the URL.

    /// The frame's address for a video, if the id is one of this provider's.
    std::optional<std::string> find_url(const std::string& id) const;
};

/// Throws std::invalid_argument saying what is wrong.
Player parse_player(std::string_view line);

/// `https://host[:port]` in small letters, if it is one and has no user and no odd characters. `http://`
/// counts with localhost and 127.0.0.1 only, where a browser takes it for as good.
std::optional<std::string> find_origin(std::string_view url);

}  // namespace calyptenora::embed
