#include "platform/imports/course_assembly.hpp"

#include "platform/courses/course_files.hpp"
#include "platform/courses/course_folder.hpp"
#include "platform/courses/image_size.hpp"
#include "platform/imports/carpentries_markdown.hpp"
#include "platform/imports/markdown_writer.hpp"
#include "platform/imports/plain_text.hpp"
#include "platform/imports/svg_file.hpp"
#include "platform/imports/tidy_html.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <set>

namespace calyptenora::platform {

namespace {

namespace fs = std::filesystem;
using Nodes = std::vector<HtmlNode>;

std::string in_lower_case(std::string text) {
    for (char& c : text)
        c = c >= 'A' && c <= 'Z' ? char(c | 0x20) : c;
    return text;
}

// As a name in an address; never empty, never ending in a hyphen.
std::string slug_of(std::string_view title, std::string_view otherwise) {
    std::string slug = make_slug(title).substr(0, 60);
    while (slug.ends_with('-'))
        slug.pop_back();
    return slug.empty() ? std::string(otherwise) : slug;
}

std::string unique_name(const std::string& wanted, std::set<std::string>& taken) {
    std::string name = wanted;
    for (int number = 2; !taken.insert(name).second; ++number)
        name = fmt::format("{}-{}", wanted, number);
    return name;
}

// "Bild 1 (neu).PNG" -> "Bild-1-neu.png": a name that needs no quoting anywhere.
std::string plain_file_name(std::string_view name) {
    const fs::path path(name);
    std::string plain;
    for (const char c : path.stem().string()) {
        const bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          c == '_' || c == '.' || (c & 0x80);
        if (kept)
            plain += c;
        else if (!plain.empty() && !plain.ends_with('-'))
            plain += '-';
    }
    while (plain.ends_with('-') || plain.ends_with('.'))
        plain.pop_back();
    while (plain.starts_with('.'))
        plain.erase(0, 1);
    return (plain.empty() ? "file" : plain) + in_lower_case(path.extension().string());
}

struct Page {
    IncomingPage incoming;
    std::string file;
    std::string slug;
    std::set<std::string> anchors;
};

class Assembly final : private CarpentriesPaths {
  public:
    Assembly(IncomingCourse course, const fs::path& target, const FindDestination& find, ImportReport& report)
        : course_(std::move(course)), target_(target), find_(find), report_(report) {}

    Result<void> run() {
        std::error_code failure;
        if (!fs::create_directories(target_, failure))
            return Error(failure ? ErrorKind::temporary : ErrorKind::conflict,
                         fmt::format("{} cannot be made: {}", target_.string(),
                                     failure ? failure.message() : "it exists already"));
        name_pages();
        for (auto& [name, page] : pages_)
            collect_anchors(page.incoming.nodes, page.anchors);
        for (auto& [name, page] : pages_)
            resolve(page);
        for (auto& [name, page] : pages_)
            drop_unused_anchors(page.incoming.nodes, used_anchors_[name]);
        for (auto& [name, page] : pages_)
            write_lesson(page);
        write(target_ / "course.yaml", course_yaml());
        if (!failed_.empty())
            return Error(ErrorKind::temporary, failed_);
        report_.title = course_.title;
        report_.brought.push_back(
            fmt::format("{} lessons in {} modules", pages_.size(), course_.modules.size()));
        report_.brought.push_back(fmt::format("{} uses of pictures", pictures_));
        report_.brought.push_back(fmt::format("{} files", files_.size()));
        if (html_blocks_ > 0)
            report_.changed.push_back(
                fmt::format("{} blocks for which Markdown has no words (tables without a head, for example) "
                            "stand there as HTML",
                            html_blocks_));
        Problems problems;
        const auto loaded = load_course(target_, {}, problems);
        if (!loaded || has_error(problems)) {
            std::string text = "the course that was made of it has faults:";
            for (const Problem& problem : problems)
                if (problem.severity == Problem::Severity::error)
                    text +=
                        fmt::format("\n{}: {}; {}", source_of(problem.file), problem.what, problem.remedy);
            return Error(ErrorKind::invalid_input, text);
        }
        report_.problems.insert(report_.problems.end(), problems.begin(), problems.end());
        return {};
    }

