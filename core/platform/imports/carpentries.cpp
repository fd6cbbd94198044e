#include "platform/imports/carpentries.hpp"

#include "platform/courses/course_files.hpp"
#include "platform/courses/course_folder.hpp"
#include "platform/courses/fences.hpp"
#include "platform/courses/html_allow_list.hpp"
#include "platform/courses/lesson_source.hpp"
#include "platform/courses/markdown.hpp"
#include "platform/imports/carpentries_folder.hpp"
#include "platform/imports/carpentries_markdown.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>

namespace calyptenora::platform {

namespace {

namespace fs = std::filesystem;

std::string scalar(const YAML::Node& map, const char* key) {
    const YAML::Node value = map[key];
    return value && value.IsScalar() ? value.Scalar() : std::string();
}

int whole_number(const std::string& text) {
    int value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    return failure == std::errc() && value > 0 && value < 1000 ? value : 0;
}

class Importer {
  public:
    Importer(const fs::path& source, const fs::path& target) : source_(source), target_(target) {}

    Result<ImportReport> run() {
        std::error_code failure;
        if (fs::exists(target_, failure))
            return Error(
                ErrorKind::conflict,
                fmt::format("{} exists already; remove it, or import to another place", target_.string()));
        if (!load_config() || !collect_pages())
            return refused();
        CarpentriesFolder paths(source_, scalar(config_, "url"), all_pages(), report_);
        for (auto* list : {&before_, &episodes_, &after_})
            for (CarpentriesPage& page : *list)
                check_fences(page);
        if (has_error(problems_))
            return refused();
        for (auto* list : {&before_, &episodes_, &after_})
            for (CarpentriesPage& page : *list) {
                paths.enter(page);
                page.body =
                    convert_carpentries_markdown(page.body, page.source, page.body_line, paths, report_);
            }
        return write(paths);
    }

  private:
    Result<ImportReport> refused() const {
        std::vector<std::string> texts;
        for (const Problem& problem : problems_)
            texts.push_back(problem.text());
        return Error(ErrorKind::invalid_input,
                     fmt::format("nothing was imported:\n{}", fmt::join(texts, "\n")));
    }

    void error(const fs::path& file, int line, std::string what, std::string remedy) {
        problems_.push_back({Problem::Severity::error, file, line, std::move(what), std::move(remedy)});
    }

    bool load_config() {
        const fs::path file = source_ / "config.yaml";
        const auto text = load_text_file(file, 256 * 1024, problems_);
        if (!text)
            return false;
        try {
            config_ = YAML::Load(*text);
        } catch (const YAML::Exception& failure) {
            error(file, failure.mark.line + 1, "this is not valid YAML: " + failure.msg, "correct the line");
            return false;
        }
        if (!config_.IsMap() || scalar(config_, "title").empty()) {
            error(file, 0, "there is no \"title\"",
                  "this is no config.yaml of the Workbench; choose another folder");
            return false;
        }
        language_ = scalar(config_, "lang").empty() ? "en" : scalar(config_, "lang");
        report_.title = scalar(config_, "title");
        return true;
    }

    // The list in config.yaml, or all pages of the folder.
    std::vector<std::string> names(const char* folder) {
        std::vector<std::string> all;
        const YAML::Node list = config_[folder];
        if (list && list.IsSequence()) {
            for (const auto& item : list)
                if (item.IsScalar())
                    all.push_back(item.Scalar());
            return all;
        }
        std::error_code failure;
        for (const auto& entry : fs::directory_iterator(source_ / folder, failure))
            if (entry.path().extension() == ".md" || entry.path().extension() == ".Rmd")
                all.push_back(entry.path().filename().string());
        std::sort(all.begin(), all.end());
        return all;
    }

    bool collect_pages() {
        load_page("index.md", "overview.md", is_german() ? "Überblick" : "Overview", before_);
        for (const std::string& name : names("episodes"))
            load_page("episodes/" + name, fs::path(name).stem().string() + ".md", {}, episodes_);
        for (const std::string& name : names("learners"))
            load_page("learners/" + name, fs::path(name).stem().string() + ".md", {},
                      name == "setup.md" ? before_ : after_);
        if (episodes_.empty())
            error(source_ / "config.yaml", 0, "there are no episodes",
                  "list them under \"episodes\", or put them into that folder");
        return !has_error(problems_);
    }

