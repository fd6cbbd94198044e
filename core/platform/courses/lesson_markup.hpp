#pragma once

#include "platform/courses/course.hpp"
#include "platform/courses/course_files.hpp"
#include "platform/courses/formula_typesetter.hpp"
#include "platform/courses/html_allow_list.hpp"
#include "platform/courses/labels.hpp"
#include "platform/courses/lesson_renderer.hpp"

#include <set>
#include <string>
#include <vector>

namespace calyptenora::platform {

/// Turns pieces of a lesson's Markdown into what a page shows: headings get levels without gaps and anchors,
/// links and pictures get their URLs, code its colours, tables a frame that scrolls, formulas are typeset.
/// Keeps what runs through the whole lesson.
class LessonMarkup {
  public:
    LessonMarkup(const LessonSource& source, const std::string& language, CourseFiles& files,
                 FormulaTypesetter& typesetter, Problems& problems);

    /// While it lives, text belongs to a box: its headings are smaller and not in the table of contents.
    class Box {
      public:
        explicit Box(LessonMarkup& markup) : markup_(markup), level_(markup.heading_level_) {
            ++markup_.depth_;
        }
        ~Box() {
            --markup_.depth_;
            markup_.heading_level_ = level_;
        }
        Box(const Box&) = delete;
        Box& operator=(const Box&) = delete;

      private:
        LessonMarkup& markup_;
        int level_;
    };

    /// `line`: number of the text's first line in the file.
    std::vector<HtmlNode> render(const std::string& markdown, int line);
    /// A heading one level below the last one.
    HtmlNode make_heading(const std::string& text);
    /// Takes an anchor for an element and returns its id; a second one of the same name gets a number.
    std::string claim_anchor(const std::string& wanted);

    std::vector<TocEntry> take_toc() { return std::move(toc_); }
    std::set<std::string, std::less<>> take_anchors() { return std::move(anchors_); }
    std::vector<RenderedLesson::Reference> take_references() { return std::move(references_); }
    std::size_t text_length() const { return text_length_; }
    void set_text_length(std::size_t length) { text_length_ = length; }

  private:
    void walk(std::vector<HtmlNode>& nodes);
    void element(HtmlNode& node);
    void heading(HtmlNode& node);
    void link(HtmlNode& node);
    void picture(HtmlNode& node);
    void code_block(HtmlNode& node);
    void prepare_formulas(const std::vector<HtmlNode>& nodes);
    void formula(HtmlNode& node, const Formula& formula);
    void formula_source(HtmlNode& node, const Formula& formula, const std::string& fault);
    void cell(HtmlNode& node);
    static bool is_figure(const HtmlNode& paragraph);
    void make_figure(HtmlNode& paragraph);
    int line_of(std::string_view what) const;
    void problem(Problem::Severity severity, int line, std::string what, std::string remedy);

    const LessonSource& source_;
    CourseFiles& files_;
    FormulaTypesetter& typesetter_;
    Problems& problems_;
    LessonLabels labels_;
    std::string definitions_;
    std::string_view piece_;
    int piece_line_ = 1;
    int depth_ = 0;
    int heading_level_ = 1;
    std::size_t text_length_ = 0;
    std::vector<TocEntry> toc_;
    std::set<std::string, std::less<>> anchors_;
    std::vector<RenderedLesson::Reference> references_;
};

}  // namespace calyptenora::platform
