#pragma once

#include "storage/clock.hpp"
#include "storage/database.hpp"

namespace calyptenora::storage {

/// What time it is where the database runs; for SQLite that is this machine. Blocks.
Result<Timestamp> read_server_clock(Database& database);

}  // namespace calyptenora::storage
