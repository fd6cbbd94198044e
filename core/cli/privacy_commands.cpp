#include "cli/commands.hpp"
#include "cli/text_table.hpp"
#include "storage/inventory.hpp"

#include <boost/json/array.hpp>

namespace calyptenora::cli {
namespace {

int show_inventory(const Call& call) {
    if (call.invocation.has("json") && call.invocation.has("csv"))
        return misunderstand(call.invocation, "choose one of --json and --csv");
    const std::vector<std::string> headings{"database", "table",     "column",    "category",
                                            "whose",    "retention", "protection"};
    if (call.invocation.has("json")) {
        boost::json::array list;
        for (const auto& entry : storage::inventory())
            list.push_back({{"database", entry.database},
                            {"table", entry.table},
                            {"column", entry.column},
                            {"category", entry.category},
                            {"whose", entry.whose},
                            {"retention", entry.retention},
                            {"protection", entry.protection}});
        print_json(list);
        return ExitCode::done;
    }
    if (call.invocation.has("csv")) {
        fmt::print("{}", make_csv_row(headings));
        for (const auto& entry : storage::inventory())
            fmt::print("{}", make_csv_row({entry.database, entry.table, entry.column, entry.category,
                                           entry.whose, entry.retention, entry.protection}));
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
        rows.push_back({"  " + entry.column, entry.category, entry.whose, entry.protection, entry.retention});
    }
    finish_table();
    fmt::print("Columns: what it holds, whose it is, how it is protected, how long it stays.\n");
    return ExitCode::done;
}

}  // namespace

Command make_privacy_inventory_command() {
    return {
        {.name = "privacy inventory",
         .group = "Protect people's data",
         .summary = "say for every column what it holds, whose it is and how long it stays",
         .details = "The inventory of both databases, the data's and the keys': for every table and column "
                    "the data\n"
                    "category, whose it is, how it is protected, and how long it stays.",
         .options = {{"json", "", "as one JSON document"}, {"csv", "", "as CSV (RFC 4180), with headings"}},
         .example = "calyptenora privacy inventory --csv > inventory.csv"},
        show_inventory};
}

}  // namespace calyptenora::cli
