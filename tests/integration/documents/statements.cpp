#include "integration/documents/statements.hpp"

#include "web/format.hpp"

#include <calyptenora/vocabulary.hpp>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gumbo.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>

namespace calyptenora::documents::test {
namespace {

using Node = const GumboNode*;

/// A parsed page.
class Page {
  public:
    explicit Page(const std::string& html)
        : html_(html), output_(gumbo_parse_with_options(&kGumboDefaultOptions, html_.data(), html_.size())) {}
    ~Page() { gumbo_destroy_output(&kGumboDefaultOptions, output_); }
    Page(const Page&) = delete;
    Page& operator=(const Page&) = delete;
    Node root() const { return output_->root; }

  private:
    std::string html_;
    GumboOutput* output_;
};

std::string attribute(Node node, const char* name) {
    if (node->type != GUMBO_NODE_ELEMENT)
        return {};
    const auto* found = gumbo_get_attribute(&node->v.element.attributes, name);
    return found ? found->value : "";
}

bool is(Node node, GumboTag tag) {
    return node->type == GUMBO_NODE_ELEMENT && node->v.element.tag == tag;
}

bool has_class(Node node, std::string_view name) {
    const auto classes = " " + attribute(node, "class") + " ";
    return classes.find(fmt::format(" {} ", name)) != std::string::npos;
}

using Test = std::function<bool(Node)>;

void collect(Node node, const Test& test, std::vector<Node>& found) {
    if (node->type != GUMBO_NODE_ELEMENT)
        return;
    if (test(node))
        found.push_back(node);
    const auto& children = node->v.element.children;
    for (unsigned i = 0; i < children.length; ++i)
        collect(static_cast<Node>(children.data[i]), test, found);
}

std::vector<Node> all(Node below, const Test& test) {
    std::vector<Node> found;
    collect(below, test, found);
    return found;
}

std::vector<Node> all(Node below, GumboTag tag) {
    return all(below, [tag](Node node) { return is(node, tag); });
}

Node first(Node below, const Test& test) {
    const auto found = all(below, test);
    if (found.empty())
        throw std::runtime_error("an element is missing");
    return found.front();
}

void append_text(Node node, std::string& text) {
    if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE) {
        text += node->v.text.text;
    } else if (node->type == GUMBO_NODE_ELEMENT) {
        const auto& children = node->v.element.children;
        for (unsigned i = 0; i < children.length; ++i)
            append_text(static_cast<Node>(children.data[i]), text);
    }
}

std::string collapsed(std::string_view text) {
    std::string kept;
    for (const char c : text) {
        const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
        if (!blank)
            kept += c;
        else if (!kept.empty() && kept.back() != ' ')
            kept += ' ';
    }
    if (kept.ends_with(' '))
        kept.pop_back();
    return kept;
}

std::string text_of(Node node) {
    std::string text;
    append_text(node, text);
    return collapsed(text);
}

Test heading() {
    return
        [](Node node) { return is(node, GUMBO_TAG_H2) || is(node, GUMBO_TAG_H3) || is(node, GUMBO_TAG_H4); };
}

std::vector<Node> recipients_below(Node node) {
    return all(node, [](Node it) { return is(it, GUMBO_TAG_ARTICLE) && has_class(it, "recipient"); });
}

std::vector<Node> purpose_sections(Node root) {
    return all(root, [](Node it) { return is(it, GUMBO_TAG_SECTION) && has_class(it, "purpose"); });
}

std::string digits_in(std::string_view text) {
    std::string digits;
    for (const char c : text)
        if (c >= '0' && c <= '9')
            digits += c;
        else if (!digits.empty())
            break;
    return digits;
}

std::string address_on_one_line(std::string text) {
    text = collapsed(text);
    return text;
}

/// The values of `{name}`s in a text that was made from a pattern.
std::optional<std::map<std::string, std::string>> match(std::string_view pattern, std::string_view text) {
    std::map<std::string, std::string> values;
    std::string open_name;
    while (!pattern.empty() || !text.empty()) {
        const auto brace = pattern.find('{');
        const auto literal = pattern.substr(0, brace);
        const bool last = brace == std::string_view::npos;
        const auto at =
            last && literal.size() <= text.size() ? text.size() - literal.size() : text.find(literal);
        if (at == std::string_view::npos || (last && !text.ends_with(literal)) ||
            (open_name.empty() && at != 0))
            return std::nullopt;
        if (!open_name.empty())
            values[open_name] = text.substr(0, at);
        text.remove_prefix(at + literal.size());
        if (last)
            return values;
        const auto close = pattern.find('}', brace);
        open_name = pattern.substr(brace + 1, close - brace - 1);
        pattern.remove_prefix(close + 1);
    }
    return values;
}

/// The vocabulary's data categories in the order in which lists name them, as a parser of such a list.
bool parse_list(std::string_view text, std::size_t from, const std::vector<std::string>& words,
                std::string_view conjunction, std::set<std::string>& keys) {
    for (auto i = from; i < words.size(); ++i) {
        if (!text.starts_with(words[i]))
            continue;
        const auto rest = text.substr(words[i].size());
        const std::string key(category_keys[i]);
        if (rest.empty()) {
            keys.insert(key);
            return true;
        }
        for (const auto separator : {std::string_view(", "), conjunction})
            if (rest.starts_with(separator) &&
                parse_list(rest.substr(separator.size()), i + 1, words, conjunction, keys)) {
                keys.insert(key);
                return true;
            }
    }
    return false;
}

/// Personal fields of the documents of families/*.hpp, written down here once more on purpose.
const std::map<std::string, std::string>& categories_of_names() {
    static const std::map<std::string, std::string> names{
        {"learner", "user.unique_id.pseudonymous"},
        {"viewer", "user.unique_id.pseudonymous"},
        {"name", "user.name"},
        {"email", "user.contact.email"},
        {"language", "user.account.settings"},
        {"education", "user.demographic.education"},
        {"enrolment", "user.education.enrolment"},
        {"course", "user.education.enrolment"},
        {"progress", "user.education.progress"},
        {"grade", "user.education.grade"},
        {"media", "user.behavior.media_consumption"},
        {"page", "user.behavior.browsing_history"},
        {"ip_address", "user.device.ip_address"},
        {"user_agent", "user.device.user_agent"},
        {"subject", "user.content.message"},
        {"message", "user.content.message"},
    };
    return names;
}

constexpr std::array impersonal_names{"id",     "platform",     "case_ref", "message_id",
                                      "locale", "external_ref", "asset",    "ttl_s"};

}  // namespace

