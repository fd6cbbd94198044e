#include "settings/plugin_settings.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

/// config/calyptenora.yaml and config/demo.yaml against the manifests of the six plugins.
namespace calyptenora::settings {
namespace {

namespace fs = std::filesystem;

const fs::path source = CALYPTENORA_SOURCE_DIR;

std::vector<Manifest> all_manifests() {
    std::vector<Manifest> manifests;
    for (const auto* name :
         {"auth/password", "payments/sepa", "video/hls", "video/embed", "analytics/xapi", "support/mail"}) {
        auto manifest = load_manifest(source / "plugins" / name / "plugin.yaml");
        EXPECT_TRUE(manifest.problems.empty()) << name << ": " << to_text(manifest.problems.front());
        if (manifest.value)
            manifests.push_back(std::move(*manifest.value));
    }
    return manifests;
}

/// A copy of config/ with what ./run and the demonstration provide beside it.
class ShippedFiles : public testing::Test {
  protected:
    ShippedFiles() {
        fs::create_directories(folder_ / "config");
        for (const auto* name : {"calyptenora.yaml", "demo.yaml"})
            fs::copy_file(source / "config" / name, folder_ / "config" / name);
        for (const auto* name : {"courses", "policies"})
            fs::create_directory_symlink(source / "config" / name, folder_ / "config" / name);
        write("ca.pem", "certificate");
    }
    ~ShippedFiles() override { fs::remove_all(folder_); }

    void write(const std::string& name, const std::string& text) const {
        const auto path = folder_ / name;
        fs::create_directories(path.parent_path());
        std::ofstream(path) << text << '\n';
        fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    }
    fs::path file(const std::string& name) const { return folder_ / "config" / name; }

    LoadOptions demonstration() const {
        return {.environment = [ca = (folder_ / "ca.pem").string()](const std::string& name) {
            const std::map<std::string, std::string> values{
                {"CALYPTENORA_DEMO_LRS_URL", "http://127.0.0.1:40001/xAPI"},
                {"CALYPTENORA_DEMO_LRS_HOST", "127.0.0.1:40001"},
                {"CALYPTENORA_DEMO_LRS_USERNAME", "lrs-user"},
                {"CALYPTENORA_DEMO_LRS_PASSWORD", "lrs-password"},
                {"CALYPTENORA_DEMO_SMTP_HOST", "127.0.0.1"},
                {"CALYPTENORA_DEMO_SMTP_PORT", "40002"},
                {"CALYPTENORA_DEMO_SMTP_USERNAME", "smtp-user"},
                {"CALYPTENORA_DEMO_SMTP_PASSWORD", "smtp-password"},
                {"CALYPTENORA_DEMO_SMTP_CA_FILE", ca},
                {"CALYPTENORA_DEMO_VIDEO_ORIGIN", "http://127.0.0.1:40003"},
                {"CALYPTENORA_DEMO_KEY", std::string(32, 'k')}};
            const auto found = values.find(name);
            return found == values.end() ? std::nullopt : std::optional(found->second);
        }};
    }
    static LoadOptions nothing_set() {
        return {.environment = [](const std::string&) { return std::optional<std::string>(); }};
    }

    void expect_no_problems(const std::string& name, const LoadOptions& options) const {
        for (const auto& problem : check_configuration(file(name), all_manifests(), options))
            ADD_FAILURE() << to_text(problem);
    }

