#include "cli/flow_map.hpp"

#include "gate/explanation.hpp"
#include "web/format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace calyptenora::cli {
namespace {

using platform::FlowActivity;
using platform::ProcessingRecord;
using web::Words;

boost::json::array json_keys(CategoryMask categories) {
    boost::json::array list;
    for (const auto& key : gate::keys_in(categories))
        list.emplace_back(key);
    return list;
}

bool is_by_browser(const FlowActivity& flow) {
    return flow.device_access.has_value();
}

CategoryMask kept_categories(const ProcessingRecord& record) {
    CategoryMask all;
    for (const auto& activity : record.kept)
        all |= activity.categories;
    return all;
}

std::string fields_in_words(CategoryMask categories, const Words& words) {
    return categories.empty() ? words.text("map.nothing") : words.fields(categories);
}

// --- The drawing
// ---------------------------------------------------------------------------------------------------- Two
// bars stand on the left, the person and the platform; the recipients stand on the right. What the platform
// sends comes first and starts at its bar. What browsers ask for by themselves comes below that bar, so that
// its lines start at the person's and no line crosses another.

constexpr int width = 1280, margin = 24, line_height = 20;
constexpr int person_x = margin, person_width = 130;
constexpr int platform_x = 250, platform_width = 250;
constexpr int label_x = platform_x + platform_width + 16;
constexpr int recipient_x = 960, recipient_width = width - margin - recipient_x;
constexpr int top = 130, row_gap = 18, padding = 12;
/// Characters that fit; system fonts of 14 pixels are at most about 7.5 pixels wide on average.
constexpr std::size_t platform_characters = (platform_width - 2 * padding) * 2 / 15;
constexpr std::size_t label_characters = (recipient_x - label_x - 20) * 2 / 15;
constexpr std::size_t recipient_characters = (recipient_width - 2 * padding) * 2 / 15;

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

/// At blanks; a word that is longer than a line is cut.
std::vector<std::string> wrap(std::string_view text, std::size_t limit) {
    std::vector<std::string> lines(1);
    while (!text.empty()) {
        auto word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        while (!word.empty()) {
            if (!lines.back().empty() && characters(lines.back()) + 1 + characters(word) > limit)
                lines.emplace_back();
            std::size_t bytes = 0;
            for (std::size_t taken = 0; bytes < word.size() && taken < limit; ++taken)
                do
                    ++bytes;
                while (bytes < word.size() && (static_cast<unsigned char>(word[bytes]) & 0xc0) == 0x80);
            if (!lines.back().empty())
                lines.back() += ' ';
            lines.back() += word.substr(0, bytes);
            word.remove_prefix(bytes);
            if (!word.empty())
                lines.emplace_back();
        }
    }
    return lines;
}

std::string box(int x, int y, int box_width, int height, std::string_view style_class) {
    return fmt::format("<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"6\"/>\n",
                       style_class, x, y, box_width, height);
}

std::string write_lines(int x, int y, const std::vector<std::string>& lines, std::string_view style_class) {
    std::string svg;
    for (const auto& line : lines) {
        svg += fmt::format("<text class=\"{}\" x=\"{}\" y=\"{}\">{}</text>\n", style_class, x, y,
                           web::escape_html(line));
        y += line_height;
    }
    return svg;
}

/// One recipient with its flows, as far as they start at the same bar.
struct Group {
    const FlowActivity* first;
    std::vector<const FlowActivity*> flows;
};

std::vector<Group> groups_of(const ProcessingRecord& record, bool by_browser) {
    std::vector<Group> groups;
    for (const auto& flow : record.flows) {
        if (!flow.goes_to_third_party() || is_by_browser(flow) != by_browser)
            continue;
        const auto known = std::ranges::find_if(
            groups, [&](const Group& group) { return group.first->instance == flow.instance; });
        if (known == groups.end())
            groups.push_back({&flow, {&flow}});
        else
            known->flows.push_back(&flow);
    }
    return groups;
}

/// Draws the groups from `y` on; yields what lies below.
int draw_groups(const std::vector<Group>& groups, const Words& words, int y, bool by_browser,
                std::string& svg) {
    for (const auto& group : groups) {
        const int begin = y;
        for (const auto* flow : group.flows) {
            const auto title = wrap(words.word("purpose", key_of(flow->purpose)), label_characters);
            auto text = fields_in_words(flow->categories, words);
            if (flow->asks_first)
                text += ". " + words.text("map.asks_first");
            const auto lines = wrap(text, label_characters);
            const int line_y = y + static_cast<int>(title.size()) * line_height + 2;
            svg += write_lines(label_x, y + line_height - 5, title, "strong");
            svg += fmt::format(
                "<line class=\"{}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" marker-end=\"url(#tip)\"/>\n",
                by_browser ? "browser" : "sent",
                by_browser ? person_x + person_width : platform_x + platform_width, line_y, recipient_x - 2,
                line_y);
            svg += write_lines(label_x, line_y + line_height - 3, lines, "text");
            y = line_y + static_cast<int>(lines.size()) * line_height + row_gap;
        }
        const auto& who = group.first->recipient;
        const auto name = wrap(who.legal_name, recipient_characters);
        const auto more = wrap(fmt::format("{}, {}", web::country_name(who.country, words.language()),
                                           words.word("role", key_of(who.role))),
                               recipient_characters);
        const int needed = static_cast<int>(name.size() + more.size()) * line_height + 2 * padding;
        const int height = std::max(y - begin - row_gap, needed);
        svg += box(recipient_x, begin, recipient_width, height,
                   who.in_third_country() ? "recipient abroad" : "recipient");
        svg += write_lines(recipient_x + padding, begin + padding + 14, name, "strong");
        svg += write_lines(recipient_x + padding,
                           begin + padding + 14 + static_cast<int>(name.size()) * line_height, more, "text");
        y = begin + height + row_gap;
    }
    return y;
}

std::string describe(const FlowActivity& flow, const Words& words) {
    const auto& name = flow.recipient.legal_name;
    const auto country = web::country_name(flow.recipient.country, words.language());
    const auto purpose = words.word("purpose", key_of(flow.purpose));
    const auto fields = fields_in_words(flow.categories, words);
    auto text =
        is_by_browser(flow)
            ? words.text("map.browser",
                         {{"name", name}, {"country", country}, {"purpose", purpose}, {"fields", fields}})
            : words.text("map.sends",
                         {{"name", name}, {"country", country}, {"purpose", purpose}, {"fields", fields}});
    return flow.asks_first ? text + ' ' + words.text("map.asks_first") : text;
}

std::string describe(const ProcessingRecord& record, const Words& words) {
    std::string text = words.text("map.keeps", {{"fields", words.kept_fields(kept_categories(record))}});
    bool any = false;
    for (const auto& flow : record.flows)
        if (flow.goes_to_third_party()) {
            text += '\n' + describe(flow, words);
            any = true;
        }
    return any ? text : text + '\n' + words.text("map.nobody");
}

constexpr std::string_view style =
    "text{font:14px system-ui,sans-serif;fill:#1f2528}.title{font-size:20px;font-weight:700}"
    ".strong{font-weight:700}.person{fill:#e3efef;stroke:#0b5c68}.platform{fill:#0b5c68;stroke:#0b5c68}"
    ".light{fill:#fff}.recipient{fill:#fff;stroke:#525c60;stroke-width:1.5}"
    ".abroad{stroke:#a0231c;stroke-width:2.5}.sent{stroke:#0b5c68;stroke-width:2}"
    ".browser{stroke:#764800;stroke-width:2;stroke-dasharray:7 5}";

}  // namespace

