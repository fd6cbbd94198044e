#include "worker/plugin_table.hpp"

namespace calyptenora::worker {

std::optional<std::string> find_table_fault(const calyptenora_plugin_table* table,
                                            std::string_view manifest) {
    const auto refused = [](const std::string& what) {
        return what + "; build the plugin again with this host's SDK";
    };
    if (!table)
        return refused("calyptenora_plugin() returned no table");
    if (table->abi_major != CALYPTENORA_ABI_MAJOR || table->abi_minor > CALYPTENORA_ABI_MINOR)
        return refused("its table has interface version " + std::to_string(table->abi_major) + "." +
                       std::to_string(table->abi_minor) + ", this host has " +
                       std::to_string(CALYPTENORA_ABI_MAJOR) + "." + std::to_string(CALYPTENORA_ABI_MINOR));
    if (table->size < sizeof(calyptenora_plugin_table))
        return refused("its table has " + std::to_string(table->size) + " bytes, expected at least " +
                       std::to_string(sizeof(calyptenora_plugin_table)));
    if (!table->create || !table->destroy || !table->invoke || !table->reply || !table->cancel ||
        !table->manifest)
        return refused("its table lacks a function");
    if (manifest != table->manifest)
        return refused("the manifest in its table is not the one of its note");
    return std::nullopt;
}

}  // namespace calyptenora::worker
