#include "fixture.hpp"

/// bad/NAME.yaml, bad/NAME.expected (all that is said about it) and good/NAME.yaml, the same file repaired.
/// Files called manifest_* are manifests.
namespace calyptenora::settings::test {
namespace {

std::vector<std::string> names_in(const std::filesystem::path& where) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(where))
        if (entry.path().extension() == ".yaml")
            names.push_back(entry.path().stem());
    std::ranges::sort(names);
    return names;
}

class BadFile : public SettingsFiles, public ::testing::WithParamInterface<std::string> {
  protected:
    void SetUp() override {
        SettingsFiles::SetUp();
        copy("bad/" + GetParam() + ".yaml");
        copy("good/" + GetParam() + ".yaml");
    }
    Problems problems_of(const std::filesystem::path& path) const {
        if (GetParam().starts_with("manifest_"))
            return load_manifest(path).problems;
        return check_configuration(path, manifests(), options());
    }
};

TEST_P(BadFile, IsToldExactlyAndItsTwinIsGood) {
    const auto expected = read_file(folder() / "bad" / (GetParam() + ".expected"));
    EXPECT_NE(expected, "") << "write down what should be said about " << GetParam();
    EXPECT_EQ(text_of(problems_of(home_ / "bad" / (GetParam() + ".yaml"))), expected);

    const auto twin = home_ / "good" / (GetParam() + ".yaml");
    ASSERT_TRUE(std::filesystem::exists(twin));
    EXPECT_EQ(text_of(problems_of(twin)), "");
}

TEST_P(BadFile, NeverShowsASecret) {
    const auto text = text_of(problems_of(home_ / "bad" / (GetParam() + ".yaml")));
    for (const auto secret : {env_canary, file_canary, std::string_view("hunter2-canary")})
        EXPECT_EQ(text.find(secret), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(Settings, BadFile, ::testing::ValuesIn(names_in(folder() / "bad")),
                         [](const auto& test) { return test.param; });

TEST(BadFiles, AreManyAndEachHasItsExpectation) {
    const auto names = names_in(folder() / "bad");
    EXPECT_GE(names.size(), 60u);
    for (const auto& entry : std::filesystem::directory_iterator(folder() / "bad"))
        if (entry.path().extension() == ".expected")
            EXPECT_TRUE(std::ranges::count(names, entry.path().stem().string())) << entry.path();
}

}  // namespace
}  // namespace calyptenora::settings::test
