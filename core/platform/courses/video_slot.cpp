#include "platform/courses/video_slot.hpp"

#include "platform/courses/image_size.hpp"
#include "platform/courses/video_asset.hpp"
#include "platform/courses/yaml_fields.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <charconv>
#include <fstream>
#include <mutex>

namespace calyptenora::platform {

namespace {

namespace fs = std::filesystem;

bool is_player_name(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

bool is_video_name(std::string_view text) {
    return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_' || c == '.';
    });
}

bool is_provider(std::string_view text) {
    const auto rest = text.starts_with("video/") ? text.substr(6) : std::string_view();
    const auto at = rest.find('@');
    return is_player_name(rest.substr(0, at)) &&
           (at == std::string_view::npos || is_player_name(rest.substr(at + 1)));
}

std::optional<std::chrono::seconds> find_duration(std::string_view text) {
    long total = 0;
    int parts = 0;
    while (true) {
        int value = 0;
        const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (failure != std::errc() || value < 0 || value > 9999 || (parts > 0 && value > 59) || ++parts > 3)
            return std::nullopt;
        total = total * 60 + value;
        text.remove_prefix(std::size_t(end - text.data()));
        if (text.empty())
            return parts >= 2 ? std::optional(std::chrono::seconds(total)) : std::nullopt;
        if (text.front() != ':')
            return std::nullopt;
        text.remove_prefix(1);
    }
}

std::string language_label(const std::string& language) {
    constexpr std::pair<std::string_view, std::string_view> names[] = {
        {"de", "Deutsch"},    {"en", "English"}, {"fr", "Français"}, {"es", "Español"},   {"it", "Italiano"},
        {"nl", "Nederlands"}, {"pl", "Polski"},  {"tr", "Türkçe"},   {"uk", "Українська"}};
    for (const auto& [code, name] : names)
        if (language == code || language.starts_with(std::string(code) + "-"))
            return std::string(name);
    return language;
}

class SlotReader {
  public:
    SlotReader(const LessonSource& lesson, std::string language, CourseFiles& files, const fs::path& prepared,
               YamlFields fields)
        : lesson_(lesson),
          language_(std::move(language)),
          files_(files),
          prepared_(prepared),
          fields_(std::move(fields)) {}

