#pragma once

#include "platform/courses/course.hpp"
#include "platform/courses/course_folder.hpp"
#include "platform/courses/problem.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace calyptenora::platform {

inline constexpr std::uintmax_t max_text_file = 2 * 1024 * 1024;

/// The whole file, if it is a regular file of at most `most` bytes and valid UTF-8 without NUL; a leading
/// byte-order mark is taken off. Else a problem.
std::optional<std::string> load_text_file(const std::filesystem::path& file, std::uintmax_t most,
                                          Problems& problems);

/// True if `file` lies in `folder` once all symbolic links are followed.
bool is_within_folder(const std::filesystem::path& folder, const std::filesystem::path& file);

/// `%41` -> `A`; nothing for a broken sequence or NUL.
std::optional<std::string> find_percent_decoded(std::string_view text);
/// Everything but letters, digits and `-._~/` is encoded.
std::string percent_encoded(std::string_view path);

/// Bytes of UTF-8 that begin a character.
std::size_t count_characters(std::string_view utf8);

/// True if pages may link to files of this kind: pictures, captions, PDF, office documents without macros,
/// CSV, TXT, ZIP, code, audio and video files.
bool is_served_file(std::string_view path);

/// The files of one course folder that its lessons refer to, and the URLs under which they appear.
class CourseFiles {
  public:
    CourseFiles(std::filesystem::path folder, std::string course_slug, CourseUrls urls);

    /// The path of `reference` (relative to the folder of `from`, both `/`-separated) within the course
    /// folder; nothing if it leads outside or is absolute.
    static std::optional<std::string> find_inside(std::string_view from, std::string_view reference);

    /// Registers a file that pages may load and returns its URL; nothing if it is missing, leads out of the
    /// folder by a symbolic link, or has a kind that is not served.
    std::optional<std::string> find_media_url(const std::string& path);

    void add_lesson(const std::string& path, const std::string& slug) { lessons_[path] = slug; }
    /// The URL of the lesson in this file, if it is one of the course's.
    std::optional<std::string> find_lesson_url(const std::string& path) const;

    const std::filesystem::path& folder() const { return folder_; }
    std::map<std::string, MediaFile, std::less<>> take_media() { return std::move(media_); }

  private:
    std::filesystem::path folder_;
    std::string slug_;
    CourseUrls urls_;
    std::map<std::string, std::string> lessons_;
    std::map<std::string, MediaFile, std::less<>> media_;
};

}  // namespace calyptenora::platform
