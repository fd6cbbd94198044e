#include "platform/courses/course_folder.hpp"

#include "platform/courses/course_files.hpp"
#include "platform/courses/html_allow_list.hpp"
#include "platform/courses/lesson_renderer.hpp"
#include "platform/courses/lesson_source.hpp"
#include "platform/courses/yaml_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace calyptenora::platform {

namespace {

namespace fs = std::filesystem;

bool is_language(std::string_view text) {
    return text.size() >= 2 && text.size() <= 35 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
           });
}

// "19.00" with two digits behind the point, as for all currencies here but the yen's kind.
std::optional<std::int64_t> find_minor_units(std::string_view amount, int digits) {
    const auto point = amount.find('.');
    const std::string_view whole = amount.substr(0, point);
    const std::string_view part =
        point == std::string_view::npos ? std::string_view() : amount.substr(point + 1);
    const auto all_digits = [](std::string_view text) {
        return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    const bool part_fits = point == std::string_view::npos || int(part.size()) == digits;
    if (whole.empty() || whole.size() > 9 || !all_digits(whole) || !all_digits(part) || !part_fits)
        return std::nullopt;
    std::int64_t units = 0;
    for (const char c : whole)
        units = units * 10 + (c - '0');
    for (int i = 0; i < digits; ++i)
        units = units * 10 + (part.empty() ? 0 : part[std::size_t(i)] - '0');
    return units;
}

class CourseReader {
  public:
    CourseReader(const fs::path& folder, const CourseOptions& options, Problems& problems)
        : folder_(folder), file_(folder / "course.yaml"), options_(options), problems_(problems) {}

    std::optional<Course> read() {
        const std::size_t before = problems_.size();
        const auto text = load_text_file(file_, 256 * 1024, problems_);
        auto fields = text ? YamlFields::parse(*text, file_, 0,
                                               {"title", "slug", "language", "summary", "subject", "level",
                                                "authors", "licence", "licence_url", "attribution",
                                                "source_url", "price", "prerequisites", "modules"},
                                               problems_)
                           : std::nullopt;
        if (!fields)
            return std::nullopt;
        head(*fields);
        price(*fields);
        prerequisites(*fields);
        modules(*fields);
        render();
        check_anchors();
        const Problems mine(problems_.begin() + std::ptrdiff_t(before), problems_.end());
        if (has_error(mine))
            return std::nullopt;
        return std::move(course_);
    }

  private:
    void head(YamlFields& fields) {
        course_.folder = folder_;
        course_.title = fields.required_text("title", "What the course is called");
        course_.slug = fields.text("slug");
        if (course_.slug.empty())
            course_.slug = make_slug(fs::weakly_canonical(folder_).filename().string());
        if (course_.slug.empty() || course_.slug != make_slug(course_.slug))
            fields.error(fields.line_of_key("slug"),
                         fmt::format("\"{}\" is no name for an address", course_.slug),
                         "use lower-case letters, digits and hyphens");
        course_.language = fields.required_text("language", "de");
        if (!course_.language.empty() && !is_language(course_.language))
            fields.error(fields.line_of_key("language"),
                         fmt::format("\"{}\" is no language tag", course_.language),
                         "write it as \"de\" or \"en-GB\"");
        course_.summary = fields.required_text("summary", "One or two sentences on what one learns");
        course_.subject = fields.text("subject");
        course_.licence = fields.required_text("licence", "CC BY 4.0");
        course_.attribution = fields.text("attribution");
        course_.licence_url = web_address(fields, "licence_url");
        course_.source_url = web_address(fields, "source_url");
        course_.authors = fields.texts("authors");
        if (course_.authors.empty())
            fields.error(fields.line_of_key("authors"), "\"authors\" is missing or empty",
                         "add \"authors: [Name]\"");
        const std::string level = fields.text("level");
        constexpr std::array<std::string_view, 3> levels{"beginner", "intermediate", "advanced"};
        const auto found = std::find(levels.begin(), levels.end(), level);
        if (found != levels.end())
            course_.level = Level(found - levels.begin());
        else if (!level.empty())
            fields.error(fields.line_of_key("level"), fmt::format("unknown level \"{}\"", level),
                         "use beginner, intermediate or advanced");
    }

    static std::string web_address(YamlFields& fields, const char* key) {
        std::string url = fields.text(key);
        if (!url.empty() && (classify_link(url) != LinkKind::external || !url.starts_with("http")))
            fields.error(fields.line_of_key(key), fmt::format("\"{}\" is no web address", url),
                         "begin it with https://");
        return url;
    }

    void price(YamlFields& fields) {
        const YAML::Node node = fields.node("price");
        if (!node || node.IsNull() || (node.IsScalar() && node.Scalar() == "free"))
            return;
        if (!node.IsMap())
            return fields.error(
                fields.line_of(node),
                fmt::format("\"price: {}\" is not understood", node.IsScalar() ? node.Scalar() : "..."),
                "write \"price: free\" or \"price: {amount: 19.00, currency: EUR}\"");
        YamlFields inner(node, file_, 0, {"amount", "currency"}, problems_);
        const std::string amount = inner.required_text("amount", "19.00");
        const std::string currency = inner.required_text("currency", "EUR");
        constexpr std::array<std::pair<std::string_view, int>, 13> currencies{{{"EUR", 2},
                                                                               {"CHF", 2},
                                                                               {"GBP", 2},
                                                                               {"USD", 2},
                                                                               {"DKK", 2},
                                                                               {"SEK", 2},
                                                                               {"NOK", 2},
                                                                               {"PLN", 2},
                                                                               {"CZK", 2},
                                                                               {"HUF", 2},
                                                                               {"RON", 2},
                                                                               {"BGN", 2},
                                                                               {"JPY", 0}}};
        const auto known = std::find_if(currencies.begin(), currencies.end(),
                                        [&](const auto& entry) { return entry.first == currency; });
        if (known == currencies.end()) {
            if (!currency.empty())
                inner.error(inner.line_of_key("currency"), fmt::format("unknown currency \"{}\"", currency),
                            "use an ISO 4217 code such as EUR");
            return;
        }
        const auto units = find_minor_units(amount, known->second);
        if (!units || *units == 0)
            return inner.error(inner.line_of_key("amount"),
                               fmt::format("\"{}\" is no amount of {}", amount, currency),
                               known->second ? "write it with a point and two digits, such as 19.00"
                                             : "write it without a point, such as 1900");
        course_.price = Money{*units, currency};
    }

    void prerequisites(YamlFields& fields) {
        const YAML::Node list = fields.node("prerequisites");
        if (!list || list.IsNull())
            return;
        if (!list.IsSequence())
            return fields.error(fields.line_of_key("prerequisites"), "\"prerequisites\" is no list",
                                "write \"prerequisites: [name-of-a-course]\"");
        for (const auto& node : list) {
            Prerequisite one{.course = {}, .line = fields.line_of(node)};
            if (node.IsMap()) {
                YamlFields inner(node, file_, 0, {"course", "required"}, problems_);
                one.course = inner.required_text("course", "name-of-a-course");
                const std::string required = inner.text("required");
                if (required == "true" || required == "yes")
                    one.demand = Prerequisite::Demand::required;
                else if (!required.empty() && required != "false" && required != "no")
                    inner.error(inner.line_of_key("required"),
                                fmt::format("\"required: {}\" is not understood", required),
                                "write true or false");
            } else if (node.IsScalar()) {
                one.course = node.Scalar();
            }
            const bool twice = std::ranges::any_of(
                course_.prerequisites, [&](const Prerequisite& other) { return other.course == one.course; });
            if (one.course.empty() || one.course != make_slug(one.course))
                fields.error(one.line, fmt::format("\"{}\" is no course's name", one.course),
                             "name a course as in its address, or {course: name, required: true}");
            else if (one.course == course_.slug)
                fields.error(one.line, "the course is its own prerequisite", "take it out");
            else if (twice)
                fields.error(one.line, fmt::format("the course \"{}\" is named twice", one.course),
                             "name every course once");
            else
                course_.prerequisites.push_back(std::move(one));
        }
    }

    void modules(YamlFields& fields) {
        const YAML::Node list = fields.node("modules");
        if (!list || !list.IsSequence() || list.size() == 0)
            return fields.error(
                fields.line_of_key("modules"), "\"modules\" is missing, or no list",
                "add \"modules:\" and below it \"  - title: ...\" and \"    lessons: [01-name.md]\"");
        std::set<std::string> slugs;
        for (const auto& node : list) {
            if (!node.IsMap()) {
                fields.error(fields.line_of(node), "a module must have a title and lessons",
                             "write \"- title: ...\" and \"  lessons: [...]\"");
                continue;
            }
            YamlFields inner(node, file_, 0, {"title", "slug", "due", "lessons"}, problems_);
            Module module;
            module.title = inner.required_text("title", "What this part is about");
            module.slug = inner.text("slug").empty() ? make_slug(module.title) : inner.text("slug");
            if (!slugs.insert(module.slug).second)
                inner.error(inner.line(), fmt::format("two modules are called \"{}\"", module.slug),
                            "give one of them a \"slug\"");
            module.due = inner.due_date("due");
            std::vector<LessonSource> sources;
            const auto paths = inner.texts("lessons");
            if (paths.empty())
                inner.error(inner.line(), fmt::format("the module \"{}\" has no lessons", module.title),
                            "add \"lessons: [01-name.md]\"");
            for (const std::string& path : paths)
                add_lesson(inner, path, sources);
            course_.modules.push_back(std::move(module));
            sources_.push_back(std::move(sources));
        }
    }

    void add_lesson(YamlFields& fields, const std::string& path, std::vector<LessonSource>& sources) {
        const int line = fields.line_of_key("lessons");
        if (CourseFiles::find_inside("course.yaml", path) != path || !path.ends_with(".md"))
            return fields.error(line, fmt::format("\"{}\" is no lesson of this folder", path),
                                "name a .md file below the course folder");
        std::error_code failure;
        if (!fs::is_regular_file(folder_ / path, failure))
            return fields.error(line, fmt::format("there is no lesson \"{}\"", path), suggestion(path));
        auto source = load_lesson_source(folder_, path, problems_);
        if (!source)
            return;
        if (!lesson_paths_.insert(path).second)
            return fields.error(line, fmt::format("the lesson \"{}\" is listed twice", path),
                                "list every lesson once");
        if (!lesson_slugs_.insert(source->slug).second)
            return fields.error(line, fmt::format("two lessons have the address \"{}\"", source->slug),
                                "give one of them a \"slug\" of its own");
        sources.push_back(std::move(*source));
    }

    std::string suggestion(const std::string& path) const {
        std::vector<std::string> names;
        std::error_code failure;
        for (const auto& entry : fs::directory_iterator((folder_ / path).parent_path(), failure))
            if (entry.path().extension() == ".md")
                names.push_back(entry.path().filename().string());
        const std::vector<std::string_view> views(names.begin(), names.end());
        const std::string nearest = nearest_name(fs::path(path).filename().string(), views);
        return nearest.empty() ? "create it, or correct the name"
                               : fmt::format("did you mean \"{}\"?", nearest);
    }

    void render() {
        CourseFiles files(folder_, course_.slug, options_.urls);
        for (const auto& sources : sources_)
            for (const LessonSource& source : sources)
                files.add_lesson(source.path, source.slug);
        FormulaTypesetter typesetter(options_.typesetter);
        typesetter.prepare(formulas());
        for (std::size_t i = 0; i < sources_.size(); ++i) {
            for (const LessonSource& source : sources_[i]) {
                RenderedLesson rendered = render_lesson(source, course_.language, files,
                                                        options_.prepared_videos, typesetter, problems_);
                anchors_[source.path] = std::move(rendered.anchors);
                for (auto& reference : rendered.references)
                    references_.emplace_back(source.file, std::move(reference));
                course_.modules[i].lessons.push_back(std::move(rendered.lesson));
            }
        }
        course_.media = files.take_media();
    }

    // Those of all lessons in one go; what stands elsewhere (text versions, code blocks) follows one by one.
    std::vector<Formula> formulas() const {
        std::vector<Formula> all;
        for (const auto& sources : sources_)
            for (const LessonSource& source : sources)
                for (FoundFormula& found : find_formulas(source.body))
                    all.push_back(std::move(found.formula));
        return all;
    }

    void check_anchors() {
        for (const auto& [file, reference] : references_) {
            const auto target = anchors_.find(reference.lesson_path);
            if (target == anchors_.end() || target->second.contains(reference.anchor))
                continue;
            const std::vector<std::string_view> known(target->second.begin(), target->second.end());
            const std::string nearest = nearest_name(reference.anchor, known);
            problems_.push_back({Problem::Severity::warning, file, reference.line,
                                 fmt::format("the link to \"#{}\" finds nothing in {}", reference.anchor,
                                             reference.lesson_path),
                                 nearest.empty() ? "name a heading of that lesson"
                                                 : fmt::format("did you mean \"#{}\"?", nearest)});
        }
    }

    const fs::path& folder_;
    const fs::path file_;
    const CourseOptions& options_;
    Problems& problems_;
    Course course_;
    std::vector<std::vector<LessonSource>> sources_;
    std::set<std::string> lesson_paths_;
    std::set<std::string> lesson_slugs_;
    std::map<std::string, std::set<std::string, std::less<>>> anchors_;
    std::vector<std::pair<fs::path, RenderedLesson::Reference>> references_;
};

}  // namespace

