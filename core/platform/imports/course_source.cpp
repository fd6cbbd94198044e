#include "platform/imports/course_source.hpp"

#include "platform/imports/carpentries.hpp"
#include "platform/imports/cartridge.hpp"
#include "platform/imports/markdown_folder.hpp"
#include "platform/imports/open_edx.hpp"

namespace calyptenora::platform {

namespace fs = std::filesystem;

std::optional<CourseFormat> find_course_format(const fs::path& folder) {
    std::error_code failure;
    if (fs::is_regular_file(folder / "course.yaml", failure))
        return CourseFormat::course_folder;
    if (is_carpentries_lesson(folder))
        return CourseFormat::carpentries;
    if (is_cartridge(folder))
        return CourseFormat::common_cartridge;
    if (is_open_edx_course(folder))
        return CourseFormat::open_edx;
    if (is_markdown_folder(folder))
        return CourseFormat::markdown_folder;
    return std::nullopt;
}

fs::path innermost_course(const fs::path& folder) {
    const auto own = find_course_format(folder);
    if (own && *own != CourseFormat::markdown_folder)
        return folder;
    std::error_code failure;
    std::optional<fs::path> only;
    for (const auto& entry : fs::directory_iterator(folder, failure)) {
        if (only || !entry.is_directory(failure) || entry.is_symlink(failure))
            return folder;
        only = entry.path();
    }
    return only && find_course_format(*only) ? *only : folder;
}

Result<ImportReport> convert_course(CourseFormat format, const fs::path& source, const fs::path& target,
                                    const CourseWishes& wishes) {
    switch (format) {
        case CourseFormat::carpentries:
            return import_carpentries(source, target);
        case CourseFormat::common_cartridge:
            return import_cartridge(source, target, wishes);
        case CourseFormat::open_edx:
            return import_open_edx(source, target, wishes);
        case CourseFormat::markdown_folder:
            return import_markdown_folder(source, target, wishes);
        case CourseFormat::course_folder:
            break;
    }
    return Error(ErrorKind::invalid_input, "a course folder of ours needs no conversion");
}

}  // namespace calyptenora::platform
