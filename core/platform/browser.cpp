#include "platform/browser.hpp"

#include "gate/transform.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace calyptenora::platform {
namespace {

std::string_view find_system(std::string_view user_agent) {
    // The order matters: Android calls itself Linux as well, and an iPhone says "like Mac OS X".
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> systems{{
        {"Android", "Android"},
        {"iPhone", "iOS"},
        {"iPad", "iPadOS"},
        {"Windows", "Windows"},
        {"Mac OS X", "macOS"},
        {"CrOS", "ChromeOS"},
        {"Linux", "Linux"},
    }};
    for (const auto& [mark, system] : systems)
        if (user_agent.find(mark) != std::string_view::npos)
            return system;
    return {};
}

std::string without_version(std::string_view description) {
    std::string text(description);
    std::erase_if(text, [](char c) { return c >= '0' && c <= '9'; });
    return text;
}

}  // namespace

std::string describe_browser(std::string_view user_agent) {
    auto description = gate::coarse_user_agent(user_agent);
    if (const auto system = find_system(user_agent); !system.empty())
        description.append(", ").append(system);
    return description;
}

bool may_be_same_browser(std::string_view one, std::string_view other) {
    return without_version(one) == without_version(other);
}

}  // namespace calyptenora::platform
