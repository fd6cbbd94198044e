#include "settings/secret.hpp"

#include "fixture.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <ostream>
#include <type_traits>

namespace calyptenora::settings::test {
namespace {

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) { out << value; };

// Each negative stands beside a type for which the same question is answered with yes.
static_assert(Streamable<std::string> && !Streamable<Secret> && !Streamable<PluginSettings>);
static_assert(fmt::is_formattable<std::string>::value && !fmt::is_formattable<Secret>::value &&
              !fmt::is_formattable<PluginSettings>::value);
static_assert(std::is_constructible_v<boost::json::value, std::string> &&
              !std::is_constructible_v<boost::json::value, Secret>);
static_assert(boost::json::has_value_from<std::string>::value &&
              !boost::json::has_value_from<Secret>::value &&
              !boost::json::has_value_from<PluginSettings>::value);
static_assert(!std::is_convertible_v<Secret, std::string> &&
              !std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_convertible_v<std::string, Secret>);

TEST(Secret, RevealsComparesAndMoves) {
    Secret one("hunter2");
    EXPECT_EQ(one.reveal(), "hunter2");
    EXPECT_TRUE(one.same_as(Secret("hunter2")));
    EXPECT_FALSE(one.same_as(Secret("hunter3")));
    EXPECT_FALSE(one.same_as(Secret("hunter")));
    const auto* where = one.reveal().data();
    const Secret moved = std::move(one);
    EXPECT_EQ(moved.reveal().data(), where) << "a move must not leave a copy behind";
    EXPECT_TRUE(Secret().empty());
}

TEST(Secret, IsWipedWhenReplacedOrGone) {
    // The bytes are looked at in storage that this test owns, so that nothing is read after it is freed.
    std::string text = "hunter2-hunter2-hunter2-hunter2";
    const char* bytes = text.data();
    const auto size = text.size();
    wipe(text);
    EXPECT_TRUE(text.empty());
    EXPECT_TRUE(std::all_of(bytes, bytes + size, [](char c) { return c == '\0'; }));
}

class SecretFiles : public SettingsFiles {
  protected:
    Checked<Settings> with_password(const std::string& reference) const {
        auto text = read_file(home_ / "good" / "calyptenora.yaml");
        const std::string old = "${file:secrets/smtp}";
        text.replace(text.find(old), old.size(), reference);
        return parse_settings(text, home_ / "good" / "x.yaml", options());
    }
};

TEST_F(SecretFiles, LoseOneLineEndAndNothingElse) {
    for (const auto& [content, expected] :
         std::vector<std::pair<std::string, std::string>>{{"pass word", "pass word"},
                                                          {"pass\n", "pass"},
                                                          {"pass\r\n", "pass"},
                                                          {"pass\n\n", "pass\n"},
                                                          {" pass ", " pass "}}) {
        write(home_ / "good/secrets/smtp", content);
        const auto loaded = with_password("${file:secrets/smtp}");
        ASSERT_TRUE(loaded) << to_text(loaded.problems);
        EXPECT_EQ(loaded.value->mail->password.reveal(), expected);
    }
}

TEST_F(SecretFiles, MayStandAnywhere) {
    write(home_ / "elsewhere", "abc");
    const auto loaded = with_password("${file:" + (home_ / "elsewhere").string() + "}");
    ASSERT_TRUE(loaded) << to_text(loaded.problems);
    EXPECT_EQ(loaded.value->mail->password.reveal(), "abc");
}

TEST_F(SecretFiles, ThatOthersCanReadAreAWarning) {
    ASSERT_EQ(::chmod((home_ / "good/secrets/smtp").c_str(), 0644), 0);
    const auto loaded = with_password("${file:secrets/smtp}");
    ASSERT_TRUE(loaded);
    ASSERT_EQ(loaded.problems.size(), 1u);
    EXPECT_EQ(loaded.problems[0].severity, Severity::warning);
    EXPECT_EQ(loaded.problems[0].key_path, "mail.password");
    EXPECT_NE(loaded.problems[0].remedy.find("chmod o-rwx"), std::string::npos);
}

TEST_F(SecretFiles, ThatHoldNothingOrTooMuchAreErrors) {
    write(home_ / "good/secrets/smtp", "\n");
    EXPECT_NE(to_text(with_password("${file:secrets/smtp}").problems).find("an empty file"),
              std::string::npos);
    write(home_ / "good/secrets/smtp", std::string(70'000, 'x'));
    EXPECT_NE(to_text(with_password("${file:secrets/smtp}").problems).find("at most 65536 bytes"),
              std::string::npos);
    EXPECT_NE(to_text(with_password("${file:secrets}").problems).find("a file at"), std::string::npos);
    EXPECT_NE(to_text(with_password("${env:EMPTY}").problems).find("an empty one"), std::string::npos);
}

TEST_F(SecretFiles, AppearInNothingThatCanBePrinted) {
    const auto loaded = load_settings(home_ / "good/calyptenora.yaml", options());
    ASSERT_TRUE(loaded) << to_text(loaded.problems);
    const auto all = manifests();
    const auto& instance = loaded.value->plugins.at(*parse_instance_id("analytics/xapi"));
    const auto checked = check_instance(*loaded.value, instance, all.front());
    ASSERT_TRUE(checked) << to_text(checked.problems);
    const auto visible = boost::json::serialize(checked.value->settings.visible());
    EXPECT_NE(visible.find("lrs.example"), std::string::npos) << "the test must look at the right text";
    for (const auto secret : {env_canary, file_canary})
        EXPECT_EQ(visible.find(secret), std::string::npos);
    EXPECT_NE(checked.value->settings.reveal_document().find(env_canary), std::string::npos);
}

}  // namespace
}  // namespace calyptenora::settings::test
