#include "platform/courses/lesson_renderer.hpp"

#include "platform/courses/fences.hpp"
#include "platform/courses/labels.hpp"
#include "platform/courses/lesson_markup.hpp"
#include "platform/courses/video_slot.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace calyptenora::platform {

namespace {

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

class LessonRenderer {
  public:
    LessonRenderer(const LessonSource& source, const std::string& language, CourseFiles& files,
                   const std::filesystem::path& prepared_videos, FormulaTypesetter& typesetter,
                   Problems& problems)
        : source_(source),
          language_(language),
          files_(files),
          prepared_videos_(prepared_videos),
          problems_(problems),
          markup_(source, language, files, typesetter, problems) {}

    RenderedLesson run() {
        Lesson& lesson = result_.lesson;
        lesson.slug = source_.slug;
        lesson.title = source_.title;
        lesson.source = source_.file;
        lesson.due = source_.due;
        for (const FencedNode& node :
             parse_fences(source_.body, source_.file, source_.body_line, problems_)) {
            if (node.kind == "video")
                add_video(node);
            else
                html_.append(node_html(node));
        }
        flush();
        lesson.toc = markup_.take_toc();
        lesson.text_length = markup_.text_length();
        lesson.minutes = source_.minutes > 0 ? source_.minutes : estimate_minutes();
        result_.anchors = markup_.take_anchors();
        result_.references = markup_.take_references();
        return std::move(result_);
    }

  private:
    SafeHtml node_html(const FencedNode& node) {
        if (node.is_text())
            return write_html(markup_.render(node.text, node.line));
        if (node.kind == "video") {
            error(node.line, "a video stands inside a box",
                  "move it out of the box, to the top level of the lesson");
            return {};
        }
        const auto kind = find_box_kind(node.kind, language_);
        if (!kind) {
            error(node.line, fmt::format("unknown kind of box \"{}\"", node.kind),
                  fmt::format("known kinds are: {}", box_kind_names()));
            return {};
        }
        if (kind->left_out)
            return {};
        return kind->folded ? folded_box(node, *kind) : open_box(node, *kind);
    }

    // The box's first text, rendered, and its title: the heading the box begins with.
    struct Content {
        std::vector<HtmlNode> title;
        SafeHtml html;
    };

    Content content(const FencedNode& node) {
        Content result;
        bool first = true;
        for (const FencedNode& child : node.children) {
            if (child.is_text() && is_blank(child.text))
                continue;
            if (!child.is_text()) {
                result.html.append(node_html(child));
            } else {
                auto nodes = markup_.render(child.text, child.line);
                if (first)
                    result.title = take_title(nodes);
                result.html.append(write_html(nodes));
            }
            first = false;
        }
        return result;
    }

    static std::vector<HtmlNode> take_title(std::vector<HtmlNode>& nodes) {
        const auto heading = std::find_if(
            nodes.begin(), nodes.end(), [](const HtmlNode& n) { return !n.is_text() || !is_blank(n.text); });
        if (heading == nodes.end() || heading->tag.size() != 2 || heading->tag.front() != 'h' ||
            heading->tag == "hr")
            return {};
        std::vector<HtmlNode> title{std::move(*heading)};
        nodes.erase(nodes.begin(), heading + 1);
        return title;
    }

    SafeHtml open_box(const FencedNode& node, const BoxKind& kind) {
        const LessonMarkup::Box box(markup_);
        HtmlNode label = kind.label_is_heading
                             ? markup_.make_heading(std::string(kind.label))
                             : HtmlNode{.tag = "p", .attributes = {}, .text = {}, .children = {}};
        if (!kind.label_is_heading)
            label.children.push_back(
                {.tag = {}, .attributes = {}, .text = std::string(kind.label), .children = {}});
        label.set("class", kind.label_is_heading ? "box-title" : "box-label");
        Content inside = content(node);
        if (!inside.title.empty())
            inside.title.front().set("class", "box-title");
        HtmlNode frame = frame_of(node, kind, "div");
        return framed(
            frame,
            SafeHtml().append(write_html({label})).append(write_html(inside.title)).append(inside.html));
    }

    SafeHtml folded_box(const FencedNode& node, const BoxKind& kind) {
        const LessonMarkup::Box box(markup_);
        Content inside = content(node);
        HtmlNode summary{.tag = "summary", .attributes = {}, .text = {}, .children = {}};
        if (inside.title.empty())
            summary.children.push_back(
                {.tag = {}, .attributes = {}, .text = std::string(kind.label), .children = {}});
        else
            summary.children = std::move(inside.title.front().children);
        HtmlNode frame = frame_of(node, kind, "details");
        return framed(frame, write_html({summary}).append(inside.html));
    }

    HtmlNode frame_of(const FencedNode& node, const BoxKind& kind, const char* tag) {
        HtmlNode frame{.tag = tag, .attributes = {}, .text = {}, .children = {}};
        frame.set("class", "box box-" + std::string(kind.name));
        if (!node.id.empty())
            frame.set("id", markup_.claim_anchor(node.id));
        return frame;
    }

    // Puts rendered markup into an empty element.
    static SafeHtml framed(const HtmlNode& frame, const SafeHtml& inside) {
        const SafeHtml outer = write_html({frame});
        return outer.with_content(inside);
    }

    void add_video(const FencedNode& node) {
        flush();
        auto slot = make_video_slot(node, source_, language_, files_, prepared_videos_, problems_);
        if (!slot)
            return;
        slot->video.id = fmt::format("video-{}", ++videos_);
        if (!slot->transcript_markdown.empty()) {
            const LessonMarkup::Box box(markup_);
            const std::size_t length = markup_.text_length();
            slot->video.transcript = write_html(markup_.render(slot->transcript_markdown, node.line));
            markup_.set_text_length(length);
        }
        if (slot->video.duration)
            video_time_ += *slot->video.duration;
        result_.lesson.body.emplace_back(std::move(slot->video));
    }

    int estimate_minutes() const {
        // 1,000 characters a minute is a calm reading of about 170 words.
        const auto text = int((result_.lesson.text_length + 999) / 1000);
        return std::max(1, text + int((video_time_.count() + 59) / 60));
    }

    void flush() {
        if (!is_blank(html_.str()))
            result_.lesson.body.emplace_back(std::move(html_));
        html_ = {};
    }

    void error(int line, std::string what, std::string remedy) {
        problems_.push_back(
            {Problem::Severity::error, source_.file, line, std::move(what), std::move(remedy)});
    }

    const LessonSource& source_;
    const std::string& language_;
    CourseFiles& files_;
    const std::filesystem::path& prepared_videos_;
    Problems& problems_;
    LessonMarkup markup_;
    RenderedLesson result_;
    SafeHtml html_;
    int videos_ = 0;
    std::chrono::seconds video_time_{0};
};

}  // namespace

RenderedLesson render_lesson(const LessonSource& source, const std::string& language, CourseFiles& files,
                             const std::filesystem::path& prepared_videos, FormulaTypesetter& typesetter,
                             Problems& problems) {
    return LessonRenderer(source, language, files, prepared_videos, typesetter, problems).run();
}

}  // namespace calyptenora::platform
