#include "platform/imports/markdown_folder.hpp"

#include "platform/courses/course_files.hpp"
#include "platform/courses/fences.hpp"
#include "platform/courses/lesson_source.hpp"
#include "platform/courses/markdown.hpp"
#include "platform/imports/carpentries_markdown.hpp"
#include "platform/imports/package_files.hpp"
#include "platform/imports/plain_text.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>

namespace calyptenora::platform {

namespace {

namespace fs = std::filesystem;

/// A course has some hundred pages; somebody's home folder has more.
constexpr std::size_t max_pages = 2000;
constexpr int max_depth = 12;

bool is_markdown(const fs::path& file) {
    return file.extension() == ".md" || file.extension() == ".markdown";
}

bool is_index(const fs::path& file) {
    const std::string name = file.stem().string();
    return name == "_index" || name == "index" || name == "README" || name == "readme" || name == "Readme";
}

bool is_hidden(const fs::path& path) {
    const std::string name = path.filename().string();
    return name.starts_with('.') || name == "node_modules";
}

// "2-x" before "10-x".
bool comes_before(const fs::path& one, const fs::path& other) {
    const std::string a = one.filename().string();
    const std::string b = other.filename().string();
    const auto number = [](std::string_view text) {
        const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
        return end > 0 && end < 10 ? std::stol(std::string(text.substr(0, end))) : -1;
    };
    if (number(a) >= 0 && number(b) >= 0 && number(a) != number(b))
        return number(a) < number(b);
    return a < b;
}

struct ReadPage {
    IncomingPage page;
    std::string summary;
    bool is_draft = false;
    /// More than a title and one paragraph.
    bool has_more = false;
};

class Importer {
  public:
    Importer(const fs::path& source, const fs::path& target, const CourseWishes& wishes)
        : source_(source), target_(target), wishes_(wishes), files_(source) {}

    Result<ImportReport> run() {
        course_.modules.push_back({"", {}});
        folder(source_, "", 0);
        complete_head(course_, wishes_, report_);
        course_.modules.front().title = course_.title;
        std::erase_if(course_.modules, [](const IncomingModule& module) { return module.pages.empty(); });
        if (!problems_.empty() || course_.modules.empty()) {
            std::string text = fmt::format("{} cannot become a course:", source_.string());
            for (const Problem& problem : problems_)
                text += "\n" + problem.text();
            if (problems_.empty())
                text += " it holds no lesson";
            return Error(ErrorKind::invalid_input, text);
        }
        for (const IncomingModule& module : course_.modules)
            for (const IncomingPage& page : module.pages)
                pages_.insert(page.name);
        const auto written = write_course(
            std::move(course_), target_,
            [this](const std::string& page, const std::string& address) { return find(page, address); },
            report_);
        if (!written)
            return written.error();
        return std::move(report_);
    }

  private:
    void folder(const fs::path& path, const std::string& title, int depth) {
        if (depth > max_depth)
            return;
        std::vector<fs::path> files;
        std::vector<fs::path> folders;
        std::error_code failure;
        for (const auto& entry : fs::directory_iterator(path, failure)) {
            if (is_hidden(entry.path()) || entry.is_symlink(failure))
                continue;
            if (entry.is_directory(failure))
                folders.push_back(entry.path());
            else if (entry.is_regular_file(failure) && is_markdown(entry.path()))
                files.push_back(entry.path());
        }
        // What stands for the folder as a whole comes first.
        std::ranges::sort(files, [](const fs::path& a, const fs::path& b) {
            return is_index(a) != is_index(b) ? is_index(a) : comes_before(a, b);
        });
        std::ranges::sort(folders, comes_before);
        if (depth > 0)
            course_.modules.push_back({title, {}});
        bool has_index = false;
        for (const fs::path& file : files) {
            auto read = load(file);
            if (!read)
                continue;
            if (read->is_draft) {
                report_.missing.push_back(fmt::format("{}: it is a draft", read->page.name));
                continue;
            }
            if (is_index(file) && !has_index) {
                has_index = true;
                index(*read, depth);
                if (!read->has_more)
                    continue;
            }
            course_.modules.back().pages.push_back(std::move(read->page));
        }
        const std::string own = course_.modules.back().title;
        for (const fs::path& below : folders) {
            const std::string name = title_of_name(below.filename().string());
            folder(below, depth == 0 ? name : fmt::format("{}: {}", own, name), depth + 1);
        }
    }