  private:
    std::string source_of(const fs::path& file) const {
        for (const auto& [name, page] : pages_)
            if (page.file == file.filename())
                return name;
        return file.filename().string();
    }

    void name_pages() {
        std::set<std::string> slugs;
        int number = 0;
        std::size_t count = 0;
        for (const IncomingModule& module : course_.modules)
            count += module.pages.size();
        const int width = count > 99 ? 3 : 2;
        for (IncomingModule& module : course_.modules)
            for (IncomingPage& incoming : module.pages) {
                const std::string slug = unique_name(slug_of(incoming.title, "lesson"), slugs);
                const std::string file = fmt::format("{:0{}}-{}.md", ++number, width, slug);
                files_of_pages_[incoming.name] = file;
                order_.push_back(incoming.name);
                Page page{.incoming = std::move(incoming), .file = file, .slug = slug, .anchors = {}};
                const std::string name = page.incoming.name;
                incoming.name = name;
                pages_.emplace(name, std::move(page));
            }
    }

    static void collect_anchors(const Nodes& nodes, std::set<std::string>& anchors) {
        for (const HtmlNode& node : nodes) {
            if (const auto* id = node.find("id"))
                anchors.insert(*id);
            collect_anchors(node.children, anchors);
        }
    }

    static void drop_unused_anchors(Nodes& nodes, const std::set<std::string>& used) {
        for (HtmlNode& node : nodes) {
            if (const auto* id = node.find("id"); id && !used.contains(*id))
                node.remove("id");
            drop_unused_anchors(node.children, used);
        }
    }

    void resolve(Page& page) {
        page_ = &page;
        line_ = 0;
        IncomingPage& incoming = page.incoming;
        if (!incoming.markdown.empty())
            incoming.markdown = convert_carpentries_markdown(incoming.markdown, incoming.name,
                                                             incoming.first_line, *this, report_);
        resolve(incoming.nodes, false);
    }

    void resolve(Nodes& nodes, bool in_link) {
        for (HtmlNode& node : nodes) {
            const bool is_link = node.tag == "a" && node.find("href");
            resolve(node.children, in_link || is_link);
            if (node.tag == "img")
                picture(node, in_link);
            else if (is_link)
                link(node);
        }
    }

    void link(HtmlNode& node) {
        const std::string href = link_target(*node.find("href"), in_one_line(node.plain_text()));
        if (href.empty())
            node.remove("href");
        else
            node.set("href", href);
    }

    // The new address; empty if there is none, which is reported.
    std::string link_target(const std::string& href, const std::string& text) {
        Destination to = find_(page_->incoming.name, href);
        if (const auto* web = std::get_if<ToWeb>(&to)) {
            if (classify_link(web->url) == LinkKind::external)
                return web->url;
            to = ToNowhere{"this is no address of the web"};
        }
        if (const auto* other = std::get_if<ToPage>(&to)) {
            const auto found = pages_.find(other->name);
            if (found != pages_.end())
                return link_to_page(found->second, other->anchor, text);
            to = ToNowhere{"the page did not come"};
        }
        if (const auto* file = std::get_if<ToFile>(&to)) {
            if (const auto path = bring_file(*file))
                return percent_encoded(*path);
            to = ToNowhere{why_not_};
        }
        missing(
            fmt::format("the link \"{}\" to {} became text: {}", text, href, std::get<ToNowhere>(to).why));
        return {};
    }

    std::string link_to_page(const Page& other, const std::string& anchor, const std::string& text) {
        const bool is_here = &other == page_;
        const std::string file = is_here ? std::string() : other.file;
        // Headings of Markdown get their anchors when they are shown.
        if (!anchor.empty() && (other.anchors.contains(anchor) || !other.incoming.markdown.empty())) {
            used_anchors_[other.incoming.name].insert(anchor);
            return file + "#" + percent_encoded(anchor);
        }
        if (!anchor.empty() && anchor != "top" && is_here)
            missing(fmt::format("the link \"{}\" to #{} became text: there is no such place on the page",
                                text, anchor));
        else if (!anchor.empty() && anchor != "top")
            report_.changed.push_back(
                fmt::format("{}: there is no place \"{}\" in {}; the link leads to its beginning",
                            page_->incoming.name, anchor, other.incoming.name));
        return file;
    }

