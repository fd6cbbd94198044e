#include "platform/imports/tidy_html.hpp"

#include "platform/courses/formulas.hpp"
#include "platform/imports/plain_text.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

namespace calyptenora::platform {

namespace {

using Nodes = std::vector<HtmlNode>;
using namespace std::string_view_literals;

constexpr std::array blocks{"blockquote"sv, "details"sv, "div"sv, "dl"sv, "figure"sv, "h1"sv, "h2"sv, "h3"sv,
                            "h4"sv, "h5"sv, "h6"sv, "hr"sv, "ol"sv, "p"sv, "pre"sv, "table"sv, "ul"sv,
                            // Parts of the above that stand alone after all.
                            "li"sv, "dt"sv, "dd"sv, "summary"sv, "figcaption"sv, "caption"sv, "thead"sv,
                            "tbody"sv, "tfoot"sv, "tr"sv, "td"sv, "th"sv};

// The no-break space is one character of two bytes.
constexpr std::string_view no_break_space = "\xc2\xa0";

bool is_tag(const HtmlNode& node, std::string_view tag) {
    return node.tag == tag;
}

bool is_list(const HtmlNode& node) {
    return node.tag == "ul" || node.tag == "ol";
}

bool holds_block(const HtmlNode& node) {
    return std::ranges::any_of(node.children, [](const HtmlNode& child) {
        return is_block_element(child.tag) || holds_block(child);
    });
}

bool holds_picture(const HtmlNode& node) {
    return node.tag == "img" || std::ranges::any_of(node.children, holds_picture);
}

bool is_anchor(const HtmlNode& node) {
    return node.tag == "span" && node.children.empty() && node.find("id");
}

// White space as it is read: runs become one space, and so do no-break spaces that only make room.
std::string collapsed(std::string_view text) {
    std::string out;
    bool space = false;
    std::size_t waiting = 0;
    const auto flush = [&] {
        if (space || waiting > 1)
            out += ' ';
        else if (waiting == 1)
            out += no_break_space;
        space = false;
        waiting = 0;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.substr(i).starts_with(no_break_space)) {
            ++waiting;
            ++i;
        } else if (" \t\r\n\f\v"sv.find(text[i]) != std::string_view::npos) {
            space = true;
        } else {
            flush();
            out += text[i];
        }
    }
    flush();
    return out;
}

bool ends_with_space(std::string_view text) {
    return text.ends_with(' ') || text.ends_with(no_break_space);
}

// Takes white space off an end; true if there was some.
bool trim_front(std::string& text) {
    const auto size = text.size();
    while (text.starts_with(' ') || text.starts_with(no_break_space))
        text.erase(0, text.starts_with(' ') ? 1 : no_break_space.size());
    return text.size() != size;
}
bool trim_back(std::string& text) {
    const auto size = text.size();
    while (ends_with_space(text))
        text.erase(text.size() - (text.ends_with(' ') ? 1 : no_break_space.size()));
    return text.size() != size;
}

// Same element, same attributes: two of them in a row mean one.
bool may_merge(const HtmlNode& one, const HtmlNode& next) {
    return one.tag == next.tag && one.attributes == next.attributes &&
           (one.tag == "strong" || one.tag == "em" || one.tag == "del");
}

class Tidier {
  public:
    Nodes block_level(Nodes nodes) {
        Nodes result;
        Nodes run;
        block_level(std::move(nodes), run, result);
        end_run(run, result);
        return result;
    }

  private:
    void block_level(Nodes nodes, Nodes& run, Nodes& result) {
        for (HtmlNode& node : nodes) {
            if (node.is_text() || (!is_block_element(node.tag) && !holds_block(node))) {
                run.push_back(std::move(node));
            } else if (is_block_element(node.tag)) {
                take_block(std::move(node), run, result);
            } else if (node.tag == "a" && node.find("href")) {
                // A link around blocks stays one link.
                flatten(node);
                run.push_back(std::move(node));
            } else {
                // A wrapper of running text around blocks: the blocks count.
                anchor_of(node, run);
                block_level(std::move(node.children), run, result);
            }
        }
    }

