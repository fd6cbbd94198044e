#include "platform/export/csv_table.hpp"

#include "platform/export/values.hpp"

namespace calyptenora::platform {
namespace {

bool needs_quotes(std::string_view field) {
    return field.empty() || field.find_first_of(",\"\r\n") != std::string_view::npos;
}

}  // namespace

std::string make_csv_line(const std::vector<std::optional<std::string>>& fields) {
    std::string line;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (i)
            line += ',';
        if (!fields[i])
            continue;
        if (!needs_quotes(*fields[i])) {
            line += *fields[i];
            continue;
        }
        line += '"';
        for (const char c : *fields[i])
            line.append(c == '"' ? 2 : 1, c);
        line += '"';
    }
    return line += "\r\n";
}

CsvTable::CsvTable(Archive& archive, const storage::RecordSet& set) : archive_(archive) {
    std::vector<std::optional<std::string>> headings;
    for (const auto& field : set.fields)
        headings.emplace_back(field.name());
    archive_.write(make_csv_line(headings));
}

void CsvTable::write_row(const ExportRow& row) {
    std::vector<std::optional<std::string>> cells;
    for (const auto& value : row.reveal(gate::ForSubject{}))
        cells.push_back(to_cell(value));
    archive_.write(make_csv_line(cells));
}

}  // namespace calyptenora::platform
