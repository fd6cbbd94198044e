#include "cli/commands.hpp"
#include "cli/input.hpp"
#include "cli/operations.hpp"
#include "cli/text_table.hpp"
#include "platform/announcements.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace calyptenora::cli {
namespace {

constexpr std::uintmax_t longest_file = 1024 * 1024;
constexpr int usual_days = 30;
constexpr int most_days = platform::Announcements::longest_shown.count();

/// The text of one language; empty if its file is not named.
Result<std::string> read_text(const Invocation& invocation, std::string_view option) {
    const auto file = invocation.find(option);
    return file ? read_file(*file, longest_file) : std::string();
}

int add(const Call& call) {
    const auto& invocation = call.invocation;
    const auto de = read_text(invocation, "text-de"), en = read_text(invocation, "text-en");
    if (!de || !en)
        return fail(de ? en.error() : de.error());
    const auto days = find_number(invocation, "days", usual_days, most_days);
    if (!days)
        return fail(days.error());
    const auto option = [&](std::string_view name) { return invocation.find(name).value_or(""); };
    return show_answer(call, "announcement.add",
                       {{"course", option("course")},
                        {"title_de", option("title-de")},
                        {"text_de", *de},
                        {"title_en", option("title-en")},
                        {"text_en", *en},
                        {"days", *days},
                        {"news", invocation.has("news")}},
                       [](const boost::json::value& answer) {
                           fmt::print("Announced as {}, until {}.\n", text_of(answer, "id"),
                                      text_of(answer, "until"));
                       });
}

void print_announcements(const boost::json::array& announcements) {
    std::vector<std::vector<std::string>> rows{{"id", "for", "made", "until", "mailed", "title"}};
    for (const auto& row : announcements) {
        const auto course = text_of(row, "course"), mailed = text_of(row, "mailed");
        const auto* audience = row.at("news").as_bool() ? "subscribers" : "everybody";
        rows.push_back({text_of(row, "id"), course.empty() ? audience : course, text_of(row, "made"),
                        text_of(row, "until") + (row.at("shown").as_bool() ? "" : " (over)"), mailed,
                        text_of(row, "title")});
    }
    fmt::print("{}", make_text_table(rows));
}

int list(const Call& call) {
    return show_list(call, "announcement.list", {}, "Nothing has been announced.", print_announcements);
}

int withdraw(const Call& call) {
    return perform_quietly(call, "announcement.withdraw",
                           {{"announcement", *call.invocation.find("announcement")}},
                           "Shown no more; letters that have not left are not sent.");
}

constexpr const char* group = "Run the platform";

}  // namespace

Command make_announcement_add_command() {
    return {
        {.name = "announcement add",
         .group = group,
         .summary = "tell all learners, or those of one course, what they need to know",
         .details =
             "It stands among each learner's notifications, and goes by mail to those who want that and\n"
             "whose address is confirmed. A letter about one course does not say which. A text is plain;\n"
             "an empty line parts paragraphs. Give it in German, in English, or in both: who reads the\n"
             "other language gets the one that there is. It is no place for advertising: that is news,\n"
             "which go by mail to those who subscribed to them and confirmed it, and to nobody else.",
         .options = {{"course", "SLUG", "only those who take this course; without it, everybody"},
                     {"news", "", "only to those who subscribed to news, and by mail only"},
                     {"title-de", "TEXT", "the title in German"},
                     {"text-de", "FILE", "the text in German"},
                     {"title-en", "TEXT", "the title in English"},
                     {"text-en", "FILE", "the text in English"},
                     {"days", "N",
                      "how long it is shown, or its letters may leave, at most 366 (usually 30)"},
                     {"json", "", "its id and end as JSON"}},
         .example = "calyptenora announcement add --title-en \"Maintenance\" --text-en notice.txt"},
        add};
}

Command make_announcement_list_command() {
    return {{.name = "announcement list",
             .group = group,
             .summary = "show what was announced, to whom, and for how long",
             .details = "\"mailed\" is when the last letter about it was written.",
             .options = {{"json", "", "the list as JSON"}},
             .example = "calyptenora announcement list"},
            list};
}

Command make_announcement_withdraw_command() {
    return {{.name = "announcement withdraw",
             .group = group,
             .summary = "show an announcement no more",
             .details = "What has been mailed cannot be called back.",
             .options = {{"announcement", "ID", "as \"calyptenora announcement list\" shows it", true}},
             .example = "calyptenora announcement withdraw --announcement 0197..."},
            withdraw};
}

}  // namespace calyptenora::cli