    void take_block(HtmlNode node, Nodes& run, Nodes& result) {
        if (node.tag == "div" && !node.find("lang") && !node.find("dir")) {
            end_run(run, result);
            anchor_of(node, run);
            block_level(std::move(node.children), run, result);
            end_run(run, result);
            return;
        }
        // The id of a block stands in front of it; a heading takes it along.
        Nodes anchors;
        if (!is_heading_element(node.tag))
            anchor_of(node, anchors);
        end_run(run, result);
        if (node.tag == "p" || node.tag == "dt" || node.tag == "dd" || node.tag == "li" ||
            node.tag == "summary" || node.tag == "figcaption" || node.tag == "caption" ||
            node.tag == "thead" || node.tag == "tbody" || node.tag == "tfoot" || node.tag == "tr" ||
            node.tag == "td" || node.tag == "th") {
            run = std::move(anchors);
            block_level(std::move(node.children), run, result);
            end_run(run, result);
            return;
        }
        if (!anchors.empty())
            end_run(anchors, result);
        block(std::move(node), result);
    }

    void block(HtmlNode node, Nodes& result) {
        node.remove("title");
        if (is_heading_element(node.tag))
            heading(std::move(node), result);
        else if (is_list(node))
            list(std::move(node), result);
        else if (node.tag == "table")
            table(std::move(node), result);
        else if (node.tag == "pre")
            preformatted(node, result);
        else if (node.tag == "dl")
            definitions(std::move(node), result);
        else if (node.tag == "figure")
            figure(std::move(node), result);
        else if (node.tag == "hr")
            result.push_back(make_element("hr"));
        else
            container(std::move(node), result);
    }

    void heading(HtmlNode node, Nodes& result) {
        Nodes content;
        anchor_of(node, content);
        std::ranges::move(node.children, std::back_inserter(content));
        HtmlNode inside = make_element("div", std::move(content));
        flatten(inside);
        node.children = inline_level(std::move(inside.children), InPlace::one_line);
        // A heading is bold already.
        if (node.children.size() == 1 && node.children.front().tag == "strong") {
            Nodes bold = std::move(node.children.front().children);
            node.children = std::move(bold);
        }
        if (node.children.empty() || (!holds_picture(node) && is_blank(node.plain_text()))) {
            Nodes run = std::move(node.children);
            end_run(run, result);
            return;
        }
        if (node.tag == "h1")
            node.tag = "h2";
        result.push_back(std::move(node));
    }

    void list(HtmlNode node, Nodes& result) {
        HtmlNode tidy = make_element(node.tag);
        if (const auto* start = node.find("start"); start && *start != "1" && node.tag == "ol")
            tidy.set("start", *start);
        if (node.find("reversed"))
            tidy.set("reversed", "");
        bool has_items = false;
        for (const HtmlNode& child : node.children)
            has_items = has_items || (!is_list(child) && !(child.is_text() && is_blank(child.text)));
        for (HtmlNode& child : node.children) {
            if (child.is_text() && is_blank(child.text))
                continue;
            if (is_list(child) && !has_items) {
                // Some editors indent by a list around a list.
                list(std::move(child), result);
                continue;
            }
            if (is_list(child) && !tidy.children.empty()) {
                list(std::move(child), tidy.children.back().children);
                continue;
            }
            HtmlNode item = make_element("li");
            Nodes content;
            if (is_tag(child, "li")) {
                anchor_of(child, content);
                std::ranges::move(child.children, std::back_inserter(content));
            } else {
                content.push_back(std::move(child));
            }
            item.children = block_level(std::move(content));
            if (!item.children.empty())
                tidy.children.push_back(std::move(item));
        }
        if (!tidy.children.empty())
            result.push_back(std::move(tidy));
    }

