#include "cli/course_template.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <fstream>
#include <span>

namespace calyptenora::cli {
namespace {

namespace fs = std::filesystem;

struct TemplateFile {
    const char* name;
    /// `@title@` stands for the title, as YAML.
    const char* text;
};

constexpr const char* drawing =
    R"(<svg xmlns="http://www.w3.org/2000/svg" width="480" height="160" viewBox="0 0 480 160">
  <rect x="1" y="1" width="478" height="158" rx="12" fill="#f3f1ea" stroke="#0b5c6b" stroke-width="2"/>
  <circle cx="120" cy="80" r="34" fill="#0b5c6b"/>
  <path d="M180 80h110m-14 -12l14 12l-14 12" fill="none" stroke="#333" stroke-width="4"/>
  <rect x="320" y="46" width="68" height="68" rx="8" fill="#d98c2b"/>
</svg>
)";

constexpr TemplateFile german[] = {
    {"course.yaml",
     R"(# Dieser Ordner ist ein Kurs. Was hinter einem "#" steht, ist für dich; auf der Seite erscheint es nicht.
# "calyptenora course import ORDNER" bringt den Kurs auf die Plattform und nennt dabei jeden Fehler mit Zeile.
title: @title@
language: de
summary: Ein oder zwei Sätze darüber, was man hier lernt.
# Ein Wort zum Thema; beginner, intermediate oder advanced.
subject: Beispiel
level: beginner
authors: [Dein Name]
# Was andere mit dem Kurs tun dürfen.
licence: CC BY 4.0
licence_url: https://creativecommons.org/licenses/by/4.0/
# "free", oder zum Beispiel {amount: 19.00, currency: EUR}
price: free
# Kurse, die man vorher machen sollte, mit ihrem Namen aus der Adresse; mit "required" muss man es:
# prerequisites: [karten-lesen, {course: gehzeiten, required: true}]
# Die Lektionen in ihrer Reihenfolge; jede ist eine Datei in diesem Ordner.
modules:
  - title: Die ersten Schritte
    # Bis wann, hier oder im Kopf einer Lektion; so, oder als 2026-12-24 18:00 Europe/Berlin:
    # due: 14 days after enrolment
    lessons: [01-willkommen.md, 02-was-geht.md]
)"},
    {"01-willkommen.md", R"(---
title: Willkommen
---

Schreibe hier, worum es geht. Ein Absatz endet mit einer leeren Zeile.

Worte können **wichtig** oder *betont* sein, und [ein Verweis](02-was-geht.md) führt zur nächsten Lektion.

![Ein Kreis, von dem ein Pfeil zu einem Quadrat führt](bild.svg "Ein Bild mit Unterschrift")

## Was du mitnimmst

- erstens das,
- zweitens dies.
)"},
    {"02-was-geht.md", R"(---
title: Was eine Lektion kann
# Wenn du nichts angibst, wird die Dauer aus der Länge des Textes geschätzt.
minutes: 5
---

Überschriften, Listen, Tabellen, Bilder und Programmtext, geschrieben in Markdown:

| Zeichen     | Wirkung     |
|-------------|-------------|
| `## Titel`  | Überschrift |
| `- Punkt`   | Liste       |

Formeln stehen zwischen Dollarzeichen, im Satz wie $a^2 + b^2 = c^2$ oder für sich:

$$
x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}
$$

::: callout
## Ein Hinweis

Kästen beginnen und enden mit drei Doppelpunkten. Außer `callout` gibt es unter anderem `caution`, `challenge`,
`objectives` und `keypoints`.
:::

:::: challenge
## Probier es aus

Ändere diesen Satz und sieh nach, was geschieht.

::: solution
Eine Lösung ist zugeklappt, bis jemand sie öffnet.
:::
::::

## Ein Video

Lege die Datei neben die Lektion und schreibe:

```text
::: video
src: einfuehrung.mp4
title: Worum es geht
captions: [einfuehrung.de.vtt]
transcript: einfuehrung-text.md
:::
```

Untertitel und Textfassung sind für alle, die nicht hören oder nicht sehen können.
)"},
    {"bild.svg", drawing},
};

