#include "integration/documents/site.hpp"
#include "integration/documents/statements.hpp"
#include "support/databases.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <set>
#include <string>

/// The privacy page, the privacy notice, the Content-Security-Policy, the record of processing, the map of
/// data flows, the explanation and the bytes that leave are made in many places. Here they are read like
/// strangers' documents and compared, over configurations made at random:
///
///     CALYPTENORA_CONFIGURATIONS=1000 ctest -R integration_documents
///     CALYPTENORA_CONFIGURATION_SEED=7 ...    begins with another one
namespace calyptenora::documents::test {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// All outputs about one configuration, as bytes.
struct Outputs {
    std::string controller;  ///< Whose platform it is.
    std::string language;
    std::string privacy_page, privacy_notice, csp, record_csv, record_html, map_json, map_svg;
    /// For each flow to somebody else.
    struct OfFlow {
        std::string recipient, purpose;
        bool by_browser = false;
        std::string origin;  ///< Of frames.
        std::string explanation;
        std::optional<std::string> wire;  ///< Nothing: the plugin was not called.
    };
    std::vector<OfFlow> flows;
};

Outputs outputs_of(Site& site, const Configuration& configuration) {
    Outputs outputs;
    outputs.language = configuration.language;
    outputs.controller = site.settings().operator_info.legal_name;
    outputs.privacy_page = site.get("/privacy").body;
    outputs.privacy_notice = site.get("/privacy-notice").body;
    outputs.record_csv = site.document("record", "csv");
    outputs.record_html = site.document("record", "html");
    outputs.map_json = site.document("map", "json");
    outputs.map_svg = site.document("map", "svg");
    outputs.csp = site.get(std::string(Site::lesson)).policy;
    for (const auto& instance : site.policy().instances()) {
        for (const auto& row : instance.flows) {
            // What the operator runs itself is shown where people are asked for it.
            if (instance.recipient.self && !gate::asks(row))
                continue;
            Outputs::OfFlow flow{.recipient = instance.recipient.legal_name,
                                 .purpose = std::string(key_of(row.flow.purpose)),
                                 .by_browser = row.flow.device_access.has_value(),
                                 .origin = {},
                                 .explanation = boost::json::serialize(site.explain(row)),
                                 .wire = {}};
            if (flow.by_browser)
                flow.origin =
                    std::ranges::find(configuration.videos, instance.id.text(), &FramedVideo::instance)
                        ->origin;
            else
                flow.wire = site.tell(row);
            outputs.flows.push_back(std::move(flow));
        }
    }
    return outputs;
}

std::set<std::string> keys_in(const boost::json::value& list) {
    std::set<std::string> keys;
    for (const auto& key : list.as_array())
        keys.insert(std::string(key.as_string()));
    return keys;
}

std::set<std::string> split(const std::string& joined) {
    std::set<std::string> keys;
    for (std::size_t from = 0; from < joined.size();) {
        const auto end = std::min(joined.find("; ", from), joined.size());
        keys.insert(joined.substr(from, end - from));
        from = end + 2;
    }
    return keys;
}

std::set<std::string> common(const std::set<std::string>& a, const std::set<std::string>& b) {
    std::set<std::string> both;
    std::ranges::set_intersection(a, b, std::inserter(both, both.end()));
    return both;
}

/// What a full document of the operation that `tell` uses can hold.
const std::set<std::string>& fields_of_operation(const std::string& wire) {
    static const std::set<std::string> of_events{"user.unique_id.pseudonymous",
                                                 "user.name",
                                                 "user.contact.email",
                                                 "user.account.settings",
                                                 "user.demographic.education",
                                                 "user.education.enrolment",
                                                 "user.education.progress",
                                                 "user.education.grade",
                                                 "user.behavior.media_consumption",
                                                 "user.behavior.browsing_history",
                                                 "user.device.ip_address",
                                                 "user.device.user_agent"};
    static const std::set<std::string> of_cases{"user.unique_id.pseudonymous", "user.name",
                                                "user.contact.email", "user.education.enrolment",
                                                "user.content.message"};
    return wire.find("\"case_ref\"") != std::string::npos ? of_cases : of_events;
}

/// The record as CSV and as a page: the same cells.
void compare_tables(const Reader& reader, const Outputs& outputs, std::vector<std::string>& found) {
    const auto csv = read_csv(outputs.record_csv);
    const auto html = reader.read_record_html(outputs.record_html);
    if (csv.size() != html.size() + 1) {
        found.push_back("the record has other rows as CSV than as a page");
        return;
    }
    const auto cell = [&](std::size_t row, std::string_view name) {
        const auto at = std::ranges::find(csv[0], name) - csv[0].begin();
        return csv[row].at(static_cast<std::size_t>(at));
    };
    for (std::size_t i = 0; i < html.size(); ++i) {
        const std::vector<std::string> names{"activity", "purpose", "legal_basis", "persons", "data"};
        for (std::size_t column = 0; column < names.size(); ++column)
            if (html[i].at(column) != cell(i + 1, names[column]))
                found.push_back("the record's page has another " + names[column] + ": " + html[i].at(column));
        if (!html[i].at(5).starts_with(cell(i + 1, "recipient")))
            found.push_back("the record's page names another recipient: " + html[i].at(5));
        if (html[i].at(6) != cell(i + 1, "third_country_and_safeguard") ||
            html[i].at(7) != cell(i + 1, "erasure"))
            found.push_back("the record's page has other terms: " + html[i].at(6) + html[i].at(7));
    }
}

/// What happens beside what is said.
void compare_deeds(const Reader& reader, const Outputs& outputs, const Statements& said,
                   std::vector<std::string>& found) {
    const auto on = reader.read_switched_on(outputs.privacy_page);
    std::set<std::string> origins;
    for (const auto& flow : outputs.flows) {
        const std::pair key(flow.recipient, flow.purpose);
        const auto facts = said.find(key);
        if (facts == said.end()) {
            found.push_back("nobody is told of " + flow.recipient);
            continue;
        }
        const auto data = split(facts->second.at("data"));
        const bool is_on = on.contains(key);
        const auto explanation = boost::json::parse(flow.explanation);
        const auto released = keys_in(explanation.at("released"));
        if (is_on == explanation.at("refused").as_bool())
            found.push_back(fmt::format("{} is {} on the page, and the explanation says otherwise", key.first,
                                        is_on ? "on" : "off"));
        if (is_on && released != data)
            found.push_back(fmt::format("{} for {}: told {}, explained {}", key.first, key.second,
                                        join_keys(data), join_keys(released)));
        if (flow.by_browser) {
            // A frame whose terms are silent about what every frame reveals is not shown.
            if (is_on && data.contains("user.device.ip_address") && data.contains("user.device.user_agent"))
                origins.insert(flow.origin);
            continue;
        }
        if (flow.wire.has_value() != is_on) {
            found.push_back(fmt::format("{} for {} is {} on the page and {} something", key.first, key.second,
                                        is_on ? "on" : "off", flow.wire ? "got" : "did not get"));
            continue;
        }
        if (!flow.wire)
            continue;
        const auto sent = read_document(*flow.wire);
        const auto possible = common(data, fields_of_operation(*flow.wire));
        if (sent != possible)
            found.push_back(fmt::format("{} for {}: told {}, sent {}", key.first, key.second,
                                        join_keys(possible), join_keys(sent)));
    }
    if (const auto admitted = read_frame_origins(outputs.csp); admitted != origins)
        found.push_back(fmt::format("the page admits frames of {}, and {} are switched on",
                                    join_keys(admitted), join_keys(origins)));
}

/// Every contradiction between the outputs.
std::vector<std::string> compare(const Reader& reader, const Outputs& outputs) {
    std::vector<std::string> found;
    const auto page = reader.read_page(outputs.privacy_page);
    // Record and map name nobody who is no third party; pages do where people are asked.
    auto others = page;
    std::erase_if(others, [&](const auto& said) { return said.first.first == outputs.controller; });
    const auto add = [&](const std::string& other, const Statements& statements) {
        for (auto& text : contradictions("/privacy", others, other, statements))
            found.push_back(std::move(text));
    };
    for (auto& text :
         contradictions("/privacy", page, "/privacy-notice", reader.read_page(outputs.privacy_notice)))
        found.push_back(std::move(text));
    add("the record", reader.read_record_csv(outputs.record_csv));
    add("the map", reader.read_map(outputs.map_json));
    add("the drawing", reader.read_drawing(outputs.map_svg));
    compare_tables(reader, outputs, found);
    compare_deeds(reader, outputs, page, found);
    return found;
}

class Documents : public calyptenora::test::StoreTest {
  protected:
    storage::ManualClock clock_{now_};
    Site site_{database(), keys(), cipher(), clock_};

