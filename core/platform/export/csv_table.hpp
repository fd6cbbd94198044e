#pragma once

#include "platform/export/archive.hpp"
#include "platform/export/row.hpp"

#include <string_view>
#include <vector>

namespace calyptenora::platform {

/// One line of RFC 4180 with its end. Fields are quoted where they must be; an empty text is `""`, so that an
/// absent value, which is nothing at all, differs from it.
std::string make_csv_line(const std::vector<std::optional<std::string>>& fields);

/// Writes the records of a set as CSV with headings, exactly as they are: a file for programs. A spreadsheet
/// must import it as text, for it would take a cell that begins with `=` for a formula.
class CsvTable {
  public:
    CsvTable(Archive& archive, const storage::RecordSet& set);
    void write_row(const ExportRow& row);

  private:
    Archive& archive_;
};

}  // namespace calyptenora::platform