    void picture(HtmlNode& node, bool in_link) {
        const auto* found = node.find("alt");
        const std::string alt = found ? in_one_line(*found) : std::string();
        const std::string path = picture_target(*node.find("src"), in_link ? "its description" : "a link");
        if (path.empty()) {
            node = make_element("em", {make_text_node(alt)});
        } else if (classify_link(path) == LinkKind::local) {
            node.set("src", path);
        } else {
            HtmlNode replacement =
                make_element(in_link ? "em" : "a", {make_text_node(alt.empty() && !in_link ? path : alt)});
            if (!in_link)
                replacement.set("href", path);
            node = std::move(replacement);
        }
    }

    // The picture's path in the course, or its address in the web, or nothing; all but the first are
    // reported.
    std::string picture_target(const std::string& src, std::string_view instead) {
        Destination to = find_(page_->incoming.name, src);
        if (const auto* file = std::get_if<ToFile>(&to)) {
            if (const auto path = bring_picture(*file)) {
                ++pictures_;
                return percent_encoded(*path);
            }
            to = ToNowhere{why_not_};
        }
        if (const auto* web = std::get_if<ToWeb>(&to); web && classify_link(web->url) == LinkKind::external) {
            // Loading it would tell that origin who is reading.
            missing(fmt::format("the picture {} lies elsewhere; {} stands there instead", web->url, instead));
            return web->url;
        }
        const auto* nowhere = std::get_if<ToNowhere>(&to);
        missing(fmt::format("the picture \"{}\" did not come: {}; its description stands there instead", src,
                            nowhere ? nowhere->why : std::string("it is no picture")));
        return {};
    }

    std::string link(const std::string& target, int line) override {
        line_ = line;
        return link_target(target, target);
    }
    std::string picture(const std::string& target, int line) override {
        line_ = line;
        return picture_target(target, "a link");
    }

    // Its path in the course, or nothing, and `why_not_`.
    std::optional<std::string> bring_picture(const ToFile& file) {
        if (is_svg(file.file)) {
            if (const auto danger = find_danger_in_svg(file.file)) {
                why_not_ = fmt::format("this drawing holds {}", *danger);
                return std::nullopt;
            }
        } else if (!load_image_size(file.file)) {
            why_not_ = "the file is no picture that browsers show";
            return std::nullopt;
        }
        return bring_file(file);
    }

    std::optional<std::string> bring_file(const ToFile& file) {
        const std::string key = file.file.lexically_normal().string();
        if (const auto known = files_.find(key); known != files_.end())
            return known->second;
        if (!is_served_file(file.path)) {
            why_not_ = fmt::format("files of the kind \"{}\" are not served",
                                   fs::path(file.path).extension().string());
            return std::nullopt;
        }
        if (is_svg(file.file) && find_danger_in_svg(file.file)) {
            why_not_ = fmt::format("this drawing holds {}", *find_danger_in_svg(file.file));
            return std::nullopt;
        }
        std::string path = "media";
        for (const auto& part : fs::path(file.path).parent_path())
            path += "/" + plain_file_name(part.string());
        path += "/" + plain_file_name(fs::path(file.path).filename().string());
        const fs::path wanted = path;
        for (int number = 2; !names_.insert(in_lower_case(path)).second; ++number)
            path = (wanted.parent_path() /
                    fmt::format("{}-{}{}", wanted.stem().string(), number, wanted.extension().string()))
                       .generic_string();
        std::error_code failure;
        fs::create_directories((target_ / path).parent_path(), failure);
        if (!fs::copy_file(file.file, target_ / path, failure)) {
            why_not_ = failure.message();
            failed_ = fmt::format("{} cannot be copied: {}", file.file.string(), failure.message());
            return std::nullopt;
        }
        files_[key] = path;
        return path;
    }

