#include "http/pages/qr_image.hpp"

namespace calyptenora::http {

std::optional<std::string> draw_qr(const payments::QrCode& code) {
    constexpr int quiet = 4;
    constexpr int largest = 177;
    const auto width = static_cast<std::size_t>(code.width);
    if (code.width < 21 || code.width > largest || code.modules.size() != width * width)
        return std::nullopt;
    if (code.modules.find_first_not_of("01") != std::string::npos)
        return std::nullopt;

    std::string path;
    for (int y = 0; y < code.width; ++y)
        for (int x = 0; x < code.width; ++x)
            if (code.modules[static_cast<std::size_t>(y * code.width + x)] == '1')
                path += fmt::format("M{} {}h1v1h-1z", x + quiet, y + quiet);
    const int side = code.width + 2 * quiet;
    return fmt::format(
        R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {0}" shape-rendering="crispEdges">)"
        R"(<path fill="#fff" d="M0 0h{0}v{0}H0z"/><path d="{1}"/></svg>)",
        side, path);
}

}  // namespace calyptenora::http