boost::json::object flow_map_json(const ProcessingRecord& record) {
    boost::json::array nodes{boost::json::object{{"id", "person"}, {"kind", "person"}},
                             boost::json::object{{"id", "platform"},
                                                 {"kind", "platform"},
                                                 {"name", record.platform},
                                                 {"operator", record.controller.legal_name},
                                                 {"country", record.controller.country}}};
    boost::json::array edges;
    for (const auto& activity : record.kept)
        edges.push_back({{"from", "person"},
                         {"to", "platform"},
                         {"activity", activity.key},
                         {"data", json_keys(activity.categories)}});
    std::vector<std::string> known;
    for (const auto& flow : record.flows) {
        if (!flow.goes_to_third_party())
            continue;
        const auto id = flow.instance.text();
        if (std::ranges::count(known, id) == 0) {
            known.push_back(id);
            nodes.push_back({{"id", id},
                             {"kind", "recipient"},
                             {"name", flow.recipient.legal_name},
                             {"country", flow.recipient.country},
                             {"role", key_of(flow.recipient.role)},
                             {"third_country", flow.recipient.in_third_country()}});
        }
        boost::json::object transforms;
        for (const auto& field : flow.fields)
            if (field.transform != Transform::none)
                for (const auto& key : gate::keys_in(field.granted))
                    transforms[key] = key_of(field.transform);
        edges.push_back({{"from", is_by_browser(flow) ? "person" : "platform"},
                         {"to", id},
                         {"purpose", key_of(flow.purpose)},
                         {"legal_basis", key_of(flow.basis)},
                         {"asks_first", flow.asks_first},
                         {"data", json_keys(flow.categories)},
                         {"transforms", std::move(transforms)}});
    }
    return {{"version", record.policy_hash}, {"nodes", std::move(nodes)}, {"edges", std::move(edges)}};
}

