#include "cli/commands.hpp"
#include "cli/opening.hpp"
#include "cli/operations.hpp"
#include "cli/text_table.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace calyptenora::cli {
namespace {

constexpr const char* group = "Answer a personal data breach";

/// How many it concerns; a typing error in what they are computed from shows here.
std::string people_text(const boost::json::value& incident) {
    const auto people = incident.at("people").to_number<std::int64_t>();
    if (people == 0)
        return "By the ledgers it concerns nobody. Check --plugin, --who and the times: 'access list' names "
               "who\n"
               "looked, 'plugins list' the plugins.";
    return fmt::format("By the ledgers it concerns {} {}.", people, people == 1 ? "person" : "people");
}

int open_incident(const Call& call) {
    const auto& invocation = call.invocation;
    const auto option = [&](std::string_view name) { return invocation.find(name).value_or(""); };
    const auto answer = perform(call.places, "incident.open",
                                {{"title", option("title")},
                                 {"nature", option("nature")},
                                 {"plugin", option("plugin")},
                                 {"actor", option("who")},
                                 {"fields", split_at_commas(option("fields"))},
                                 {"from", option("from")},
                                 {"until", option("until")},
                                 {"aware", option("aware")}});
    if (!answer)
        return fail(answer.error());
    if (invocation.has("json"))
        print_json(*answer);
    else
        fmt::print(
            "Recorded as {}.\n{}\nUnless the risk is unlikely, the supervisory authority must be told by "
            "{}.\n"
            "Next: \"incident assess\", then \"incident notice\".\n",
            text_of(*answer, "id"), people_text(*answer), text_of(*answer, "due"));
    return ExitCode::done;
}

void print_incidents(const boost::json::array& all) {
    std::vector<std::vector<std::string>> rows{
        {"incident", "aware since", "risk", "people", "authority", "affected", "title"}};
    for (const auto& row : all) {
        const auto due = text_of(row, "due"), told = text_of(row, "authority_told"),
                   people = text_of(row, "people_told"), risk = text_of(row, "risk");
        rows.push_back({text_of(row, "id"), text_of(row, "aware"), risk.empty() ? "NOT ASSESSED" : risk,
                        fmt::format("{}", row.at("people").to_number<std::int64_t>()),
                        !told.empty()                 ? "told " + told
                        : due.empty()                 ? "need not be told"
                        : row.at("overdue").as_bool() ? "OVERDUE since " + due
                                                      : "by " + due,
                        !people.empty()  ? "told " + people
                        : risk == "high" ? "TO BE TOLD"
                                         : "",
                        text_of(row, "title") + (text_of(row, "closed").empty() ? "" : " (closed)")});
    }
    fmt::print("{}", make_text_table(rows));
}

int list_incidents(const Call& call) {
    return show_list(call, "incident.list", {}, "No incident is recorded.", print_incidents);
}

int assess(const Call& call) {
    const auto& invocation = call.invocation;
    return perform_quietly(call, "incident.assess",
                           {{"incident", *invocation.find("incident")},
                            {"risk", *invocation.find("risk")},
                            {"consequences", *invocation.find("consequences")},
                            {"measures", *invocation.find("measures")}},
                           "Assessed.");
}

int extend(const Call& call) {
    const auto& invocation = call.invocation;
    const auto answer = perform(
        call.places, "incident.extend",
        {{"incident", *invocation.find("incident")}, {"until", invocation.find("until").value_or("")}});
    if (!answer)
        return fail(answer.error());
    fmt::print("Extended. {}\n", people_text(*answer));
    return ExitCode::done;
}

int tell(const Call& call) {
    const auto& invocation = call.invocation;
    return perform_quietly(call, "incident.told",
                           {{"incident", *invocation.find("incident")},
                            {"whom", *invocation.find("whom")},
                            {"evidence", *invocation.find("evidence")}},
                           "Recorded.");
}

int close(const Call& call) {
    return perform_quietly(call, "incident.close", {{"incident", *call.invocation.find("incident")}},
                           "Closed.");
}

void print_people(const boost::json::value& answer) {
    for (const auto& row : answer.as_array())
        fmt::print("{}  {}\n", text_of(row, "learner"), row.at("records").to_number<std::int64_t>());
}

int list_people(const Call& call) {
    return show_answer(call, "incident.people",
                       with_reason(call, {{"incident", *call.invocation.find("incident")}}), print_people);
}

int print_notice(const Call& call) {
    const auto& invocation = call.invocation;
    const auto answer = look(call.places, "incident.notice",
                             {{"incident", *invocation.find("incident")},
                              {"whom", *invocation.find("whom")},
                              {"language", invocation.find("language").value_or("")}});
    if (!answer)
        return fail(answer.error());
    fmt::print("{}", text_of(*answer, "text"));
    return ExitCode::done;
}

const OptionSpec incident_option{"incident", "ID", "as 'incident list' shows it", true};
const OptionSpec whom_option{"whom", "WHOM", "authority or people", true};

}  // namespace