    fs::path folder_ = fs::path(testing::TempDir()) / ("shipped-files-" + std::to_string(::getpid()));
};

TEST_F(ShippedFiles, TheSamplePlatformNeedsOnlyWhatRunMakes) {
    write("data/secrets/video-signing.key", std::string(64, 'a'));
    expect_no_problems("calyptenora.yaml", nothing_set());
    const auto loaded = load_settings(file("calyptenora.yaml"), nothing_set());
    ASSERT_TRUE(loaded.value);
    std::vector<std::string> on, off;
    for (const auto& [id, instance] : loaded.value->plugins)
        (instance.state == InstanceState::on ? on : off).push_back(id.text());
    EXPECT_EQ(on, (std::vector<std::string>{"auth/password", "payments/sepa", "video/hls"}));
    EXPECT_EQ(off, (std::vector<std::string>{"analytics/xapi", "support/mail", "video/embed"}));
    // Nobody outside learns anything on the sample platform.
    for (const auto* instance : loaded.value->enabled_instances())
        EXPECT_TRUE(instance->recipient->self) << instance->id.text();
    EXPECT_EQ(loaded.value->server.address, "127.0.0.1");
}

TEST_F(ShippedFiles, WithoutTheSigningKeyItSaysWhichFileIsMissing) {
    const auto problems = check_configuration(file("calyptenora.yaml"), all_manifests(), nothing_set());
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_EQ(problems.front().key_path, "plugins.video/hls.settings.signing_keys[0]");
}

TEST_F(ShippedFiles, TheDemonstrationTurnsAllSixOn) {
    expect_no_problems("demo.yaml", demonstration());
    const auto loaded = load_settings(file("demo.yaml"), demonstration());
    ASSERT_TRUE(loaded.value);
    EXPECT_EQ(loaded.value->enabled_instances().size(), 6u);
    const auto manifests = all_manifests();
    for (const auto* instance : loaded.value->enabled_instances()) {
        const auto manifest = std::ranges::find_if(
            manifests, [&](const Manifest& one) { return one.id.text() == instance->id.plugin_name(); });
        const auto checked = check_instance(*loaded.value, *instance, *manifest);
        ASSERT_TRUE(checked.value) << instance->id.text();
        // Each host that a plugin asks is one on this machine that the file allows by name.
        for (const auto& target : checked.value->egress)
            EXPECT_NE(std::ranges::find(loaded.value->egress.allow_private, target),
                      loaded.value->egress.allow_private.end())
                << instance->id.text() << ": " << target.host << ":" << target.port;
        for (const auto& purpose : checked.value->purposes)
            EXPECT_EQ(purpose.granted().empty(), purpose.fields.empty()) << instance->id.text();
    }
    ASSERT_TRUE(loaded.value->mail) << "an operator sees the platform's own letters, too";
    const HostPort server{loaded.value->mail->host, loaded.value->mail->port};
    EXPECT_EQ(std::ranges::count(loaded.value->egress.allow_private, server), 1);
}

TEST_F(ShippedFiles, TheCommentedMailSectionIsRight) {
    write("data/secrets/video-signing.key", std::string(64, 'a'));
    std::ifstream in(file("calyptenora.yaml"));
    std::string text;
    bool in_mail = false;
    for (std::string line; std::getline(in, line);) {
        in_mail = line == "# mail:" || (in_mail && line.starts_with("#   "));
        text += (in_mail ? line.substr(2) : line) + "\n";
    }
    std::ofstream(file("mail.yaml")) << text;
    const LoadOptions options{
        .environment = [](const std::string&) { return std::optional<std::string>("a value"); }};
    expect_no_problems("mail.yaml", options);
    const auto loaded = load_settings(file("mail.yaml"), options);
    ASSERT_TRUE(loaded.value && loaded.value->mail);
    EXPECT_EQ(loaded.value->mail->recipient.legal_name, "Postwerk Beispiel GmbH");
    EXPECT_EQ(loaded.value->mail->retention_days, std::chrono::days(30));
}

// What is commented out in the sample file must work for those who take the comment marks away.
TEST_F(ShippedFiles, TheCommentedRecipientsAreRight) {
    write("data/secrets/video-signing.key", std::string(64, 'a'));
    write("data/secrets/case-alias.key", std::string(64, 'b'));
    std::ifstream in(file("calyptenora.yaml"));
    std::string text;
    bool in_recipient = false;
    int uncommented = 0;
    for (std::string line; std::getline(in, line);) {
        const auto begins = line.starts_with("    # recipient:");
        in_recipient = begins || (in_recipient && line.starts_with("    #   "));
        if (in_recipient) {
            line = "    " + line.substr(6);
            uncommented += begins;
        }
        text += line + "\n";
    }
    EXPECT_EQ(uncommented, 3);
    std::ofstream(file("uncommented.yaml")) << text;
    expect_no_problems("uncommented.yaml", {.environment = [](const std::string&) {
                           return std::optional<std::string>("a value");
                       }});
    const auto loaded = load_settings(file("uncommented.yaml"), nothing_set());
    ASSERT_TRUE(loaded.value);
    EXPECT_EQ(loaded.value->enabled_instances().size(), 6u);
}

std::string text_of(const fs::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// The block of a README behind a mark.
std::string snippet(const std::string& readme, const std::string& mark) {
    const auto text = text_of(source / readme);
    const auto place = text.find("<!-- " + mark + " -->");
    EXPECT_NE(place, std::string::npos) << readme << " has no mark " << mark;
    const auto begin = text.find('\n', text.find("```yaml", place)) + 1;
    return text.substr(begin, text.find("```", begin) - begin);
}

TEST_F(ShippedFiles, TheTutorialsManifestAndConfigurationAreRight) {
    auto manifest = parse_manifest(snippet("core/sdk/README.md", "file: plugin.yaml"), "plugin.yaml");
    EXPECT_EQ(to_text(manifest.problems), "");
    ASSERT_TRUE(manifest.value);
    EXPECT_EQ(manifest.value->id.text(), "analytics/acme");

    auto text = text_of(file("calyptenora.yaml"));
    text = text.substr(0, text.find("\nplugins:") + 1) + snippet("core/sdk/README.md", "check: plugins");
    std::ofstream(file("acme.yaml")) << text;
    std::vector<Manifest> manifests;
    manifests.push_back(std::move(*manifest.value));
    const auto problems = check_configuration(
        file("acme.yaml"), manifests,
        {.environment = [](const std::string&) { return std::optional<std::string>("key-1"); }});
    EXPECT_EQ(to_text(problems), "");
}

TEST_F(ShippedFiles, TheReadmesConfigurationIsRight) {
    auto text = text_of(file("calyptenora.yaml"));
    text = text.substr(0, text.find("\nplugins:") + 1) + snippet("README.md", "check: plugins");
    for (const auto* section : {"database", "key_store"}) {
        const auto begin = text.find("\n" + std::string(section) + ":\n") + 1;
        text.erase(begin, text.find('\n', text.find("url: sqlite", begin)) - begin);
    }
    text += snippet("README.md", "check: database");
    std::ofstream(file("readme.yaml")) << text;
    const LoadOptions options{
        .environment = [](const std::string&) { return std::optional<std::string>("a word"); }};
    EXPECT_EQ(to_text(check_configuration(file("readme.yaml"), all_manifests(), options)), "");
    const auto loaded = load_settings(file("readme.yaml"), options);
    ASSERT_TRUE(loaded.value);
    EXPECT_TRUE(std::holds_alternative<Postgresql>(loaded.value->database.where));
    EXPECT_TRUE(std::holds_alternative<Postgresql>(loaded.value->key_store.where));
    EXPECT_EQ(loaded.value->enabled_instances().size(), 1u);
}

}  // namespace
}  // namespace calyptenora::settings
