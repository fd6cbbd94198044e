#include "platform/staff/staff.hpp"

namespace calyptenora::platform {

using storage::Transaction;

boost::asio::awaitable<Result<std::vector<storage::Access>>> Staff::list_accesses(storage::SubjectId subject,
                                                                                  int limit) {
    co_return co_await database_.run([&](Transaction& tx) -> Result<std::vector<storage::Access>> {
        return storage::accesses::list(tx, cipher_, subject, limit);
    });
}

boost::asio::awaitable<Result<std::vector<storage::Access>>> Staff::list_all_accesses(
    storage::Timestamp since, int limit) {
    co_return co_await database_.run([&](Transaction& tx) -> Result<std::vector<storage::Access>> {
        return storage::accesses::list_all(tx, cipher_, since, limit);
    });
}

}  // namespace calyptenora::platform
