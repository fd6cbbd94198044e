#include "cli/commands.hpp"
#include "cli/opening.hpp"
#include "cli/operations.hpp"
#include "cli/text_table.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace calyptenora::cli {
namespace {

void print_requests(const boost::json::array& all) {
    for (const auto& request : all) {
        fmt::print("{}  {}  {}, received on {}, due on {}{}\n", text_of(request, "id"),
                   text_of(request, "kind"), text_of(request, "status"), text_of(request, "received"),
                   text_of(request, "due"), request.at("overdue").as_bool() ? ": OVERDUE" : "");
        std::vector<std::vector<std::string>> rows;
        for (const auto& part : request.at("parts").as_array())
            rows.push_back(
                {"  " + (text_of(part, "plugin").empty() ? "(the platform)" : text_of(part, "plugin")),
                 text_of(part, "recipient"), text_of(part, "status"), text_of(part, "outcome")});
        if (rows.empty())
            fmt::print("  begins on {}; until then it can be taken back\n", text_of(request, "starts"));
        else
            fmt::print("{}", make_text_table(rows));
    }
}

int list_requests(const Call& call) {
    return show_list(call, "requests.list", with_reason(call), "No request is open.", print_requests);
}

int enter_request(const Call& call) {
    const auto& invocation = call.invocation;
    const auto answer = perform(call.places, "requests.enter",
                                {{"learner", *invocation.find("learner")},
                                 {"kind", *invocation.find("kind")},
                                 {"name", invocation.find("name").value_or("")},
                                 {"remark", invocation.find("remark").value_or("")},
                                 {"at_once", invocation.has("at-once")}});
    if (!answer)
        return fail(answer.error());
    if (invocation.has("json"))
        print_json(*answer);
    else
        fmt::print(
            "Received as {}.\nIt begins on {} and is due on {}. Tell the person where its status can be "
            "read, also "
            "without an account:\n  {}\n",
            text_of(*answer, "id"), text_of(*answer, "starts"), text_of(*answer, "due"),
            text_of(*answer, "status_path"));
    return ExitCode::done;
}

int confirm_part(const Call& call) {
    return perform_quietly(call, "requests.confirm",
                           {{"request", *call.invocation.find("request")},
                            {"plugin", call.invocation.find("plugin").value_or("")},
                            {"evidence", *call.invocation.find("evidence")}},
                           "Confirmed.");
}

int extend_request(const Call& call) {
    return perform_quietly(
        call, "requests.extend",
        {{"request", *call.invocation.find("request")}, {"reason", *call.invocation.find("reason")}},
        "Extended by two months. The person reads the reason where they read the status; tell them as well.");
}

int lift_restriction(const Call& call) {
    return perform_quietly(call, "restriction.lift", {{"learner", *call.invocation.find("learner")}},
                           "Lifted. What the person allows may flow again.");
}

constexpr const char* group = "Protect people's data";

}  // namespace

Command make_requests_list_command() {
    return {{.name = "requests list",
             .group = group,
             .summary = "show what people ask for under the GDPR, and who has not done it yet",
             .details =
                 "Lists the open requests for access, portability, rectification, erasure, restriction and "
                 "objection,\n"
                 "the most urgent first, with what has become of each at every recipient. What says 'manual' "
                 "waits "
                 "for\n"
                 "you: do what stands there, then 'requests confirm'.",
             .options = {reason_option(), {"json", "", "the list as JSON"}},
             .example = "calyptenora requests list --reason \"daily work on requests\""},
            list_requests};
}

Command make_requests_enter_command() {
    return {
        {.name = "requests enter",
         .group = group,
         .summary = "enter a request that came by mail, by phone or on paper",
         .details =
             "After you have made sure who asks (Art. 12(6) GDPR). It is carried out like one that was made\n"
             "on the website: the platform's part at once (an erasure after the days in which it can be\n"
             "taken back), then each recipient's. Of an erasure, a restriction or a correction they are\n"
             "told; for a copy they are asked what they hold; an objection concerns the platform alone.",
         .options = {{"learner", "ADDRESS|ID", "whose data it is about", true},
                     {"kind", "KIND", "access, portability, rectification, erasure, restriction or objection",
                      true},
                     {"name", "NAME", "the right name; of a rectification only"},
                     {"remark", "TEXT",
                      "how it came and how you checked who it was; kept under the person's key"},
                     {"at-once", "", "begin an erasure now, with no days in which it could be taken back"},
                     {"json", "", "what was received as JSON"}},
         .example = "calyptenora requests enter --learner mia@example.org --kind erasure \\\n"
                    "      --remark \"letter of 2026-11-20; called back\""},
        enter_request};
}

Command make_requests_confirm_command() {
    return {
        {.name = "requests confirm",
         .group = group,
         .summary = "say that a recipient's part of a request, which waited for you, is done",
         .details =
             "With what shows it: a date, who confirmed it, where that can be found. No names: it is kept "
             "as proof,\n"
             "also after an erasure, and unencrypted.",
         .options = {{"request", "ID", "as 'requests list' shows it", true},
                     {"plugin", "FAMILY/NAME", "whose part; without it the platform's own"},
                     {"evidence", "TEXT", "what shows that it is done", true}},
         .example = "calyptenora requests confirm --request 019aa2c4-... --plugin analytics/xapi \\\n"
                    "      --evidence \"mail of the provider of 2026-12-01, folder 12\""},
        confirm_part};
}

Command make_requests_extend_command() {
    return {
        {.name = "requests extend",
         .group = group,
         .summary = "take two further months for a request, with the reason",
         .details =
             "Art. 12(3) GDPR: where necessary, considering complexity and number of requests. The person "
             "must be\n"
             "told within the first month, with the reason.",
         .options = {{"request", "ID", "as 'requests list' shows it", true},
                     {"reason", "TEXT", "what the person reads", true}},
         .example = "calyptenora requests extend --request 019aa2c4-... --reason \"two recipients abroad\""},
        extend_request};
}

Command make_restriction_lift_command() {
    return {{.name = "restriction lift",
             .group = group,
             .summary = "end the restriction of a learner's data",
             .details = "Tell the person before (Art. 18(3) GDPR).",
             .options = {{"learner", "ADDRESS|ID", "whose data", true}},
             .example = "calyptenora restriction lift --learner mia@example.org"},
            lift_restriction};
}

}  // namespace calyptenora::cli
