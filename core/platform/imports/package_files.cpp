#include "platform/imports/package_files.hpp"

#include "platform/courses/course_files.hpp"

#include <fmt/format.h>

#include <fstream>

namespace calyptenora::platform {

namespace fs = std::filesystem;

bool is_html_file(std::string_view path) {
    std::string extension = fs::path(path).extension().string();
    for (char& c : extension)
        c = c >= 'A' && c <= 'Z' ? char(c | 0x20) : c;
    return extension == ".html" || extension == ".htm" || extension == ".xhtml";
}

std::optional<fs::path> PackageFiles::find(const std::string& path) const {
    const auto inside = CourseFiles::find_inside("x", path);
    std::error_code failure;
    if (!inside || !fs::is_regular_file(folder_ / *inside, failure) ||
        !is_within_folder(folder_, folder_ / *inside))
        return std::nullopt;
    return folder_ / *inside;
}

Result<std::string> PackageFiles::load_text(const std::string& path, std::uintmax_t most) const {
    const auto file = find(path);
    if (!file)
        return Error(ErrorKind::not_found, "the file is not in the package");
    std::error_code failure;
    const auto size = fs::file_size(*file, failure);
    if (failure || size > most)
        return Error(ErrorKind::invalid_input, fmt::format("the file has more than {} KiB", most / 1024));
    std::string text(std::size_t(size), '\0');
    std::ifstream stream(*file, std::ios::binary);
    stream.read(text.data(), std::streamsize(size));
    if (std::uintmax_t(stream.gcount()) != size)
        return Error(ErrorKind::temporary, "the file cannot be read");
    return text;
}

Result<std::unique_ptr<pugi::xml_document>> PackageFiles::load_xml(const std::string& path) const {
    const auto file = find(path);
    if (!file)
        return Error(ErrorKind::not_found, "the file is not in the package");
    return load_xml_file(*file);
}

}  // namespace calyptenora::platform