    // Running text stands in a cell as it is; blocks stay blocks.
    Nodes cell_content(Nodes nodes) {
        Nodes content = block_level(std::move(nodes));
        if (content.size() == 1 && is_tag(content.front(), "p")) {
            Nodes inside = std::move(content.front().children);
            return inside;
        }
        return content;
    }

    void rows(HtmlNode& section, Nodes& head, Nodes& body, bool is_head) {
        for (HtmlNode& row : section.children) {
            if (!is_tag(row, "tr"))
                continue;
            HtmlNode tidy = make_element("tr");
            for (HtmlNode& cell : row.children) {
                if (cell.tag != "td" && cell.tag != "th")
                    continue;
                HtmlNode kept = make_element(cell.tag);
                for (const char* name : {"align", "colspan", "rowspan", "scope"})
                    if (const auto* value = cell.find(name); value && *value != "1")
                        kept.set(name, *value);
                Nodes content;
                anchor_of(cell, content);
                std::ranges::move(cell.children, std::back_inserter(content));
                kept.children = cell_content(std::move(content));
                tidy.children.push_back(std::move(kept));
            }
            if (tidy.children.empty())
                continue;
            const bool all_heads =
                std::ranges::all_of(tidy.children, [](auto& cell) { return cell.tag == "th"; });
            const bool to_head = is_head || (head.empty() && body.empty() && all_heads);
            if (to_head) {
                for (HtmlNode& cell : tidy.children) {
                    cell.tag = "th";
                    cell.remove("scope");
                }
            }
            (to_head ? head : body).push_back(std::move(tidy));
        }
    }

    void table(HtmlNode node, Nodes& result) {
        Nodes head;
        Nodes body;
        HtmlNode tidy = make_element("table");
        for (HtmlNode& part : node.children) {
            if (part.tag == "caption") {
                HtmlNode caption = make_element("caption", cell_content(std::move(part.children)));
                if (!caption.children.empty() && tidy.children.empty())
                    tidy.children.push_back(std::move(caption));
            } else if (part.tag == "thead" || part.tag == "tbody" || part.tag == "tfoot") {
                rows(part, head, body, part.tag == "thead");
            }
        }
        if (head.size() + body.size() == 1 && tidy.children.empty()) {
            // A frame around something, made of a table.
            Nodes& only = head.empty() ? body : head;
            if (only.front().children.size() == 1) {
                Nodes content = block_level(std::move(only.front().children.front().children));
                std::ranges::move(content, std::back_inserter(result));
                return;
            }
        }
        if (!head.empty())
            tidy.children.push_back(make_element("thead", std::move(head)));
        if (!body.empty())
            tidy.children.push_back(make_element("tbody", std::move(body)));
        if (holds_picture(tidy) || !is_blank(tidy.plain_text()))
            result.push_back(std::move(tidy));
    }

    static void code_text(const HtmlNode& node, std::string& text) {
        if (node.is_text())
            text += node.text;
        else if (node.tag == "br")
            text += '\n';
        for (const HtmlNode& child : node.children)
            code_text(child, text);
    }

    void preformatted(const HtmlNode& node, Nodes& result) {
        HtmlNode code = make_element("code");
        if (node.children.size() == 1 && node.children.front().tag == "code")
            if (const auto* language = node.children.front().find("class"))
                code.set("class", *language);
        std::string text;
        code_text(node, text);
        while (text.ends_with('\n') || text.ends_with('\r'))
            text.pop_back();
        std::erase(text, '\r');
        while (text.starts_with('\n'))
            text.erase(0, 1);
        if (is_blank(text))
            return;
        code.children.push_back(make_text_node(text + "\n"));
        HtmlNode pre = make_element("pre");
        pre.children.push_back(std::move(code));
        result.push_back(std::move(pre));
    }

