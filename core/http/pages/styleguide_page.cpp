#include "http/pages/styleguide_page.hpp"

#include "http/pages/visit.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>

namespace calyptenora::http {
namespace {

using boost::asio::awaitable;

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Relative luminance of `#rrggbb`, as WCAG 2.2 defines it.
double luminance(const std::string& colour) {
    const auto channel = [&](std::size_t at) {
        const double value = std::stoi(colour.substr(at, 2), nullptr, 16) / 255.0;
        return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

double contrast(const std::string& a, const std::string& b) {
    const auto [darker, lighter] = std::minmax(luminance(a), luminance(b));
    return (lighter + 0.05) / (darker + 0.05);
}

/// A colour in one scheme, on the page and on a panel of that scheme.
boost::json::object swatch(const std::string& colour, const std::string& paper, const std::string& surface) {
    return {{"colour", colour},
            {"paper", paper},
            {"on_paper", fmt::format("{:.1f}", contrast(colour, paper))},
            {"on_surface", fmt::format("{:.1f}", contrast(colour, surface))}};
}

boost::json::array read_colours(const std::string& css) {
    static const std::regex token("--([a-z-]+): light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\);");
    std::map<std::string, std::pair<std::string, std::string>> palette;
    std::vector<std::string> names;
    for (std::sregex_iterator match(css.begin(), css.end(), token), end; match != end; ++match) {
        palette[(*match)[1]] = {(*match)[2], (*match)[3]};
        names.push_back((*match)[1]);
    }
    boost::json::array colours;
    for (const auto& name : names) {
        const auto& [light, dark] = palette[name];
        colours.push_back({{"name", name},
                           {"light", swatch(light, palette["paper"].first, palette["surface"].first)},
                           {"dark", swatch(dark, palette["paper"].second, palette["surface"].second)}});
    }
    return colours;
}

/// The lengths of one group of tokens: `text` or `space`.
boost::json::array read_lengths(const std::string& css, const std::string& group) {
    const std::regex token("--(" + group + "-[0-9a-z]+): ([0-9.]+rem);");
    boost::json::array lengths;
    for (std::sregex_iterator match(css.begin(), css.end(), token), end; match != end; ++match)
        lengths.push_back({{"name", (*match)[1].str()}, {"length", (*match)[2].str()}});
    return lengths;
}

boost::json::array read_icons(const std::string& svg) {
    static const std::regex symbol("<symbol id=\"([a-z-]+)\"");
    boost::json::array icons;
    for (std::sregex_iterator match(svg.begin(), svg.end(), symbol), end; match != end; ++match)
        icons.push_back({{"name", (*match)[1].str()}});
    return icons;
}

}  // namespace

void add_styleguide(Router& router, const Services& services, std::filesystem::path share) {
    PageRoutes routes(router, services);
    routes.get(
        "/styleguide", [share = std::move(share)](Visit& visit, const PathParams&) -> awaitable<Response> {
            boost::system::error_code failure;
            const auto samples = boost::json::parse(read_file(share / "templates/styleguide.json"), failure);
            if (failure || !samples.is_object())
                co_return visit.problem(Error(ErrorKind::permanent,
                                              "templates/styleguide.json is no JSON: " + failure.message()));
            auto view = samples.as_object();
            const auto css = read_file(share / "assets/site.css");
            view["colours"] = read_colours(css);
            view["sizes"] = read_lengths(css, "text");
            view["spaces"] = read_lengths(css, "space");
            view["icons"] = read_icons(read_file(share / "assets/icons.svg"));
            co_return visit.page("styleguide", std::move(view));
        });
}

}  // namespace calyptenora::http
