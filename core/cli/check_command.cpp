#include "cli/commands.hpp"
#include "cli/instance_plans.hpp"
#include "settings/plugin_settings.hpp"

#include <calyptenora/json.hpp>

#include <boost/describe.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace calyptenora::settings {
BOOST_DESCRIBE_ENUM(ProblemKind, unreadable, syntax, duplicate_key, unknown_key, missing_key, wrong_value,
                    unresolved)
}

namespace calyptenora::cli {
namespace {

boost::json::value to_value(const settings::Problem& problem) {
    boost::json::object object{
        {"severity", problem.severity == settings::Severity::error ? "error" : "warning"},
        {"kind", boost::describe::enum_to_string(problem.kind, "")},
        {"file", problem.file},
        {"line", problem.position.line},
        {"column", problem.position.column},
        {"key", problem.key_path},
        {"expected", problem.expected},
        {"found", problem.found},
        {"remedy", problem.remedy},
        {"message", settings::to_text(problem)},
    };
    if (problem.nearest_known_key)
        object["nearest_known_key"] = *problem.nearest_known_key;
    return object;
}

int check(const Call& call) {
    const std::filesystem::path file = call.invocation.argument;
    settings::Problems problems;
    std::vector<settings::Manifest> manifests;
    for (auto& [name, manifest] : load_manifests(call.places.plugin_folders, problems))
        manifests.push_back(std::move(manifest));
    const auto of_file = settings::check_configuration(file, manifests);
    problems.insert(problems.end(), of_file.begin(), of_file.end());

    const bool is_wrong = settings::has_errors(problems);
    if (call.invocation.has("json")) {
        boost::json::array list;
        for (const auto& problem : problems)
            list.push_back(to_value(problem));
        print_json(boost::json::object{{"valid", !is_wrong}, {"problems", std::move(list)}});
    } else {
        fmt::print("{}", settings::to_text(problems));
        const auto errors =
            std::ranges::count(problems, settings::Severity::error, &settings::Problem::severity);
        if (is_wrong)
            fmt::print("{}: {} to mend.\n", file.string(),
                       errors == 1 ? "one error" : fmt::format("{} errors", errors));
        else
            fmt::print("{}: valid.\n", file.string());
    }
    return is_wrong ? ExitCode::failed : ExitCode::done;
}

}  // namespace

Command make_check_command() {
    return {{.name = "check",
             .group = "Configure it",
             .summary = "find every mistake in a settings file",
             .details =
                 "Reads a settings file as the server would, the settings of each plugin included, and shows "
                 "all\n"
                 "problems at once: file, line, column, key, what was expected, and the nearest known key.\n"
                 "Nothing is started and nothing is changed. Exit code 1 if there is an error.",
             .argument = "FILE",
             .options = {{"json", "", "the problems as one JSON document"}},
             .example = "calyptenora check config/calyptenora.yaml"},
            check};
}

}  // namespace calyptenora::cli
