#pragma once

#include <calyptenora/plugin.h>

#include <optional>
#include <string>
#include <string_view>

namespace calyptenora::worker {

/// What is wrong with the table that a plugin returned, and the remedy; nothing if it can be used. `manifest`
/// is that of the note, which has been verified.
std::optional<std::string> find_table_fault(const calyptenora_plugin_table* table, std::string_view manifest);

}  // namespace calyptenora::worker