std::string join_keys(const std::set<std::string>& keys) {
    return fmt::format("{}", fmt::join(keys, "; "));
}

std::string Reader::key_of_words(const std::string& group, const std::string& words) const {
    for (const auto& key : texts_.keys())
        if (key.starts_with(group + ".") && collapsed(texts_.text(language_, key)) == words)
            return key.substr(group.size() + 1);
    throw std::runtime_error(fmt::format("no term of {} is called \"{}\"", group, words));
}

std::set<std::string> Reader::keys_of_fields(const std::string& words) const {
    std::vector<std::string> names;
    for (const auto key : category_keys)
        names.push_back(texts_.text(language_, fmt::format("data.{}", key)));
    std::set<std::string> keys;
    if (!parse_list(words, 0, names, language_ == web::Language::de ? " und " : " and ", keys))
        throw std::runtime_error(fmt::format("no list of data: \"{}\"", words));
    return keys;
}

std::string Reader::basis_of(const std::string& words) const {
    for (const auto* group : {"basis", "basis_asked"})
        for (const auto key : legal_basis_keys)
            if (const auto* text = texts_.find_text(language_, fmt::format("{}.{}", group, key));
                text && words.starts_with(text->other))
                return std::string(key);
    throw std::runtime_error(fmt::format("no legal basis is called \"{}\"", words));
}

std::string Reader::country_of(const std::string& words) const {
    for (const auto* code : {"DE", "FR", "NO", "US", "IN", "CH"})
        if (web::country_name(code, language_) == words)
            return code;
    throw std::runtime_error(fmt::format("no country is called \"{}\"", words));
}

Statements Reader::read_page(const std::string& html) const {
    const Page page(html);
    Statements statements;
    for (const auto section : purpose_sections(page.root())) {
        const auto purpose = key_of_words("purpose", text_of(first(section, heading())));
        for (const auto article : recipients_below(section)) {
            Facts facts;
            const auto place = text_of(first(article, [](Node it) { return has_class(it, "muted"); }));
            const auto dot = place.find(" · ");
            facts["country"] = country_of(place.substr(0, dot));
            facts["role"] = key_of_words("role", place.substr(dot + std::string_view(" · ").size()));
            std::set<std::string> data;
            for (const auto list :
                 all(article, [](Node it) { return is(it, GUMBO_TAG_UL) && has_class(it, "fields"); }))
                for (const auto name : all(list, GUMBO_TAG_STRONG))
                    data.merge(keys_of_fields(text_of(name)));
            facts["data"] = join_keys(data);
            for (const auto term : all(article, GUMBO_TAG_DT)) {
                const auto description =
                    text_of(first(term->parent, [](Node it) { return is(it, GUMBO_TAG_DD); }));
                const auto name = text_of(term);
                if (name == texts_.text(language_, "privacy.basis"))
                    facts["basis"] = basis_of(description);
                if (name == texts_.text(language_, "privacy.address"))
                    facts["address"] = description;
                if (name == texts_.text(language_, "privacy.third_country"))
                    facts["safeguard"] = key_of_words("safeguard", description);
                if (name == texts_.text(language_, "privacy.retention"))
                    facts["retention"] = description == texts_.text(language_, "privacy.retention_contract")
                                             ? "contract"
                                             : digits_in(description);
            }
            const auto name = text_of(first(article, heading()));
            if (!statements.emplace(std::pair(name, purpose), std::move(facts)).second)
                throw std::runtime_error("named twice: " + name);
        }
    }
    return statements;
}