    void write_lesson(Page& page) {
        Nodes tidy = tidy_html(std::move(page.incoming.nodes));
        // The lesson's title is shown by the page around it.
        if (!tidy.empty() && is_heading_element(tidy.front().tag) &&
            used_anchors_[page.incoming.name].empty() &&
            make_slug(tidy.front().plain_text()) == make_slug(page.incoming.title))
            tidy.erase(tidy.begin());
        WrittenMarkdown written = write_markdown(tidy);
        if (!page.incoming.markdown.empty())
            written.text = page.incoming.markdown;
        html_blocks_ += written.html_blocks;
        YAML::Emitter head;
        head << YAML::BeginMap << YAML::Key << "title" << YAML::Value << YAML::DoubleQuoted
             << page.incoming.title;
        // The name of the file without its number is the slug, unless the title itself begins with a number.
        if (page.slug.find_first_not_of("0123456789-_.") != 0)
            head << YAML::Key << "slug" << YAML::Value << YAML::DoubleQuoted << page.slug;
        head << YAML::EndMap;
        write(target_ / page.file, fmt::format("---\n{}\n---\n\n{}", head.c_str(), written.text));
        if (written.text.empty())
            report_.changed.push_back(fmt::format(
                "{}: the page holds nothing that could come; the lesson is empty", page.incoming.name));
    }

    std::string course_yaml() const {
        YAML::Emitter out;
        const auto text = [&out](const char* key, const std::string& value) {
            if (!value.empty())
                out << YAML::Key << key << YAML::Value << YAML::DoubleQuoted << value;
        };
        out << YAML::BeginMap;
        text("title", course_.title);
        text("language", course_.language);
        text("summary", course_.summary);
        out << YAML::Key << "authors" << YAML::Value << YAML::Flow << YAML::BeginSeq;
        for (const std::string& author : course_.authors)
            out << YAML::DoubleQuoted << author;
        out << YAML::EndSeq;
        text("licence", course_.licence);
        text("licence_url", course_.licence_url);
        const ImportWords words = make_import_words(course_.language);
        if (course_.authors.front() != words.unknown_author)
            text("attribution", fmt::format(fmt::runtime(words.attribution), course_.title,
                                            fmt::join(course_.authors, ", "), course_.licence));
        text("source_url", course_.source_url);
        text("price", "free");
        out << YAML::Key << "modules" << YAML::Value << YAML::BeginSeq;
        std::set<std::string> slugs;
        for (const IncomingModule& module : course_.modules) {
            const std::string slug = unique_name(slug_of(module.title, "module"), slugs);
            out << YAML::BeginMap;
            text("title", module.title);
            if (slug != make_slug(module.title))
                text("slug", slug);
            out << YAML::Key << "lessons" << YAML::Value << YAML::BeginSeq;
            for (const IncomingPage& page : module.pages)
                out << files_of_pages_.at(page.name);
            out << YAML::EndSeq << YAML::EndMap;
        }
        out << YAML::EndSeq << YAML::EndMap;
        return std::string(out.c_str()) + "\n";
    }

    void write(const fs::path& file, const std::string& text) {
        std::ofstream stream(file, std::ios::binary);
        stream << text;
        if (!stream.flush())
            failed_ = fmt::format("{} cannot be written", file.string());
    }

    void missing(const std::string& what) {
        report_.missing.push_back(line_ > 0 ? fmt::format("{}:{}: {}", page_->incoming.name, line_, what)
                                            : fmt::format("{}: {}", page_->incoming.name, what));
    }

