#include "cli/commands.hpp"
#include "cli/opening.hpp"
#include "cli/operations.hpp"
#include "cli/text_table.hpp"

#include <boost/json/array.hpp>

namespace calyptenora::cli {
namespace {

int explain(const Call& call) {
    const auto& invocation = call.invocation;
    const auto answer =
        look(call.places, "gate.explain",
             with_reason(call, {{"learner", *invocation.find("learner")},
                                {"plugin", *invocation.find("plugin")},
                                {"purpose", *invocation.find("purpose")},
                                {"fields", split_at_commas(invocation.find("fields").value_or(""))},
                                {"gpc", invocation.has("gpc")},
                                {"device", invocation.has("device")}}));
    if (!answer)
        return fail(answer.error());
    auto explanation = answer->as_object();
    const auto text = std::string(explanation.at("text").as_string());
    if (invocation.has("json")) {
        explanation.erase("text");
        print_json(explanation);
        return ExitCode::done;
    }
    const auto word = [&](std::string_view key) {
        return printable(std::string_view(explanation.at(key).as_string()));
    };
    fmt::print("Learner {}\nto {} ({})\nfor {}, legal basis {}\n\n{}", word("learner"), word("plugin"),
               word("recipient"), word("purpose"), word("legal_basis"), text);
    return ExitCode::done;
}

}  // namespace

Command make_gate_explain_command() {
    return {
        {.name = "gate explain",
         .group = "Protect people's data",
         .summary = "say what a plugin would get of a learner now, and why",
         .details =
             "Asks the gate for its decision and shows every rule that holds something back, with its "
             "article\n"
             "and with what would have to change. Nothing is sent. A running server is asked for the policy\n"
             "that it follows now.",
         .options = {{"learner", "EMAIL|ID", "of whom", true},
                     {"plugin", "FAMILY/NAME", "to which instance, as in the settings", true},
                     {"purpose", "KEY", "for what, as in the plugin's manifest", true},
                     reason_option(),
                     {"fields", "A,B", "only these data categories; default: all that the plugin declares"},
                     {"gpc", "", "as if the browser sent Global Privacy Control"},
                     {"device", "", "as if the learner's browser were made to ask the third party"},
                     {"json", "", "as one JSON document"}},
         .example =
             "calyptenora gate explain --learner ada@example.org --plugin analytics/xapi \\\n"
             "    --purpose analytics.reporting.content_performance --reason \"asked why nothing is sent\""},
        explain};
}

}  // namespace calyptenora::cli
