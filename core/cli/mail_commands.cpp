#include "cli/commands.hpp"
#include "cli/operations.hpp"
#include "cli/text_table.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace calyptenora::cli {
namespace {

std::string_view state_in_words(std::string_view state) {
    if (state == "queued")
        return "waits";
    return state == "claimed" ? "under way" : "given up";
}

void print_letters(const boost::json::array& letters) {
    std::vector<std::vector<std::string>> rows{
        {"id", "letter", "state", "tries", "written", "next try", "what the mail server said"}};
    for (const auto& letter : letters)
        rows.push_back({text_of(letter, "id"), text_of(letter, "letter"),
                        std::string(state_in_words(text_of(letter, "state"))),
                        fmt::format("{}", letter.at("attempts").as_int64()), text_of(letter, "written"),
                        text_of(letter, "next"), text_of(letter, "last_error")});
    fmt::print("{}", make_text_table(rows));
}

int list_letters(const Call& call) {
    return show_list(call, "mail.list", {}, "Every letter has arrived.", print_letters);
}

int retry_letters(const Call& call) {
    const auto letter = call.invocation.find("letter");
    if (letter.has_value() == call.invocation.has("all"))
        return misunderstand(call.invocation, "either --letter ID or --all says what is tried again");
    return show_answer(
        call, "mail.retry", {{"letter", letter.value_or("")}}, [](const boost::json::value& answer) {
            const auto count = answer.at("letters").as_int64();
            fmt::print("{} {} now.\n", count, count == 1 ? "letter is due" : "letters are due");
        });
}

constexpr const char* group = "Run the platform";

}  // namespace

Command make_mail_list_command() {
    return {
        {.name = "mail list",
         .group = group,
         .summary = "show the platform's own letters that have not arrived, and why",
         .details =
             "A letter that the mail server puts off (4xx), or that it cannot be asked about, is tried "
             "again\n"
             "for five days. One that it refuses (5xx) is given up at once and stays in this list until its\n"
             "note is deleted (retention.outgoing_days). Whom a letter is for does not stand here.",
         .options = {{"json", "", "the list as JSON"}},
         .example = "calyptenora mail list"},
        list_letters};
}

Command make_mail_retry_command() {
    return {{.name = "mail retry",
             .group = group,
             .summary = "have letters tried again at once that wait or were given up",
             .details =
                 "After what kept them has been mended. The gate decides anew about each, and the address\n"
                 "is the one that the person has now.",
             .options = {{"letter", "ID", "as \"calyptenora mail list\" shows it"},
                         {"all", "", "every letter of that list"},
                         {"json", "", "how many as JSON"}},
             .example = "calyptenora mail retry --all"},
            retry_letters};
}

}  // namespace calyptenora::cli