    void definitions(HtmlNode node, Nodes& result) {
        HtmlNode tidy = make_element("dl");
        for (HtmlNode& child : node.children) {
            if (child.tag != "dt" && child.tag != "dd") {
                Nodes loose;
                loose.push_back(std::move(child));
                loose = cell_content(std::move(loose));
                if (!loose.empty())
                    tidy.children.push_back(make_element("dd", std::move(loose)));
                continue;
            }
            Nodes content;
            anchor_of(child, content);
            std::ranges::move(child.children, std::back_inserter(content));
            HtmlNode part = make_element(child.tag, cell_content(std::move(content)));
            if (!part.children.empty())
                tidy.children.push_back(std::move(part));
        }
        if (!tidy.children.empty())
            result.push_back(std::move(tidy));
    }

    // One picture with a caption of plain text is what Markdown knows as a picture with a title.
    void figure(HtmlNode node, Nodes& result) {
        HtmlNode* picture = nullptr;
        std::optional<std::string> caption;
        bool plain = true;
        for (HtmlNode& child : node.children) {
            if (child.tag == "img" && !picture)
                picture = &child;
            else if (child.tag == "figcaption" && !caption)
                caption = in_one_line(collapsed(child.plain_text()));
            else if (!child.is_text() || !is_blank(child.text))
                plain = false;
            if (child.tag == "figcaption" && std::ranges::any_of(child.children, [](auto& part) {
                    return !part.is_text() && part.tag != "strong" && part.tag != "em" && part.tag != "b" &&
                           part.tag != "i" && part.tag != "span";
                }))
                plain = false;
        }
        if (!plain || !picture) {
            Nodes content = block_level(std::move(node.children));
            std::ranges::move(content, std::back_inserter(result));
            return;
        }
        if (caption && !caption->empty())
            picture->set("title", *caption);
        Nodes run;
        run.push_back(std::move(*picture));
        end_run(run, result);
    }

    void container(HtmlNode node, Nodes& result) {
        HtmlNode tidy = make_element(node.tag);
        for (const char* name : {"lang", "dir", "open"})
            if (const auto* value = node.find(name))
                tidy.set(name, *value);
        if (node.tag == "details") {
            const auto summary = std::ranges::find(node.children, "summary", &HtmlNode::tag);
            if (summary != node.children.end()) {
                HtmlNode inside = make_element("div", std::move(summary->children));
                flatten(inside);
                Nodes content = inline_level(std::move(inside.children), InPlace::one_line);
                if (!content.empty())
                    tidy.children.push_back(make_element("summary", std::move(content)));
                node.children.erase(summary);
            }
        }
        Nodes content = block_level(std::move(node.children));
        std::ranges::move(content, std::back_inserter(tidy.children));
        if (!tidy.children.empty())
            result.push_back(std::move(tidy));
    }

    // Running text becomes paragraphs; two line breaks in a row end one.
    void end_run(Nodes& run, Nodes& result) {
        Nodes tidy = inline_level(std::move(run), InPlace::paragraph);
        run.clear();
        Nodes paragraph;
        const auto end = [&] {
            while (!paragraph.empty() && paragraph.back().tag == "br")
                paragraph.pop_back();
            trim(paragraph);
            if (!paragraph.empty())
                result.push_back(make_element("p", std::move(paragraph)));
            paragraph.clear();
        };
        for (std::size_t i = 0; i < tidy.size(); ++i) {
            if (tidy[i].tag == "br") {
                if (i + 1 < tidy.size() && tidy[i + 1].tag == "br") {
                    while (i + 1 < tidy.size() && tidy[i + 1].tag == "br")
                        ++i;
                    end();
                    continue;
                }
                if (paragraph.empty())
                    continue;
            }
            paragraph.push_back(std::move(tidy[i]));
        }
        end();
    }

    enum class InPlace : unsigned char { paragraph, one_line, inner };

