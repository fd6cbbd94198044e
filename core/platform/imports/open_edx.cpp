#include "platform/imports/open_edx.hpp"

#include "platform/courses/course_files.hpp"
#include "platform/imports/html_page.hpp"
#include "platform/imports/package_files.hpp"
#include "platform/imports/plain_text.hpp"
#include "platform/imports/tidy_html.hpp"
#include "platform/imports/xml_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

namespace calyptenora::platform {

namespace {

namespace fs = std::filesystem;

/// Blocks within blocks: units hold tests of variants, and these hold units.
constexpr int max_blocks_depth = 8;

/// An element of the course, wherever it is written: in its place, or in a file that its place points to.
struct Element {
    pugi::xml_node node;
    /// For the report.
    std::string file;
    std::string id;

    std::string title() const { return in_one_line(attribute_of(node, "display_name")); }
    std::string kind() const { return std::string(local_name(node)); }
    bool is_for_staff() const { return attribute_of(node, "visible_to_staff_only") == "true"; }
};

class Importer {
  public:
    Importer(const fs::path& source, const fs::path& target, const CourseWishes& wishes)
        : source_(source), target_(target), wishes_(wishes), files_(source) {}

    Result<ImportReport> run() {
        const auto document = files_.load_xml("course.xml");
        if (!document)
            return document.error();
        const auto root = open((*document)->document_element(), "course.xml");
        if (!root || root->kind() != "course")
            return Error(ErrorKind::invalid_input,
                         fmt::format("{} leads to no course", (source_ / "course.xml").string()));
        head(*root, (*document)->document_element());
        complete_head(course_, wishes_, report_);
        words_ = make_import_words(course_.language);
        for (const pugi::xml_node& child : root->node.children())
            if (local_name(child) == "chapter")
                if (const auto found = open(child, root->file))
                    chapter(*found);
        std::erase_if(course_.modules, [](const IncomingModule& module) { return module.pages.empty(); });
        if (course_.modules.empty())
            return Error(ErrorKind::invalid_input,
                         fmt::format("{} holds nothing that can become a lesson", source_.string()));
        if (videos_ > 0)
            report_.brought.push_back(fmt::format("{} videos as links", videos_));
        if (problems_ > 0)
            report_.brought.push_back(fmt::format("none of {} problems", problems_));
        const auto written = write_course(
            std::move(course_), target_,
            [this](const std::string& page, const std::string& address) { return find(page, address); },
            report_);
        if (!written)
            return written.error();
        return std::move(report_);
    }

  private:
    void head(const Element& root, const pugi::xml_node& pointer) {
        course_.title = root.title();
        if (course_.title.empty())
            course_.title = in_one_line(attribute_of(pointer, "course"));
        course_.language = in_one_line(attribute_of(root.node, "language"));
        if (const auto organisation = in_one_line(attribute_of(pointer, "org")); !organisation.empty())
            course_.authors = {organisation};
        licence(in_one_line(attribute_of(root.node, "license")));
        for (const char* file : {"about/short_description.html", "about/overview.html"}) {
            const auto html = files_.load_text(file, max_text_file);
            if (!html || !course_.summary.empty())
                continue;
            ImportReport ignored;
            for (const HtmlNode& node :
                 tidy_html(read_html_page(*html, file, make_import_words("en"), ignored).nodes))
                if (node.tag == "p" && course_.summary.empty())
                    course_.summary = in_one_line(node.plain_text());
        }
    }

    // "creative-commons: ver=4.0 BY SA"
    void licence(const std::string& text) {
        if (!text.starts_with("creative-commons")) {
            course_.licence = text == "all-rights-reserved" ? "" : text;
            return;
        }
        std::string kind;
        std::string version = "4.0";
        std::istringstream words(text.substr(text.find(':') + 1));
        for (std::string word; words >> word;) {
            if (word.starts_with("ver="))
                version = word.substr(4);
            else
                kind += "-" + word;
        }
        if (const auto known = find_licence(fmt::format("cc{} {}", kind, version))) {
            course_.licence = known->name;
            course_.licence_url = known->url;
        }
    }

