#include "platform/courses/course_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>

namespace calyptenora::platform {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<std::string_view, std::string_view>, 33> content_types{{
    {".png", "image/png"},
    {".jpg", "image/jpeg"},
    {".jpeg", "image/jpeg"},
    {".gif", "image/gif"},
    {".webp", "image/webp"},
    {".svg", "image/svg+xml"},
    {".vtt", "text/vtt"},
    {".mp4", "video/mp4"},
    {".webm", "video/webm"},
    {".mp3", "audio/mpeg"},
    {".ogg", "audio/ogg"},
    {".pdf", "application/pdf"},
    {".csv", "text/csv"},
    {".txt", "text/plain"},
    {".zip", "application/zip"},
    {".json", "application/json"},
    {".py", "text/plain"},
    {".sh", "text/plain"},
    {".c", "text/plain"},
    {".cpp", "text/plain"},
    {".hpp", "text/plain"},
    {".r", "text/plain"},
    {".sql", "text/plain"},
    {".yaml", "text/plain"},
    {".ipynb", "application/json"},
    {".tsv", "text/tab-separated-values"},
    {".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {".odt", "application/vnd.oasis.opendocument.text"},
    {".odp", "application/vnd.oasis.opendocument.presentation"},
    {".ods", "application/vnd.oasis.opendocument.spreadsheet"},
    {".epub", "application/epub+zip"},
}};

std::string lower(std::string text) {
    for (char& c : text)
        c = c >= 'A' && c <= 'Z' ? char(c | 0x20) : c;
    return text;
}

bool is_utf8(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const auto lead = static_cast<unsigned char>(text[at]);
        const std::size_t more = lead < 0x80 ? 0 : lead >= 0xf0 && lead <= 0xf4 ? 3 : lead >= 0xe0 ? 2 : 1;
        if (lead == 0 || (lead >= 0x80 && lead < 0xc2) || lead > 0xf4 ||
            at + more >= text.size() + (more == 0))
            return false;
        for (std::size_t i = 1; i <= more; ++i)
            if ((static_cast<unsigned char>(text[at + i]) & 0xc0) != 0x80)
                return false;
        at += more + 1;
    }
    return true;
}

std::string replaced(std::string text, std::string_view name, std::string_view value) {
    const auto at = text.find(name);
    return at == std::string::npos ? text : text.replace(at, name.size(), value);
}

std::optional<std::string_view> content_type_of(std::string_view path) {
    const std::string extension = lower(fs::path(path).extension().string());
    for (const auto& [kind, type] : content_types)
        if (kind == extension)
            return type;
    return std::nullopt;
}

}  // namespace

bool is_served_file(std::string_view path) {
    return content_type_of(path).has_value();
}

bool is_within_folder(const fs::path& folder, const fs::path& file) {
    std::error_code failure;
    const fs::path real_folder = fs::canonical(folder, failure);
    if (failure)
        return false;
    const fs::path real_file = fs::canonical(file, failure);
    return !failure &&
           std::mismatch(real_folder.begin(), real_folder.end(), real_file.begin(), real_file.end()).first ==
               real_folder.end();
}

std::optional<std::string> load_text_file(const fs::path& file, std::uintmax_t most, Problems& problems) {
    const auto problem = [&](std::string what, std::string remedy) {
        problems.push_back({Problem::Severity::error, file, 0, std::move(what), std::move(remedy)});
        return std::nullopt;
    };
    std::error_code failure;
    if (!fs::is_regular_file(file, failure))
        return problem("there is no such file", "create it, or correct the name where it is mentioned");
    const auto size = fs::file_size(file, failure);
    if (failure || size > most)
        return problem(fmt::format("the file has more than {} KiB", most / 1024), "split it");
    std::ifstream stream(file, std::ios::binary);
    std::string text(std::size_t(size), '\0');
    stream.read(text.data(), std::streamsize(size));
    if (std::uintmax_t(stream.gcount()) != size)
        return problem("the file cannot be read", "check its permissions");
    if (text.starts_with("\xef\xbb\xbf"))
        text.erase(0, 3);
    if (!is_utf8(text))
        return problem("the file is not UTF-8 text", "save it as UTF-8");
    return text;
}

std::optional<std::string> find_percent_decoded(std::string_view text) {
    const auto digit = [](char c) {
        return c >= '0' && c <= '9'                     ? c - '0'
               : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                        : -1;
    };
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? digit(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? digit(text[i + 2]) : -1;
        if (high < 0 || low < 0 || (high == 0 && low == 0))
            return std::nullopt;
        decoded += char(high * 16 + low);
        i += 2;
    }
    return decoded;
}

std::string percent_encoded(std::string_view path) {
    std::string encoded;
    for (const char c : path) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '-' || c == '.' || c == '_' || c == '~' || c == '/';
        if (plain)
            encoded += c;
        else
            encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return encoded;
}

std::size_t count_characters(std::string_view utf8) {
    return std::size_t(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

CourseFiles::CourseFiles(fs::path folder, std::string course_slug, CourseUrls urls)
    : folder_(std::move(folder)), slug_(std::move(course_slug)), urls_(std::move(urls)) {}

std::optional<std::string> CourseFiles::find_inside(std::string_view from, std::string_view reference) {
    if (reference.empty() || reference.front() == '/' || reference.find('\\') != std::string_view::npos)
        return std::nullopt;
    const fs::path joined = (fs::path(from).parent_path() / reference).lexically_normal();
    if (joined.empty() || joined.is_absolute() || *joined.begin() == ".." || *joined.begin() == ".")
        return std::nullopt;
    return joined.generic_string();
}

std::optional<std::string> CourseFiles::find_media_url(const std::string& path) {
    if (!media_.contains(path)) {
        const fs::path file = folder_ / path;
        const auto type = content_type_of(path);
        std::error_code failure;
        if (!type || !fs::is_regular_file(file, failure) || !is_within_folder(folder_, file))
            return std::nullopt;
        media_[path] = {file, std::string(*type), fs::file_size(file, failure)};
    }
    return replaced(replaced(urls_.media, "{course}", percent_encoded(slug_)), "{file}",
                    percent_encoded(path));
}

std::optional<std::string> CourseFiles::find_lesson_url(const std::string& path) const {
    const auto found = lessons_.find(path);
    if (found == lessons_.end())
        return std::nullopt;
    return replaced(replaced(urls_.lesson, "{course}", percent_encoded(slug_)), "{lesson}",
                    percent_encoded(found->second));
}

}  // namespace calyptenora::platform
