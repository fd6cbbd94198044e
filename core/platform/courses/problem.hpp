#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace calyptenora::platform {

/// Something wrong in a course folder, said so that its author can repair it.
struct Problem {
    enum class Severity : unsigned char {
        error,    ///< The course is left out of the catalogue until this is repaired.
        warning,  ///< The course is shown; something in it is less than it should be.
    };
    Severity severity = Severity::error;
    std::filesystem::path file;
    /// From 1; 0 if the whole file is meant.
    int line = 0;
    std::string what;
    std::string remedy;

    /// "file:line: error: what; remedy"
    std::string text() const;
    bool operator==(const Problem&) const = default;
};

using Problems = std::vector<Problem>;

/// True if a problem of severity `error` is among them.
bool has_error(const Problems& problems);

}  // namespace calyptenora::platform
