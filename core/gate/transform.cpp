#include "gate/transform.hpp"

#include <boost/asio/ip/address.hpp>

#include <array>
#include <cctype>
#include <utility>

namespace calyptenora::gate {

std::string truncate_ip(std::string_view text) {
    boost::system::error_code failure;
    auto address = boost::asio::ip::make_address(std::string(text), failure);
    if (failure)
        return {};
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        address = boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
    if (address.is_v4()) {
        auto bytes = address.to_v4().to_bytes();
        bytes[3] = 0;
        return boost::asio::ip::address_v4(bytes).to_string();
    }
    auto bytes = address.to_v6().to_bytes();
    for (std::size_t i = 6; i < bytes.size(); ++i)
        bytes[i] = 0;
    return boost::asio::ip::address_v6(bytes).to_string();
}

std::string coarse_user_agent(std::string_view user_agent) {
    // The order matters: Edge and Opera call themselves Chrome as well, and Chrome calls itself Safari.
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> families{{
        {"Edg/", "Edge"},
        {"OPR/", "Opera"},
        {"Firefox/", "Firefox"},
        {"Chrome/", "Chrome"},
        {"Version/", "Safari"},
    }};
    for (const auto& [mark, family] : families) {
        const auto found = user_agent.find(mark);
        if (found == std::string_view::npos)
            continue;
        std::string coarse(family);
        coarse.push_back(' ');
        for (auto rest = user_agent.substr(found + mark.size()).substr(0, 4);
             !rest.empty() && std::isdigit(static_cast<unsigned char>(rest.front())); rest.remove_prefix(1))
            coarse.push_back(rest.front());
        return coarse;
    }
    return "other";
}

}  // namespace calyptenora::gate
