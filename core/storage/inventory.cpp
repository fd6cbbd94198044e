#include "storage/inventory.hpp"

#include "storage/embedded.hpp"

#include <fmt/format.h>

#include <set>

namespace calyptenora::storage {
namespace {

constexpr std::size_t field_count = 11;

/// No quoting: our words need none. The retention comes last and holds no comma.
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

struct WordList {
    std::string_view name;
    std::string InventoryEntry::* field;
    std::vector<std::string_view> words;
};

const std::vector<WordList>& word_lists() {
    using Entry = InventoryEntry;
    static const std::vector<WordList> lists{
        {"database", &Entry::database, {"data", "keys"}},
        {"whose", &Entry::whose, {"learner", "guest", "subject", "operator", "none"}},
        {"protection", &Entry::protection, {"subject_key", "system_key", "master_key", "hashed", "none"}},
        {"export", &Entry::export_, {"portable", "access", "withheld", "none"}},
        {"rectification", &Entry::rectification, {"learner", "request", "supplement", "none"}},
        {"restriction", &Entry::restriction, {"held", "used", "none"}},
        {"erasure", &Entry::erasure, {"deleted", "emptied", "tombstone", "retained", "expires", "none"}},
    };
    return lists;
}

bool is_about_a_person(const InventoryEntry& entry) {
    return entry.whose != "none" && entry.whose != "operator";
}

std::string find_fault(const InventoryEntry& entry) {
    if (entry.table.empty() || entry.column.empty() || entry.retention.empty())
        return "table, column and retention are needed";
    if (!entry.term && entry.category != "system" && entry.category != "none")
        return fmt::format("'{}' is no data category, nor system or none", entry.category);
    for (const auto& list : word_lists())
        if (!std::ranges::count(list.words, entry.*list.field))
            return fmt::format("{} is one of {}, not '{}'", list.name, fmt::join(list.words, ", "),
                               entry.*list.field);
    // Whatever says something about a person takes part in that person's rights, with nothing left open.
    if (is_about_a_person(entry) && entry.category != "none" &&
        (entry.export_ == "none" || entry.restriction == "none"))
        return "a column about a person says how it takes part in export and restriction";
    if (is_about_a_person(entry) == (entry.erasure == "none"))
        return "a column says what erasure does to it, if and only if its row belongs to a person";
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
        InventoryEntry entry{fields[0], fields[1], fields[2], fields[3], term,      fields[4],
                             fields[5], fields[6], fields[7], fields[8], fields[9], fields[10]};
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
