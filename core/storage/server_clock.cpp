#include "storage/server_clock.hpp"

namespace calyptenora::storage {

Result<Timestamp> read_server_clock(Database& database) {
    const auto select = select_server_clock(database.dialect());
    if (select.empty())
        return SystemClock().now();
    return database.run_blocking([&](Transaction& tx) -> Result<Timestamp> {
        return timestamp_of(std::get<0>(tx.rows<std::int64_t>(select).front()));
    });
}

}  // namespace calyptenora::storage
