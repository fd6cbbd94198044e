#pragma once

#include "course_folder_fixture.hpp"
#include "platform/imports/cartridge.hpp"

#include <string>
#include <vector>

namespace calyptenora::platform::test {

inline std::string escaped_xml(std::string_view text) {
    std::string out;
    for (const char c : text)
        out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : std::string(1, c);
    return out;
}

/// A cartridge that a test puts together, and what becomes of it.
class CartridgeFixture {
  public:
    /// A page or file with an item in the contents.
    void add(const std::string& file, const std::string& content, const std::string& title,
             const std::string& type = "webcontent") {
        add_unlisted(file, content, type);
        items += "<item identifier='item" + std::to_string(count) + "' identifierref='res" +
                 std::to_string(count) + "'><title>" + escaped_xml(title) + "</title></item>";
    }
    /// The same, but not in the contents.
    void add_unlisted(const std::string& file, const std::string& content,
                      const std::string& type = "webcontent") {
        folder.write("source/" + file, content);
        ++count;
        resources += "<resource identifier='res" + std::to_string(count) + "' type='" + type + "' href='" +
                     file + "'><file href='" + file + "'/></resource>";
    }

    void write_manifest(const std::string& organisation = {}) const {
        folder.write(
            "source/imsmanifest.xml",
            "<?xml version='1.0'?><manifest identifier='m' "
            "xmlns='http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1'><metadata><schema>IMS Common "
            "Cartridge</schema><schemaversion>1.1.0</schemaversion>" +
                metadata +
                "</metadata><organizations><organization identifier='o' structure='rooted-hierarchy'>" +
                (organisation.empty() ? "<item identifier='root'><item identifier='module1'><title>First "
                                        "steps</title>" +
                                            items + "</item></item>"
                                      : organisation) +
                "</organization></organizations><resources>" + resources + "</resources></manifest>");
    }

    Result<ImportReport> import(const std::string& organisation = {}) {
        write_manifest(organisation);
        std::error_code ignored;
        std::filesystem::remove_all(folder.path() / "course", ignored);
        auto result = import_cartridge(folder.path() / "source", folder.path() / "course", wishes);
        Problems problems;
        course = result ? load_course(folder.path() / "course", {}, problems) : std::nullopt;
        return result;
    }

    const Lesson* lesson(const std::string& title) const {
        for (const Lesson* one : course->lessons())
            if (one->title == title)
                return one;
        return nullptr;
    }
    static std::string html(const Lesson& lesson) {
        std::string all;
        for (const Block& block : lesson.body)
            all += std::get<SafeHtml>(block).str();
        return all;
    }
    std::string html(const std::string& title) const {
        const Lesson* found = course ? lesson(title) : nullptr;
        return found ? html(*found) : "no lesson " + title;
    }

    TemporaryFolder folder;
    CourseWishes wishes;
    std::string metadata;
    std::string items;
    std::string resources;
    int count = 0;
    std::optional<Course> course;
};

/// A picture of one pixel.
inline std::string dot_png() {
    static const unsigned char bytes[] = {
        0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00,
        0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x00, 0x00, 0x1f, 0x15, 0xc4, 0x89, 0x00,
        0x00, 0x00, 0x0d, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x62, 0x00, 0x01, 0x00, 0x00, 0x05, 0x00, 0x01,
        0x0d, 0x0a, 0x2d, 0xb4, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};
    return {reinterpret_cast<const char*>(bytes), sizeof bytes};
}

}  // namespace calyptenora::platform::test
