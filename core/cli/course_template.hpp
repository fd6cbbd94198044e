#pragma once

#include <calyptenora/result.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace calyptenora::cli {

/// Writes a small course in German or English (`de`, `en`), with comments that say what can be changed, for
/// an author to begin with; yields the names of its files. The folder must not exist, or be empty.
Result<std::vector<std::string>> write_course_template(const std::filesystem::path& folder,
                                                       const std::string& title, const std::string& language);

}  // namespace calyptenora::cli