std::set<std::pair<std::string, std::string>> Reader::read_switched_on(const std::string& html) const {
    const Page page(html);
    std::set<std::pair<std::string, std::string>> on;
    for (const auto section : purpose_sections(page.root())) {
        const auto purpose = key_of_words("purpose", text_of(first(section, heading())));
        for (const auto article : recipients_below(section))
            if (has_class(article, "recipient--on"))
                on.emplace(text_of(first(article, heading())), purpose);
    }
    return on;
}

std::set<std::vector<std::string>> Reader::read_device_table(const std::string& html) const {
    const Page page(html);
    const auto region = first(page.root(), [](Node it) {
        return is(it, GUMBO_TAG_DIV) && attribute(it, "aria-labelledby") == "cookies-title";
    });
    std::set<std::vector<std::string>> rows;
    for (const auto row : all(first(region, [](Node it) { return is(it, GUMBO_TAG_TBODY); }), GUMBO_TAG_TR)) {
        std::vector<std::string> cells{text_of(all(row, GUMBO_TAG_TH).at(0))};
        for (const auto cell : all(row, GUMBO_TAG_TD))
            cells.push_back(text_of(cell));
        rows.insert({cells.at(0), key_of_words("storage_kind", cells.at(1)),
                     key_of_words("device_access", cells.at(3)), digits_in(cells.at(4)), cells.at(5)});
    }
    return rows;
}

Statements Reader::read_record_csv(const std::string& csv) const {
    const auto rows = read_csv(csv);
    const auto& heads = rows.at(0);
    Statements statements;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        const auto cell = [&](std::string_view name) {
            const auto at = std::ranges::find(heads, name) - heads.begin();
            return collapsed(rows[i].at(static_cast<std::size_t>(at)));
        };
        if (cell("recipient_country").empty())
            continue;
        std::set<std::string> data;
        for (auto list = cell("data_keys"); !list.empty();) {
            const auto end = std::min(list.find("; "), list.size());
            data.insert(list.substr(0, end));
            list.erase(0, end + 2);
        }
        Facts facts{{"data", join_keys(data)},
                    {"basis", cell("legal_basis_keys")},
                    {"country", cell("recipient_country")},
                    {"role", cell("recipient_role")},
                    {"address", address_on_one_line(cell("recipient_address"))}};
        const auto erasure =
            match(texts_.find_text(language_, "record.at_recipient")->other, cell("erasure"));
        if (!erasure)
            throw std::runtime_error("no time at the recipient: " + cell("erasure"));
        facts["retention"] = erasure->at("how_long") == texts_.text(language_, "record.until_contract_ends")
                                 ? "contract"
                                 : digits_in(erasure->at("how_long"));
        const auto words_of_data = cell("data");
        if (data.empty() ? words_of_data != texts_.text(language_, "record.none")
                         : keys_of_fields(words_of_data) != data)
            facts["data"] = "keys and words differ: " + words_of_data;
        if (const auto third = cell("third_country_and_safeguard");
            third != texts_.text(language_, "record.none"))
            facts["safeguard"] = key_of_words("safeguard", third.substr(third.find(": ") + 2));
        if (!statements.emplace(std::pair(cell("recipient"), cell("purpose_key")), facts).second)
            throw std::runtime_error("recorded twice: " + cell("recipient"));
    }
    return statements;
}

std::vector<std::vector<std::string>> Reader::read_record_html(const std::string& html) const {
    const Page page(html);
    std::vector<std::vector<std::string>> rows;
    for (const auto row :
         all(first(page.root(), [](Node it) { return is(it, GUMBO_TAG_TBODY); }), GUMBO_TAG_TR)) {
        std::vector<std::string> cells{text_of(all(row, GUMBO_TAG_TH).at(0))};
        for (const auto cell : all(row, GUMBO_TAG_TD))
            cells.push_back(text_of(cell));
        rows.push_back(std::move(cells));
    }
    return rows;
}

