#include "platform/imports/cartridge.hpp"

#include "platform/courses/course_files.hpp"
#include "platform/imports/cartridge_manifest.hpp"
#include "platform/imports/html_page.hpp"
#include "platform/imports/package_files.hpp"
#include "platform/imports/plain_text.hpp"
#include "platform/imports/tidy_html.hpp"
#include "platform/imports/xml_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace calyptenora::platform {

namespace {

namespace fs = std::filesystem;
using Kind = CartridgeResource::Kind;

class Importer {
  public:
    Importer(const fs::path& source, const fs::path& target, const CourseWishes& wishes)
        : source_(source), target_(target), wishes_(wishes), files_(source) {}

    Result<ImportReport> run() {
        auto loaded = load_cartridge_manifest(source_);
        if (!loaded)
            return loaded.error();
        manifest_ = std::move(*loaded);
        course_ = std::move(manifest_.head);
        complete_head(course_, wishes_, report_);
        words_ = make_import_words(course_.language);
        for (const auto& [identifier, resource] : manifest_.resources)
            if (!resource.file.empty())
                resources_of_files_.emplace(resource.file, identifier);
        for (const CartridgeItem& item : manifest_.items)
            top_item(item);
        linked_pages();
        name_what_stays();
        std::erase_if(course_.modules, [](const IncomingModule& module) { return module.pages.empty(); });
        if (course_.modules.empty())
            return Error(ErrorKind::invalid_input,
                         fmt::format("{} holds nothing that can become a lesson", source_.string()));
        const auto written = write_course(
            std::move(course_), target_,
            [this](const std::string& page, const std::string& address) { return find(page, address); },
            report_);
        if (!written)
            return written.error();
        return std::move(report_);
    }

  private:
    void top_item(const CartridgeItem& item) {
        if (item.items.empty() && !item.resource.empty()) {
            // A lesson beside the modules.
            if (course_.modules.empty() || course_.modules.back().title != course_.title)
                course_.modules.push_back({course_.title, {}});
            leaf(item);
            return;
        }
        folder(item, item.title.empty() ? course_.title : item.title);
    }

    // Modules are one level deep: a folder in a folder, or a heading, begins a module of its own.
    void folder(const CartridgeItem& item, const std::string& title) {
        course_.modules.push_back({title, {}});
        modules_[item.identifier] = course_.modules.size() - 1;
        if (!item.resource.empty())
            leaf(item);
        bool within = true;
        for (const CartridgeItem& child : item.items) {
            if (!child.items.empty() || child.resource.empty()) {
                folder(child, child.title.empty() ? title : fmt::format("{}: {}", title, child.title));
                within = child.items.empty();
                continue;
            }
            if (!within)
                course_.modules.push_back({title, {}});
            within = true;
            leaf(child);
        }
    }

    void leaf(const CartridgeItem& item) {
        const auto found = manifest_.resources.find(item.resource);
        if (found == manifest_.resources.end())
            return missing(item.title, "the manifest does not say what it is");
        items_[item.identifier] = item.resource;
        add_page(found->second, item.title);
    }

    // Adds the resource to the last module, if it can be a lesson.
    void add_page(const CartridgeResource& resource, const std::string& title) {
        const std::string shown = title.empty() ? resource.file : title;
        if (!known_.insert(resource.identifier).second) {
            report_.changed.push_back(
                fmt::format("{}: it is in the contents more than once and became one lesson", shown));
            return;
        }
        if (resource.for_teachers)
            return missing(shown, "it is for teachers only");
        switch (resource.kind) {
            case Kind::quiz:
                return missing(shown,
                               fmt::format("a quiz with {} questions; there are no graded questions here",
                                           count_questions(resource)));
            case Kind::tool:
                return missing(shown,
                               "an external tool (LTI); it would get data of learners, so it needs a plugin");
            case Kind::other:
                return missing(shown,
                               fmt::format("resources of the type \"{}\" are not known", resource.type));
            case Kind::web_link:
                return web_link(resource, title);
            case Kind::topic:
            case Kind::assignment:
                return topic(resource, title);
            case Kind::content:
                return content(resource, title);
        }
    }

    void content(const CartridgeResource& resource, const std::string& title) {
        if (!is_html_file(resource.file))
            return file_page(resource, title);
        const auto html = files_.load_text(resource.file, max_text_file);
        if (!html)
            return missing(resource.file, html.error().message);
        HtmlPage page = read_html_page(*html, resource.file, words_, report_);
        if (const auto state = page.meta.find("workflow_state");
            state != page.meta.end() && state->second == "unpublished")
            return missing(resource.file, "the page was not published");
        tell_layout(page);
        std::string name = title.empty() ? page.title : title;
        if (name.empty())
            name = fs::path(resource.file).stem().string();
        if (resource.file.ends_with("assignment.html") || resource.type.starts_with("associatedcontent"))
            report_.changed.push_back(fmt::format(
                "{}: what came of the assignment is its text; nothing can be handed in", resource.file));
        add(resource, std::move(name), std::move(page.nodes));
    }

