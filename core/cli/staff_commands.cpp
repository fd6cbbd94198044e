#include "cli/commands.hpp"
#include "cli/operations.hpp"
#include "cli/text_table.hpp"

#include <boost/json/array.hpp>

#include <charconv>

namespace calyptenora::cli {
namespace {

constexpr const char* group = "Look after the staff";
constexpr int usual_days = 30, most_days = 36'500;

std::string text_of(const boost::json::value& row, std::string_view key) {
    return std::string(row.at(key).as_string());
}

std::optional<int> find_days(const Invocation& invocation) {
    const auto text = invocation.find("days");
    if (!text)
        return usual_days;
    int days = 0;
    const auto [end, wrong] = std::from_chars(text->data(), text->data() + text->size(), days);
    if (wrong != std::errc() || end != text->data() + text->size() || days < 1 || days > most_days)
        return std::nullopt;
    return days;
}

int list_accesses(const Call& call) {
    const auto& invocation = call.invocation;
    const auto days = find_days(invocation);
    if (!days)
        return misunderstand(invocation, fmt::format("--days must be a number from 1 to {}", most_days));
    const auto answer = look(call.places, "access.list",
                             {{"learner", invocation.find("learner").value_or("")}, {"days", *days}});
    if (!answer)
        return fail(answer.error());
    if (invocation.has("json")) {
        print_json(*answer);
        return ExitCode::done;
    }
    if (answer->as_array().empty()) {
        fmt::print("Nobody of the staff opened a record in the last {} days.\n", *days);
        return ExitCode::done;
    }
    std::vector<std::vector<std::string>> rows{{"when", "who", "role", "whose", "what", "reason"}};
    for (const auto& row : answer->as_array())
        rows.push_back({text_of(row, "at"), text_of(row, "who"), text_of(row, "role"),
                        text_of(row, "learner"), text_of(row, "what"), text_of(row, "reason")});
    fmt::print("{}", make_text_table(rows));
    return ExitCode::done;
}

}  // namespace

Command make_access_list_command() {
    return {
        {.name = "access list",
         .group = group,
         .summary = "show who of the staff opened whose record, when and why",
         .details =
             "Whoever of the staff opens what is kept about a person, by a page or a command, says what for, "
             "and\n"
             "that is written to a ledger before anything is shown; \"ledger verify\" finds every "
             "alteration. "
             "The\n"
             "person reads role, time and reason on their page. Users of the operating system are called\n"
             "system:NAME.",
         .options = {{"learner", "ADDRESS|ID", "only what was opened of this person's"},
                     {"days", "N", "of the last so many days; default: 30"},
                     {"json", "", "the list as JSON"}},
         .example = "calyptenora access list --days 7"},
        list_accesses};
}

}  // namespace calyptenora::cli
