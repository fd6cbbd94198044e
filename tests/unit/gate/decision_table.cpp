#include "unit/gate/decision_table.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

namespace calyptenora::gate::tables {
namespace {

using Facts = std::map<std::string, std::string>;

const Facts usual{{"device_access", ""}, {"recipient", "third_party"},
                  {"state", "readable"}, {"erased", "no"},
                  {"restricted", "no"},  {"allowed_since", "no"},
                  {"objected", "no"},    {"grounds", "no"},
                  {"widened", "no"},     {"browser", "no"},
                  {"gpc", "no"},         {"guardian", "no"},
                  {"consent", "given"},  {"expires", "2026-10-01"},
                  {"now", "2026-05-01"}, {"granted", "declared"},
                  {"wants", "declared"}, {"consented", "declared"},
                  {"by_name", "none"},   {"required", "none"},
                  {"basis", ""},         {"purpose", ""},
                  {"declared", ""},      {"announced", "none"},
                  {"from", "2026-05-01"}};

std::string trimmed(std::string_view text) {
    const auto from = text.find_first_not_of(" \t");
    if (from == std::string_view::npos)
        return {};
    return std::string(text.substr(from, text.find_last_not_of(" \t") - from + 1));
}

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, separator);)
        parts.push_back(trimmed(part));
    return parts;
}

void read_facts(const std::string& text, Facts& facts) {
    for (const auto& fact : split(text, ';')) {
        if (fact.empty())
            continue;
        const auto equals = fact.find('=');
        const auto name = fact.substr(0, equals);
        if (equals == std::string::npos || !usual.contains(name))
            throw std::runtime_error("unknown fact: " + fact);
        facts[name] = fact.substr(equals + 1);
    }
}

template <class E>
E term(const std::string& key) {
    const auto found = find_term<E>(key);
    if (!found)
        throw std::runtime_error("not in the vocabulary: " + key);
    return *found;
}

bool yes(const Facts& facts, const char* name) {
    const auto& value = facts.at(name);
    if (value != "yes" && value != "no")
        throw std::runtime_error(std::string(name) + " is neither yes nor no");
    return value == "yes";
}

CategoryMask categories(const std::string& text) {
    CategoryMask mask;
    if (text == "none")
        return mask;
    for (const auto& key : split(text, ','))
        mask |= term<Category>(key);
    return mask;
}

Instant date(const std::string& text) {
    std::istringstream in(text);
    int year = 0;
    unsigned month = 0, day = 0;
    char dash = 0;
    if (!(in >> year >> dash >> month >> dash >> day))
        throw std::runtime_error("not a date: " + text);
    return std::chrono::sys_days(std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day));
}

void interpret(const Facts& facts, Row& row) {
    const auto fields = [&](const char* name) {
        return categories(facts.at(name) == "declared" ? facts.at("declared") : facts.at(name));
    };
    auto& flow = row.flow;
    flow.purpose = term<Purpose>(facts.at("purpose"));
    flow.basis = term<LegalBasis>(facts.at("basis"));
    if (!facts.at("device_access").empty())
        flow.device_access = term<DeviceAccess>(facts.at("device_access"));
    flow.declared = fields("declared");
    flow.granted = fields("granted");
    flow.granted_by_name = fields("by_name");
    flow.required = fields("required");
    flow.has_recipient = facts.at("recipient") != "nobody";
    flow.third_party = facts.at("recipient") == "third_party";
    flow.announced = fields("announced");
    flow.in_force_from = date(facts.at("from"));

    auto& subject = row.subject;
    subject.readable = facts.at("state") == "readable";
    subject.erased = yes(facts, "erased");
    subject.restricted = yes(facts, "restricted");
    subject.consented_since_restriction = yes(facts, "allowed_since");
    subject.objected = yes(facts, "objected");
    subject.compelling_grounds = yes(facts, "grounds");
    subject.guardian_needed = facts.at("guardian") != "no";
    subject.guardian_consented = facts.at("guardian") == "consented";
    subject.consent = term<ConsentState>(facts.at("consent"));
    if (facts.at("expires") != "never")
        subject.consent_expires_at = date(facts.at("expires"));
    subject.consented = fields("consented");
    subject.terms_widened = yes(facts, "widened");

    row.request.now = date(facts.at("now"));
    row.request.fields = fields("wants");
    row.request.device = yes(facts, "browser");
    row.request.privacy_control = yes(facts, "gpc");
}

Row read_row(const std::string& line, const Facts& section) {
    const auto cells = split(line, '|');
    if (cells.size() != 5)
        throw std::runtime_error("a row has five cells");
    auto facts = section;
    read_facts(cells[1], facts);
    Row row;
    interpret(facts, row);
    row.where = cells[0];
    row.expect_refused = cells[2] == "nothing";
    if (cells[2] == "all")
        row.expect_released = row.request.fields;
    else if (!row.expect_refused)
        row.expect_released = categories(cells[2]);
    if (cells[3] != "-")
        row.expect_held_back = split(cells[3], ',');
    return row;
}

std::string text_of(CategoryMask mask) {
    std::string text;
    for (std::size_t i = 0; i < category_keys.size(); ++i)
        if (mask.contains(static_cast<Category>(i)))
            text.append(text.empty() ? "" : ",").append(category_keys[i]);
    return text.empty() ? "none" : text;
}

std::string text_of(const std::vector<std::string>& keys) {
    std::string text;
    for (const auto& key : keys)
        text.append(text.empty() ? "" : ", ").append(key);
    return text.empty() ? "-" : text;
}

}  // namespace

std::vector<Row> load(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.path().extension() == ".table")
            files.push_back(entry.path());
    std::sort(files.begin(), files.end());

    std::vector<Row> rows;
    for (const auto& file : files) {
        std::ifstream in(file);
        Facts section = usual;
        int number = 0;
        for (std::string line; std::getline(in, line);) {
            ++number;
            const auto where = file.filename().string() + ":" + std::to_string(number);
            try {
                if (line.empty() || line[0] == '#')
                    continue;
                if (line.starts_with("given ")) {
                    section = usual;
                    read_facts(line.substr(6), section);
                    continue;
                }
                rows.push_back(read_row(line, section));
                rows.back().where = where + " (" + rows.back().where + ")";
            } catch (const std::runtime_error& failure) {
                throw std::runtime_error(where + ": " + failure.what());
            }
        }
    }
    return rows;
}

std::string difference(const Row& row) {
    const auto decision = decide(row.flow, row.subject, row.request);
    std::vector<std::string> held_back;
    for (const auto& rule : rules())
        if (decision.forbids(rule.id))
            held_back.emplace_back(rule.key);

    std::string text;
    if (decision.refused != row.expect_refused)
        text += decision.refused ? "was refused; " : "was not refused; ";
    if (decision.released != row.expect_released)
        text += "released " + text_of(decision.released) + ", not " + text_of(row.expect_released) + "; ";
    if (held_back != row.expect_held_back)
        text += "held back by " + text_of(held_back) + ", not " + text_of(row.expect_held_back) + "; ";
    return text.empty() ? text : row.where + ": " + text;
}

}  // namespace calyptenora::gate::tables
