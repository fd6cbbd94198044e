#include "storage/inventory.hpp"

#include "storage/embedded.hpp"

#include <fmt/format.h>

#include <set>

namespace calyptenora::storage {
namespace {

constexpr std::size_t field_count = 7;

/// No quoting: our words need none. The retention comes last but one and holds no comma.
std::vector<std::string> split(std::string_view line) {
    std::vector<std::string> fields;
    for (;;) {
        const auto comma = line.find(',');
        fields.emplace_back(line.substr(0, comma));
        if (comma == std::string_view::npos)
            return fields;
        line.remove_prefix(comma + 1);
    }
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::ranges::find(words, word) != words.end();
}

std::string find_fault(const InventoryEntry& entry) {
    if (!is_one_of(entry.database, {"data", "keys"}))
        return "database is data or keys";
    if (entry.table.empty() || entry.column.empty() || entry.retention.empty())
        return "table, column and retention are needed";
    if (!entry.term && !is_one_of(entry.category, {"system", "none"}))
        return fmt::format("'{}' is no data category, nor system or none", entry.category);
    if (!is_one_of(entry.whose, {"learner", "guest", "subject", "operator", "none"}))
        return fmt::format("whose is learner, guest, subject, operator or none, not '{}'", entry.whose);
    if (!is_one_of(entry.protection, {"subject_key", "system_key", "master_key", "hashed", "none"}))
        return fmt::format("protection is subject_key, system_key, master_key, hashed or none, not '{}'",
                           entry.protection);
    return {};
}

}  // namespace

Result<std::vector<InventoryEntry>> parse_inventory(std::string_view csv) {
    std::vector<InventoryEntry> entries;
    std::set<std::string> seen;
    for (int number = 1; !csv.empty(); ++number) {
        const auto line = csv.substr(0, csv.find('\n'));
        csv.remove_prefix(std::min(csv.size(), line.size() + 1));
        if (number == 1 || line.empty() || line.starts_with('#'))
            continue;
        auto fields = split(line);
        if (fields.size() != field_count)
            return Error(ErrorKind::invalid_config, fmt::format("inventory line {}: {} fields, not {}",
                                                                number, field_count, fields.size()));
        const auto term = find_term<Category>(fields[3]);
        InventoryEntry entry{fields[0], fields[1], fields[2], fields[3],
                             term,      fields[4], fields[5], fields[6]};
        if (const auto fault = find_fault(entry); !fault.empty())
            return Error(ErrorKind::invalid_config, fmt::format("inventory line {}: {}", number, fault));
        if (!seen.insert(fmt::format("{} {}.{}", entry.database, entry.table, entry.column)).second)
            return Error(ErrorKind::invalid_config,
                         fmt::format("inventory line {}: the column has a line already", number));
        entries.push_back(std::move(entry));
    }
    return entries;
}

const std::vector<InventoryEntry>& inventory() {
    static const auto entries = parse_inventory(embedded::inventory_file().front().second).value();
    return entries;
}

InventoryGaps find_gaps(const std::vector<InventoryEntry>& entries, std::string_view database,
                        const std::vector<SchemaColumn>& schema) {
    std::set<std::string> claimed, existing;
    for (const auto& entry : entries)
        if (entry.database == database)
            claimed.insert(entry.table + "." + entry.column);
    for (const auto& column : schema)
        existing.insert(column.table + "." + column.column);
    InventoryGaps gaps;
    std::ranges::set_difference(existing, claimed, std::back_inserter(gaps.unclaimed));
    std::ranges::set_difference(claimed, existing, std::back_inserter(gaps.nonexistent));
    return gaps;
}

}  // namespace calyptenora::storage