    IncomingCourse course_;
    const fs::path& target_;
    const FindDestination& find_;
    ImportReport& report_;
    std::map<std::string, Page> pages_;
    std::vector<std::string> order_;
    std::map<std::string, std::string> files_of_pages_;
    std::map<std::string, std::set<std::string>> used_anchors_;
    /// From the source to the course.
    std::map<std::string, std::string> files_;
    std::set<std::string> names_;
    Page* page_ = nullptr;
    /// Of Markdown; 0 for HTML.
    int line_ = 0;
    std::string why_not_;
    std::string failed_;
    int pictures_ = 0;
    int html_blocks_ = 0;
};

}  // namespace

std::string title_of_name(std::string_view name) {
    const auto first = name.find_first_not_of("0123456789-_. ");
    if (first != std::string_view::npos)
        name.remove_prefix(first);
    std::string title = as_utf8(name);
    for (char& c : title)
        c = c == '-' || c == '_' ? ' ' : c;
    if (!title.empty() && title[0] >= 'a' && title[0] <= 'z')
        title[0] = char(title[0] & ~0x20);
    title = in_one_line(title);
    return title.empty() ? "Course" : title;
}

void complete_head(IncomingCourse& course, const CourseWishes& wishes, ImportReport& report) {
    const auto assumed = [&report](std::string_view what, std::string_view value, std::string_view option) {
        report.changed.push_back(fmt::format(
            "the source names no {}; \"{}\" was entered, --{} says otherwise", what, value, option));
    };
    if (!wishes.title.empty())
        course.title = wishes.title;
    if (!wishes.language.empty())
        course.language = wishes.language;
    if (course.language.size() < 2 || course.language.size() > 35 ||
        course.language.find_first_not_of(
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != std::string::npos) {
        course.language = "en";
        assumed("language", course.language, "language");
    }
    const ImportWords words = make_import_words(course.language);
    if (!wishes.licence.empty()) {
        course.licence = wishes.licence;
        course.licence_url.clear();
        if (const auto known = find_licence(wishes.licence)) {
            course.licence = known->name;
            course.licence_url = known->url;
        }
    }
    if (course.licence.empty()) {
        course.licence = words.unknown_licence;
        assumed("licence", course.licence, "licence");
    }
    if (!wishes.author.empty())
        course.authors = {wishes.author};
    if (course.authors.empty()) {
        course.authors = {std::string(words.unknown_author)};
        assumed("author", course.authors.front(), "author");
    }
    if (course.title.empty()) {
        course.title = title_of_name(wishes.name);
        assumed("title", course.title, "title");
    }
    if (course.summary.empty())
        course.summary = course.title;
}

std::optional<KnownLicence> find_licence(std::string_view text) {
    const std::string lower = in_lower_case(std::string(text));
    const auto make = [](std::string_view kind, std::string_view version) {
        std::string name = "CC ";
        for (const char c : kind)
            name += c >= 'a' && c <= 'z' ? char(c & ~0x20) : c;
        return KnownLicence{fmt::format("{} {}", name, version),
                            fmt::format("https://creativecommons.org/licenses/{}/{}/", kind, version)};
    };
    const auto version_of = [](std::string_view rest) -> std::string {
        const auto digit = rest.find_first_of("1234");
        if (digit != std::string_view::npos && rest.size() > digit + 2 && rest[digit + 1] == '.' &&
            rest[digit + 2] >= '0' && rest[digit + 2] <= '9')
            return std::string(rest.substr(digit, 3));
        return "4.0";
    };
    constexpr std::string_view kinds[] = {"by-nc-sa", "by-nc-nd", "by-nc", "by-nd", "by-sa", "by"};
    if (lower.find("creativecommons.org/publicdomain/zero") != std::string::npos ||
        lower.starts_with("cc0") || lower == "public_domain")
        return KnownLicence{"CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"};
    if (const auto at = lower.find("creativecommons.org/licenses/"); at != std::string::npos) {
        const std::string_view rest = std::string_view(lower).substr(at + 29);
        for (const std::string_view kind : kinds)
            if (rest.starts_with(kind))
                return make(kind, version_of(rest.substr(kind.size())));
        return std::nullopt;
    }
    // "CC BY-SA 4.0", "cc_by_sa", "CC-BY".
    std::string plain;
    for (const char c : lower)
        plain += c == '_' || c == ' ' ? '-' : c;
    if (!plain.starts_with("cc-by"))
        return std::nullopt;
    const std::string_view rest = std::string_view(plain).substr(3);
    for (const std::string_view kind : kinds)
        if (rest.starts_with(kind) && (rest.size() == kind.size() || rest[kind.size()] == '-'))
            return make(kind, version_of(rest.substr(kind.size())));
    return std::nullopt;
}

Result<void> write_course(IncomingCourse course, const fs::path& target, const FindDestination& find,
                          ImportReport& report) {
    return Assembly(std::move(course), target, find, report).run();
}

}  // namespace calyptenora::platform
