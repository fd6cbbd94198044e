#include "platform/courses/child_process.hpp"
#include "platform/courses/image_size.hpp"
#include "platform/courses/video_asset.hpp"
#include "platform/courses/video_slot.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>

namespace calyptenora::platform {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::string content(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::stringstream text;
    text << stream.rdbuf();
    return text.str();
}

class PrepareVideo : public testing::Test {
  protected:
    void SetUp() override {
        std::string name = (fs::temp_directory_path() / "calyptenora-video-XXXXXX").string();
        folder = mkdtemp(name.data());
    }
    void TearDown() override { fs::remove_all(folder); }

    // Four seconds of ffmpeg's own test picture, with a tone or without.
    fs::path make_video(const std::string& size, bool sound, const std::string& name = "source.mp4") {
        std::vector<std::string> command{
            "ffmpeg", "-loglevel", "error", "-nostdin",
            "-f",     "lavfi",     "-i",    "testsrc=duration=4:rate=25:size=" + size};
        if (sound)
            command.insert(command.end(),
                           {"-f", "lavfi", "-i", "sine=frequency=440:duration=4", "-c:a", "aac"});
        command.insert(command.end(), {"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
                                       (folder / name).string()});
        const auto run = run_program(command, std::chrono::seconds(60), {});
        EXPECT_TRUE(run && run.value().exit_code == 0) << (run ? run.value().errors : run.error().message);
        return folder / name;
    }

    int entries(const fs::path& path) {
        return int(std::distance(fs::directory_iterator(path), fs::directory_iterator()));
    }

