#pragma once

#include <calyptenora/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What the host wants to know of a plugin's file before any of its code can run. The dynamic loader runs
/// static constructors, so loading a file to look at it would be too late.
namespace calyptenora::host {

/// The interface version that a plugin was built for.
struct AbiVersion {
    std::uint16_t major = 0;
    std::uint16_t minor = 0;
    bool operator==(const AbiVersion&) const = default;
};

/// Facts read from the bytes of a shared object.
struct ElfFacts {
    AbiVersion abi;                   ///< From the note "Calyptenora" of type 1.
    std::string manifest;             ///< From the note of type 2, without its terminating NUL.
    std::vector<std::string> needed;  ///< DT_NEEDED, in the file's order.
    bool exports_entry = false;  ///< The function calyptenora_plugin is defined in the dynamic symbol table.
};

/// Reads a 64-bit little-endian ELF shared object for this machine (x86-64 or aarch64; System V gABI,
/// chapters 4 and 5). Never maps or executes; every offset is checked against the size of `file`, and every
/// loop is bounded by it.
///
/// Refused with `permanent`: what is no such file, a file without the notes, text relocations, an executable
/// stack, and entries that make the loader look for libraries elsewhere (RPATH, RUNPATH, AUDIT, FILTER). The
/// messages say what is wrong with "the file"; the caller knows its name.
Result<ElfFacts> read_elf(std::string_view file);

}  // namespace calyptenora::host
