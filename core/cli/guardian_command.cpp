#include "cli/commands.hpp"
#include "cli/opening.hpp"
#include "cli/operations.hpp"

namespace calyptenora::cli {
namespace {

int record_guardian(const Call& call) {
    const auto& invocation = call.invocation;
    const bool withdrawn = invocation.has("withdraw");
    const auto answer = perform(call.places, "guardian.record",
                                {{"learner", *invocation.find("learner")},
                                 {"plugin", *invocation.find("plugin")},
                                 {"purpose", *invocation.find("purpose")},
                                 {"allowed", !withdrawn},
                                 {"proof", *invocation.find("proof")},
                                 {"staff", system_user()}});
    if (!answer)
        return fail(answer.error());
    if (invocation.has("json")) {
        print_json(*answer);
        return ExitCode::done;
    }
    const bool flows = answer->at("flowing").as_bool();
    fmt::print("Recorded: a guardian {} what goes to {}. {}\n", withdrawn ? "no longer allows" : "allows",
               std::string(answer->at("recipient").as_string()),
               flows       ? "It may flow now."
               : withdrawn ? "Nothing flows."
                           : "Nothing flows yet: the learner's own choice, or something else, is missing.");
    return ExitCode::done;
}

}  // namespace

Command make_guardian_record_command() {
    return {
        {.name = "guardian record",
         .group = "People, courses, money",
         .summary = "record what a minor's parent or guardian allows",
         .details = "Learners who are too young to consent alone (Art. 8 GDPR) need a guardian's consent "
                    "beside their\n"
                    "own, for each recipient and purpose. This records it, with the proof and under the "
                    "terms that are\n"
                    "in force now; it ends like any other consent, and when the terms widen. Write as proof "
                    "where the\n"
                    "consent can be found and how you made sure who gave it, and no names: it is kept for as "
                    "long as\n"
                    "the proof is needed, and unencrypted.",
         .options = {{"learner", "ADDRESS|ID", "whose guardian has decided", true},
                     {"plugin", "FAMILY/NAME", "the plugin that would receive something", true},
                     {"purpose", "PURPOSE", "what it would receive it for", true},
                     {"proof", "TEXT", "where the consent can be found, and how it was checked", true},
                     {"withdraw", "", "the guardian no longer allows it; at once, also for what is queued"},
                     {"json", "", "what was recorded as JSON"}},
         .example =
             "calyptenora guardian record --learner mia@example.org --plugin analytics/xapi \\\n"
             "      --purpose analytics.reporting.content_performance \\\n"
             "      --proof \"form of 2026-11-20, folder 12; called back on the number of the enrolment\""},
        record_guardian};
}

}  // namespace calyptenora::cli
