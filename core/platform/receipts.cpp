#include "platform/receipts.hpp"

namespace calyptenora::platform {
namespace {

/// How far back "last sent" looks.
constexpr int recent = 500;

}  // namespace

std::vector<storage::Disclosure> list_newest_sent(storage::Transaction& tx, const storage::SubjectId& subject,
                                                  int limit) {
    // Each attempt has an outcome row of its own; what people want to see is the sending.
    auto rows = storage::disclosures::list(tx, subject, 2 * limit);
    std::erase_if(rows, [](const auto& row) { return row.kind != storage::DisclosureKind::attempted; });
    if (rows.size() > static_cast<std::size_t>(limit))
        rows.erase(rows.begin() + limit, rows.end());
    return rows;
}

boost::asio::awaitable<Result<std::vector<storage::Disclosure>>> Receipts::newest(storage::SubjectId subject,
                                                                                  int limit) {
    using Rows = std::vector<storage::Disclosure>;
    co_return co_await database_.run(
        [&](storage::Transaction& tx) -> Result<Rows> { return list_newest_sent(tx, subject, limit); });
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

boost::asio::awaitable<Result<SentPage>> Receipts::page(storage::SubjectId subject, std::string instance,
                                                        int number, int size) {
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<SentPage> {
        SentPage page{storage::disclosures::list_sent(tx, subject, instance, size + 1, number * size)};
        page.has_more = page.rows.size() > static_cast<std::size_t>(size);
        if (page.has_more)
            page.rows.pop_back();
        return page;
    });
}

boost::asio::awaitable<Result<std::vector<storage::disclosures::Recipient>>> Receipts::recipients(
    storage::SubjectId subject) {
    using Recipients = std::vector<storage::disclosures::Recipient>;
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<Recipients> {
        return storage::disclosures::list_all_recipients(tx, subject);
    });
}

}  // namespace calyptenora::platform
