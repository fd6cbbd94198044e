#include "platform/courses/labels.hpp"

#include <array>

namespace calyptenora::platform {

namespace {

struct Row {
    std::string_view name;
    std::string_view english;
    std::string_view german;
    bool folded;
    bool left_out;
    bool label_is_heading;
};

constexpr std::array<Row, 17> rows{{
    {"objectives", "Objectives", "Lernziele", false, false, true},
    {"questions", "Questions", "Fragen", false, false, true},
    {"keypoints", "Key points", "Das Wichtigste", false, false, true},
    {"challenge", "Exercise", "Aufgabe", false, false, false},
    {"solution", "Solution", "Lösung", true, false, false},
    {"hint", "Hint", "Tipp", true, false, false},
    {"callout", "Note", "Hinweis", false, false, false},
    {"caution", "Caution", "Achtung", false, false, false},
    {"prereq", "Prerequisites", "Voraussetzungen", false, false, false},
    {"discussion", "Discussion", "Diskussion", false, false, false},
    {"testimonial", "Testimonial", "Erfahrungsbericht", false, false, false},
    {"checklist", "Checklist", "Checkliste", false, false, false},
    {"spoiler", "More", "Mehr dazu", true, false, false},
    {"tab", "Variants", "Varianten", false, false, true},
    {"group-tab", "Variants", "Varianten", false, false, true},
    {"instructor", "For teachers", "Für Lehrende", false, true, false},
    {"quote", "Quotation", "Zitat", false, false, false},
}};

bool is_german(std::string_view language) {
    return language == "de" || language.starts_with("de-");
}

}  // namespace

std::optional<BoxKind> find_box_kind(std::string_view name, std::string_view language) {
    for (const Row& row : rows)
        if (row.name == name)
            return BoxKind{row.name, is_german(language) ? row.german : row.english, row.folded, row.left_out,
                           row.label_is_heading};
    return std::nullopt;
}

std::string_view box_kind_names() {
    return "objectives, questions, keypoints, challenge, solution, hint, callout, caution, prereq, "
           "discussion, testimonial, "
           "checklist, spoiler, tab, group-tab, instructor, quote, video";
}

LessonLabels make_lesson_labels(std::string_view language) {
    if (is_german(language))
        return {"Ausgabe", "Fehlermeldung", "erledigt", "offen", "andere Website"};
    return {"Output", "Error message", "done", "to do", "another website"};
}

}  // namespace calyptenora::platform
