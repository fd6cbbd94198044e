#include "cli/commands.hpp"
#include "cli/operations.hpp"
#include "cli/staff_options.hpp"
#include "cli/text_table.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace calyptenora::cli {
namespace {

void print_reviews(const boost::json::array& all) {
    std::vector<std::vector<std::string>> rows{{"when", "who", "whose", "what", "reason", "chosen by"}};
    for (const auto& row : all)
        rows.push_back({text_of(row, "at"), text_of(row, "who"), text_of(row, "learner"),
                        text_of(row, "what"), text_of(row, "reason"), text_of(row, "rules")});
    fmt::print("{}", make_text_table(rows));
}

int list_reviews(const Call& call) {
    return show_list(call, "review.list", {}, "No look waits for a review.", print_reviews);
}

int report_reviews(const Call& call) {
    const auto days = find_days(call.invocation);
    if (!days)
        return misunderstand(call.invocation, days.error().message);
    return show_answer(call, "review.report", {{"days", *days}}, [&](const boost::json::value& answer) {
        const auto number = [&](const boost::json::value& from, std::string_view key) {
            return fmt::format("{}", from.at(key).as_int64());
        };
        std::vector<std::vector<std::string>> rows{{"looks into records", number(answer, "looks")}};
        for (const auto& [rule, count] : answer.at("chosen").as_object())
            rows.push_back(
                {fmt::format("  chosen: {}", std::string_view(rule)), fmt::format("{}", count.as_int64())});
        rows.push_back({"signed off as justified", number(answer, "justified")});
        rows.push_back({"signed off as unjustified", number(answer, "unjustified")});
        rows.push_back({"waiting", number(answer, "open")});
        for (const auto& [actor, count] : answer.at("by").as_object())
            rows.push_back(
                {fmt::format("  looks by {}", std::string_view(actor)), fmt::format("{}", count.as_int64())});
        fmt::print("The last {} days\n{}", *days, make_text_table(rows));
        if (answer.at("unjustified").as_int64() > 0)
            fmt::print("A look that was not justified is a personal data breach (Art. 4(12) GDPR).\n");
    });
}

}  // namespace

Command make_review_list_command() {
    return {{.name = "review list",
             .group = "Look after the staff",
             .summary = "show the looks into records that wait for somebody's sign-off",
             .details =
                 "Rules and chance choose among what the staff opens (the settings' staff.review): many "
                 "records in a\n"
                 "short time, the same family name, one's own record, outside working hours, and a sample. "
                 "Each is\n"
                 "signed off on the page /staff/reviews, by data protection or the operator, and never by "
                 "whoever\n"
                 "looked: there the reviewer has signed in, and here nobody could tell who it is.",
             .options = {{"json", "", "the list as JSON"}},
             .example = "calyptenora review list"},
            list_reviews};
}

Command make_review_report_command() {
    return {{.name = "review report",
             .group = "Look after the staff",
             .summary = "count what the staff opened, what was reviewed, and what came of it",
             .details = "For the data protection officer and the works council: numbers, and how often each "
                        "member of the\n"
                        "staff looked.",
             .options = {days_option(), {"json", "", "the numbers as JSON"}},
             .example = "calyptenora review report --days 90"},
            report_reviews};
}

}  // namespace calyptenora::cli
