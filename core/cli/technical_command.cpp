#include "cli/commands.hpp"
#include "cli/text_table.hpp"

#include <boost/describe/enum_from_string.hpp>
#include <boost/json/array.hpp>
#include <fmt/format.h>

namespace calyptenora::cli {
namespace {

constexpr int usual_weeks = 4, most_weeks = 104;

std::string number_of(const boost::json::object& row, std::string_view key) {
    const auto& found = row.at(key);
    return found.is_null() ? "-" : fmt::format("{}", found.to_number<long long>());
}

/// Thousandths, as the Web Vitals are written.
std::string shift_of(const boost::json::object& row) {
    const auto& found = row.at("cls");
    return found.is_null() ? "-" : fmt::format("{:.2f}", found.to_number<double>());
}

void print_table(const std::vector<std::vector<std::string>>& rows, std::string_view title,
                 std::string_view nothing, long long small, std::string_view of_what,
                 long long smallest_group) {
    fmt::print("{}\n", title);
    if (rows.size() > 1)
        fmt::print("{}", make_text_table(rows));
    else
        fmt::print("{}\n", nothing);
    if (small > 0)
        fmt::print("Left out: {} with fewer than {} {}.\n",
                   small == 1 ? "1 group" : fmt::format("{} groups", small), smallest_group, of_what);
    fmt::print("\n");
}

void print_figures(const boost::json::value& answer) {
    const auto& all = answer.as_object();
    const auto smallest = all.at("smallest_group").to_number<long long>();
    const auto small = [&](std::string_view key) { return all.at(key).to_number<long long>(); };
    fmt::print("Since Monday, {}, of people who have consented.\n\n", text_of(answer, "from"));

    std::vector<std::vector<std::string>> rows{
        {"page", "device", "views", "lcp ms", "fcp ms", "ttfb ms", "inp ms", "cls"}};
    for (const auto& value : all.at("pages").as_array()) {
        const auto& row = value.as_object();
        rows.push_back({text_of(value, "page"), text_of(value, "kind"), number_of(row, "views"),
                        number_of(row, "lcp_ms"), number_of(row, "fcp_ms"), number_of(row, "ttfb_ms"),
                        number_of(row, "inp_ms"), shift_of(row)});
    }
    print_table(
        rows, "Which pages load slowest, on which kind of device (three quarters of the views took at most):",
        "Nothing that can be told yet.", small("small_pages"), "views", smallest);

    rows = {{"device", "browser", "system", "screen", "views"}};
    for (const auto& value : all.at("browsers").as_array())
        rows.push_back({text_of(value, "form"), text_of(value, "browser"), text_of(value, "system"),
                        text_of(value, "screen"), number_of(value.as_object(), "views")});
    print_table(rows, "Which browsers and screens there are:", "Nothing that can be told yet.",
                small("small_browsers"), "views", smallest);

    rows = {{"device", "devices", "came again"}};
    for (const auto& value : all.at("devices").as_array())
        rows.push_back({text_of(value, "kind"), number_of(value.as_object(), "devices"),
                        number_of(value.as_object(), "returning")});
    print_table(rows, "How many devices there are, and how many came on more than one day:",
                "Nothing that can be told yet.", small("small_devices"), "devices", smallest);
    fmt::print("- : too few to be told.\n");
}

int show_technical(const Call& call) {
    const auto weeks = find_number(call.invocation, "weeks", usual_weeks, most_weeks);
    if (!weeks)
        return misunderstand(call.invocation, weeks.error().message);
    const auto by = call.invocation.find("by").value_or("form");
    if (platform::KindOf known{}; !boost::describe::enum_from_string(by.c_str(), known))
        return misunderstand(call.invocation, fmt::format("--by is form, browser or system, not \"{}\"", by));
    return show_answer(call, "figures.technical", {{"weeks", *weeks}, {"by", by}}, print_figures);
}

}  // namespace

Command make_figures_technical_command() {
    return {
        {.name = "figures technical",
         .group = "Statistics",
         .summary = "show which pages load slowest, on which kind of device",
         .details =
             "Of people who have consented to it, as the settings' technical_data asks them. Page views are\n"
             "counted without anything that says whose they were; so are browsers and sizes of screens. "
             "Only\n"
             "devices have an identifier, which withdrawal deletes. The times are what three quarters of\n"
             "the views took at most (p75): lcp until the largest thing was seen, fcp until something\n"
             "was, ttfb until the server's first byte, inp until the page answered; cls is how much moved.\n"
             "Groups of fewer than technical_data.smallest_group (20) views or devices are left out, since "
             "one\n"
             "person could be told by them. Views are counted, not people: who looked at a page twice "
             "counts\n"
             "twice.",
         .options = {{"weeks", "N",
                      fmt::format("the last so many weeks, this one included; default: {}", usual_weeks)},
                     {"by", "WHAT", "which kinds of device: by form (default), browser or system"},
                     {"json", "", "the tables as JSON"}},
         .example = "calyptenora figures technical --weeks 8 --by browser"},
        show_technical};
}

}  // namespace calyptenora::cli