    void index(const ReadPage& read, int depth) {
        if (depth == 0) {
            course_.title = read.page.title;
            course_.summary = read.summary;
        } else {
            course_.modules.back().title = read.page.title;
        }
    }

    std::optional<ReadPage> load(const fs::path& file) {
        if (++count_ > max_pages) {
            if (count_ == max_pages + 1)
                problems_.push_back({Problem::Severity::error, source_, 0,
                                     fmt::format("the folder has more than {} Markdown files", max_pages),
                                     "import the folder of one course"});
            return std::nullopt;
        }
        const auto text = load_text_file(file, max_text_file, problems_);
        if (!text)
            return std::nullopt;
        ReadPage read;
        read.page.name = fs::relative(file, source_).generic_string();
        auto front = text->starts_with("+++") ? toml_front_matter(*text) : parse_front_matter(*text);
        if (!front) {
            problems_.push_back({Problem::Severity::error, file, 1, "the front matter is never closed",
                                 "end it with a line like the first"});
            return std::nullopt;
        }
        if (!front->yaml.empty() && !take_front_matter(file, *front, read))
            return std::nullopt;
        take_body(without_html_comments(front->body), front->body_line, file, read);
        return read;
    }

    bool take_front_matter(const fs::path& file, const FrontMatter& front, ReadPage& read) {
        try {
            const YAML::Node fields = YAML::Load(front.yaml);
            if (!fields.IsMap())
                return true;
            if (const auto title = fields["title"]; title && title.IsScalar())
                read.page.title = in_one_line(title.Scalar());
            for (const char* key : {"description", "summary"})
                if (const auto summary = fields[key]; summary && summary.IsScalar() && read.summary.empty())
                    read.summary = in_one_line(summary.Scalar());
            if (const auto draft = fields["draft"]; draft && draft.IsScalar())
                read.is_draft = draft.Scalar() == "true";
            return true;
        } catch (const YAML::Exception& failure) {
            problems_.push_back({Problem::Severity::error, file, front.yaml_line + failure.mark.line,
                                 "this is not valid YAML: " + failure.msg, "correct the line"});
            return false;
        }
    }

    // Of Hugo's other kind, `key = "value"`, what is needed reads like YAML once the sign is another.
    static std::optional<FrontMatter> toml_front_matter(const std::string& text) {
        std::string yaml = text;
        yaml.replace(0, 3, "---");
        const auto end = yaml.find("\n+++");
        if (end == std::string::npos)
            return std::nullopt;
        yaml.replace(end + 1, 3, "---");
        auto front = parse_front_matter(yaml);
        if (!front)
            return front;
        std::string known;
        for (std::size_t at = 0; at < front->yaml.size();) {
            const auto stop = std::min(front->yaml.find('\n', at), front->yaml.size());
            const std::string line = front->yaml.substr(at, stop - at);
            for (const char* key : {"title", "description", "summary", "draft"})
                if (const auto sign = line.find('=');
                    sign != std::string::npos && trimmed(line.substr(0, sign)) == key)
                    known += fmt::format("{}: {}\n", key, trimmed(line.substr(sign + 1)));
            at = stop + 1;
        }
        front->yaml = known;
        return front;
    }

