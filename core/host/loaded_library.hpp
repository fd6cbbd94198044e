#pragma once

#include "host/verification.hpp"

#include <calyptenora/plugin.h>
#include <calyptenora/result.hpp>

#include <string>

namespace calyptenora::host {

/// A plugin's code in this process. It stays until the process ends: threads and unique symbols make
/// unloading unsafe, so a changed file becomes a second image and the old one is left alone.
class LoadedLibrary {
  public:
    /// Loads exactly the bytes that were verified, from a sealed memory file, and checks the table. The
    /// library's static constructors run in here. `permanent` if the loader or the table refuses. May block.
    static Result<LoadedLibrary> load(const VerifiedPlugin& plugin);

    /// Valid until the process ends.
    const calyptenora_plugin_table& table() const { return *table_; }

  private:
    explicit LoadedLibrary(const calyptenora_plugin_table* table) : table_(table) {}

    const calyptenora_plugin_table* table_;
};

}  // namespace calyptenora::host