std::optional<Course> load_course(const fs::path& folder, const CourseOptions& options, Problems& problems) {
    return CourseReader(folder, options, problems).read();
}

std::string make_slug(std::string_view title) {
    constexpr std::pair<std::string_view, std::string_view> spelled[] = {
        {"ä", "ae"}, {"ö", "oe"}, {"ü", "ue"}, {"Ä", "ae"}, {"Ö", "oe"},
        {"Ü", "ue"}, {"ß", "ss"}, {"é", "e"},  {"è", "e"},  {"à", "a"}};
    std::string slug;
    for (std::size_t i = 0; i < title.size(); ++i) {
        const char c = title[i];
        const auto special = std::find_if(std::begin(spelled), std::end(spelled), [&](const auto& entry) {
            return title.substr(i).starts_with(entry.first);
        });
        if (special != std::end(spelled)) {
            slug += special->second;
            i += special->first.size() - 1;
        } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            slug += c;
        } else if (c >= 'A' && c <= 'Z') {
            slug += char(c | 0x20);
        } else if (!(c & 0x80) && !slug.empty() && slug.back() != '-') {
            slug += '-';
        }
    }
    while (slug.ends_with('-'))
        slug.pop_back();
    return slug.substr(0, 80);
}

}  // namespace calyptenora::platform
