#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace calyptenora::sepa {

/// What order references look like, so that they are found again in what payers have typed: with or without
/// their hyphens, with spaces and line breaks anywhere, in small letters.
class ReferenceMask {
  public:
    /// `#` a digit, `@` a capital or digit, `%` a hexadecimal digit in small letters; all else stands for
    /// itself. Throws std::invalid_argument when fewer than six characters vary, or none is fixed and the
    /// varying ones are too few to be told from other numbers.
    explicit ReferenceMask(std::string mask);

    /// The reference as the platform writes it, if the letters and digits of `text` are one, and nothing
    /// more.
    std::optional<std::string> find_whole(std::string_view text) const;

    /// All references in a running text. A creditor reference (RF) around one counts only with right check
    /// digits: otherwise somebody has mistyped it. Words that only together could be one (no digit, blanks
    /// within) count only where nothing else does.
    std::set<std::string> find_within(std::string_view text) const;

    bool matches(std::string_view reference) const { return find_whole(reference) == reference; }

  private:
    /// The reference whose letters and digits begin `compact_text`.
    std::optional<std::string> read(std::string_view compact_text) const;

    std::string mask_;
    std::size_t length_ = 0;  ///< Letters and digits of a reference.
};

}  // namespace calyptenora::sepa
