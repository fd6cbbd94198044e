#pragma once

#include "platform/courses/due_date.hpp"
#include "platform/courses/safe_html.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What a course is, once read: plain values, never changed after loading. A course folder holds
///
///     course.yaml          who, what, price, and the order of lessons (see course_folder.hpp)
///     01-first-lesson.md   lessons: front matter and Markdown (see lesson_renderer.hpp)
///     figure.svg  a.mp4    images and videos, beside the lessons or in folders
namespace calyptenora::platform {

/// An amount of money as payment systems count it: 1900 EUR is 19.00 euro.
struct Money {
    std::int64_t minor_units = 0;
    /// ISO 4217, upper case.
    std::string currency;
    bool operator==(const Money&) const = default;
};

enum class Level : unsigned char { beginner, intermediate, advanced };

/// A video that lies in the course folder and is served by a plugin that plays files (family `video`).
struct SelfHostedVideo {
    std::filesystem::path file;
    /// SHA-256 of the file, lower-case hex: the name under which prepared renditions are found (video.hpp).
    std::string content_hash;
};

/// A video at a third party. What `player` means (URL, recipient) is said by the plugin instance's settings;
/// a course can name a player, it cannot name an address.
struct EmbeddedVideo {
    std::string player;
    std::string video;
};

struct CaptionTrack {
    std::string language;
    std::string label;
    /// Path within the course folder; one of `Course::media`.
    std::string file;
};

/// The place of a video in a lesson. The page puts a player here, or a placeholder that asks for consent.
struct VideoSlot {
    /// Unique in its lesson, also as an HTML id.
    std::string id;
    std::variant<SelfHostedVideo, EmbeddedVideo> ref;
    /// The plugin instance meant to play it, as `video/hls` or `video/embed@second`.
    std::string provider;
    std::string title;
    std::vector<CaptionTrack> captions;
    /// The text version; empty if there is none.
    SafeHtml transcript;
    std::optional<std::chrono::seconds> duration;
    /// Path within the course folder, one of `Course::media`; empty if there is none.
    std::string poster;
    /// Pixels of the picture, for the page to leave room; 16:9 where unknown.
    int width = 1280;
    int height = 720;
};

using Block = std::variant<SafeHtml, VideoSlot>;

struct TocEntry {
    /// 2 to 4.
    int level = 2;
    std::string id;
    std::string text;
};

struct Lesson {
    std::string slug;
    std::string title;
    /// As the author says, else estimated from the length of text and videos; at least 1.
    int minutes = 1;
    /// In reading order; every SafeHtml is well-formed by itself.
    std::vector<Block> body;
    std::vector<TocEntry> toc;
    /// Characters of text a reader sees, without transcripts.
    std::size_t text_length = 0;
    /// Of this lesson alone; its module may have one, too.
    std::optional<DueDate> due = {};
    std::filesystem::path source;

    std::vector<const VideoSlot*> videos() const;
};

struct Module {
    std::string slug;
    std::string title;
    std::vector<Lesson> lessons;
    std::optional<DueDate> due = {};
};

/// A course that this one builds on.
struct Prerequisite {
    enum class Demand : unsigned char {
        recommended,  ///< It is said.
        required,     ///< Nobody takes this course up before they have done that one.
    };
    /// Its slug.
    std::string course;
    Demand demand = Demand::recommended;
    /// In course.yaml.
    int line = 0;
};

/// A file of the course that pages refer to. Nothing else of the folder may be served. Serve with `nosniff`
/// and a policy of its own (`default-src 'none'; style-src 'unsafe-inline'; sandbox`): SVG is a document when
/// opened alone.
struct MediaFile {
    std::filesystem::path file;
    std::string content_type;
    std::uintmax_t size = 0;
};

struct Course {
    std::string slug;
    std::string title;
    /// BCP 47, as `de` or `en-GB`.
    std::string language;
    std::string summary;
    std::string subject;
    Level level = Level::beginner;
    std::vector<std::string> authors;
    std::string licence;
    std::string licence_url;
    /// Whom to name and what was changed, when the licence asks for it; shown on the course page.
    std::string attribution;
    std::string source_url;
    /// Empty: free of charge.
    std::optional<Money> price;
    std::vector<Module> modules;
    /// In a catalogue: only courses that are in it, too.
    std::vector<Prerequisite> prerequisites;
    /// By path within the course folder, with `/`.
    std::map<std::string, MediaFile, std::less<>> media;
    std::filesystem::path folder;

    bool is_free() const { return !price; }
    const Lesson* find_lesson(std::string_view lesson_slug) const;
    /// All lessons in order, across modules.
    std::vector<const Lesson*> lessons() const;
};

}  // namespace calyptenora::platform
