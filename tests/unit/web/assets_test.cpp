#include "web/assets.hpp"

#include "unit/web/view_samples.hpp"

#include <gtest/gtest.h>

namespace calyptenora::web {
namespace {

class AssetsTest : public testing::Test {
  protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() / ("assets_test_" + std::to_string(::getpid()));
        std::filesystem::create_directories(folder_ / "fonts");
        write("site.css", "a{}");
        write("fonts/source-sans.woff2", "font");
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }

    std::filesystem::path folder_;
};

TEST_F(AssetsTest, AddressesChangeWithTheContent) {
    const auto before = Assets::load(folder_);
    ASSERT_TRUE(before);
    const std::string url(before->urls().at("site_css").as_string());
    ASSERT_TRUE(before->find(url));
    EXPECT_EQ(before->find(url)->bytes, "a{}");
    EXPECT_EQ(before->find(url)->content_type, "text/css; charset=utf-8");
    EXPECT_TRUE(before->urls().contains("fonts_source_sans_woff2"));

    write("site.css", "b{}");
    const auto after = Assets::load(folder_);
    ASSERT_TRUE(after);
    EXPECT_NE(std::string(after->urls().at("site_css").as_string()), url);
    EXPECT_FALSE(after->find(url));
}

TEST_F(AssetsTest, NothingIsFoundByAnotherPath) {
    const auto assets = Assets::load(folder_);
    ASSERT_TRUE(assets);
    const std::string url(assets->urls().at("site_css").as_string());
    for (const auto& path : {url + "/", "/" + url, url + "?x", std::string("/assets/site.css"),
                             url.substr(0, url.rfind('/')) + "/../site.css"})
        EXPECT_FALSE(assets->find(path)) << path;
}

TEST_F(AssetsTest, UnknownTypesAndMissingFoldersAreErrors) {
    write("notes.docx", "x");
    const auto unknown = Assets::load(folder_);
    ASSERT_FALSE(unknown);
    EXPECT_NE(unknown.error().message.find("notes.docx"), std::string::npos);
    EXPECT_FALSE(Assets::load(folder_ / "missing"));
}

TEST(OwnScripts, AreSmallAndNeedNoUnsafePolicy) {
    for (const auto* name : {"privacy.js", "consent.js", "player.js", "embed.js"}) {
        const auto script = test::read_file(test::source_folder() / "core/web/assets" / name);
        EXPECT_LT(script.size(), 4096u) << name;
        for (const auto* sink : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(",
                                 "new Function", "srcdoc", "new Worker"})
            EXPECT_EQ(script.find(sink), std::string::npos) << name << " uses " << sink;
    }
}

}  // namespace
}  // namespace calyptenora::web
