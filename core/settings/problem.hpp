#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What is wrong in a file that people write by hand, told so that they can repair it.
namespace calyptenora::settings {

/// A place in a text file. Lines and columns count from 1; columns count characters, not bytes. Line 0: the
/// file as a whole.
struct Position {
    std::uint32_t line = 0;
    std::uint32_t column = 0;

    bool operator==(const Position&) const = default;
    auto operator<=>(const Position&) const = default;
};

enum class ProblemKind : std::uint8_t {
    unreadable,  ///< The file cannot be read, is too large, or is not UTF-8 text.
    syntax,      ///< It is not YAML, or uses something that is not allowed here (tags, a second document, an
                 ///< alias bomb).
    duplicate_key,
    unknown_key,
    missing_key,
    wrong_value,  ///< Wrong type, out of range, not one of the words, or against a rule that joins several
                  ///< keys.
    unresolved,   ///< A `${env:..}` or `${file:..}` that leads nowhere.
};

enum class Severity : std::uint8_t { error, warning };

/// One problem. No member ever holds the value of a secret.
struct Problem {
    ProblemKind kind = ProblemKind::wrong_value;
    Severity severity = Severity::error;
    std::string file = {};  ///< As the caller named it.
    Position position = {};
    /// `plugins.analytics/xapi.recipient.country`; a key that itself has a dot is written `purposes["a.b"]`,
    /// a list item `[0]`.
    std::string key_path = {};
    /// What would have been right, as a noun phrase: `an ISO 3166 country code of two letters`.
    std::string expected = {};
    /// What stands there instead; empty where there is nothing to show, or where it must not be shown.
    std::string found = {};
    std::optional<std::string> nearest_known_key = {};
    /// What to do, where `expected` does not say it already.
    std::string remedy = {};

    bool operator==(const Problem&) const = default;
};

using Problems = std::vector<Problem>;

/// One line without its end: `config/calyptenora.yaml:12:5: plugins.x.cuntry: unknown key; did you mean
/// "country"?`. Control characters are escaped, so that a file cannot write to the reader's terminal.
std::string to_text(const Problem& problem);

/// One line each, in the order of the file.
std::string to_text(const Problems& problems);

bool has_errors(const Problems& problems);

/// By file, then line, then column.
void sort_by_position(Problems& problems);

/// What reading a file yields: all problems, and the value if none of them is an error.
template <class T>
struct Checked {
    std::optional<T> value;
    Problems problems;

    explicit operator bool() const { return value.has_value(); }
};

}  // namespace calyptenora::settings