    void load_page(const std::string& source, const std::string& target, const std::string& title,
                   std::vector<CarpentriesPage>& to) {
        std::error_code failure;
        const fs::path file = source_ / source;
        if (source == "index.md" && !fs::is_regular_file(file, failure))
            return;
        if (CourseFiles::find_inside("x", source) != source)
            return error(source_ / "config.yaml", 0, fmt::format("\"{}\" is no page of this lesson", source),
                         "name a file of the folder");
        const auto text = load_text_file(file, max_text_file, problems_);
        const auto front = text ? parse_front_matter(*text) : std::nullopt;
        if (text && !front)
            return error(file, 1, "the front matter is never closed", "end it with a line \"---\"");
        if (!front)
            return;
        CarpentriesPage page{source, target, title, 0, without_html_comments(front->body), front->body_line};
        try {
            const YAML::Node fields = YAML::Load(front->yaml);
            if (fields.IsMap()) {
                page.title = title.empty() ? scalar(fields, "title") : title;
                page.minutes =
                    whole_number(scalar(fields, "teaching")) + whole_number(scalar(fields, "exercises"));
            }
        } catch (const YAML::Exception& failure_at) {
            return error(file, front->yaml_line + failure_at.mark.line,
                         "this is not valid YAML: " + failure_at.msg, "correct the line");
        }
        if (page.title.empty())
            page.title = fs::path(target).stem().string();
        to.push_back(std::move(page));
    }

    void check_fences(const CarpentriesPage& page) {
        parse_fences(page.body, source_ / page.source, page.body_line, problems_);
    }

    std::vector<CarpentriesPage> all_pages() const {
        std::vector<CarpentriesPage> all;
        for (const auto* list : {&before_, &episodes_, &after_})
            all.insert(all.end(), list->begin(), list->end());
        return all;
    }

    Result<ImportReport> write(const CarpentriesFolder& paths) {
        std::error_code failure;
        const fs::path parent = fs::absolute(target_).lexically_normal().parent_path();
        fs::create_directories(parent, failure);
        std::string pattern = (parent / ".import-XXXXXX").string();
        if (failure || !mkdtemp(pattern.data()))
            return Error(ErrorKind::permanent,
                         fmt::format("{} cannot be written: {}", parent.string(), std::strerror(errno)));
        const fs::path work = pattern;
        auto result = write_into(work, paths);
        if (result) {
            fs::permissions(work,
                            fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec |
                                fs::perms::others_read | fs::perms::others_exec,
                            failure);
            fs::rename(work, target_, failure);
            if (failure)
                result = Error(ErrorKind::permanent,
                               fmt::format("{} cannot be written: {}", target_.string(), failure.message()));
        }
        if (!result)
            fs::remove_all(work, failure);
        return result;
    }

    Result<ImportReport> write_into(const fs::path& work, const CarpentriesFolder& paths) {
        for (const auto* list : {&before_, &episodes_, &after_})
            for (const CarpentriesPage& page : *list)
                std::ofstream(work / page.target, std::ios::binary) << front_matter(page) << page.body;
        for (const auto& [from, to] : paths.copies()) {
            std::error_code failure;
            fs::create_directories((work / to).parent_path(), failure);
            fs::copy_file(source_ / from, work / to, fs::copy_options::overwrite_existing, failure);
            if (failure)
                return Error(ErrorKind::permanent,
                             fmt::format("{} cannot be copied: {}", from, failure.message()));
        }
        std::ofstream(work / "course.yaml", std::ios::binary) << course_yaml();
        report_.brought = {fmt::format("{} episodes", episodes_.size()),
                           fmt::format("{} further pages", before_.size() + after_.size()),
                           fmt::format("{} uses of pictures", paths.pictures()),
                           fmt::format("{} files", paths.copies().size())};
        if (!load_course(work, {}, report_.problems)) {
            problems_ = report_.problems;
            return refused();
        }
        for (Problem& problem : report_.problems)
            problem.file = target_ / problem.file.filename();
        return report_;
    }

    static std::string front_matter(const CarpentriesPage& page) {
        YAML::Emitter out;
        out << YAML::BeginMap << YAML::Key << "title" << YAML::Value << YAML::DoubleQuoted << page.title;
        if (page.minutes > 0)
            out << YAML::Key << "minutes" << YAML::Value << page.minutes;
        out << YAML::EndMap;
        return fmt::format("---\n{}\n---\n", out.c_str());
    }

