#pragma once

#include "settings/plugin_settings.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

/// What the tests of settings share: the folder with the files, an environment, and secret files of their
/// own.
namespace calyptenora::settings::test {

inline constexpr std::string_view env_canary = "canary-env-51f3";
inline constexpr std::string_view file_canary = "canary-file-8a2c";

inline std::filesystem::path folder() {
    return std::filesystem::path(CALYPTENORA_SOURCE_DIR) / "tests/unit/settings";
}

/// Variables of the tests instead of the process's.
inline Environment environment() {
    return [](const std::string& name) -> std::optional<std::string> {
        static const std::map<std::string, std::string> variables{
            {"LRS_PASSWORD", std::string(env_canary)},
            {"LRS_USER", "calyptenora"},
            {"PG_PASSWORD", "canary-env-51f3/@:"},
            {"MASTER_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="},
            {"PLATFORM_NAME", "Lernhaus"},
            {"ORIGIN", "https://lms.example"},
            {"EMPTY", ""},
            {"LATIN", "\xfc"},
        };
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
}

/// A copy of the test's files in a fresh folder, with secret files that only this user can read (git keeps no
/// modes).
class SettingsFiles : public ::testing::Test {
  protected:
    void SetUp() override {
        auto pattern = (std::filesystem::temp_directory_path() / "settings-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        home_ = pattern;
        for (const auto* part : {"good", "bad"}) {
            std::filesystem::create_directories(home_ / part / "secrets");
            for (const auto* name : {"smtp", "old_lrs", "lrs"})
                write(home_ / part / "secrets" / name, std::string(file_canary) + "\n");
        }
        std::filesystem::create_directory(home_ / "good/courses");
        for (const auto* name : {"calyptenora", "manifest_xapi", "manifest_embed", "manifest_password"})
            copy(fmt::format("good/{}.yaml", name));
    }
    void copy(const std::string& name) const { std::filesystem::copy(folder() / name, home_ / name); }
    void TearDown() override { std::filesystem::remove_all(home_); }

    static void write(const std::filesystem::path& path, std::string_view text) {
        std::ofstream(path) << text;
        ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
    }

    std::vector<Manifest> manifests() const {
        std::vector<Manifest> all;
        for (const auto* name : {"manifest_xapi.yaml", "manifest_embed.yaml", "manifest_password.yaml"}) {
            auto loaded = load_manifest(home_ / "good" / name);
            EXPECT_TRUE(loaded) << to_text(loaded.problems);
            if (loaded)
                all.push_back(std::move(*loaded.value));
        }
        return all;
    }

    /// With the folder's name, which changes at each run, left out.
    std::string text_of(const Problems& problems) const {
        auto text = to_text(problems);
        const auto prefix = home_.string() + "/";
        for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix))
            text.erase(at, prefix.size());
        return text;
    }

    LoadOptions options() const { return {.environment = environment()}; }

    std::filesystem::path home_;
};

inline std::string read_file(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

}  // namespace calyptenora::settings::test
