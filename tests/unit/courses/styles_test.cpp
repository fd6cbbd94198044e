#include "course_folder_fixture.hpp"
#include "platform/courses/labels.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>

/// What the lesson renderer writes and what core/web/styles/course.css knows are one set of classes.
namespace calyptenora::platform {
namespace {

std::set<std::string> classes_in(const std::string& html) {
    std::set<std::string> classes;
    const std::regex attribute("class=\"([^\"]*)\"");
    for (std::sregex_iterator match(html.begin(), html.end(), attribute), end; match != end; ++match) {
        std::istringstream words((*match)[1]);
        for (std::string word; words >> word;)
            classes.insert(word);
    }
    return classes;
}

std::set<std::string> styled_classes() {
    std::ifstream file(CALYPTENORA_SOURCE_DIR "/core/web/styles/course.css");
    const std::string css{std::istreambuf_iterator<char>(file), {}};
    std::set<std::string> classes;
    const std::regex selector("\\.([a-z][a-z-]*)");
    for (std::sregex_iterator match(css.begin(), css.end(), selector), end; match != end; ++match)
        classes.insert((*match)[1]);
    return classes;
}

/// A lesson with one of everything that the renderer knows.
std::string everything() {
    std::string text =
        "```python\n# why\nfor x in 'ab': print(x + 1)\n```\n\n```output\na1\n```\n\n```error\nno\n```\n\n"
        "- [x] done\n- [ ] open\n\n[out](https://a.example/)\n\n"
        "$\\textbf{a} \\textit{b} \\texttt{c} \\mathsf{d} + e + f + g + h + i + j + k + l + m + n + o + p + "
        "q + r$\n\n"
        "$$\\begin{aligned}a &= b\\end{aligned}$$\n\n"
        "| a | b | c |\n|:--|:-:|--:|\n| 1 | 2 | 3 |\n\n";
    std::istringstream names{std::string(box_kind_names())};
    for (std::string name; std::getline(names >> std::ws, name, ',');)
        if (name != "video")
            text += "::: " + name + "\n\n### Title\n\nText\n\n:::\n\n";
    return text;
}

TEST(Styles, KnowEveryClassThatALessonCanHave) {
    test::OneLesson lesson(everything());
    auto classes = classes_in(lesson.html());
    // Named for scripts, or standing for the browser's own look.
    std::erase_if(classes, [](const std::string& name) { return name.starts_with("language-"); });
    classes.erase("task-list-item-checkbox");
    EXPECT_THAT(classes, testing::IsSupersetOf({"box", "box-label", "box-title", "box-challenge",
                                                "box-solution", "program-error", "hl-keyword", "formula",
                                                "formula-within", "formula-bold", "formula-left"}));
    const auto styled = styled_classes();
    for (const auto& name : classes)
        EXPECT_TRUE(styled.contains(name)) << name << " has no rule in course.css";
    EXPECT_FALSE(styled.contains("box-unheard-of"));  // what the loop would have said
}

}  // namespace
}  // namespace calyptenora::platform
