#include "cli/commands.hpp"
#include "cli/described_operation.hpp"
#include "cli/operations.hpp"
#include "cli/text_table.hpp"

#include <boost/describe/enum_to_string.hpp>
#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <charconv>

namespace calyptenora::cli {
namespace {

constexpr int usual_weeks = 8, most_weeks = 520;

Result<int> find_weeks(const Invocation& invocation) {
    const auto text = invocation.find("weeks");
    if (!text)
        return usual_weeks;
    int weeks = 0;
    const auto [end, wrong] = std::from_chars(text->data(), text->data() + text->size(), weeks);
    if (wrong != std::errc() || end != text->data() + text->size() || weeks < 1 || weeks > most_weeks)
        return Error(ErrorKind::invalid_input,
                     fmt::format("--weeks must be a number from 1 to {}", most_weeks));
    return weeks;
}

int show_figures(const Call& call) {
    const auto weeks = find_weeks(call.invocation);
    if (!weeks)
        return fail(weeks.error());
    const auto answer = look(call.places, "figures.list", {{"weeks", *weeks}});
    if (!answer)
        return fail(answer.error());
    if (call.invocation.has("json")) {
        print_json(*answer);
        return ExitCode::done;
    }
    const auto& table = answer->as_object();
    if (table.at("rows").as_array().empty()) {
        fmt::print("No week has ended yet of which anything can be said.\n");
        return ExitCode::done;
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
    return ExitCode::done;
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
