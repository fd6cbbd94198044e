#pragma once

#include <string>
#include <vector>

namespace calyptenora::cli {

/// Rows as columns, for people. The first row is the heading. Control characters of the cells are replaced,
/// so that what a file or a person wrote cannot act on the terminal.
std::string make_text_table(const std::vector<std::vector<std::string>>& rows);

/// One row of RFC 4180, with its end.
std::string make_csv_row(const std::vector<std::string>& cells);

/// Text that is safe on a terminal: control characters become `?`.
std::string printable(std::string_view text);

}  // namespace calyptenora::cli