    void file_page(const CartridgeResource& resource, const std::string& title) {
        if (resource.file.empty() || !files_.find(resource.file))
            return missing(title.empty() ? resource.identifier : title, "its file is not in the package");
        const std::string label = title.empty() ? fs::path(resource.file).filename().string() : title;
        if (!is_served_file(resource.file))
            return missing(resource.file, "files of this kind are not served");
        HtmlNode link = make_element("a", {make_text_node(label)});
        link.set("href", "$IMS-CC-FILEBASE$/" + percent_encoded(resource.file));
        add(resource, label,
            {make_element("p",
                          {make_text_node(std::string(words_.file_to_download) + ": "), std::move(link)})});
    }

    void web_link(const CartridgeResource& resource, const std::string& title) {
        const auto document = files_.load_xml(resource.file);
        if (!document)
            return missing(title, document.error().message);
        const auto root = (*document)->document_element();
        const std::string url = attribute_of(child_named(root, "url"), "href");
        std::string label = in_one_line(text_of(child_named(root, "title")));
        if (label.empty())
            label = title.empty() ? url : title;
        if (classify_link(url) != LinkKind::external)
            return missing(label, fmt::format("its address \"{}\" is none of the web", url.substr(0, 100)));
        HtmlNode link = make_element("a", {make_text_node(label)});
        link.set("href", url);
        ++web_links_;
        add(resource, title.empty() ? label : title, {make_element("p", {std::move(link)})});
    }

    // A discussion's or an assignment's text, which may be HTML that is escaped in the XML, and its files.
    void topic(const CartridgeResource& resource, const std::string& title) {
        const auto document = files_.load_xml(resource.file);
        if (!document)
            return missing(title, document.error().message);
        const auto root = (*document)->document_element();
        const auto text = child_named(root, "text");
        const std::string type = attribute_of(text, "texttype");
        HtmlPage page;
        if (type == "text/plain")
            page.nodes.push_back(make_element("p", {make_text_node(text_of(text))}));
        else
            page = read_html_page(text_of(text), resource.file, words_, report_);
        tell_layout(page);
        for (const auto& attachment : children_named(child_named(root, "attachments"), "attachment")) {
            const std::string href = attribute_of(attachment, "href");
            HtmlNode link = make_element("a", {make_text_node(fs::path(href).filename().string())});
            link.set("href", href);
            page.nodes.push_back(make_element("p", {std::move(link)}));
        }
        std::string name = title.empty() ? in_one_line(text_of(child_named(root, "title"))) : title;
        report_.changed.push_back(fmt::format(
            "{}: what came of the {} \"{}\" is its text; {}", resource.file,
            resource.kind == Kind::topic ? "discussion" : "assignment", name,
            resource.kind == Kind::topic ? "nobody can answer there" : "nothing can be handed in"));
        add(resource, name.empty() ? resource.identifier : std::move(name), std::move(page.nodes));
    }

    void add(const CartridgeResource& resource, std::string title, std::vector<HtmlNode> nodes) {
        brought_.insert(resource.file);
        if (course_.modules.empty())
            course_.modules.push_back({course_.title, {}});
        first_pages_.emplace(course_.modules.size() - 1, resource.file);
        course_.modules.back().pages.push_back({resource.file, std::move(title), std::move(nodes)});
    }

    // Pages that are not in the contents come if a link leads there from one that does.
    void linked_pages() {
        std::vector<std::string> waiting;
        const auto collect = [&](const IncomingPage& page) { collect_links(page.name, page.nodes, waiting); };
        for (const IncomingModule& module : course_.modules)
            std::ranges::for_each(module.pages, collect);
        course_.modules.push_back({std::string(words_.further_pages), {}});
        for (std::size_t i = 0; i < waiting.size(); ++i) {
            const std::string file = waiting[i];
            const auto found = resources_of_files_.find(file);
            CartridgeResource resource = found != resources_of_files_.end()
                                             ? manifest_.resources.at(found->second)
                                             : CartridgeResource{.identifier = file,
                                                                 .kind = Kind::content,
                                                                 .type = "webcontent",
                                                                 .file = file,
                                                                 .for_teachers = false};
            if (known_.contains(resource.identifier))
                continue;
            const std::size_t before = course_.modules.back().pages.size();
            add_page(resource, "");
            if (course_.modules.back().pages.size() > before)
                collect(course_.modules.back().pages.back());
        }
    }

