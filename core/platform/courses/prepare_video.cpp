#include "platform/courses/child_process.hpp"
#include "platform/courses/video_asset.hpp"
#include "platform/courses/video_slot.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <stdlib.h>

#include <charconv>
#include <cmath>
#include <fstream>

namespace calyptenora::platform {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

struct Source {
    fs::path file;
    /// The demuxer is given, never guessed: a playlist called .mp4 would make ffmpeg open what it names.
    std::string demuxer;
    double duration = 0;
    int width = 0;
    int height = 0;
    bool has_sound = false;
};

std::string demuxer_of(const fs::path& file) {
    const std::string extension = file.extension().string();
    if (extension == ".mp4" || extension == ".m4v" || extension == ".mov")
        return "mov";
    return extension == ".webm" || extension == ".mkv" ? "matroska" : "";
}

std::vector<std::string> input_arguments(const Source& source) {
    return {"-protocol_whitelist", "file,pipe", "-f",
            source.demuxer,        "-i",        "file:" + fs::absolute(source.file).string()};
}

double number_in(const json::object& object, const char* key) {
    const json::value* value = object.if_contains(key);
    if (value && value->is_string()) {
        double parsed = 0;
        const std::string_view text = value->get_string();
        std::from_chars(text.data(), text.data() + text.size(), parsed);
        return parsed;
    }
    return value && value->is_int64() ? double(value->get_int64()) : 0;
}

std::string last_line(const std::string& text) {
    const auto end = text.find_last_not_of(" \r\n");
    const auto begin = end == std::string::npos ? end : text.rfind('\n', end);
    return end == std::string::npos ? "no message"
                                    : text.substr(begin == std::string::npos ? 0 : begin + 1,
                                                  end - (begin == std::string::npos ? 0 : begin + 1) + 1);
}

Status probe(Source& source) {
    std::vector<std::string> command{"ffprobe",
                                     "-v",
                                     "error",
                                     "-of",
                                     "json",
                                     "-show_entries",
                                     "format=duration:stream=codec_type,width,height"};
    const auto input = input_arguments(source);
    command.insert(command.end(), input.begin(), input.end());
    std::string output;
    const auto run = run_program(command, std::chrono::seconds(60), [&](std::string_view line) {
        output += line;
        return output.size() < 1'000'000;
    });
    if (!run)
        return run.error();
    boost::system::error_code failure;
    const json::value parsed = json::parse(output, failure);
    const json::object* root = failure ? nullptr : parsed.if_object();
    const json::value* streams = root ? root->if_contains("streams") : nullptr;
    if (run.value().exit_code != 0 || !streams || !streams->is_array())
        return Error(ErrorKind::invalid_input,
                     fmt::format("{} is no video that ffmpeg can read: {}", source.file.string(),
                                 last_line(run.value().errors)));
    for (const json::value& stream : streams->get_array()) {
        const json::object* entry = stream.if_object();
        const json::value* type = entry ? entry->if_contains("codec_type") : nullptr;
        if (!type || !type->is_string())
            continue;
        if (type->get_string() == "audio")
            source.has_sound = true;
        if (type->get_string() == "video" && source.height == 0) {
            source.width = int(number_in(*entry, "width"));
            source.height = int(number_in(*entry, "height"));
        }
    }
    if (const json::value* format = root->if_contains("format"); format && format->is_object())
        source.duration = number_in(format->get_object(), "duration");
    if (source.width < 16 || source.height < 16 || source.duration <= 0)
        return Error(ErrorKind::invalid_input, fmt::format("{} has no moving picture", source.file.string()));
    return {};
}

std::vector<int> heights_of(const Source& source) {
    const int largest = std::min(source.height, 1080) / 2 * 2;
    const int half = largest / 4 * 2;
    return half >= 240 ? std::vector{largest, half} : std::vector{largest};
}

std::vector<std::string> encode_command(const Source& source, const std::vector<int>& heights,
                                        const fs::path& work) {
    std::vector<std::string> command{"ffmpeg", "-hide_banner", "-nostdin", "-loglevel",
                                     "error",  "-progress",    "pipe:1"};
    const auto add = [&command](std::initializer_list<std::string> more) {
        command.insert(command.end(), more);
    };
    for (const std::string& argument : input_arguments(source))
        command.push_back(argument);
    std::string filter = fmt::format("[0:v:0]split={}", heights.size());
    for (std::size_t i = 0; i < heights.size(); ++i)
        filter += fmt::format("[s{}]", i);
    for (std::size_t i = 0; i < heights.size(); ++i)
        filter += fmt::format(";[s{}]scale=-2:{},setsar=1,format=yuv420p[v{}]", i, heights[i], i);
    add({"-filter_complex", filter});
    std::string variants;
    for (std::size_t i = 0; i < heights.size(); ++i) {
        add({"-map", fmt::format("[v{}]", i)});
        if (source.has_sound)
            add({"-map", "0:a:0"});
        variants += fmt::format("{}v:{}{}", i ? " " : "", i, source.has_sound ? fmt::format(",a:{}", i) : "");
    }
    // Segments begin with a key frame in all renditions at the same moments, so that a player can switch.
    add({"-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-profile:v", "high", "-sc_threshold", "0",
         "-force_key_frames", "expr:gte(t,n_forced*4)"});
    for (std::size_t i = 0; i < heights.size(); ++i) {
        const int kilobits = std::max(300, heights[i] * heights[i] / 230);
        add({fmt::format("-maxrate:v:{}", i), fmt::format("{}k", kilobits), fmt::format("-bufsize:v:{}", i),
             fmt::format("{}k", 2 * kilobits)});
    }
    if (source.has_sound)
        add({"-c:a", "aac", "-b:a", "128k", "-ac", "2"});
    add({"-map_metadata", "-1", "-f", "hls", "-hls_time", "4", "-hls_playlist_type", "vod",
         "-hls_segment_type", "fmp4", "-hls_flags", "independent_segments", "-hls_segment_filename",
         (work / "v%v" / "seg_%03d.m4s").string(), "-master_pl_name", "master.m3u8", "-var_stream_map",
         variants, (work / "v%v" / "stream.m3u8").string()});
    return command;
}

std::vector<std::string> poster_command(const Source& source, int height, const fs::path& work) {
    std::vector<std::string> command{"ffmpeg",
                                     "-hide_banner",
                                     "-nostdin",
                                     "-loglevel",
                                     "error",
                                     "-ss",
                                     fmt::format("{:.3f}", std::fmin(1.0, source.duration / 4))};
    for (const std::string& argument : input_arguments(source))
        command.push_back(argument);
    for (const std::string& argument :
         {std::string("-frames:v"), std::string("1"), std::string("-vf"),
          fmt::format("scale=-2:{},setsar=1", height), std::string("-map_metadata"), std::string("-1"),
          std::string("-q:v"), std::string("4"), (work / "poster.jpg").string()})
        command.push_back(argument);
    return command;
}

Status run_ffmpeg(const std::vector<std::string>& command, const fs::path& source, std::chrono::seconds limit,
                  const std::function<bool(std::string_view)>& on_line) {
    const auto run = run_program(command, limit, on_line);
    if (!run)
        return run.error();
    if (run.value().exit_code != 0)
        return Error(ErrorKind::permanent, fmt::format("ffmpeg cannot prepare {}: {}", source.string(),
                                                       last_line(run.value().errors)));
    return {};
}

Status encode(const Source& source, const fs::path& work, const VideoProgress& progress,
              std::chrono::seconds limit) {
    const std::vector<int> heights = heights_of(source);
    const auto on_line = [&](std::string_view line) {
        constexpr std::string_view key = "out_time_us=";
        std::int64_t microseconds = 0;
        if (!progress || !line.starts_with(key))
            return true;
        std::from_chars(line.data() + key.size(), line.data() + line.size(), microseconds);
        return progress(std::clamp(double(microseconds) / 1e6 / source.duration, 0.0, 0.99));
    };
    if (auto status = run_ffmpeg(encode_command(source, heights, work), source.file, limit, on_line); !status)
        return status;
    if (auto status = run_ffmpeg(poster_command(source, heights.front(), work), source.file,
                                 std::chrono::seconds(120), {});
        !status)
        return status;
    const int width = int(std::lround(double(source.width) * heights.front() / source.height / 2)) * 2;
    const json::object asset{{"duration_seconds", std::int64_t(std::ceil(source.duration))},
                             {"width", width},
                             {"height", heights.front()},
                             {"renditions", heights.size()}};
    std::ofstream stream(work / "asset.json", std::ios::binary);
    stream << json::serialize(asset) << '\n';
    stream.close();
    if (!stream)
        return Error(ErrorKind::temporary,
                     fmt::format("{} cannot be written; is the disk full?", (work / "asset.json").string()));
    return {};
}

}  // namespace