    Nodes inline_level(Nodes nodes, InPlace place) {
        Nodes result;
        for (HtmlNode& node : nodes)
            inline_node(std::move(node), place, result);
        Nodes merged = merge(std::move(result));
        if (place != InPlace::inner)
            trim(merged);
        return merged;
    }

    void inline_node(HtmlNode node, InPlace place, Nodes& result) {
        if (node.is_text()) {
            node.text = collapsed(node.text);
            if (!node.text.empty())
                result.push_back(std::move(node));
            return;
        }
        if (is_anchor(node)) {
            HtmlNode anchor = make_element("span");
            anchor.set("id", *node.find("id"));
            result.push_back(std::move(anchor));
            return;
        }
        anchor_of(node, result);
        if (node.tag == "br") {
            result.push_back(place == InPlace::one_line ? make_text_node(" ") : make_element("br"));
            return;
        }
        if (node.tag == "input" || node.tag == "wbr")
            return;
        if (node.tag == "img")
            return picture(std::move(node), result);
        rename(node);
        if (node.tag == "code") {
            std::string text = in_one_line(collapsed(node.plain_text()));
            if (const auto formula = find_formula_in(node)) {
                result.push_back(make_formula_node({std::move(text), formula->place}));
                return;
            }
            node.attributes.clear();
            node.children.clear();
            if (text.empty())
                return;
            node.children.push_back(make_text_node(std::move(text)));
            result.push_back(std::move(node));
            return;
        }
        // Bold within bold is bold.
        const bool wrapper = (node.tag == "span" && !node.find("lang") && !node.find("dir")) ||
                             (node.tag == "a" && !node.find("href")) ||
                             std::ranges::find(open_, node.tag) != open_.end();
        if (!wrapper)
            open_.push_back(node.tag);
        Nodes inside =
            inline_level(std::move(node.children), place == InPlace::one_line ? place : InPlace::inner);
        if (!wrapper)
            open_.pop_back();
        if (wrapper) {
            std::ranges::move(inside, std::back_inserter(result));
            return;
        }
        const auto* title = node.find("title");
        if (title && ((node.tag != "a" && node.tag != "abbr" && node.tag != "dfn") || is_blank(*title)))
            node.remove("title");
        else if (title)
            node.set("title", in_one_line(*title));
        enclose(std::move(node), std::move(inside), result);
    }

    // White space, anchors and line breaks at the ends move out of an element.
    static void enclose(HtmlNode node, Nodes inside, Nodes& result) {
        Nodes before;
        Nodes after;
        while (!inside.empty()) {
            HtmlNode& first = inside.front();
            if (is_anchor(first) || first.tag == "br") {
                before.push_back(std::move(first));
                inside.erase(inside.begin());
            } else if (first.is_text() && trim_front(first.text)) {
                before.push_back(make_text_node(" "));
                if (first.text.empty())
                    inside.erase(inside.begin());
            } else {
                break;
            }
        }
        while (!inside.empty()) {
            HtmlNode& last = inside.back();
            if (is_anchor(last) || last.tag == "br") {
                after.insert(after.begin(), std::move(last));
                inside.pop_back();
            } else if (last.is_text() && trim_back(last.text)) {
                after.insert(after.begin(), make_text_node(" "));
                if (last.text.empty())
                    inside.pop_back();
            } else {
                break;
            }
        }
        std::ranges::move(before, std::back_inserter(result));
        if (!inside.empty()) {
            node.children = std::move(inside);
            result.push_back(std::move(node));
        }
        std::ranges::move(after, std::back_inserter(result));
    }

    static void picture(HtmlNode node, Nodes& result) {
        HtmlNode tidy = make_element("img");
        tidy.set("src", *node.find("src"));
        const auto* alt = node.find("alt");
        tidy.set("alt", alt ? in_one_line(collapsed(*alt)) : std::string());
        if (const auto* title = node.find("title"); title && !is_blank(*title))
            tidy.set("title", in_one_line(collapsed(*title)));
        result.push_back(std::move(tidy));
    }

