#include "cli/commands.hpp"
#include "cli/opening.hpp"
#include "cli/operations.hpp"
#include "cli/staff_options.hpp"
#include "cli/text_table.hpp"
#include "storage/stores/learners.hpp"

#include <boost/json/array.hpp>

namespace calyptenora::cli {
namespace {

constexpr const char* group = "Look after the staff";
constexpr int usual_days = 30, most_days = 36'500;

void print_accesses(const boost::json::array& all) {
    std::vector<std::vector<std::string>> rows{{"when", "who", "role", "whose", "what", "reason"}};
    for (const auto& row : all)
        rows.push_back({text_of(row, "at"), text_of(row, "who"), text_of(row, "role"),
                        text_of(row, "learner"), text_of(row, "what"), text_of(row, "reason")});
    fmt::print("{}", make_text_table(rows));
}

int list_accesses(const Call& call) {
    const auto& invocation = call.invocation;
    const auto days = find_days(invocation);
    if (!days)
        return misunderstand(invocation, days.error().message);
    return show_list(
        call, "access.list", {{"learner", invocation.find("learner").value_or("")}, {"days", *days}},
        fmt::format("Nobody of the staff opened a record in the last {} days.", *days), print_accesses);
}

int appoint(const Call& call) {
    const auto& invocation = call.invocation;
    const auto role = *invocation.find("role");
    if (std::ranges::find(storage::role_keys, role) == storage::role_keys.end()) {
        const std::vector<std::string> roles(storage::role_keys.begin(), storage::role_keys.end());
        return misunderstand(invocation, fmt::format("--role must be one of {}, not \"{}\"{}",
                                                     fmt::join(roles, ", "), role, suggestion(role, roles)));
    }
    const auto answer = perform(call.places, "staff.appoint",
                                {{"learner", *invocation.find("account")},
                                 {"role", role},
                                 {"system_user", invocation.find("system-user").value_or("")},
                                 {"staff", system_user()}});
    if (!answer)
        return fail(answer.error());
    if (role == storage::role_keys[0])
        fmt::print("The account has no role any more. It opens nobody's record from now on.\n");
    else
        fmt::print(
            "Appointed as {}. The role has effect once \"staff undertaking\" and \"staff training\" "
            "are recorded.\n",
            role);
    return ExitCode::done;
}

int record(const Call& call, std::string_view kind) {
    const auto& invocation = call.invocation;
    const auto answer = perform(call.places, "staff.record",
                                {{"learner", *invocation.find("account")},
                                 {"kind", kind},
                                 {"day", *invocation.find("date")},
                                 {"evidence", *invocation.find("evidence")},
                                 {"staff", system_user()}});
    if (!answer)
        return fail(answer.error());
    fmt::print("Recorded.\n");
    return ExitCode::done;
}

void print_staff(const boost::json::array& all) {
    std::vector<std::vector<std::string>> rows{{"account", "role", "in effect", "undertaking", "training"}};
    for (const auto& row : all) {
        const auto day = [&](std::string_view key) {
            const auto text = text_of(row, key);
            return text.empty() ? std::string("MISSING") : text;
        };
        rows.push_back({text_of(row, "learner"), text_of(row, "role"),
                        row.at("in_effect").as_bool() ? "yes" : "no", day("undertaking_on"),
                        day("trained_on") + (row.at("training_due").as_bool() ? " DUE" : "")});
    }
    fmt::print("{}", make_text_table(rows));
}

int list_staff(const Call& call) {
    return show_list(call, "staff.list", {}, "Nobody has a role.", print_staff);
}

const OptionSpec account_option{"account", "ADDRESS|ID", "whose account", true};
const OptionSpec date_option{"date", "YYYY-MM-DD", "on which day it was given", true};
const OptionSpec evidence_option{"evidence", "TEXT", "where it can be found; no names", true};

}  // namespace

OptionSpec days_option() {
    return {"days", "N", fmt::format("of the last so many days; default: {}", usual_days)};
}

Result<int> find_days(const Invocation& invocation) {
    return find_number(invocation, "days", usual_days, most_days);
}

Command make_staff_appoint_command() {
    return {
        {.name = "staff appoint",
         .group = group,
         .summary = "give an account a role, or take it",
         .details = "The account must exist (\"user add\", or the person registers). What each role sees of "
                    "people:\n\n"
                    "  teacher          name, courses and progress\n"
                    "  support          name, address, orders, questions to the help desk\n"
                    "  data_protection  name, address, requests, choices and recipients; reviews accesses\n"
                    "  operator         name, address, orders; reviews accesses\n"
                    "  learner          nothing: the role ends at once\n\n"
                    "A role has effect once an undertaking of confidentiality and a training are recorded.",
         .options =
             {account_option,
              {"role", "ROLE", "one of the above", true},
              {"system-user", "NAME",
               "what the same person is called on this machine, so that nobody signs off their own looks"}},
         .example = "calyptenora staff appoint --account ada@example.org --role support"},
        appoint};
}

Command make_staff_undertaking_command() {
    return {{.name = "staff undertaking",
             .group = group,
             .summary = "record that somebody of the staff has undertaken confidentiality",
             .details = "Whoever has access to personal data is bound to confidentiality (Art. 29 and 32(4) "
                        "GDPR). Write as\n"
                        "evidence where the signed form can be found.",
             .options = {account_option, date_option, evidence_option},
             .example = "calyptenora staff undertaking --account ada@example.org --date 2026-11-02 \\\n"
                        "      --evidence \"personnel file, sheet 4\""},
            [](const Call& call) { return record(call, "undertaking"); }};
}

Command make_staff_training_command() {
    return {{.name = "staff training",
             .group = group,
             .summary = "record that somebody of the staff was trained in data protection",
             .details = "The newest counts. After the settings' staff.training_days (a year, unless they say "
                        "otherwise) it is\n"
                        "due again: the person's page and the server's log say so until it is recorded.",
             .options = {account_option, date_option, evidence_option},
             .example = "calyptenora staff training --account ada@example.org --date 2026-11-02 \\\n"
                        "      --evidence \"course of the data protection officer, list of participants\""},
            [](const Call& call) { return record(call, "training"); }};
}

Command make_staff_list_command() {
    return {{.name = "staff list",
             .group = group,
             .summary = "show who has which role, and what is missing for it",
             .details = "Accounts are named by their ids.",
             .options = {{"json", "", "the list as JSON"}},
             .example = "calyptenora staff list"},
            list_staff};
}

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
                     days_option(),
                     {"json", "", "the list as JSON"}},
         .example = "calyptenora access list --days 7"},
        list_accesses};
}

}  // namespace calyptenora::cli