Command make_incident_open_command() {
    return {
        {.name = "incident open",
         .group = group,
         .summary = "record a personal data breach, and find out whom it concerns",
         .details =
             "Computes from the ledgers whose data it concerns: of everybody of whom something was sent to "
             "--plugin\n"
             "in that time (of these --fields, if named), or whose record --who opened (as 'access list' "
             "names them).\n"
             "From the moment when you became aware 72 hours run in which the supervisory authority must be "
             "told\n"
             "(Art. 33(1) GDPR), unless a risk is unlikely; the server's log says daily what is still to do. "
             "Times are\n"
             "in UTC. No names in the texts.",
         .options = {{"title", "TEXT", "in a few words; the affected read it", true},
                     {"nature", "TEXT", "what happened", true},
                     {"from", "TIME", "when it began, such as \"2026-11-20 08:00\"", true},
                     {"until", "TIME", "when it ended; default: it goes on, see \"incident extend\""},
                     {"aware", "TIME", "when you became aware of it", true},
                     {"plugin", "FAMILY/NAME", "whose recipient it concerns"},
                     {"fields", "A,B", "only of these data categories; default: all"},
                     {"who", "WHO",
                      "whose looks into records it concerns: an account's address or id, or system:NAME"},
                     {"json", "", "what was recorded as JSON"}},
         .example =
             "calyptenora incident open --title \"Learning record store readable by others\" \\\n"
             "      --nature \"The provider had left it without a password.\" --plugin analytics/xapi \\\n"
             "      --from \"2026-11-20 08:00\" --until \"2026-11-24 18:00\" --aware \"2026-11-25 09:10\""},
        open_incident};
}

Command make_incident_list_command() {
    return {
        {.name = "incident list",
         .group = group,
         .summary = "show the incidents, whom they concern, and what has to be done by when",
         .details = "All that were ever recorded, as Art. 33(5) GDPR wants them documented; newest first.",
         .options = {{"json", "", "the list as JSON"}},
         .example = "calyptenora incident list"},
        list_incidents};
}

Command make_incident_assess_command() {
    return {
        {.name = "incident assess",
         .group = group,
         .summary = "say how great the risk is, what may follow, and what is done about it",
         .details = "Can be repeated while the incident is open: what is not known at once may be told in "
                    "phases\n"
                    "(Art. 33(4) GDPR).",
         .options = {incident_option,
                     {"risk", "RISK",
                      "unlikely (nobody need be told), risk (the authority) or high (the affected, too)",
                      true},
                     {"consequences", "TEXT", "what may follow for the affected", true},
                     {"measures", "TEXT", "what was done and will be done about it", true}},
         .example = "calyptenora incident assess --incident 019aa2c4-... --risk high \\\n"
                    "      --consequences \"Others may learn which courses somebody takes.\" \\\n"
                    "      --measures \"The store is closed; its password was changed.\""},
        assess};
}

Command make_incident_extend_command() {
    return {
        {.name = "incident extend",
         .group = group,
         .summary = "say that an incident went on, and find out whom it concerns by now",
         .details = "While it goes on, repeat this as often as you like: what was sent or opened since then "
                    "is added.",
         .options = {incident_option,
                     {"until", "TIME", "when it ended, in UTC; default: it goes on until now"}},
         .example = "calyptenora incident extend --incident 019aa2c4-... --until \"2026-11-26 18:00\""},
        extend};
}

Command make_incident_notice_command() {
    return {{.name = "incident notice",
             .group = group,
             .summary = "draft the notice to the supervisory authority or to the affected",
             .details = "With all that Art. 33(3) and 34(2) GDPR ask for: nature, numbers by the ledgers, "
                        "contact,\n"
                        "consequences, measures, and after 72 hours the reasons for the delay. What is not "
                        "written yet is\n"
                        "marked as a gap. Read it before you send it.",
             .options = {incident_option,
                         whom_option,
                         {"language", "de|en", "of the notice; default: the platform's"}},
             .example = "calyptenora incident notice --incident 019aa2c4-... --whom authority > notice.txt"},
            print_notice};
}

Command make_incident_people_command() {
    return {{.name = "incident people",
             .group = group,
             .summary = "list whom an incident concerns, by the ledgers",
             .details = "Ids, and how many rows of the ledgers concern each. That you looked goes into each "
                        "one's access log.",
             .options = {incident_option, reason_option(), {"json", "", "the list as JSON"}},
             .example = "calyptenora incident people --incident 019aa2c4-... --reason \"to tell them\""},
            list_people};
}

Command make_incident_told_command() {
    return {{.name = "incident told",
             .group = group,
             .summary = "record that the authority or the affected were told",
             .details = "With what shows it. From then on nothing reminds of it any more.",
             .options = {incident_option,
                         whom_option,
                         {"evidence", "TEXT", "what shows it: a reference, a date; no names", true}},
             .example = "calyptenora incident told --incident 019aa2c4-... --whom authority \\\n"
                        "      --evidence \"online form, reference 4711\""},
            tell};
}

Command make_incident_close_command() {
    return {{.name = "incident close",
             .group = group,
             .summary = "end an incident that is assessed and told",
             .details = "Refused while somebody who must be told has not been. It stays recorded.",
             .options = {incident_option},
             .example = "calyptenora incident close --incident 019aa2c4-..."},
            close};
}

}  // namespace calyptenora::cli