    Reader reader(const Configuration& configuration) const {
        return {site_.texts(), configuration.language == "de" ? web::Language::de : web::Language::en};
    }
};
CALYPTENORA_ON_BOTH_DATABASES(Documents);

TEST_P(Documents, SayTheSameOfEveryRecipientAndField) {
    const auto count = number_from("CALYPTENORA_CONFIGURATIONS", 100) / 2;
    auto seed = number_from("CALYPTENORA_CONFIGURATION_SEED", 1);
    // The other half on the other database.
    if (GetParam() == storage::Dialect::postgresql)
        seed += count;
    std::size_t flows = 0, on = 0, sent = 0, frames = 0;
    for (std::uint64_t i = 0; i < count; ++i, ++seed) {
        const auto configuration = make_configuration(seed);
        std::vector<std::string> found;
        try {
            site_.open(configuration);
            const auto outputs = outputs_of(site_, configuration);
            found = compare(reader(configuration), outputs);
            flows += outputs.flows.size();
            on += reader(configuration).read_switched_on(outputs.privacy_page).size();
            frames += read_frame_origins(outputs.csp).size();
            for (const auto& flow : outputs.flows)
                sent += flow.wire.has_value();
        } catch (const std::exception& error) {
            found.push_back(error.what());
        }
        ASSERT_THAT(found, IsEmpty())
            << "CALYPTENORA_CONFIGURATION_SEED=" << seed << "\n"
            << configuration.settings << testing::PrintToString(configuration.manifests);
    }
    std::printf("%llu configurations: %zu flows to others, %zu switched on, %zu documents sent, %zu frames\n",
                static_cast<unsigned long long>(count), flows, on, sent, frames);
    if (count >= 50) {
        EXPECT_GT(sent, count / 4) << "too little happens for the comparison to mean anything";
        EXPECT_GT(frames, count / 50);
        EXPECT_GT(flows - on, count / 4);
    }
}

/// What a comparison that compares nothing would not notice: one output at a time says something else.
TEST_P(Documents, ThatSayOtherwiseAreNoticed) {
    // A configuration in which all that is compared happens.
    Outputs good;
    std::optional<Reader> found_reader;
    std::uint64_t seed = 1;
    const auto is_rich = [](const Outputs& outputs) {
        const bool tells = std::ranges::any_of(outputs.flows, [](const auto& flow) {
            return flow.wire && read_document(*flow.wire).size() > 1;
        });
        const bool holds_back = std::ranges::any_of(
            outputs.flows, [](const auto& flow) { return !flow.by_browser && !flow.wire; });
        return tells && holds_back && !read_frame_origins(outputs.csp).empty();
    };
    for (; !is_rich(good); ++seed) {
        ASSERT_LT(seed, 500u);
        const auto configuration = make_configuration(seed);
        site_.open(configuration);
        good = outputs_of(site_, configuration);
        found_reader.emplace(reader(configuration));
    }
    const auto& reader = *found_reader;
    ASSERT_THAT(compare(reader, good), IsEmpty());
    const auto telling = static_cast<std::size_t>(
        std::ranges::find_if(
            good.flows, [](const auto& flow) { return flow.wire && read_document(*flow.wire).size() > 1; }) -
        good.flows.begin());
    const auto silent = static_cast<std::size_t>(
        std::ranges::find_if(good.flows, [](const auto& flow) { return !flow.by_browser && !flow.wire; }) -
        good.flows.begin());

    // Without what CSV would double.
    const auto start_of_name =
        good.flows[telling].recipient.substr(0, std::string_view("Empfänger 0").size());
    const auto expect_noticed = [&](const char* what, const auto& change) {
        auto outputs = good;
        change(outputs);
        EXPECT_THAT(compare(reader, outputs), Not(IsEmpty())) << what;
    };
    const auto replace_first = [](std::string& text, std::string_view from, std::string_view to) {
        const auto at = text.find(from);
        ASSERT_NE(at, std::string::npos) << from;
        text.replace(at, from.size(), to);
    };
    const auto drop = [](std::string& text, std::string_view begin, std::string_view end) {
        const auto from = text.find(begin);
        ASSERT_NE(from, std::string::npos) << begin;
        text.erase(from, text.find(end, from) + end.size() - from);
    };
    const auto drop_field = [&](std::string& html) {
        const auto list = html.find("<ul class=\"fields\">");
        const auto item = html.find("<li>", list);
        html.erase(item, html.find("</li>", item) + 5 - item);
    };
    expect_noticed("a field less on the privacy page", [&](Outputs& o) { drop_field(o.privacy_page); });
    expect_noticed("a recipient less on the privacy page",
                   [&](Outputs& o) { drop(o.privacy_page, "<article class=\"recipient", "</article>"); });
    expect_noticed("one that is off shown as on", [&](Outputs& o) {
        if (o.privacy_page.find("class=\"recipient\"") != std::string::npos)
            replace_first(o.privacy_page, "class=\"recipient\"", "class=\"recipient recipient--on\"");
        else
            replace_first(o.privacy_page, " recipient--on", "");
    });
    expect_noticed("a field less in the notice", [&](Outputs& o) { drop_field(o.privacy_notice); });
    expect_noticed("a recipient less in the notice",
                   [&](Outputs& o) { drop(o.privacy_notice, "<article class=\"recipient", "</article>"); });
    expect_noticed("another time in the notice", [&](Outputs& o) {
        const auto term = o.privacy_notice.find(
            "<dt>" + site_.texts().text(good.language == "de" ? web::Language::de : web::Language::en,
                                        "privacy.retention"));
        const auto value = o.privacy_notice.find("<dd>", term) + 4;
        o.privacy_notice.replace(value, o.privacy_notice.find("</dd>", value) - value, "12345 days");
    });
    expect_noticed("a datum less in the record", [&](Outputs& o) {
        const auto rows = read_csv(o.record_csv);
        const auto row = std::ranges::find_if(
            rows, [&](const auto& cells) { return cells[6] == good.flows[telling].recipient; });
        ASSERT_NE(row, rows.end());
        replace_first(o.record_csv, row->back() + "\r\n", "user.device.screen\r\n");
    });
    expect_noticed("another recipient in the record",
                   [&](Outputs& o) { replace_first(o.record_csv, start_of_name, "Gewinner"); });
    expect_noticed("another recipient in the record's page",
                   [&](Outputs& o) { replace_first(o.record_html, "<td>Empfänger", "<td>Gewinner"); });
    expect_noticed("an edge to somebody else in the map",
                   [&](Outputs& o) { replace_first(o.map_json, "Empfänger", "Gewinner"); });
    expect_noticed("an edge less in the map", [&](Outputs& o) {
        auto map = boost::json::parse(o.map_json);
        map.at("edges").as_array().pop_back();
        o.map_json = boost::json::serialize(map);
    });
    expect_noticed("another legal basis in the map", [&](Outputs& o) {
        auto map = boost::json::parse(o.map_json);
        map.at("edges").as_array().back().as_object()["legal_basis"] = "vital_interest";
        o.map_json = boost::json::serialize(map);
    });
    expect_noticed("a sentence less in the drawing", [&](Outputs& o) {
        const auto end = o.map_svg.find("</desc>");
        const auto line = o.map_svg.rfind('\n', end);
        o.map_svg.erase(line, end - line);
    });
    expect_noticed("a frame more in the header", [&](Outputs& o) {
        replace_first(o.csp, "frame-src", "frame-src https://elsewhere.example");
    });
    expect_noticed("no frame in the header", [&](Outputs& o) { drop(o.csp, " https://player", ".example"); });
    expect_noticed("an explanation that refuses what is sent",
                   [&](Outputs& o) { o.flows[telling].explanation = good.flows[silent].explanation; });
    expect_noticed("an explanation that releases a field less", [&](Outputs& o) {
        auto explanation = boost::json::parse(o.flows[telling].explanation);
        explanation.at("released").as_array().pop_back();
        o.flows[telling].explanation = boost::json::serialize(explanation);
    });
    expect_noticed("a field more on the wire", [&](Outputs& o) {
        auto& wire = *o.flows[telling].wire;
        const auto known = read_document(wire);
        for (const auto* name : {"email", "name", "grade", "course"}) {
            auto more = wire;
            more.insert(more.find('{') + 1, fmt::format("\"{}\":\"x\",", name));
            if (read_document(more) == known)
                continue;
            wire = more;
            return;
        }
    });
    expect_noticed("something on the wire that is switched off",
                   [&](Outputs& o) { o.flows[silent].wire = good.flows[telling].wire; });
    expect_noticed("nothing on the wire of what is switched on",
                   [&](Outputs& o) { o.flows[telling].wire.reset(); });
    expect_noticed("something sent of which nobody is told", [&](Outputs& o) {
        o.flows.push_back(good.flows[telling]);
        o.flows.back().recipient = "Heimlich AG";
    });
}

/// Each cookie that a page sets is one of those that the notice lists, and lasts as long as it says.
TEST_P(Documents, ListEachCookieThatIsSet) {
    const auto configuration = make_configuration(3);
    site_.open(configuration);
    const auto listed = reader(configuration).read_device_table(site_.get("/privacy-notice").body);
    std::set<std::string> own;
    for (const auto& row : listed)
        if (row.at(0).starts_with("__Host-"))
            own.insert(row.at(0));
    EXPECT_EQ(own,
              (std::set<std::string>{"__Host-session", "__Host-visit", "__Host-language", "__Host-notice"}));
    site_.forget_learner();
    const auto stranger = site_.get("/privacy");
    ASSERT_EQ(stranger.cookies.size(), 1u) << "what a first visit sets";
    for (const auto& cookie : stranger.cookies)
        EXPECT_TRUE(own.contains(cookie.substr(0, cookie.find('=')))) << cookie;
    EXPECT_THAT(stranger.cookies.front(), Not(testing::HasSubstr("Max-Age")))
        << "until the browser is closed";
}

}  // namespace
}  // namespace calyptenora::documents::test
