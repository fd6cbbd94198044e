#include "platform/courses/lesson_source.hpp"

#include "platform/courses/course_files.hpp"
#include "platform/courses/yaml_fields.hpp"

#include <fmt/format.h>

namespace calyptenora::platform {

std::optional<FrontMatter> parse_front_matter(std::string_view text) {
    FrontMatter result;
    const auto is_fence = [](std::string_view line) {
        const auto last = line.find_last_not_of(" \t\r");
        return last == 2 && line.starts_with("---");
    };
    if (!is_fence(text.substr(0, text.find('\n')))) {
        result.body = text;
        return result;
    }
    std::size_t at = text.find('\n');
    for (int line = 2; at != std::string_view::npos; ++line) {
        const std::size_t begin = at + 1;
        const std::size_t end = text.find('\n', begin);
        if (is_fence(text.substr(begin, end - begin))) {
            result.body = end == std::string_view::npos ? std::string() : std::string(text.substr(end + 1));
            result.body_line = line + 1;
            return result;
        }
        result.yaml += text.substr(begin, end - begin);
        result.yaml += '\n';
        at = end;
    }
    return std::nullopt;
}

std::optional<LessonSource> load_lesson_source(const std::filesystem::path& course_folder,
                                               const std::string& path, Problems& problems) {
    LessonSource source;
    source.path = path;
    source.file = course_folder / path;
    auto text = load_text_file(source.file, max_text_file, problems);
    if (!text)
        return std::nullopt;
    auto front = parse_front_matter(*text);
    if (!front || front->yaml.empty()) {
        problems.push_back({Problem::Severity::error, source.file, 1,
                            front ? "the lesson has no front matter" : "the front matter is never closed",
                            "begin the file with the lines \"---\", \"title: ...\", \"---\""});
        return std::nullopt;
    }
    const std::size_t before = problems.size();
    auto fields = YamlFields::parse(front->yaml, source.file, front->yaml_line - 1,
                                    {"title", "slug", "minutes", "due"}, problems);
    if (!fields)
        return std::nullopt;
    source.title = fields->required_text("title", "What this lesson is about");
    source.minutes = fields->number("minutes", 1, 1000).value_or(0);
    source.due = fields->due_date("due");
    source.slug = fields->text("slug");
    if (source.slug.empty()) {
        const std::string name = source.file.stem().string();
        const auto first = name.find_first_not_of("0123456789-_.");
        source.slug = make_slug(first == std::string::npos ? name : name.substr(first));
    }
    if (source.slug.empty() || source.slug != make_slug(source.slug))
        fields->error(fields->line_of_key("slug"),
                      fmt::format("\"{}\" is no name for an address", source.slug),
                      "use lower-case letters, digits and hyphens");
    source.body = std::move(front->body);
    source.body_line = front->body_line;
    if (problems.size() != before)
        return std::nullopt;
    return source;
}

}  // namespace calyptenora::platform