    void collect_links(const std::string& page, const std::vector<HtmlNode>& nodes,
                       std::vector<std::string>& to) {
        for (const HtmlNode& node : nodes) {
            if (const auto* href = node.tag == "a" ? node.find("href") : nullptr)
                if (const auto target = find(page, *href); const auto* other = std::get_if<ToPage>(&target))
                    to.push_back(other->name);
            collect_links(page, node.children, to);
        }
    }

    void name_what_stays() {
        for (const auto& [identifier, resource] : manifest_.resources) {
            if (known_.contains(identifier) || resource.for_teachers)
                continue;
            if (resource.kind == Kind::quiz)
                missing(resource.file,
                        fmt::format("a quiz with {} questions; there are no graded questions here",
                                    count_questions(resource)));
            else if (resource.kind == Kind::tool)
                missing(resource.file,
                        "an external tool (LTI); it would get data of learners, so it needs a plugin");
            else if (resource.kind == Kind::other)
                missing(resource.file,
                        fmt::format("resources of the type \"{}\" are not known", resource.type));
            else if (resource.kind != Kind::content || is_html_file(resource.file))
                missing(resource.file, "it is not in the contents, and no lesson links to it");
        }
        if (layouts_ > 0)
            report_.changed.push_back(fmt::format(
                "colours, sizes and classes of {} pages were left out: lessons look as the platform does",
                layouts_));
        if (web_links_ > 0)
            report_.brought.push_back(fmt::format("{} web links", web_links_));
    }

    std::size_t count_questions(const CartridgeResource& resource) const {
        const auto document = files_.load_xml(resource.file);
        return document ? count_items((*document)->document_element(), 0) : 0;
    }
    static std::size_t count_items(const pugi::xml_node& node, int depth) {
        std::size_t count = local_name(node) == "item" ? 1 : 0;
        if (depth < max_xml_depth)
            for (const auto& child : node.children())
                count += count_items(child, depth + 1);
        return count;
    }

    // What an address on a page means. The tokens are those of the standard and of Canvas.
    Destination find(const std::string& page, const std::string& address) const {
        std::string url = address;
        for (const char* token : {"IMS-CC-FILEBASE", "IMS_CC_FILEBASE", "WIKI_REFERENCE",
                                  "CANVAS_OBJECT_REFERENCE", "CANVAS_COURSE_REFERENCE"}) {
            // Some editors have encoded the dollar signs.
            const std::string encoded = fmt::format("%24{}%24", token);
            if (url.starts_with(encoded))
                url.replace(0, encoded.size(), fmt::format("${}$", token));
        }
        if (!url.starts_with('$') && classify_link(url) == LinkKind::external)
            return ToWeb{url};
        const auto hash = url.find('#');
        const std::string anchor =
            hash == std::string::npos
                ? std::string()
                : find_percent_decoded(std::string_view(url).substr(hash + 1)).value_or(url.substr(hash + 1));
        std::string path = url.substr(0, url.find_first_of("?#"));
        path = find_percent_decoded(path).value_or(path);
        if (path.empty())
            return hash == std::string::npos ? Destination(ToNowhere{"the address is empty"})
                                             : Destination(ToPage{page, anchor});
        for (const std::string_view token : {"$IMS-CC-FILEBASE$", "$IMS_CC_FILEBASE$"})
            if (path.starts_with(token))
                return in_package(page, path.substr(token.size()), anchor, true);
        if (path.starts_with("$WIKI_REFERENCE$"))
            return wiki_page(path.substr(16), anchor);
        if (path.starts_with("$CANVAS_OBJECT_REFERENCE$"))
            return canvas_object(path.substr(25), anchor);
        if (path.starts_with("$CANVAS_COURSE_REFERENCE$"))
            return canvas_object(path.substr(25), anchor);
        if (path.starts_with('$') || path.starts_with("@X@"))
            return ToNowhere{"only the platform that wrote the package knows what it means"};
        // What an editor has written as a path of its own server.
        if (const auto at = path.find("/pages/"); path.starts_with("/courses/") && at != std::string::npos)
            return wiki_page(path.substr(at), anchor);
        if (path.starts_with('/'))
            return ToNowhere{"it is a path on the server that the package comes from"};
        return in_package(page, path, anchor, false);
    }