Statements Reader::read_map(const std::string& json) const {
    const auto map = boost::json::parse(json);
    std::map<std::string, boost::json::object> nodes;
    for (const auto& node : map.at("nodes").as_array())
        nodes[std::string(node.at("id").as_string())] = node.as_object();
    Statements statements;
    for (const auto& edge : map.at("edges").as_array()) {
        const auto& to = nodes.at(std::string(edge.at("to").as_string()));
        if (to.at("kind") != "recipient")
            continue;
        std::set<std::string> data;
        for (const auto& key : edge.at("data").as_array())
            data.insert(std::string(key.as_string()));
        statements[{collapsed(std::string(to.at("name").as_string())),
                    std::string(edge.at("purpose").as_string())}] = {
            {"data", join_keys(data)},
            {"basis", std::string(edge.at("legal_basis").as_string())},
            {"country", std::string(to.at("country").as_string())},
            {"role", std::string(to.at("role").as_string())}};
    }
    return statements;
}

Statements Reader::read_drawing(const std::string& svg) const {
    const Page page(svg);
    std::string description;
    append_text(first(page.root(), [](Node it) { return attribute(it, "id") == "map-text"; }), description);
    Statements statements;
    const auto ask = " " + texts_.text(language_, "map.asks_first");
    for (std::string_view rest = description; !rest.empty();) {
        auto line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        if (line.ends_with(ask))
            line.remove_suffix(ask.size());
        for (const auto* pattern : {"map.sends", "map.browser"}) {
            const auto found = match(texts_.find_text(language_, pattern)->other, line);
            if (!found)
                continue;
            const auto fields = found->at("fields");
            statements[{collapsed(found->at("name")), key_of_words("purpose", found->at("purpose"))}] = {
                {"data",
                 fields == texts_.text(language_, "map.nothing") ? "" : join_keys(keys_of_fields(fields))},
                {"country", country_of(found->at("country"))}};
        }
    }
    return statements;
}

std::vector<std::vector<std::string>> read_csv(const std::string& csv) {
    std::vector<std::vector<std::string>> rows{{""}};
    bool quoted = false;
    for (std::size_t i = 0; i < csv.size(); ++i) {
        const char c = csv[i];
        auto& cell = rows.back().back();
        if (quoted && c == '"' && csv.substr(i + 1, 1) == "\"") {
            cell += c;
            ++i;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && c == ',') {
            rows.back().emplace_back();
        } else if (!quoted && c == '\r') {
            continue;
        } else if (!quoted && c == '\n') {
            rows.push_back({""});
        } else {
            cell += c;
        }
    }
    rows.pop_back();
    return rows;
}

std::set<std::string> read_frame_origins(const std::string& policy) {
    std::set<std::string> origins;
    static constexpr std::string_view name = "frame-src";
    const auto at = policy.find(name);
    if (at == std::string::npos)
        throw std::runtime_error("no frame-src in " + policy);
    std::string_view list(policy);
    list = list.substr(at + name.size());
    list = list.substr(0, list.find(';'));
    while (!list.empty()) {
        const auto word = list.substr(0, list.find(' '));
        list.remove_prefix(std::min(list.size(), word.size() + 1));
        if (!word.empty() && word != "'none'")
            origins.emplace(word);
    }
    return origins;
}

std::set<std::string> read_document(const std::string& json) {
    auto document = boost::json::parse(json);
    if (document.is_array())
        document = boost::json::value(document.as_array().at(0));
    std::set<std::string> categories;
    for (const auto& [name, value] : document.as_object()) {
        const auto known = categories_of_names().find(std::string(name));
        if (known != categories_of_names().end())
            categories.insert(known->second);
        else if (std::ranges::count(impersonal_names, std::string_view(name)) == 0)
            throw std::runtime_error("a field of no known category: " + std::string(name));
    }
    return categories;
}

std::vector<std::string> contradictions(const std::string& one, const Statements& a, const std::string& other,
                                        const Statements& b) {
    std::vector<std::string> found;
    const auto only_in = [&](const std::string& name, const Statements& left, const Statements& right) {
        for (const auto& [key, facts] : left)
            if (!right.contains(key))
                found.push_back(fmt::format("only {} names {} for {}", name, key.first, key.second));
    };
    only_in(one, a, b);
    only_in(other, b, a);
    for (const auto& [key, facts] : a) {
        const auto twin = b.find(key);
        if (twin == b.end())
            continue;
        for (const auto& [fact, value] : facts)
            if (const auto said = twin->second.find(fact);
                said != twin->second.end() && said->second != value)
                found.push_back(fmt::format("{} for {}: {} is \"{}\" in {}, \"{}\" in {}", key.first,
                                            key.second, fact, value, one, said->second, other));
    }
    return found;
}

}  // namespace calyptenora::documents::test
