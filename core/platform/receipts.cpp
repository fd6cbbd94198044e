#include "platform/receipts.hpp"

namespace calyptenora::platform {
namespace {

/// How far back "last sent" looks.
constexpr int recent = 500;

}  // namespace

boost::asio::awaitable<Result<std::vector<storage::Disclosure>>> Receipts::newest(storage::SubjectId subject,
                                                                                  int limit) {
    using Rows = std::vector<storage::Disclosure>;
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<Rows> {
        // Each attempt has an outcome row of its own; what people want to see is the sending.
        auto rows = storage::disclosures::list(tx, subject, 2 * limit);
        std::erase_if(rows, [](const auto& row) { return row.kind != storage::DisclosureKind::attempted; });
        if (rows.size() > static_cast<std::size_t>(limit))
            rows.erase(rows.begin() + limit, rows.end());
        return rows;
    });
}

boost::asio::awaitable<Result<LastSent>> Receipts::last_sent(storage::SubjectId subject) {
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<LastSent> {
        LastSent last;
        for (const auto& row : storage::disclosures::list(tx, subject, recent))
            if (row.kind == storage::DisclosureKind::attempted)
                last.try_emplace({row.instance, row.purpose}, row.at);
        return last;
    });
}

}  // namespace calyptenora::platform