    Destination in_package(const std::string& page, std::string path, const std::string& anchor,
                           bool from_base) const {
        while (path.starts_with('/'))
            path.erase(0, 1);
        std::vector<std::optional<std::string>> candidates;
        if (!from_base)
            candidates.push_back(CourseFiles::find_inside(page, path));
        // The base is the package's top, or with Canvas the folder web_resources; some exporters write paths
        // relative to the page's folder behind it.
        candidates.push_back(CourseFiles::find_inside("web_resources/x", path));
        candidates.push_back(CourseFiles::find_inside("x", path));
        candidates.push_back(CourseFiles::find_inside(page, path));
        std::string below = path;
        while (below.starts_with("../"))
            below.erase(0, 3);
        candidates.push_back(CourseFiles::find_inside("x", below));
        for (const auto& candidate : candidates) {
            if (!candidate)
                continue;
            const auto file = files_.find(*candidate);
            if (!file)
                continue;
            if (is_html_file(*candidate))
                return ToPage{*candidate, anchor};
            const std::string shown =
                candidate->starts_with("web_resources/") ? candidate->substr(14) : *candidate;
            return ToFile{*file, shown};
        }
        return ToNowhere{"the file is not in the package"};
    }

    // "/pages/what-is-ally", or with the identifier of the resource.
    Destination wiki_page(std::string_view path, const std::string& anchor) const {
        const auto slash = path.rfind('/');
        const std::string name(slash == std::string_view::npos ? path : path.substr(slash + 1));
        if (const auto found = manifest_.resources.find(name); found != manifest_.resources.end())
            return to_resource(found->second, anchor);
        const std::string file = fmt::format("wiki_content/{}.html", name);
        if (CourseFiles::find_inside("x", file) == file && files_.find(file))
            return ToPage{file, anchor};
        return ToNowhere{"the page is not in the package"};
    }

    // "/discussion_topics/i0f5c", "/modules/i66bc", "/modules/items/icb45", "/file_ref/i0aa1/download".
    Destination canvas_object(std::string_view path, const std::string& anchor) const {
        if (path.find("/pages/") != std::string_view::npos || path.find("/wiki/") != std::string_view::npos)
            return wiki_page(path, anchor);
        std::vector<std::string> parts;
        for (std::string_view rest = path; !rest.empty();) {
            const auto end = rest.find('/');
            if (end != 0)
                parts.emplace_back(rest.substr(0, end));
            rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        }
        for (const std::string& part : parts) {
            if (const auto found = manifest_.resources.find(part); found != manifest_.resources.end())
                return to_resource(found->second, anchor);
            if (const auto item = items_.find(part); item != items_.end())
                return to_resource(manifest_.resources.at(item->second), anchor);
            if (const auto module = modules_.find(part);
                module != modules_.end() && first_pages_.contains(module->second))
                return ToPage{first_pages_.at(module->second), ""};
        }
        return ToNowhere{"it is nothing that is in the package"};
    }

    Destination to_resource(const CartridgeResource& resource, const std::string& anchor) const {
        if (resource.kind == Kind::quiz || resource.kind == Kind::tool)
            return ToNowhere{"quizzes and external tools do not come"};
        const auto file = resource.file.empty() ? std::nullopt : files_.find(resource.file);
        if (!file)
            return ToNowhere{"its file is not in the package"};
        if (resource.kind == Kind::content && !is_html_file(resource.file) &&
            !brought_.contains(resource.file))
            return ToFile{*file, resource.file.starts_with("web_resources/") ? resource.file.substr(14)
                                                                             : resource.file};
        return ToPage{resource.file, anchor};
    }

    void tell_layout(const HtmlPage& page) { layouts_ += page.had_layout ? 1 : 0; }

    void missing(const std::string& what, std::string_view why) {
        report_.missing.push_back(fmt::format("{}: {}", what, why));
    }

    const fs::path& source_;
    const fs::path& target_;
    const CourseWishes& wishes_;
    PackageFiles files_;
    CartridgeManifest manifest_;
    IncomingCourse course_;
    ImportWords words_;
    ImportReport report_;
    std::map<std::string, std::string> resources_of_files_;
    /// Identifiers of resources that were looked at.
    std::set<std::string> known_;
    std::set<std::string> brought_;
    std::map<std::string, std::string> items_;
    /// Folders by identifier, as positions among the modules; and the first page of each position.
    std::map<std::string, std::size_t> modules_;
    std::map<std::size_t, std::string> first_pages_;
    int layouts_ = 0;
    int web_links_ = 0;
};

}  // namespace

bool is_cartridge(const fs::path& source) {
    std::error_code failure;
    return fs::is_regular_file(source / "imsmanifest.xml", failure);
}

Result<ImportReport> import_cartridge(const fs::path& source, const fs::path& target,
                                      const CourseWishes& wishes) {
    return Importer(source, target, wishes).run();
}

}  // namespace calyptenora::platform