constexpr TemplateFile english[] = {
    {"course.yaml", R"(# This folder is a course. What stands behind a "#" is for you; no page shows it.
# "calyptenora course import FOLDER" brings the course to the platform and names every mistake with its line.
title: @title@
language: en
summary: One or two sentences on what one learns here.
# A word on the subject; beginner, intermediate or advanced.
subject: Sample
level: beginner
authors: [Your name]
# What others may do with the course.
licence: CC BY 4.0
licence_url: https://creativecommons.org/licenses/by/4.0/
# "free", or for example {amount: 19.00, currency: EUR}
price: free
# Courses that one should do before, by their names in the address; with "required" one must:
# prerequisites: [reading-maps, {course: walking-times, required: true}]
# The lessons in their order; each is a file in this folder.
modules:
  - title: First steps
    # By when, here or at the head of a lesson; like this, or as 2026-12-24 18:00 Europe/Berlin:
    # due: 14 days after enrolment
    lessons: [01-welcome.md, 02-what-is-possible.md]
)"},
    {"01-welcome.md", R"(---
title: Welcome
---

Write here what this is about. A paragraph ends with an empty line.

Words can be **important** or *stressed*, and [a link](02-what-is-possible.md) leads to the next lesson.

![A circle from which an arrow leads to a square](picture.svg "A picture with a caption")

## What you take away

- first this,
- second that.
)"},
    {"02-what-is-possible.md", R"(---
title: What a lesson can do
# Unless you say it, the time is estimated from the length of the text.
minutes: 5
---

Headings, lists, tables, pictures and program text, written in Markdown:

| Sign        | Effect  |
|-------------|---------|
| `## Title`  | heading |
| `- Point`   | list    |

Formulas stand between dollars, in a sentence as $a^2 + b^2 = c^2$ or by themselves:

$$
x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}
$$

::: callout
## A note

Boxes begin and end with three colons. Besides `callout` there are `caution`, `challenge`, `objectives`, `keypoints`
and some more.
:::

:::: challenge
## Try it

Change this sentence and see what happens.

::: solution
A solution is folded until somebody opens it.
:::
::::

## A video

Put the file beside the lesson and write:

```text
::: video
src: introduction.mp4
title: What this is about
captions: [introduction.en.vtt]
transcript: introduction-text.md
:::
```

Captions and text version are for all who cannot hear or cannot see.
)"},
    {"picture.svg", drawing},
};

}  // namespace

Result<std::vector<std::string>> write_course_template(const fs::path& folder, const std::string& title,
                                                       const std::string& language) {
    if (language != "de" && language != "en")
        return Error(ErrorKind::invalid_input,
                     fmt::format("there is no sample course in \"{}\"; use de or en", language));
    std::error_code failure;
    if (fs::exists(folder, failure) && (!fs::is_directory(folder, failure) || !fs::is_empty(folder, failure)))
        return Error(ErrorKind::conflict,
                     fmt::format("{} exists and is not empty; name a new folder", folder.string()));
    fs::create_directories(folder, failure);
    if (failure)
        return Error(ErrorKind::invalid_input,
                     fmt::format("{} cannot be made: {}", folder.string(), failure.message()));
    YAML::Emitter quoted;
    quoted << YAML::DoubleQuoted << title;
    std::vector<std::string> names;
    for (const TemplateFile& file : language == "de" ? std::span<const TemplateFile>(german) : english) {
        std::string text = file.text;
        if (const auto at = text.find("@title@"); at != std::string::npos)
            text.replace(at, 7, quoted.c_str());
        std::ofstream stream(folder / file.name, std::ios::binary);
        stream << text;
        if (!stream.flush())
            return Error(ErrorKind::temporary,
                         fmt::format("{} cannot be written", (folder / file.name).string()));
        names.emplace_back(file.name);
    }
    return names;
}

}  // namespace calyptenora::cli