std::string flow_map_svg(const ProcessingRecord& record, const Words& words) {
    std::string drawing;
    const auto sent = groups_of(record, false);
    const auto asked = groups_of(record, true);
    const auto keeps = wrap(words.text("map.keeps", {{"fields", words.kept_fields(kept_categories(record))}}),
                            platform_characters);
    const auto name = wrap(record.platform, platform_characters);
    const int platform_needed = static_cast<int>(name.size() + keeps.size()) * line_height + 2 * padding;

    int y = draw_groups(sent, words, top, false, drawing);
    if (sent.empty() && asked.empty())
        drawing += write_lines(label_x, top + line_height, wrap(words.text("map.nobody"), label_characters),
                               "strong");
    const int platform_height = std::max(y - top - row_gap, platform_needed);
    y = std::max(y, top + platform_height + row_gap);
    y = draw_groups(asked, words, y, true, drawing);
    const int person_height = y - top - row_gap;

    drawing += box(person_x, top, person_width, person_height, "person");
    drawing += write_lines(person_x + padding, top + padding + 14, {words.text("map.learner")}, "strong");
    drawing += box(platform_x, top, platform_width, platform_height, "platform");
    drawing += write_lines(platform_x + padding, top + padding + 14, name, "strong light");
    drawing += write_lines(platform_x + padding,
                           top + padding + 14 + static_cast<int>(name.size()) * line_height, keeps, "light");
    drawing += fmt::format(
        "<line class=\"sent\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" marker-end=\"url(#tip)\"/>\n",
        person_x + person_width, top + 40, platform_x - 2, top + 40);

    return fmt::format(
               "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
               "height=\"{1}\" "
               "role=\"img\" aria-labelledby=\"map-title map-text\" lang=\"{2}\">\n"
               "<title id=\"map-title\">{3}</title>\n<desc id=\"map-text\">{4}</desc>\n<style>{5}</style>\n"
               "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" "
               "markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" "
               "fill=\"#1f2528\"/></marker></defs>\n"
               "<rect width=\"{0}\" height=\"{1}\" fill=\"#fff\"/>\n",
               width, y + margin, web::tag_of(words.language()),
               web::escape_html(fmt::format("{}: {}", words.text("map.title"), record.platform)),
               web::escape_html(describe(record, words)), style) +
           write_lines(margin, 44, {fmt::format("{}: {}", words.text("map.title"), record.platform)},
                       "title") +
           write_lines(margin, 76, {words.text("map.solid"), words.text("map.dashed")}, "text") + drawing +
           "</svg>\n";
}

}  // namespace calyptenora::cli
