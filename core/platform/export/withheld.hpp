#pragma once

#include <boost/describe/enum.hpp>

#include <span>
#include <string_view>

namespace calyptenora::platform {

/// Why a column is not handed out although it says something about a person.
enum class Withheld : unsigned char {
    secret,    ///< Whoever has it could act as the person.
    derived,   ///< Repeats, or is computed from, something that is handed out.
    keys,      ///< A key, itself locked by another.
    seal,      ///< Shows the platform that nobody altered its records; says nothing more.
    nameless,  ///< Cannot be told to be this person's.
    passing,   ///< There for seconds only.
    moot,      ///< Empty as long as there is somebody to hand it to.
};
BOOST_DESCRIBE_ENUM(Withheld, secret, derived, keys, seal, nameless, passing, moot)

struct WithheldColumn {
    std::string_view database;  ///< As in the inventory: `data` or `keys`.
    std::string_view table;
    std::string_view column;
    Withheld reason;
    /// Which rows it is withheld of, in the words of a condition; empty: of all.
    std::string_view rows = {};
};

/// All columns that the inventory calls `withheld`, and those that some rows of a record set lack.
std::span<const WithheldColumn> withheld_columns();

}  // namespace calyptenora::platform
