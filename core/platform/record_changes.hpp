#pragma once

#include <calyptenora/result.hpp>
#include <calyptenora/vocabulary.hpp>

#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What has changed between two records of processing, as `privacy record --json` writes them: an older one
/// that was kept, and another. Pure functions.
namespace calyptenora::platform {

enum class ChangeKind : std::uint8_t {
    flow_added,
    flow_removed,
    data_added,
    data_removed,
    basis_changed,
    retention_longer,
    retention_shorter,
    country_changed,
    role_changed,
    kept_added,
    kept_removed,
    kept_longer,
    kept_shorter,
    device_added,
    device_removed,
    controller_changed,
};
inline constexpr std::array<std::string_view, 16> change_keys{
    "flow_added",    "flow_removed",     "data_added",        "data_removed",
    "basis_changed", "retention_longer", "retention_shorter", "country_changed",
    "role_changed",  "kept_added",       "kept_removed",      "kept_longer",
    "kept_shorter",  "device_added",     "device_removed",    "controller_changed"};
constexpr std::string_view key_of(ChangeKind kind) {
    return change_keys[static_cast<std::size_t>(kind)];
}

struct RecordChange {
    ChangeKind kind;
    /// It reaches further than before, so that people are to be told ahead of it (consent.md rule 17).
    bool material = false;
    std::string who = {};  ///< The recipient's name, or who keeps something on the device, or the operator's.
    std::string what = {};  ///< The purpose's key; the activity's; that of a length in the settings; the name
                            ///< of what lies on the device.
    CategoryMask data = {};  ///< Which data, where it is about them.
    std::string before =
        {};  ///< A key of the vocabulary, a country's code, a number of days (empty: no limit), an address.
    std::string after = {};
};

/// Recipients' flows first, then what the platform keeps, then the device, then the operator. `invalid_input`
/// for a document that is no such record. Of a record that older programs wrote, what it lacks is not
/// compared.
Result<std::vector<RecordChange>> find_changes(const boost::json::value& before,
                                               const boost::json::value& after);

}  // namespace calyptenora::platform