    static void rename(HtmlNode& node) {
        if (node.tag == "b")
            node.tag = "strong";
        else if (node.tag == "i")
            node.tag = "em";
        else if (node.tag == "s")
            node.tag = "del";
    }

    static Nodes merge(Nodes nodes) {
        Nodes result;
        for (HtmlNode& node : nodes) {
            if (!result.empty() && node.is_text() && result.back().is_text()) {
                result.back().text = collapsed(result.back().text + node.text);
            } else if (!result.empty() && may_merge(result.back(), node)) {
                std::ranges::move(node.children, std::back_inserter(result.back().children));
                result.back().children = merge(std::move(result.back().children));
            } else {
                result.push_back(std::move(node));
            }
        }
        // No white space around a line break.
        for (std::size_t i = 0; i < result.size(); ++i) {
            if (!result[i].is_text())
                continue;
            if (i > 0 && result[i - 1].tag == "br")
                trim_front(result[i].text);
            if (i + 1 < result.size() && result[i + 1].tag == "br")
                trim_back(result[i].text);
        }
        std::erase_if(result, [](const HtmlNode& node) { return node.is_text() && node.text.empty(); });
        return result;
    }

    static void trim(Nodes& nodes) {
        while (!nodes.empty() && nodes.front().is_text() && trim_front(nodes.front().text) &&
               nodes.front().text.empty())
            nodes.erase(nodes.begin());
        while (!nodes.empty() && nodes.back().is_text() && trim_back(nodes.back().text) &&
               nodes.back().text.empty())
            nodes.pop_back();
        while (!nodes.empty() && nodes.front().tag == "br")
            nodes.erase(nodes.begin());
        while (!nodes.empty() && nodes.back().tag == "br")
            nodes.pop_back();
    }

    // Blocks within running text give way to their content, with white space between.
    static void flatten(HtmlNode& node) {
        Nodes result;
        for (HtmlNode& child : node.children) {
            if (child.is_text()) {
                result.push_back(std::move(child));
                continue;
            }
            flatten(child);
            if (!is_block_element(child.tag)) {
                result.push_back(std::move(child));
                continue;
            }
            anchor_of(child, result);
            result.push_back(make_text_node(" "));
            std::ranges::move(child.children, std::back_inserter(result));
            result.push_back(make_text_node(" "));
        }
        node.children = std::move(result);
    }

    static void anchor_of(HtmlNode& node, Nodes& to) {
        const auto* id = node.find("id");
        if (!id)
            return;
        HtmlNode anchor = make_element("span");
        anchor.set("id", *id);
        node.remove("id");
        to.push_back(std::move(anchor));
    }

    // The elements of running text that are open around what is being looked at.
    std::vector<std::string> open_;
};

}  // namespace

HtmlNode make_text_node(std::string text) {
    return {.tag = {}, .attributes = {}, .text = std::move(text), .children = {}};
}

HtmlNode make_element(std::string tag, std::vector<HtmlNode> children) {
    return {.tag = std::move(tag), .attributes = {}, .text = {}, .children = std::move(children)};
}

bool is_block_element(std::string_view tag) {
    return std::ranges::find(blocks, tag) != blocks.end();
}

bool is_heading_element(std::string_view tag) {
    return tag.size() == 2 && tag[0] == 'h' && tag[1] >= '1' && tag[1] <= '6';
}

std::vector<HtmlNode> tidy_html(std::vector<HtmlNode> nodes) {
    // What moves out of one element may join another: until nothing moves any more.
    for (int round = 0; round < 8; ++round) {
        std::vector<HtmlNode> before = nodes;
        nodes = Tidier().block_level(std::move(nodes));
        if (nodes == before)
            break;
    }
    return nodes;
}

}  // namespace calyptenora::platform
