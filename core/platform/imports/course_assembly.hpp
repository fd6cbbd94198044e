#pragma once

#include "platform/courses/html_allow_list.hpp"
#include "platform/imports/import_report.hpp"
#include "platform/imports/import_words.hpp"

#include <calyptenora/result.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

/// From pages of another platform to an ordinary course folder. Who reads a format says which pages there
/// are, in which modules, and what their addresses mean; the rest is the same for all.
namespace calyptenora::platform {

/// What the operator says of a course that does not say it itself, or says it wrongly; empty: as it says.
struct CourseWishes {
    /// What the source is called, for a course without a title.
    std::string name = {};
    std::string title = {};
    std::string language = {};
    std::string licence = {};
    std::string author = {};
};

struct IncomingPage {
    /// Its name among the pages, and in the report; as "wiki_content/welcome.html".
    std::string name;
    std::string title;
    /// Gone through the allow-list (html_page.hpp); addresses as they were.
    std::vector<HtmlNode> nodes = {};
    /// Instead: the author's own Markdown, and the number of its first line.
    std::string markdown = {};
    int first_line = 1;
};

struct IncomingModule {
    std::string title;
    std::vector<IncomingPage> pages;
};

struct IncomingCourse {
    std::string title;
    std::string language;
    std::string summary;
    std::vector<std::string> authors;
    std::string licence;
    std::string licence_url;
    std::string source_url;
    std::vector<IncomingModule> modules;
};

/// Where an address of a page leads.
struct ToPage {
    std::string name;
    std::string anchor;
};
struct ToFile {
    /// In the source folder.
    std::filesystem::path file;
    /// What it may be called in the course, as "images/plan.png".
    std::string path;
};
struct ToWeb {
    std::string url;
};
struct ToNowhere {
    /// For the report: "the page is not in the package".
    std::string why;
};
using Destination = std::variant<ToNowhere, ToPage, ToFile, ToWeb>;

/// The meaning of an address on the page of this name. Files that it names must lie in the package.
using FindDestination = std::function<Destination(const std::string& page, const std::string& address)>;

/// "02-first_steps" -> "First steps".
std::string title_of_name(std::string_view name);

/// Completes the course's head from wishes and defaults, and says in the report what was assumed.
void complete_head(IncomingCourse& course, const CourseWishes& wishes, ImportReport& report);

/// The name and address of a licence as "CC BY-SA 4.0", if the text names or links one of Creative Commons'.
struct KnownLicence {
    std::string name;
    std::string url;
};
std::optional<KnownLicence> find_licence(std::string_view text);

/// Writes the course: lessons in Markdown, with links to lessons, the files that they use below `media/`, and
/// course.yaml. Links and pictures that lead nowhere become text and a line in the report. `target` must not
/// exist; it is the caller's to remove after an error.
Result<void> write_course(IncomingCourse course, const std::filesystem::path& target,
                          const FindDestination& find, ImportReport& report);

}  // namespace calyptenora::platform