    // Follows `<chapter url_name="x"/>` to chapter/x.xml. Nothing if it was there before: a course is a tree.
    std::optional<Element> open(const pugi::xml_node& node, const std::string& from) {
        const std::string name = attribute_of(node, "url_name");
        const std::string kind(local_name(node));
        if (!name.empty() && !opened_.insert(kind + "/" + name).second)
            return std::nullopt;
        if (node.first_child() || name.empty())
            return Element{node, from, name};
        std::string path = name;
        std::ranges::replace(path, ':', '/');
        const std::string file = fmt::format("{}/{}.xml", kind, path);
        // A block that is complete without content has no file of its own.
        if (!files_.find(file))
            return Element{node, from, name};
        auto document = files_.load_xml(file);
        if (!document) {
            missing(file, document.error().message);
            return std::nullopt;
        }
        documents_.push_back(std::move(*document));
        return Element{documents_.back()->document_element(), file, name};
    }

    void chapter(const Element& chapter) {
        if (chapter.is_for_staff())
            return missing(chapter.file, "only staff may see this chapter");
        course_.modules.push_back({chapter.title().empty() ? course_.title : chapter.title(), {}});
        for (const pugi::xml_node& child : chapter.node.children())
            if (child.type() == pugi::node_element)
                if (const auto found = open(child, chapter.file))
                    lesson(*found);
    }

    void lesson(const Element& sequential) {
        if (sequential.is_for_staff())
            return missing(sequential.file, "only staff may see this subsection");
        IncomingPage page;
        page.name = sequential.file;
        while (!names_.insert(page.name).second)
            page.name += "'";
        page.title = sequential.title().empty() ? course_.modules.back().title : sequential.title();
        page_ = &page;
        places_[sequential.id] = {page.name, ""};
        units_ = {};
        if (sequential.kind() == "sequential" || sequential.kind() == "videosequence") {
            for (const pugi::xml_node& child : sequential.node.children())
                if (child.type() == pugi::node_element)
                    if (const auto found = open(child, sequential.file))
                        block(*found, 0);
        } else {
            block(sequential, 0);
        }
        if (page.nodes.empty())
            return missing(page.name, "nothing in this subsection can come");
        course_.modules.back().pages.push_back(std::move(page));
    }

    void block(const Element& element, int depth) {
        const std::string kind = element.kind();
        const std::string title = element.title();
        const std::string shown =
            title.empty() ? element.file : fmt::format("{} (\"{}\")", element.file, title);
        if (element.is_for_staff())
            return missing(shown, "only staff may see it");
        if (kind == "html")
            return html(element);
        if (kind == "video")
            return video(element);
        if (kind == "problem") {
            ++problems_;
            return missing(shown, "a problem; there are no graded questions here");
        }
        if (kind == "vertical" || kind == "wrapper" || kind == "split_test" || kind == "conditional" ||
            kind == "randomize" || kind == "sequential")
            return unit(element, depth);
        if (kind != "wiki" && !kind.empty())
            missing(shown, fmt::format("blocks of the kind \"{}\" do not come", kind));
    }

    void unit(const Element& element, int depth) {
        if (depth >= max_blocks_depth)
            return missing(element.file, "blocks are nested too deeply");
        const std::size_t before = page_->nodes.size();
        for (const pugi::xml_node& child : element.node.children())
            if (child.type() == pugi::node_element)
                if (const auto found = open(child, element.file))
                    block(*found, depth + 1);
        if (page_->nodes.size() == before)
            return;
        // The unit's title is a heading, unless the lesson is called so.
        const std::string anchor = "unit-" + std::to_string(++units_);
        places_[element.id] = {page_->name, anchor};
        const std::string title = element.title();
        HtmlNode heading =
            make_element(title.empty() || title == page_->title ? "p" : "h2", {make_text_node(title)});
        if (heading.tag == "p")
            heading.children.clear();
        heading.set("id", anchor);
        page_->nodes.insert(page_->nodes.begin() + std::ptrdiff_t(before), std::move(heading));
    }

    void html(const Element& element) {
        std::string text;
        std::string file = element.file;
        std::string name = attribute_of(element.node, "filename");
        if (!name.empty()) {
            std::ranges::replace(name, ':', '/');
            file = fmt::format("html/{}.html", name);
            auto loaded = files_.load_text(file, max_text_file);
            if (!loaded)
                return missing(file, loaded.error().message);
            text = std::move(*loaded);
        } else {
            std::ostringstream inside;
            for (const pugi::xml_node& child : element.node.children()) {
                // What stands in a CDATA section is the page itself.
                if (child.type() == pugi::node_cdata)
                    inside << child.value();
                else
                    child.print(inside, "", pugi::format_raw);
            }
            text = inside.str();
        }
        HtmlPage page = read_html_page(text, file, words_, report_);
        places_[element.id] = {page_->name, ""};
        std::ranges::move(page.nodes, std::back_inserter(page_->nodes));
    }

