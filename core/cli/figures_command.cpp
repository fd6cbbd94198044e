#include "cli/commands.hpp"
#include "cli/text_table.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

namespace calyptenora::cli {
namespace {

constexpr int usual_weeks = 8, most_weeks = 520;

void print_figures(const boost::json::value& table) {
    if (table.at("rows").as_array().empty()) {
        fmt::print("No week has ended yet of which anything can be said.\n");
        return;
    }
    std::vector<std::vector<std::string>> rows{{"people who", "where"}};
    for (const auto& week : table.at("weeks").as_array())
        rows[0].push_back(std::string(week.as_string()));
    for (const auto& row : table.at("rows").as_array()) {
        std::vector<std::string> cells{text_of(row, "measure"), text_of(row, "part")};
        for (const auto& people : row.at("people").as_array())
            cells.push_back(people.is_null() ? "-" : fmt::format("{}", people.to_number<long long>()));
        rows.push_back(std::move(cells));
    }
    fmt::print(
        "{}\n- : none, or fewer people than are told of. Numbers are rounded down to multiples of {}.\n",
        make_text_table(rows), platform::figures_step);
}

int show_figures(const Call& call) {
    const auto weeks = find_number(call.invocation, "weeks", usual_weeks, most_weeks);
    if (!weeks)
        return misunderstand(call.invocation, weeks.error().message);
    return show_answer(call, "figures.list", {{"weeks", *weeks}}, print_figures);
}

}  // namespace

Command make_figures_command() {
    return {
        {.name = "figures",
         .group = "Statistics",
         .summary = "show how many people did what in each week",
         .details =
             "Counted once a week has ended, and without personal data: groups of fewer than the settings'\n"
             "figures.smallest_group (10) are neither shown nor kept, nor is another one from which such a\n"
             "group could be computed. Who has objected to anything, and whose data are restricted, is not\n"
             "counted. Each week begins on the Monday that stands above it, in UTC.",
         .options = {{"weeks", "N", fmt::format("the last so many weeks; default: {}", usual_weeks)},
                     {"json", "", "the table as JSON"}},
         .example = "calyptenora figures --weeks 12"},
        show_figures};
}

}  // namespace calyptenora::cli
