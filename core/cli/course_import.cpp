#include "cli/course_import.hpp"

#include "platform/courses/course_folder.hpp"
#include "platform/courses/video_asset.hpp"
#include "platform/imports/archive_folder.hpp"
#include "platform/imports/course_source.hpp"

#include <boost/algorithm/string/replace.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace calyptenora::cli {
namespace {

namespace fs = std::filesystem;

/// A folder beside the courses that goes with this object, whatever is left in it.
class StagingFolder {
  public:
    static Result<StagingFolder> make(const fs::path& data) {
        std::error_code failure;
        const bool is_new = fs::create_directories(data, failure);
        if (is_new)
            fs::permissions(data, fs::perms::owner_all, failure);
        auto pattern = (data / ".import-XXXXXX").string();
        if (failure || !mkdtemp(pattern.data()))
            return Error(ErrorKind::invalid_config,
                         fmt::format("{} cannot be written: {}", data.string(),
                                     failure ? failure.message() : std::strerror(errno)));
        return StagingFolder(pattern);
    }
    StagingFolder(StagingFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    StagingFolder& operator=(StagingFolder&&) = delete;
    ~StagingFolder() {
        std::error_code ignored;
        if (!path_.empty())
            fs::remove_all(path_, ignored);
    }
    const fs::path& path() const { return path_; }

  private:
    explicit StagingFolder(fs::path path) : path_(std::move(path)) {}
    fs::path path_;
};

std::string to_text(const platform::Problems& problems) {
    std::string text;
    for (const auto& problem : problems)
        text += problem.text() + "\n";
    return text;
}

/// Regular files and folders; hidden ones and links stay behind, since they may lead anywhere.
Status copy_folder(const fs::path& from, const fs::path& to) {
    std::error_code failure;
    fs::create_directory(to, failure);
    for (fs::directory_iterator entry(from, failure), end; !failure && entry != end;
         entry.increment(failure)) {
        const auto name = entry->path().filename();
        if (name.string().starts_with('.') || entry->is_symlink())
            continue;
        if (entry->is_directory()) {
            if (auto copied = copy_folder(entry->path(), to / name); !copied)
                return copied;
        } else if (entry->is_regular_file() && !fs::copy_file(entry->path(), to / name, failure)) {
            break;
        }
    }
    if (failure)
        return Error(ErrorKind::temporary,
                     fmt::format("{} cannot be copied: {}", from.string(), failure.message()));
    return {};
}

/// The folder of the source: itself, or what an archive holds, unpacked in the staging folder.
Result<fs::path> open_source(const CourseImport& import, const fs::path& staging,
                             platform::ImportReport& report) {
    std::error_code failure;
    if (fs::is_directory(import.source, failure))
        return import.source;
    if (!fs::is_regular_file(import.source, failure))
        return Error(ErrorKind::not_found,
                     fmt::format("{}: there is no such folder or file", import.source.string()));
    if (!platform::is_archive(import.source))
        return Error(
            ErrorKind::invalid_input,
            fmt::format("{} is neither a folder nor a ZIP, IMSCC or tar.gz file", import.source.string()));
    const auto unpacked = platform::unpack_archive(import.source, staging / "unpacked", [&](double part) {
        if (import.on_progress)
            import.on_progress("unpacking " + import.source.filename().string(), part);
    });
    if (!unpacked)
        return unpacked.error();
    for (const auto& names : unpacked->alike)
        report.changed.push_back(fmt::format("{} differ in upper and lower case only", names));
    return platform::innermost_course(staging / "unpacked");
}

/// Copies or converts the source; yields the folder in the staging folder, and what there is to say about it.
Result<fs::path> stage(const CourseImport& import, const fs::path& staging, platform::ImportReport& report) {
    const auto source = open_source(import, staging, report);
    if (!source)
        return source.error();
    const auto format = platform::find_course_format(*source);
    if (!format)
        return Error(
            ErrorKind::invalid_input,
            fmt::format("{} is no course: it holds no course.yaml, no imsmanifest.xml as an IMS Common "
                        "Cartridge does, no config.yaml with a folder episodes as a lesson of The "
                        "Carpentries does, no course.xml of Open edX, and no Markdown files",
                        import.source.string()));
    if (*format != platform::CourseFormat::course_folder) {
        auto wishes = import.wishes;
        const auto name = import.source.lexically_normal();
        wishes.name = (name.has_filename() ? name : name.parent_path()).stem().string();
        auto converted = platform::convert_course(*format, *source, staging / "converted", wishes);
        if (!converted)
            return converted.error();
        const auto slug = import.slug.empty() ? platform::make_slug(converted->title) : import.slug;
        if (slug.empty())
            return Error(ErrorKind::invalid_input,
                         fmt::format("of the title \"{}\" no address can be made; give one with --slug",
                                     converted->title));
        auto alike = std::move(report.changed);
        report = std::move(*converted);
        report.changed.insert(report.changed.begin(), alike.begin(), alike.end());
        // Named by the place where the author will find them, not by that where they are for a moment.
        for (auto& problem : report.problems)
            problem.file = import.data / "courses" / slug / problem.file.filename();
        fs::rename(staging / "converted", staging / slug);
        return staging / slug;
    }
    // Read where it is, so that faults name the author's own files.
    platform::Problems problems;
    const auto course = platform::load_course(fs::canonical(*source), {}, problems);
    if (!course)
        return Error(ErrorKind::invalid_input, to_text(problems));
    report.title = course->title;
    report.problems = std::move(problems);
    const auto folder = staging / (import.slug.empty() ? course->slug : import.slug);
    if (auto copied = copy_folder(*source, folder); !copied)
        return copied.error();
    return folder;
}

Result<int> prepare_videos(const platform::Course& course, const CourseImport& import) {
    std::set<fs::path> prepared;
    for (const auto* lesson : course.lessons())
        for (const auto* slot : lesson->videos()) {
            const auto* video = std::get_if<platform::SelfHostedVideo>(&slot->ref);
            if (!video || !prepared.insert(video->file).second)
                continue;
            const auto asset = platform::prepare_video(video->file, import.data / "videos", [&](double part) {
                if (import.on_progress)
                    import.on_progress("preparing " + video->file.filename().string(), part);
                return true;
            });
            if (!asset)
                return asset.error();
        }
    return static_cast<int>(prepared.size());
}

/// Moves the finished folder to its place, in one step.
Status put_in_place(const fs::path& finished, const fs::path& target, bool replace) {
    std::error_code failure;
    fs::create_directories(target.parent_path(), failure);
    if (renameat2(AT_FDCWD, finished.c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) == 0)
        return {};
    if (errno == EEXIST && !replace)
        return Error(
            ErrorKind::conflict,
            fmt::format("there is an imported course {} already; --replace puts the new one in its place, "
                        "--slug imports under another name",
                        target.filename().string()));
    // Exchanged, so that at no time there is none; the old one goes with the staging folder.
    if (errno == EEXIST &&
        renameat2(AT_FDCWD, finished.c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) == 0)
        return {};
    return Error(ErrorKind::temporary,
                 fmt::format("{} cannot be made: {}", target.string(), std::strerror(errno)));
}

}  // namespace

Result<ImportedCourse> import_course(const CourseImport& import) {
    if (!import.slug.empty() && platform::make_slug(import.slug) != import.slug)
        return Error(ErrorKind::invalid_input,
                     fmt::format("\"{}\" cannot stand in an address; {}", import.slug,
                                 platform::make_slug(import.slug).empty()
                                     ? std::string("use a-z, 0-9 and hyphens")
                                     : fmt::format("try \"{}\"", platform::make_slug(import.slug))));
    const auto staging = StagingFolder::make(import.data);
    if (!staging)
        return staging.error();
    ImportedCourse imported;
    const auto folder = stage(import, staging->path(), imported.report);
    if (!folder)
        return folder.error();

    platform::Problems problems;
    const auto course = platform::load_course(*folder, {}, problems);
    if (!course)
        return Error(ErrorKind::invalid_input, to_text(problems));
    if (!import.slug.empty() && course->slug != import.slug)
        return Error(
            ErrorKind::invalid_input,
            fmt::format("the course's own course.yaml names it {}; change its slug there", course->slug));
    const auto videos = prepare_videos(*course, import);
    if (!videos)
        return videos.error();
    imported.slug = course->slug;
    imported.title = course->title;
    imported.lessons = static_cast<int>(course->lessons().size());
    imported.videos = *videos;
    if (auto placed = put_in_place(*folder, import.data / "courses" / course->slug, import.replace); !placed)
        return placed.error();
    return imported;
}

}  // namespace calyptenora::cli