    void video(const Element& element) {
        std::string address;
        if (std::string id = attribute_of(element.node, "youtube_id_1_0"); !id.empty())
            address = "https://www.youtube.com/watch?v=" + percent_encoded(id);
        // "0.75:abc,1.00:def"
        const std::string speeds = attribute_of(element.node, "youtube");
        if (const auto at = speeds.find("1.00:"); address.empty() && at != std::string::npos)
            address = "https://www.youtube.com/watch?v=" +
                      percent_encoded(speeds.substr(at + 5, speeds.find(',', at) - at - 5));
        if (address.empty())
            address = attribute_of(child_named(element.node, "source"), "src");
        const std::string title = element.title();
        const std::string label = fmt::format("{}{}{}", words_.video, title.empty() ? "" : ": ", title);
        if (address.empty() || classify_link(address) == LinkKind::refused)
            return missing(element.file, fmt::format("the video \"{}\" has no address", title));
        ++videos_;
        missing(element.file,
                fmt::format("the video \"{}\" is not shown within a lesson; a link to {} stands there "
                            "instead",
                            title, address));
        HtmlNode link = make_element("a", {make_text_node(label)});
        link.set("href", address);
        page_->nodes.push_back(make_element("p", {std::move(link)}));
    }

    Destination find(const std::string& page, const std::string& address) const {
        if (classify_link(address) == LinkKind::external)
            return ToWeb{address};
        const auto hash = address.find('#');
        const std::string anchor = hash == std::string::npos ? std::string() : address.substr(hash + 1);
        std::string path = address.substr(0, address.find_first_of("?#"));
        path = find_percent_decoded(path).value_or(path);
        if (path.empty())
            return ToPage{page, anchor};
        if (path.find("/jump_to") != std::string::npos) {
            // "/jump_to_id/x", or "/courses/.../jump_to/block-v1:...+block@x".
            const std::string id = path.substr(path.find_last_of("/@") + 1);
            const auto place = places_.find(id);
            return place == places_.end() ? Destination(ToNowhere{"the block did not come"})
                                          : Destination(ToPage{place->second.first, place->second.second});
        }
        if (const auto at = path.find("/static/"); at != std::string::npos || path.starts_with("static/")) {
            const std::string name = path.substr(at == std::string::npos ? 7 : at + 8);
            for (const std::string& one : {name, with_underscores(name)})
                if (const auto inside = CourseFiles::find_inside("static/x", one))
                    if (const auto file = files_.find(*inside))
                        return ToFile{*file, one};
            return ToNowhere{"the file is not in the package"};
        }
        // Studio writes files of the course as assets of its own server.
        if (const auto at = path.rfind("@asset+block@"); at != std::string::npos)
            if (const auto inside = CourseFiles::find_inside("static/x", path.substr(at + 13)))
                if (const auto file = files_.find(*inside))
                    return ToFile{*file, path.substr(at + 13)};
        return ToNowhere{"it is a path on the server that the course comes from"};
    }

    static std::string with_underscores(std::string name) {
        std::ranges::replace(name, ' ', '_');
        return name;
    }

    void missing(const std::string& what, std::string_view why) {
        report_.missing.push_back(fmt::format("{}: {}", what, why));
    }

    const fs::path& source_;
    const fs::path& target_;
    const CourseWishes& wishes_;
    PackageFiles files_;
    IncomingCourse course_;
    ImportWords words_;
    ImportReport report_;
    /// They own the nodes that are being looked at.
    std::vector<std::unique_ptr<pugi::xml_document>> documents_;
    std::set<std::string> opened_;
    std::set<std::string> names_;
    /// Blocks by id: the page that holds them, and the place there.
    std::map<std::string, std::pair<std::string, std::string>> places_;
    IncomingPage* page_ = nullptr;
    int units_ = 0;
    int videos_ = 0;
    int problems_ = 0;
};

}  // namespace

bool is_open_edx_course(const fs::path& source) {
    std::error_code failure;
    if (!fs::is_regular_file(source / "course.xml", failure))
        return false;
    const auto document = load_xml_file(source / "course.xml");
    return document && local_name((*document)->document_element()) == "course";
}

Result<ImportReport> import_open_edx(const fs::path& source, const fs::path& target,
                                     const CourseWishes& wishes) {
    return Importer(source, target, wishes).run();
}

}  // namespace calyptenora::platform
