#include "cli/commands.hpp"
#include "cli/course_import.hpp"
#include "cli/course_template.hpp"
#include "cli/operations.hpp"
#include "cli/progress.hpp"
#include "cli/text_table.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value_from.hpp>

#include <sstream>

namespace calyptenora::cli {
namespace {

/// Whether the course is shown now; nothing if no server runs.
std::optional<Result<bool>> tell_server(const WorkbenchOptions& places, const std::string& slug) {
    const auto answer = send_to_server(places.data, "courses.reload", {});
    if (!answer)
        return std::nullopt;
    if (!*answer)
        return answer->error();
    const auto& slugs = (**answer).at("courses").as_array();
    return std::ranges::find(slugs, boost::json::value(slug)) != slugs.end();
}

boost::json::object to_json(const platform::ImportReport& report) {
    boost::json::array problems;
    for (const auto& problem : report.problems)
        problems.push_back(boost::json::value(problem.text()));
    return {{"brought", boost::json::value_from(report.brought)},
            {"changed", boost::json::value_from(report.changed)},
            {"missing", boost::json::value_from(report.missing)},
            {"problems", std::move(problems)}};
}

/// What names it holds come from the source: nothing in them may move the terminal's cursor.
void print_report(const platform::ImportReport& report) {
    std::istringstream lines(report.text());
    for (std::string line; std::getline(lines, line);)
        fmt::print("{}\n", printable(line));
    fmt::print("\n");
}

int import(const Call& call) {
    Progress progress;
    const auto imported = import_course(
        {.source = call.invocation.argument,
         .data = call.places.data,
         .slug = call.invocation.find("slug").value_or(""),
         .replace = call.invocation.has("replace"),
         .wishes = {.title = call.invocation.find("title").value_or(""),
                    .language = call.invocation.find("language").value_or(""),
                    .licence = call.invocation.find("licence").value_or(""),
                    .author = call.invocation.find("author").value_or("")},
         .on_progress = [&](const std::string& what, double done) { progress.show(what, done); }});
    if (!imported)
        return fail(imported.error());
    const auto shown = tell_server(call.places, imported->slug);
    if (shown && !*shown)
        return fail(shown->error());
    const bool is_shown = shown && **shown;

    if (call.invocation.has("json")) {
        print_json(boost::json::object{{"slug", imported->slug},
                                       {"title", imported->title},
                                       {"lessons", imported->lessons},
                                       {"videos", imported->videos},
                                       {"shown", is_shown},
                                       {"report", to_json(imported->report)}});
    } else {
        print_report(imported->report);
        fmt::print("{}: {} lessons, {} videos, in {}\n", printable(imported->title), imported->lessons,
                   imported->videos, (call.places.data / "courses" / imported->slug).string());
        if (is_shown)
            fmt::print("Open now at /courses/{}\n", imported->slug);
        else if (!shown)
            fmt::print("No server runs on this data folder; the course opens when one starts.\n");
    }
    if (shown && !is_shown)
        return fail(
            Error(ErrorKind::conflict,
                  fmt::format("the server does not show {}: its log says why (another course has this slug?)",
                              imported->slug)));
    return ExitCode::done;
}

int begin(const Call& call) {
    const std::filesystem::path folder = call.invocation.argument;
    const auto language = call.invocation.find("language").value_or("en");
    const auto named = call.invocation.find("title");
    const auto files = write_course_template(
        folder, named.value_or(platform::title_of_name(folder.lexically_normal().filename().string())),
        language);
    if (!files)
        return fail(files.error());
    fmt::print("{} holds a course:\n", printable(folder.string()));
    for (const auto& file : *files)
        fmt::print("  {}\n", file);
    fmt::print("Begin with course.yaml. Bring it in with: calyptenora course import {}\n",
               printable(folder.string()));
    return ExitCode::done;
}

std::string price_of(const platform::Course& course) {
    return course.price ? fmt::format("{}.{:02} {}", course.price->minor_units / 100,
                                      course.price->minor_units % 100, course.price->currency)
                        : "free";
}

int list(const Call& call) {
    const auto settings = settings::load_settings(call.places.config);
    if (!settings)
        return fail(Error(ErrorKind::invalid_config, settings::to_text(settings.problems)));
    auto folders = settings.value->platform.courses;
    if (std::filesystem::is_directory(call.places.data / "courses"))
        folders.push_back(call.places.data / "courses");
    const auto loaded = platform::load_catalogue(folders);
    for (const auto& problem : loaded.problems)
        fmt::print(stderr, "{}\n", problem.text());

    boost::json::array json;
    std::vector<std::vector<std::string>> table{
        {"course", "title", "language", "price", "lessons", "licence"}};
    for (const auto& course : loaded.catalogue->courses()) {
        const auto lessons = course.lessons().size();
        table.push_back({course.slug, course.title, course.language, price_of(course),
                         std::to_string(lessons), course.licence});
        json.push_back({{"slug", course.slug},
                        {"title", course.title},
                        {"language", course.language},
                        {"price", price_of(course)},
                        {"lessons", lessons},
                        {"licence", course.licence},
                        {"folder", course.folder.string()}});
    }
    if (call.invocation.has("json"))
        print_json(json);
    else if (json.empty())
        fmt::print("No courses yet. Add one with: calyptenora course import PATH\n");
    else
        fmt::print("{}", make_text_table(table));
    return platform::has_error(loaded.problems) ? ExitCode::failed : ExitCode::done;
}

}  // namespace

Command make_course_import_command() {
    return {
        {.name = "course import",
         .group = "People, courses, money",
         .summary = "bring in a course: a folder, a cartridge, a lesson of The Carpentries",
         .details =
             "PATH is a folder or an archive (ZIP, tar.gz) with one of\n"
             "  course.yaml                 a course folder as \"course list\" shows them\n"
             "  imsmanifest.xml             an IMS Common Cartridge (.imscc), as Canvas, Moodle and others "
             "export\n"
             "  config.yaml and episodes/   a lesson of The Carpentries' Workbench\n"
             "  course.xml and chapter/     a course of Open edX (OLX), as its Studio exports it\n"
             "  Markdown files              in the order of their names; folders become modules, README.md "
             "or\n"
             "                              _index.md says title and summary\n"
             "All but the first are converted to course folders, for their authors to go on with. The course "
             "comes "
             "into\n"
             "the folder courses of the data folder, whole or not at all; its videos are prepared for "
             "streaming.\n"
             "A report says what came, what was changed and what could not come. A running server shows the\n"
             "course at once.",
         .argument = "PATH",
         .options = {{"slug", "NAME", "its name in addresses; default: its own"},
                     {"replace", "", "an imported course of the same name gives way"},
                     {"title", "TEXT", "instead of what a converted course says of itself; likewise"},
                     {"language", "TAG", "its language, as de or en-GB"},
                     {"licence", "TEXT", "its licence, as \"CC BY 4.0\""},
                     {"author", "NAME", "who wrote it"},
                     {"json", "", "the report as one JSON document"}},
         .example = "calyptenora course import ~/python-novice-inflammation"},
        import};
}

Command make_course_list_command() {
    return {
        {.name = "course list",
         .group = "People, courses, money",
         .summary = "show the courses of the catalogue",
         .details =
             "Reads the courses as the server does: those of the settings' folders and the imported ones.\n"
             "What is wrong with one is shown, too; exit code 1 if a course had to be left out.",
         .options = {{"json", "", "as one JSON document"}},
         .example = "calyptenora course list"},
        list};
}

Command make_course_new_command() {
    return {{.name = "course new",
             .group = "People, courses, money",
             .summary = "begin a course of your own",
             .details = "Makes FOLDER with a small course that is complete and explains itself: course.yaml, "
                        "two lessons,\n"
                        "a picture. Change what you like; \"course import FOLDER\" brings it in.",
             .argument = "FOLDER",
             .options = {{"title", "TEXT", "what the course is called; default: as the folder"},
                         {"language", "TAG", "the language of the sample: de or en (default)"}},
             .example = "calyptenora course new ~/courses/bees --language de"},
            begin};
}

}  // namespace calyptenora::cli