    // The first heading of the first level is the title and leaves the text.
    static void take_body(const std::string& body, int first_line, const fs::path& file, ReadPage& read) {
        CodeFenceTracker code;
        std::string kept;
        bool has_heading = false;
        for (std::size_t at = 0; at < body.size();) {
            const auto stop = std::min(body.find('\n', at), body.size());
            const std::string line = body.substr(at, stop - at);
            at = stop + 1;
            if (!code.is_code(line) && !has_heading && line.starts_with("# ")) {
                has_heading = true;
                if (read.page.title.empty()) {
                    for (const HtmlNode& node : parse_markdown(line).nodes)
                        read.page.title += node.plain_text();
                    read.page.title = in_one_line(read.page.title);
                }
                kept += "\n";
                continue;
            }
            kept += line + "\n";
        }
        if (read.page.title.empty())
            read.page.title =
                title_of_name(is_index(file) ? file.parent_path().filename().string() : file.stem().string());
        std::size_t blocks = 0;
        for (const HtmlNode& node : parse_markdown(kept).nodes) {
            if (node.is_text())
                continue;
            if (++blocks == 1 && node.tag == "p" && read.summary.empty())
                read.summary = in_one_line(node.plain_text());
        }
        read.has_more = blocks > 1;
        read.page.markdown = kept.empty() ? "\n" : kept;
        read.page.first_line = first_line;
    }

    Destination find(const std::string& page, const std::string& address) const {
        if (classify_link(address) == LinkKind::external)
            return ToWeb{address};
        if (classify_link(address) == LinkKind::refused)
            return ToNowhere{"such an address is not allowed"};
        const auto hash = address.find('#');
        const std::string anchor = hash == std::string::npos
                                       ? std::string()
                                       : find_percent_decoded(std::string_view(address).substr(hash + 1))
                                             .value_or(address.substr(hash + 1));
        std::string path = address.substr(0, address.find_first_of("?#"));
        path = find_percent_decoded(path).value_or(path);
        if (path.empty())
            return ToPage{page, anchor};
        // From the top of a site, or from the page.
        const bool from_top = path.starts_with('/');
        while (path.starts_with('/'))
            path.erase(0, 1);
        while (path.ends_with('/'))
            path.pop_back();
        if (path.ends_with(".html"))
            path.erase(path.size() - 5);
        for (const std::string& from :
             {from_top ? std::string("x") : page, std::string("static/x"), std::string("x")}) {
            const auto inside = CourseFiles::find_inside(from, path.empty() ? "." : path);
            for (const char* ending : {"", ".md", ".markdown", "/_index.md", "/index.md", "/README.md"})
                if (inside && pages_.contains(*inside + ending))
                    return ToPage{*inside + ending, anchor};
            if (const auto file = inside ? files_.find(*inside) : std::nullopt; file && !is_markdown(*file))
                return ToFile{*file, *inside};
        }
        return ToNowhere{"there is no such page or file in the folder"};
    }

    const fs::path& source_;
    const fs::path& target_;
    const CourseWishes& wishes_;
    PackageFiles files_;
    IncomingCourse course_;
    std::set<std::string> pages_;
    std::size_t count_ = 0;
    Problems problems_;
    ImportReport report_;
};

bool holds_markdown(const fs::path& folder, int depth) {
    std::error_code failure;
    for (const auto& entry : fs::directory_iterator(folder, failure)) {
        if (is_hidden(entry.path()) || entry.is_symlink(failure))
            continue;
        if (entry.is_regular_file(failure) && is_markdown(entry.path()))
            return true;
        if (depth > 0 && entry.is_directory(failure) && holds_markdown(entry.path(), depth - 1))
            return true;
    }
    return false;
}

}  // namespace

bool is_markdown_folder(const fs::path& source) {
    return holds_markdown(source, 3);
}

Result<ImportReport> import_markdown_folder(const fs::path& source, const fs::path& target,
                                            const CourseWishes& wishes) {
    return Importer(source, target, wishes).run();
}

}  // namespace calyptenora::platform
