#include "unit/web/view_samples.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <regex>

/// The palette of core/web/styles/tokens.css, in both schemes, against WCAG 2.2: 1.4.3 (text, 4.5:1)
/// and 1.4.11 (parts of controls, 3:1).
namespace calyptenora::web {
namespace {

using Palette = std::map<std::string, std::string>;

/// Every colour is given for both schemes.
Palette read_palette(const std::string& css, bool dark) {
    Palette palette;
    const std::regex token("--([a-z-]+): light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\);");
    for (std::sregex_iterator match(css.begin(), css.end(), token), end; match != end; ++match)
        palette[(*match)[1]] = (*match)[dark ? 3 : 2];
    return palette;
}

/// Relative luminance as WCAG defines it.
double luminance(const std::string& colour) {
    const auto channel = [&](int at) {
        const double value = std::stoi(colour.substr(at, 2), nullptr, 16) / 255.0;
        return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

double contrast(const std::string& a, const std::string& b) {
    const double lighter = std::max(luminance(a), luminance(b)),
                 darker = std::min(luminance(a), luminance(b));
    return (lighter + 0.05) / (darker + 0.05);
}

class Contrast : public testing::TestWithParam<const char*> {
  protected:
    Contrast() {
        const auto css = test::read_file(test::source_folder() / "core/web/styles/tokens.css");
        palette_ = read_palette(css, std::string(GetParam()) == "dark");
    }

    void expect(const std::string& front, const std::string& back, double least) const {
        EXPECT_GE(contrast(palette_.at(front), palette_.at(back)), least) << front << " on " << back;
    }

    Palette palette_;
};

TEST_P(Contrast, TextIsReadable) {
    for (const auto* back : {"paper", "surface", "accent-tint", "code"})
        for (const auto* front : {"ink", "ink-soft", "accent"})
            expect(front, back, 4.5);
    for (const auto* kind : {"success", "warning", "error", "info"}) {
        for (const auto& back : {std::string("paper"), std::string("surface"), std::string(kind) + "-tint"})
            expect(kind, back, 4.5);
        expect("ink", std::string(kind) + "-tint", 4.5);
    }
    for (const auto* coloured : {"success", "info"})
        expect(coloured, "code", 4.5);
    expect("accent-strong", "accent-tint", 4.5);
    expect("on-accent", "accent", 4.5);
    expect("on-accent", "accent-strong", 4.5);
}

TEST_P(Contrast, ControlsAndFocusAreVisible) {
    for (const auto* back : {"paper", "surface"})
        for (const auto* front : {"line-strong", "focus", "accent"})
            expect(front, back, 3.0);
    expect("focus", "accent-tint", 3.0);
    expect("accent", "line", 3.0);  // the filled and the empty part of a progress bar
}

INSTANTIATE_TEST_SUITE_P(Schemes, Contrast, testing::Values("light", "dark"));

TEST(ContrastFormula, AgreesWithWcag) {
    EXPECT_NEAR(contrast("#000000", "#ffffff"), 21.0, 0.001);
    EXPECT_NEAR(contrast("#767676", "#ffffff"), 4.54, 0.01);
    EXPECT_LT(contrast("#777777", "#ffffff"), 4.5);
}

TEST(Styles, UseColoursOnlyThroughTokens) {
    const std::regex colour("#[0-9a-fA-F]{3,8}[; ]");
    for (const auto* part : {"components", "pages", "course"}) {
        auto css = test::read_file(test::source_folder() / "core/web/styles" / (std::string(part) + ".css"));
        // The paper of a payment code and the empty video are white and black in both schemes.
        css = std::regex_replace(css, std::regex("background: #(fff|000);"), "");
        std::smatch found;
        EXPECT_FALSE(std::regex_search(css, found, colour)) << part << ": " << found.str();
    }
}

TEST(Styles, NeverRemoveTheFocusRing) {
    for (const auto* part : {"base", "components", "pages", "course"}) {
        const auto css =
            test::read_file(test::source_folder() / "core/web/styles" / (std::string(part) + ".css"));
        EXPECT_EQ(css.find("outline: none"), std::string::npos) << part;
    }
}

}  // namespace
}  // namespace calyptenora::web