    fs::path folder;
};

TEST_F(PrepareVideo, MakesTwoRenditionsOfATallSource) {
    const fs::path source = make_video("854x480", true);
    std::vector<double> steps;
    const auto asset = prepare_video(source, folder / "out", [&](double done) {
        steps.push_back(done);
        return true;
    });
    ASSERT_TRUE(asset) << asset.error().message;
    EXPECT_EQ(asset.value().duration, std::chrono::seconds(4));
    EXPECT_EQ(asset.value().width, 854);
    EXPECT_EQ(asset.value().height, 480);
    EXPECT_EQ(asset.value().renditions, 2);
    EXPECT_EQ(asset.value().folder, folder / "out" / asset.value().content_hash);

    const std::string master = content(asset.value().folder / "master.m3u8");
    EXPECT_THAT(master, testing::StartsWith("#EXTM3U"));
    EXPECT_THAT(master, HasSubstr("RESOLUTION=854x480"));
    EXPECT_THAT(master, HasSubstr("RESOLUTION=428x240"));
    EXPECT_THAT(master, HasSubstr("mp4a.40.2"));
    for (const char* rendition : {"v0", "v1"}) {
        EXPECT_THAT(master, HasSubstr(std::string("\n") + rendition + "/stream.m3u8\n"));
        const std::string playlist = content(asset.value().folder / rendition / "stream.m3u8");
        EXPECT_THAT(playlist, HasSubstr("#EXT-X-PLAYLIST-TYPE:VOD"));
        EXPECT_THAT(playlist, HasSubstr("#EXT-X-ENDLIST"));
        std::smatch init;
        ASSERT_TRUE(std::regex_search(playlist, init, std::regex("#EXT-X-MAP:URI=\"([a-z0-9_.]+)\"")));
        EXPECT_THAT(content(asset.value().folder / rendition / init[1].str()).substr(0, 64),
                    HasSubstr("ftyp"));
        double total = 0;
        int segments = 0;
        const std::regex segment("#EXTINF:([0-9.]+),\n(seg_[0-9]+\\.m4s)\n");
        for (std::sregex_iterator found(playlist.begin(), playlist.end(), segment), end; found != end;
             ++found, ++segments) {
            total += std::stod((*found)[1]);
            EXPECT_GT(fs::file_size(asset.value().folder / rendition / (*found)[2].str()), 1000u);
        }
        EXPECT_GE(segments, 1);
        EXPECT_NEAR(total, 4.0, 0.2);
    }
    EXPECT_EQ(load_image_size(asset.value().folder / "poster.jpg"), (ImageSize{854, 480}));
    EXPECT_TRUE(std::is_sorted(steps.begin(), steps.end()));
    EXPECT_EQ(steps.back(), 1.0);

    // The browser's side of it: ffprobe opens the playlist and finds picture and sound in it.
    std::string streams;
    const auto probe = run_program({"ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of",
                                    "csv=p=0", (asset.value().folder / "v1/stream.m3u8").string()},
                                   std::chrono::seconds(60), [&](std::string_view line) {
                                       streams += std::string(line) + " ";
                                       return true;
                                   });
    ASSERT_TRUE(probe);
    EXPECT_THAT(streams, HasSubstr("h264"));
    EXPECT_THAT(streams, HasSubstr("aac"));
}

TEST_F(PrepareVideo, ASmallSilentSourceGetsOneRendition) {
    const auto asset = prepare_video(make_video("320x240", false), folder / "out");
    ASSERT_TRUE(asset) << asset.error().message;
    EXPECT_EQ(asset.value().renditions, 1);
    EXPECT_FALSE(fs::exists(asset.value().folder / "v1"));
    EXPECT_THAT(content(asset.value().folder / "master.m3u8"), testing::Not(HasSubstr("mp4a")));
}

TEST_F(PrepareVideo, IsDoneOncePerContent) {
    const fs::path source = make_video("320x240", false);
    const auto first = prepare_video(source, folder / "out");
    ASSERT_TRUE(first) << first.error().message;
    const auto written = fs::last_write_time(first.value().folder / "master.m3u8");
    fs::copy_file(source, folder / "again.mp4");
    const auto second = prepare_video(folder / "again.mp4", folder / "out");
    ASSERT_TRUE(second);
    EXPECT_EQ(second.value().folder, first.value().folder);
    EXPECT_EQ(fs::last_write_time(second.value().folder / "master.m3u8"), written);
    EXPECT_EQ(entries(folder / "out"), 1);
}

TEST_F(PrepareVideo, CancellingLeavesNothing) {
    const auto asset =
        prepare_video(make_video("1280x720", true), folder / "out", [](double) { return false; });
    ASSERT_FALSE(asset);
    EXPECT_EQ(asset.error().kind, ErrorKind::temporary);
    EXPECT_THAT(asset.error().message, HasSubstr("was cancelled"));
    EXPECT_EQ(entries(folder / "out"), 0);
}

TEST_F(PrepareVideo, RunsOutOfTimeCleanly) {
    const auto asset =
        prepare_video(make_video("1280x720", true), folder / "out", {}, std::chrono::seconds(0));
    ASSERT_FALSE(asset);
    EXPECT_THAT(asset.error().message, HasSubstr("did not end within 0 s"));
    EXPECT_EQ(entries(folder / "out"), 0);
}

TEST_F(PrepareVideo, RefusesWhatIsNoVideo) {
    std::ofstream(folder / "text.mp4") << "hello";
    std::ofstream(folder / "list.mp4") << "#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n";
    std::ofstream(folder / "a.txt") << "hello";
    for (const char* name : {"text.mp4", "list.mp4", "a.txt", "none.mp4", "-i.mp4"}) {
        const auto asset = prepare_video(folder / name, folder / "out");
        ASSERT_FALSE(asset) << name;
        EXPECT_EQ(asset.error().kind, ErrorKind::invalid_input) << name;
    }
    EXPECT_FALSE(fs::exists(folder / "out"));
}

TEST(RunProgram, NamesAMissingProgramAndReportsTheExitCode) {
    const auto missing = run_program({"no-such-program-anywhere"}, std::chrono::seconds(5), {});
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind, ErrorKind::unsupported);
    const auto failing =
        run_program({"sh", "-c", "echo out; echo err >&2; exit 3"}, std::chrono::seconds(5), {});
    ASSERT_TRUE(failing);
    EXPECT_EQ(failing.value().exit_code, 3);
    EXPECT_EQ(failing.value().errors, "err\n");
}

TEST(RunProgram, GivesNoEnvironmentAndEndsGrandchildren) {
    setenv("CALYPTENORA_TEST_SECRET", "canary", 1);
    std::string seen;
    ASSERT_TRUE(run_program({"env"}, std::chrono::seconds(5), [&](std::string_view line) {
        seen += line;
        return true;
    }));
    unsetenv("CALYPTENORA_TEST_SECRET");
    EXPECT_THAT(seen, testing::Not(HasSubstr("canary")));
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_FALSE(run_program({"sh", "-c", "sleep 30 & sleep 30"}, std::chrono::seconds(1), {}));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

}  // namespace
}  // namespace calyptenora::platform