    std::string course_yaml() const {
        YAML::Emitter out;
        const auto text = [&out](const char* key, const std::string& value) {
            if (!value.empty())
                out << YAML::Key << key << YAML::Value << YAML::DoubleQuoted << value;
        };
        out << YAML::BeginMap;
        text("title", scalar(config_, "title"));
        text("language", language_);
        text("summary", summary());
        const auto [licence, licence_url] = licence_of(scalar(config_, "license"));
        out << YAML::Key << "authors" << YAML::Value << YAML::Flow << YAML::BeginSeq << YAML::DoubleQuoted
            << author() << YAML::EndSeq;
        text("licence", licence);
        text("licence_url", licence_url);
        text("attribution", attribution(licence));
        text("source_url", classify_link(scalar(config_, "source")) == LinkKind::external
                               ? scalar(config_, "source")
                               : std::string());
        text("price", "free");
        out << YAML::Key << "modules" << YAML::Value << YAML::BeginSeq;
        module(out, is_german() ? "Vorbereitung" : "Before you begin", before_);
        module(out, is_german() ? "Lektionen" : "Episodes", episodes_);
        module(out, is_german() ? "Zum Nachschlagen" : "For reference", after_);
        out << YAML::EndSeq << YAML::EndMap;
        return std::string(out.c_str()) + "\n";
    }

    static void module(YAML::Emitter& out, const char* title, const std::vector<CarpentriesPage>& pages) {
        if (pages.empty())
            return;
        out << YAML::BeginMap << YAML::Key << "title" << YAML::Value << title << YAML::Key << "lessons"
            << YAML::Value << YAML::BeginSeq;
        for (const CarpentriesPage& page : pages)
            out << page.target;
        out << YAML::EndSeq << YAML::EndMap;
    }

    // The first paragraph of index.md, without marks.
    std::string summary() const {
        if (!before_.empty() && before_.front().source == "index.md") {
            const AllowedHtml html = parse_markdown(before_.front().body);
            for (const HtmlNode& node : html.nodes) {
                std::string plain = node.tag == "p" ? node.plain_text() : std::string();
                std::replace(plain.begin(), plain.end(), '\n', ' ');
                if (!plain.empty())
                    return plain;
            }
        }
        return scalar(config_, "title");
    }

    std::string author() const {
        const std::string kind = scalar(config_, "carpentry");
        return kind == "swc"  ? "Software Carpentry"
               : kind == "dc" ? "Data Carpentry"
               : kind == "lc" ? "Library Carpentry"
                              : "The Carpentries";
    }

    static std::pair<std::string, std::string> licence_of(const std::string& text) {
        std::string plain = text;
        std::replace(plain.begin(), plain.end(), '-', ' ');
        if (plain.starts_with("CC BY 4") || plain.empty())
            return {"CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"};
        if (plain.starts_with("CC0"))
            return {"CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"};
        return {text, ""};
    }

    std::string attribution(const std::string& licence) const {
        const std::string from =
            scalar(config_, "source").empty() ? scalar(config_, "url") : scalar(config_, "source");
        if (is_german())
            return fmt::format(
                "„{}“, Copyright The Carpentries (https://carpentries.org/) und Mitwirkende, {}, lizenziert "
                "unter {}. Für diese "
                "Plattform umgesetzt: Aufbau und Verweise wurden angepasst, Hinweise für Lehrende "
                "weggelassen.",
                scalar(config_, "title"), from, licence);
        return fmt::format(
            "“{}”, copyright The Carpentries (https://carpentries.org/) and contributors, {}, licensed under "
            "{}. Converted for "
            "this platform: structure and links were adapted, notes for instructors left out.",
            scalar(config_, "title"), from, licence);
    }

    bool is_german() const { return language_ == "de" || language_.starts_with("de-"); }

    const fs::path source_;
    const fs::path target_;
    YAML::Node config_;
    std::string language_;
    std::vector<CarpentriesPage> before_;
    std::vector<CarpentriesPage> episodes_;
    std::vector<CarpentriesPage> after_;
    Problems problems_;
    ImportReport report_;
};

}  // namespace

bool is_carpentries_lesson(const fs::path& source) {
    std::error_code failure;
    return fs::is_regular_file(source / "config.yaml", failure) &&
           fs::is_directory(source / "episodes", failure);
}

Result<ImportReport> import_carpentries(const fs::path& source, const fs::path& target) {
    return Importer(source, target).run();
}

}  // namespace calyptenora::platform