Result<VideoAsset> prepare_video(const fs::path& source_file, const fs::path& target,
                                 const VideoProgress& progress, std::chrono::seconds time_limit) {
    Source source{.file = source_file, .demuxer = demuxer_of(source_file)};
    if (source.demuxer.empty())
        return Error(ErrorKind::invalid_input,
                     fmt::format("{} is no .mp4, .m4v, .mov, .webm or .mkv", source_file.string()));
    const auto hash = find_content_hash(source_file);
    if (!hash)
        return Error(ErrorKind::invalid_input, fmt::format("{} cannot be read", source_file.string()));
    if (auto ready = find_video_asset(target, *hash))
        return std::move(*ready);
    if (auto status = probe(source); !status)
        return status.error();

    std::error_code failure;
    fs::create_directories(target, failure);
    std::string pattern = (target / ".prepare-XXXXXX").string();
    if (failure || !mkdtemp(pattern.data()))
        return Error(ErrorKind::permanent, fmt::format("{} cannot be written", target.string()));
    const fs::path work = pattern;
    Status status = encode(source, work, progress, time_limit);
    if (status) {
        fs::permissions(work, fs::perms(0755), failure);
        fs::rename(work, target / *hash, failure);
    }
    // Also where another process was quicker: its result is as good.
    std::error_code ignored;
    fs::remove_all(work, ignored);
    if (!status)
        return status.error();
    auto asset = find_video_asset(target, *hash);
    if (!asset)
        return Error(ErrorKind::permanent, fmt::format("{} cannot be put in place: {}",
                                                       (target / *hash).string(), failure.message()));
    if (progress)
        progress(1.0);
    return std::move(*asset);
}

}  // namespace calyptenora::platform
