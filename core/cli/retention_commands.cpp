#include "cli/commands.hpp"
#include "cli/operations.hpp"
#include "cli/text_table.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace calyptenora::cli {
namespace {

constexpr int most_proofs = 10'000;

std::string number_of(const boost::json::value& row, std::string_view key) {
    return fmt::format("{}", row.at(key).as_int64());
}

std::string time_of(const boost::json::value& row, std::string_view key) {
    return row.at(key).is_null() ? std::string() : text_of(row, key);
}

void print_plan(const boost::json::value& answer) {
    std::vector<std::vector<std::string>> rows{
        {"category", "due now", "oldest of them", "later", "next is due", "rule"}};
    for (const auto& row : answer.as_array())
        rows.push_back({text_of(row, "category"), number_of(row, "due"), time_of(row, "oldest"),
                        number_of(row, "later"), time_of(row, "next"), text_of(row, "rule")});
    fmt::print("{}", make_text_table(rows));
}

int show_plan(const Call& call) {
    return show_answer(call, "retention.plan", {}, print_plan);
}

void print_deleted(const boost::json::value& answer) {
    bool any = false;
    for (const auto& [category, deleted] : answer.as_object())
        if (deleted.as_int64() > 0) {
            fmt::print("{}: {} deleted\n", std::string_view(category), deleted.as_int64());
            any = true;
        }
    if (!any)
        fmt::print("Nothing was due.\n");
}

int run_now(const Call& call) {
    return show_answer(call, "retention.run", {}, print_deleted);
}

int show_log(const Call& call) {
    const auto answer = look(call.places, "retention.log", {{"limit", most_proofs}});
    if (!answer)
        return fail(answer.error());
    const bool intact = answer->at("intact").as_bool();
    if (call.invocation.has("json")) {
        print_json(*answer);
        return intact ? ExitCode::done : ExitCode::failed;
    }
    std::vector<std::vector<std::string>> rows{{"number", "when", "category", "deleted", "rule"}};
    for (const auto& row : answer->at("proofs").as_array())
        rows.push_back({number_of(row, "sequence"), text_of(row, "at"), text_of(row, "category"),
                        number_of(row, "deleted"), text_of(row, "rule")});
    if (rows.size() == 1)
        fmt::print("Nothing has been deleted on its date yet.\n");
    else
        fmt::print("{}", make_text_table(rows));
    if (!intact)
        fmt::print("Row {} is not as it was written, or missing. Compare the database with a backup.\n",
                   answer->at("broken_at").as_int64());
    return intact ? ExitCode::done : ExitCode::failed;
}

}  // namespace

Command make_retention_plan_command() {
    return {{.name = "retention plan",
             .group = "Protect people's data",
             .summary = "show what is due to be deleted now, and what comes next; deletes nothing",
             .details =
                 "By category: how many rows are past their length of time (the settings' retention and "
                 "backups), since\nwhen, how many are not, and when the first of those will be. The server "
                 "deletes by itself, every hour.",
             .options = {{"json", "", "the plan as JSON"}},
             .example = "calyptenora retention plan"},
            show_plan};
}

Command make_retention_run_command() {
    return {{.name = "retention run",
             .group = "Protect people's data",
             .summary = "delete now what is due, as the server does every hour",
             .details = "Deletes what \"calyptenora retention plan\" says is due; what was deleted is in "
                        "\"calyptenora retention log\".",
             .options = {{"json", "", "the numbers as JSON"}},
             .example = "calyptenora retention run"},
            run_now};
}

Command make_retention_log_command() {
    return {{.name = "retention log",
             .group = "Protect people's data",
             .summary = "prove what was deleted on its date: how much, when, by which rule",
             .details =
                 "Each run that deleted something left a row for each category, which says nothing about "
                 "people. The\nrows are a chain of hashes: one that was altered or removed between others is "
                 "found, and the\ncommand fails.",
             .options = {{"json", "", "the rows as JSON, with their hashes"}},
             .example = "calyptenora retention log"},
            show_log};
}

}  // namespace calyptenora::cli
