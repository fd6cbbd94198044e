#pragma once

#include "platform/courses/catalogue.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace calyptenora::platform::test {

/// A folder of its own that goes away with the test.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "calyptenora-courses-XXXXXX").string();
        path_ = mkdtemp(name.data());
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

    void write(const std::string& name, std::string_view text) const {
        std::filesystem::create_directories((path_ / name).parent_path());
        std::ofstream(path_ / name, std::ios::binary) << text;
    }

  private:
    std::filesystem::path path_;
};

/// A course of one lesson, whose body is given, in a folder "a".
class OneLesson {
  public:
    explicit OneLesson(std::string_view body, std::string_view language = "en") {
        folder.write("a/course.yaml", "title: A\nlanguage: " + std::string(language) +
                                          "\nsummary: S\nlicence: CC0\nauthors: [X]\nmodules:\n  - title: "
                                          "M\n    lessons: [01-one.md]\n");
        folder.write("a/01-one.md", "---\ntitle: One\n---\n" + std::string(body));
        folder.write("a/pic.svg", "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 320 200'></svg>");
    }

    void load() {
        problems.clear();
        course = load_course(folder.path() / "a", {}, problems);
    }

    /// All rendered pieces one after the other, a video as "[video ID]".
    std::string html() {
        load();
        std::string all;
        if (!course)
            return "no course: " + (problems.empty() ? std::string() : problems.front().text());
        for (const Block& block : course->lessons().front()->body) {
            if (const auto* part = std::get_if<SafeHtml>(&block))
                all += part->str();
            else
                all += "[video " + std::get<VideoSlot>(block).id + "]";
        }
        return all;
    }

    TemporaryFolder folder;
    Problems problems;
    std::optional<Course> course;
};

}  // namespace calyptenora::platform::test
