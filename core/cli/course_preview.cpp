#include "cli/commands.hpp"
#include "cli/control_socket.hpp"
#include "cli/data_folder_lock.hpp"
#include "cli/text_table.hpp"
#include "platform/courses/course_folder.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>
#include <pthread.h>
#include <stdlib.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <stop_token>
#include <thread>

namespace calyptenora::cli {
namespace {

namespace fs = std::filesystem;

/// How often the folder is looked at: sooner than an author is back in the browser.
constexpr auto interval = std::chrono::milliseconds(400);

/// A data folder that goes with the preview.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string pattern = (fs::temp_directory_path() / "calyptenora-preview-XXXXXX").string();
        if (mkdtemp(pattern.data()))
            path_ = pattern;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        if (!path_.empty())
            fs::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

/// Changes when a file of the folder does.
std::size_t fingerprint(const fs::path& folder) {
    std::size_t sum = 0;
    std::error_code failure;
    for (fs::recursive_directory_iterator entry(folder, failure), end; !failure && entry != end;
         entry.increment(failure)) {
        std::error_code ignored;
        const auto at = entry->last_write_time(ignored).time_since_epoch().count();
        // A sum, since the order of entries is anybody's guess.
        sum += std::hash<std::string>{}(
            fmt::format("{} {} {}", entry->path().string(), at, entry->file_size(ignored)));
    }
    return sum;
}

void tell_problems(const fs::path& folder) {
    platform::Problems problems;
    const auto course = platform::load_course(folder, {}, problems);
    for (const auto& problem : problems)
        fmt::print(stderr, "{}\n", printable(problem.text()));
    if (course)
        fmt::print("{}: {} lessons; reload the page\n", printable(course->title), course->lessons().size());
    else
        fmt::print("The course is not shown until these are mended.\n");
    std::fflush(stdout);
}

/// Until it is told to stop: has the server of the data folder read the courses again when a file changed.
void watch(const std::stop_token& stop, const fs::path& folder, const fs::path& data) {
    auto last = fingerprint(folder);
    while (!stop.stop_requested()) {
        std::this_thread::sleep_for(interval);
        const auto now = fingerprint(folder);
        if (now == last)
            continue;
        last = now;
        // An error is one of the course, and told below; no server means that it is just starting or ending.
        (void)send_to_server(data, "courses.reload", {});
        tell_problems(folder);
    }
}

/// The least that a platform needs, on this machine only.
std::string settings_for(const fs::path& folder, const platform::Course& course) {
    const auto quoted = boost::json::serialize(boost::json::value(folder.string()));
    return fmt::format(
        "platform: {{name: Preview, origin: 'http://localhost:8080', default_language: {}, courses: [{}]}}\n"
        "operator: {{legal_name: Preview, address: nowhere, country: DE, email: nobody@preview.example}}\n"
        "server: {{address: 127.0.0.1, port: 8080}}\n",
        course.language.starts_with("de") ? "de" : "en", quoted);
}

int preview(const Call& call, const Serve& serve) {
    std::error_code failure;
    const auto folder = fs::canonical(call.invocation.argument, failure);
    if (failure || !fs::is_regular_file(folder / "course.yaml", failure))
        return fail(
            Error(ErrorKind::not_found,
                  fmt::format("{} is no course folder: it holds no course.yaml; \"course new\" begins one",
                              call.invocation.argument)));
    auto places = call.places;
    const auto port = find_port(call.invocation);
    if (!port)
        return misunderstand(call.invocation, port.error().message);
    platform::Problems problems;
    const auto course = platform::load_course(folder, {}, problems);
    for (const auto& problem : problems)
        fmt::print(stderr, "{}\n", printable(problem.text()));
    if (!course)
        return fail(Error(ErrorKind::invalid_input, "mend these first; then it is kept up to date"));
    const TemporaryFolder place;
    if (place.path().empty())
        return fail(Error(ErrorKind::temporary, "no temporary folder can be made"));
    places.config = place.path() / "preview.yaml";
    places.data = place.path() / "data";
    places.port = *port ? *port : std::optional<std::uint16_t>(0);
    std::ofstream(places.config) << settings_for(folder, *course);
    const auto lock = DataFolderLock::take(places.data);
    if (!lock)
        return fail(lock.error());

    // The watching thread leaves the signals to the server, which waits for them.
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP})
        sigaddset(&signals, signal);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    const std::jthread watching(
        [folder, data = places.data](const std::stop_token& stop) { watch(stop, folder, data); });
    fmt::print(
        "The course is at /courses/{} of the address below. Changes of its files show when you reload a\n"
        "page; Ctrl-C ends the preview.\n",
        course->slug);
    if (course->price)
        fmt::print(
            "It has a price, so its lessons are hidden: write \"price: free\" while you work on it.\n");
    std::fflush(stdout);
    return serve(std::move(places));
}

}  // namespace

Command make_course_preview_command(const Serve& serve) {
    return {{.name = "course preview",
             .group = "People, courses, money",
             .summary = "show a course folder in the browser while you write it",
             .details = "Serves FOLDER, and nothing else, on this machine alone. Files that change are read "
                        "at once, and\n"
                        "mistakes are named here with file and line; reload the page to see the change. It "
                        "uses neither\n"
                        "your settings nor your data, and leaves nothing behind.",
             .argument = "FOLDER",
             .options = {{"port", "PORT", "listen there; default: any that is free"}},
             .example = "calyptenora course preview ~/courses/bees"},
            [serve](const Call& call) { return preview(call, serve); }};
}

}  // namespace calyptenora::cli