    std::optional<ReadVideoSlot> read(Problems& problems) {
        VideoSlot& video = result_.video;
        video.title = fields_.required_text("title", "What the video shows");
        if (fields_.has("src") == fields_.has("embed"))
            complain("src", "a video needs exactly one of \"src\" and \"embed\"",
                     "write \"src: file.mp4\" for a file of the course, or \"embed: player/video\"");
        else if (fields_.has("src"))
            own_file();
        else
            embedded();
        provider();
        captions(problems);
        transcript(problems);
        poster();
        if (const std::string text = fields_.text("duration"); !text.empty()) {
            video.duration = find_duration(text);
            if (!video.duration)
                complain("duration", fmt::format("\"{}\" is no duration", text),
                         "write it as minutes:seconds, such as \"2:05\" in quotes");
        }
        video.width = fields_.number("width", 16, 16'384).value_or(video.width);
        video.height = fields_.number("height", 16, 16'384).value_or(video.height);
        if (video.captions.empty() && result_.transcript_markdown.empty())
            fields_.warning(
                fields_.line(),
                fmt::format("the video \"{}\" has neither captions nor a transcript", video.title),
                "add \"captions: file.LANGUAGE.vtt\" and \"transcript: file.md\" for those who cannot hear "
                "or see it");
        return std::move(result_);
    }

  private:
    std::optional<std::string> course_path(const char* key, const std::string& reference) {
        auto path = CourseFiles::find_inside(lesson_.path, reference);
        std::error_code failure;
        if (path && fs::is_regular_file(files_.folder() / *path, failure))
            return path;
        complain(key, fmt::format("there is no file \"{}\" in this course", reference),
                 "correct the path (relative to the lesson)");
        return std::nullopt;
    }

    void own_file() {
        const auto path = course_path("src", fields_.text("src"));
        if (!path)
            return;
        const fs::path file = files_.folder() / *path;
        const auto hash = find_content_hash(file);
        if (!hash || !files_.find_media_url(*path))
            return complain("src", fmt::format("\"{}\" cannot be read as a video", *path),
                            "use an .mp4 or .webm file");
        result_.video.ref = SelfHostedVideo{file, *hash};
        result_.video.provider = "video/hls";
        if (const auto asset = prepared_.empty() ? std::nullopt : find_video_asset(prepared_, *hash)) {
            result_.video.duration = asset->duration;
            result_.video.width = asset->width;
            result_.video.height = asset->height;
        }
    }

    void embedded() {
        const std::string text = fields_.text("embed");
        const auto slash = text.find('/');
        const std::string player = text.substr(0, slash);
        const std::string id = slash == std::string::npos ? std::string() : text.substr(slash + 1);
        if (!is_player_name(player) || !is_video_name(id))
            return complain("embed", fmt::format("\"{}\" is not of the form player/video", text),
                            "name a player of the settings and the video's id there, never an address");
        result_.video.ref = EmbeddedVideo{player, id};
        result_.video.provider = "video/embed";
    }

    void provider() {
        const std::string text = fields_.text("provider");
        if (text.empty())
            return;
        if (!is_provider(text))
            complain("provider", fmt::format("\"{}\" is no plugin instance for videos", text),
                     "write it as \"video/hls\" or \"video/embed@name\"");
        result_.video.provider = text;
    }

    void captions(Problems& problems) {
        for (const std::string& name : fields_.texts("captions")) {
            const auto path = course_path("captions", name);
            if (!path)
                continue;
            const auto text = load_text_file(files_.folder() / *path, max_text_file, problems);
            if (!text || !text->starts_with("WEBVTT") || !path->ends_with(".vtt") ||
                !files_.find_media_url(*path)) {
                complain("captions", fmt::format("\"{}\" is no WebVTT file", name),
                         "its name must end with .vtt, its first line is WEBVTT");
                continue;
            }
            const std::string language = fs::path(fs::path(*path).stem()).extension().string();
            const std::string code = language.size() > 2 ? language.substr(1) : language_;
            result_.video.captions.push_back({code, language_label(code), *path});
        }
    }

    void transcript(Problems& problems) {
        const std::string name = fields_.text("transcript");
        const auto path = name.empty() ? std::nullopt : course_path("transcript", name);
        if (!path)
            return;
        const auto text = load_text_file(files_.folder() / *path, max_text_file, problems);
        const auto front = text ? parse_front_matter(*text) : std::nullopt;
        if (front)
            result_.transcript_markdown = front->body;
    }

    void poster() {
        const std::string name = fields_.text("poster");
        const auto path = name.empty() ? std::nullopt : course_path("poster", name);
        if (!path)
            return;
        if (!files_.find_media_url(*path) || !load_image_size(files_.folder() / *path))
            return complain("poster", fmt::format("\"{}\" is no picture", name), "use PNG, JPEG or WebP");
        result_.video.poster = *path;
    }

    void complain(const char* key, std::string what, std::string remedy) {
        fields_.error(fields_.line_of_key(key), std::move(what), std::move(remedy));
    }

    const LessonSource& lesson_;
    std::string language_;
    CourseFiles& files_;
    const fs::path& prepared_;
    YamlFields fields_;
    ReadVideoSlot result_;
};

std::optional<std::string> sha256_of(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    if (!stream || !context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1)
        return std::nullopt;
    std::vector<char> buffer(1024 * 1024);
    while (stream.read(buffer.data(), std::streamsize(buffer.size())) || stream.gcount() > 0)
        EVP_DigestUpdate(context.get(), buffer.data(), std::size_t(stream.gcount()));
    if (stream.bad())
        return std::nullopt;
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    EVP_DigestFinal_ex(context.get(), digest, &length);
    std::string hex;
    for (unsigned i = 0; i < length; ++i)
        hex += fmt::format("{:02x}", digest[i]);
    return hex;
}

}  // namespace

std::optional<std::string> find_content_hash(const fs::path& file) {
    using Key = std::tuple<std::string, std::uintmax_t, fs::file_time_type>;
    static std::mutex mutex;
    static std::map<Key, std::string> known;

    std::error_code failure;
    const auto size = fs::file_size(file, failure);
    const auto changed = failure ? fs::file_time_type() : fs::last_write_time(file, failure);
    if (failure)
        return std::nullopt;
    const Key key{fs::absolute(file).string(), size, changed};
    {
        const std::lock_guard lock(mutex);
        if (const auto found = known.find(key); found != known.end())
            return found->second;
    }
    auto hash = sha256_of(file);
    if (hash) {
        const std::lock_guard lock(mutex);
        known[key] = *hash;
    }
    return hash;
}

std::optional<ReadVideoSlot> make_video_slot(const FencedNode& node, const LessonSource& lesson,
                                             const std::string& language, CourseFiles& files,
                                             const fs::path& prepared_videos, Problems& problems) {
    const std::size_t before = problems.size();
    const FencedNode* description = node.children.empty() ? nullptr : &node.children.front();
    if (!description || !description->is_text() || node.children.size() > 1) {
        problems.push_back({Problem::Severity::error, lesson.file, node.line,
                            "a video holds lines of the form \"key: value\" and nothing else",
                            "write \"src: file.mp4\" and \"title: ...\" between the fences"});
        return std::nullopt;
    }
    auto fields = YamlFields::parse(description->text, lesson.file, description->line - 1,
                                    {"src", "embed", "provider", "title", "captions", "transcript",
                                     "duration", "poster", "width", "height"},
                                    problems);
    if (!fields)
        return std::nullopt;
    auto slot = SlotReader(lesson, language, files, prepared_videos, std::move(*fields)).read(problems);
    if (std::any_of(problems.begin() + std::ptrdiff_t(before), problems.end(),
                    [](const Problem& problem) { return problem.severity == Problem::Severity::error; }))
        return std::nullopt;
    return slot;
}

}  // namespace calyptenora::platform
