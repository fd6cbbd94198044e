#include "platform/imports/cartridge_manifest.hpp"

#include "platform/courses/course_files.hpp"
#include "platform/imports/plain_text.hpp"
#include "platform/imports/xml_file.hpp"

#include <fmt/format.h>

namespace calyptenora::platform {

namespace {

namespace fs = std::filesystem;

// "imsqti_xmlv1p2/imscc_xmlv1p1/assessment": the beginning says what it is, versions change.
CartridgeResource::Kind kind_of(std::string_view type) {
    using Kind = CartridgeResource::Kind;
    constexpr std::pair<std::string_view, Kind> kinds[] = {
        {"webcontent", Kind::content},     {"associatedcontent", Kind::content},
        {"imswl_", Kind::web_link},        {"imsdt_", Kind::topic},
        {"assignment_", Kind::assignment}, {"imsqti_", Kind::quiz},
        {"imsbasiclti_", Kind::tool},      {"imslti", Kind::tool},
    };
    for (const auto& [beginning, kind] : kinds)
        if (type.starts_with(beginning))
            return kind;
    return Kind::other;
}

std::string inside_package(const std::string& base, const std::string& href) {
    const auto decoded = find_percent_decoded(href.substr(0, href.find_first_of("?#")));
    const std::string path = decoded.value_or(href);
    return CourseFiles::find_inside(base.empty() ? "x" : base + "/x", path).value_or(std::string());
}

class ManifestReader {
  public:
    explicit ManifestReader(const fs::path& source) : source_(source) {}

    Result<CartridgeManifest> run() {
        const auto document = load_xml_file(source_ / "imsmanifest.xml");
        if (!document)
            return document.error();
        const auto root = (*document)->document_element();
        if (local_name(root) != "manifest")
            return Error(ErrorKind::invalid_input, fmt::format("{}: this is no manifest of IMS",
                                                               (source_ / "imsmanifest.xml").string()));
        head(child_named(child_named(root, "metadata"), "lom"));
        canvas_settings();
        const auto resources = child_named(root, "resources");
        for (const auto& node : children_named(resources, "resource"))
            resource(node, attribute_of(resources, "base"));
        const auto organisation = child_named(child_named(root, "organizations"), "organization");
        for (const auto& node : children_named(organisation, "item"))
            manifest_.items.push_back(item(node, 0));
        // The standard has one item without a title around all others.
        if (manifest_.items.size() == 1 && manifest_.items.front().resource.empty() &&
            !manifest_.items.front().items.empty() && manifest_.items.front().title.empty()) {
            auto inner = std::move(manifest_.items.front().items);
            manifest_.items = std::move(inner);
        }
        return std::move(manifest_);
    }

  private:
    static std::string string_in(const pugi::xml_node& node) {
        for (const char* name : {"string", "langstring"})
            if (const auto inner = find_below(node, name, 2))
                return in_one_line(text_of(inner));
        return in_one_line(text_of(node));
    }

    void head(const pugi::xml_node& lom) {
        const auto general = child_named(lom, "general");
        manifest_.head.title = string_in(child_named(general, "title"));
        manifest_.head.language = in_one_line(text_of(child_named(general, "language")));
        manifest_.head.summary = string_in(child_named(general, "description"));
        const std::string rights = string_in(child_named(child_named(lom, "rights"), "description"));
        if (const auto known = find_licence(rights)) {
            manifest_.head.licence = known->name;
            manifest_.head.licence_url = known->url;
        } else {
            manifest_.head.licence = rights;
        }
        for (const auto& contribution : children_named(child_named(lom, "lifeCycle"), "contribute"))
            for (const auto& entity : children_named(contribution, "entity"))
                author(text_of(entity));
    }

    // A vCard; "FN:" is the name as people write it.
    void author(const std::string& card) {
        std::string name = in_one_line(card);
        if (const auto at = card.find("FN:"); at != std::string::npos)
            name = in_one_line(card.substr(at + 3, card.find_first_of("\r\n", at) - at - 3));
        if (!name.empty() && name.find("BEGIN:VCARD") == std::string::npos)
            manifest_.head.authors.push_back(name);
    }

    // What Canvas puts beside the standard's metadata.
    void canvas_settings() {
        const fs::path file = source_ / "course_settings" / "course_settings.xml";
        std::error_code failure;
        if (!fs::is_regular_file(file, failure))
            return;
        const auto document = load_xml_file(file);
        if (!document)
            return;
        const auto root = (*document)->document_element();
        if (manifest_.head.title.empty())
            manifest_.head.title = in_one_line(text_of(child_named(root, "title")));
        if (manifest_.head.language.empty())
            manifest_.head.language = in_one_line(text_of(child_named(root, "locale")));
        if (const auto known = find_licence(text_of(child_named(root, "license")));
            known && manifest_.head.licence.empty()) {
            manifest_.head.licence = known->name;
            manifest_.head.licence_url = known->url;
        }
    }

    void resource(const pugi::xml_node& node, const std::string& base) {
        CartridgeResource found;
        found.identifier = attribute_of(node, "identifier");
        found.type = attribute_of(node, "type");
        found.kind = kind_of(found.type);
        std::string href = attribute_of(node, "href");
        if (href.empty())
            href = attribute_of(child_named(node, "file"), "href");
        found.file = inside_package(base + attribute_of(node, "base"), href);
        for (const auto& role : children_named(find_below(node, "educational"), "intendedEndUserRole")) {
            const std::string value = text_of(child_named(role, "value"));
            found.for_teachers = found.for_teachers || value == "Instructor" || value == "Mentor";
        }
        manifest_.resources.emplace(found.identifier, std::move(found));
    }

    static CartridgeItem item(const pugi::xml_node& node, int depth) {
        CartridgeItem found;
        found.identifier = attribute_of(node, "identifier");
        found.resource = attribute_of(node, "identifierref");
        found.title = in_one_line(text_of(child_named(node, "title")));
        if (depth < max_xml_depth)
            for (const auto& child : children_named(node, "item"))
                found.items.push_back(item(child, depth + 1));
        return found;
    }

    const fs::path& source_;
    CartridgeManifest manifest_;
};

}  // namespace

Result<CartridgeManifest> load_cartridge_manifest(const fs::path& source) {
    return ManifestReader(source).run();
}

}  // namespace calyptenora::platform
