#include "cli/commands.hpp"
#include "cli/privacy_documents.hpp"
#include "cli/text_table.hpp"
#include "storage/inventory.hpp"

#include <boost/json/array.hpp>

namespace calyptenora::cli {
namespace {

struct Column {
    std::string heading;
    std::string storage::InventoryEntry::* field;
};

const std::vector<Column>& columns() {
    using Entry = storage::InventoryEntry;
    static const std::vector<Column> all{{"database", &Entry::database},
                                         {"table", &Entry::table},
                                         {"column", &Entry::column},
                                         {"category", &Entry::category},
                                         {"whose", &Entry::whose},
                                         {"protection", &Entry::protection},
                                         {"export", &Entry::export_},
                                         {"rectification", &Entry::rectification},
                                         {"restriction", &Entry::restriction},
                                         {"erasure", &Entry::erasure},
                                         {"retention", &Entry::retention}};
    return all;
}

int show_inventory(const Call& call) {
    if (call.invocation.has("json") && call.invocation.has("csv"))
        return misunderstand(call.invocation, "choose one of --json and --csv");
    if (call.invocation.has("json")) {
        boost::json::array list;
        for (const auto& entry : storage::inventory()) {
            boost::json::object line;
            for (const auto& column : columns())
                line[column.heading] = entry.*column.field;
            list.push_back(std::move(line));
        }
        print_json(list);
        return ExitCode::done;
    }
    if (call.invocation.has("csv")) {
        std::vector<std::string> headings;
        for (const auto& column : columns())
            headings.push_back(column.heading);
        fmt::print("{}", make_csv_row(headings));
        for (const auto& entry : storage::inventory()) {
            std::vector<std::string> line;
            for (const auto& column : columns())
                line.push_back(entry.*column.field);
            fmt::print("{}", make_csv_row(line));
        }
        return ExitCode::done;
    }
    std::vector<std::vector<std::string>> rows;
    std::string table;
    const auto finish_table = [&] {
        if (!rows.empty())
            fmt::print("{}\n{}\n", table, make_text_table(rows));
        rows.clear();
    };
    for (const auto& entry : storage::inventory()) {
        const auto name = entry.database + "." + entry.table;
        if (name != table)
            finish_table();
        table = name;
        rows.push_back({"  " + entry.column, entry.category, entry.whose, entry.protection, entry.export_,
                        entry.rectification, entry.restriction, entry.erasure, entry.retention});
    }
    finish_table();
    fmt::print(
        "Columns: what it holds, whose it is, how it is protected, what export, rectification, restriction "
        "and\nerasure do to it, how long it stays.\n");
    return ExitCode::done;
}

/// The one form among `forms` that was asked for; with none asked for, `usual`, if there is one.
int show_document(const Call& call, std::string_view document, std::initializer_list<std::string_view> forms,
                  std::string_view usual) {
    DocumentRequest request{.document = std::string(document),
                            .form = std::string(usual),
                            .language = call.invocation.find("language").value_or("")};
    int chosen = 0;
    for (const auto form : forms)
        if (call.invocation.has(std::string(form))) {
            request.form = form;
            ++chosen;
        }
    if (chosen > 1 || request.form.empty())
        return misunderstand(call.invocation, fmt::format("choose one of --{}", fmt::join(forms, ", --")));
    const auto text = fetch_document(call.places, request);
    if (!text)
        return fail(text.error());
    fmt::print("{}", *text);
    return ExitCode::done;
}

const OptionSpec language_option{"language", "de|en", "the language of the words; default: the platform's"};
constexpr std::string_view from_what_runs =
    "\nA running server is asked for what it follows now; without one, the settings file and the plugins'\n"
    "manifests count.";

}  // namespace

Command make_privacy_inventory_command() {
    return {
        {.name = "privacy inventory",
         .group = "Protect people's data",
         .summary = "say for every column what it holds, whose it is and how long it stays",
         .details =
             "The inventory of both databases, the data's and the keys': for every table and column "
             "the data\n"
             "category, whose it is, how it is protected, how long it stays, and how it takes part "
             "in a person's\n"
             "rights:\n\n"
             "  export         portable (Art. 15 and 20 GDPR), access (Art. 15), withheld (secret or "
             "derived)\n"
             "  rectification  by the learner, on request, or by a supplement to the record (Art. 16)\n"
             "  restriction    held (stored only) or used (to store, secure and prove; Art. 18)\n"
             "  erasure        deleted, emptied, tombstone, retained (retention names the ground), "
             "expires",
         .options = {{"json", "", "as one JSON document"}, {"csv", "", "as CSV (RFC 4180), with headings"}},
         .example = "calyptenora privacy inventory --csv > inventory.csv"},
        show_inventory};
}

Command make_privacy_record_command() {
    return {
        {.name = "privacy record",
         .group = "Protect people's data",
         .summary = "write the record of processing activities (Art. 30 GDPR)",
         .details =
             "Every activity of the platform and of each enabled plugin: purposes, legal basis, persons, "
             "data,\nrecipients, third countries with their safeguards, erasure, measures. Made from what "
             "is in force,\nso that it is never out of step with it." +
             std::string(from_what_runs),
         .options = {{"csv", "", "as CSV (RFC 4180), with headings"},
                     {"html", "", "as a page that needs nothing beside itself"},
                     {"json", "", "as one JSON document, with keys instead of words"},
                     language_option},
         .example = "calyptenora privacy record --html --language de > verzeichnis.html"},
        [](const Call& call) { return show_document(call, "record", {"csv", "html", "json"}, ""); }};
}

Command make_privacy_processors_command() {
    return {
        {.name = "privacy processors",
         .group = "Protect people's data",
         .summary = "list everybody else who receives data, with contracts and safeguards",
         .details = "Processors, joint controllers and controllers: name, address, country, role, purposes, "
                    "contract\n(Art. 28(3), 26 GDPR), safeguard for a third country (Art. 44 to 49)." +
                    std::string(from_what_runs),
         .options = {{"csv", "", "as CSV (RFC 4180), with headings"},
                     {"json", "", "as one JSON document, with keys instead of words"},
                     language_option},
         .example = "calyptenora privacy processors --csv > processors.csv"},
        [](const Call& call) { return show_document(call, "processors", {"csv", "json"}, "text"); }};
}

Command make_privacy_retention_command() {
    return {{.name = "privacy retention",
             .group = "Protect people's data",
             .summary = "show the retention schedule: what stays how long, and who deletes it",
             .details =
                 "For each table of ours and each recipient: which data, how long, and whether the program "
                 "deletes it\nby itself or the operator does it by hand." +
                 std::string(from_what_runs),
             .options = {{"csv", "", "as CSV (RFC 4180), with headings"},
                         {"json", "", "as one JSON document, with keys instead of words"},
                         language_option},
             .example = "calyptenora privacy retention --language en"},
            [](const Call& call) { return show_document(call, "retention", {"csv", "json"}, "text"); }};
}

Command make_privacy_map_command() {
    return {
        {.name = "privacy map",
         .group = "Protect people's data",
         .summary = "draw where data flow: from people to the platform and to each recipient",
         .details =
             "The drawing holds the same in sentences, for those who do not see it. In JSON, an edge from "
             "`person`\nto a recipient is one that the person's own browser opens." +
             std::string(from_what_runs),
         .options = {{"svg", "", "as a drawing"},
                     {"json", "", "as nodes and edges, with keys instead of words"},
                     language_option},
         .example = "calyptenora privacy map --svg > map.svg"},
        [](const Call& call) { return show_document(call, "map", {"svg", "json"}, ""); }};
}

}  // namespace calyptenora::cli
