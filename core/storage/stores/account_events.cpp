#include "storage/stores/account_events.hpp"

#include "storage/ids.hpp"
#include "storage/row_batch.hpp"
#include "storage/stores/population.hpp"

namespace calyptenora::storage::account_events {

constexpr std::string_view append_sql =
    "insert into account_events (id, learner, kind, at, user_agent) values (:id, :learner, :kind, :at, "
    ":user_agent)";
void append(Transaction& tx, const LearnerId& learner, const AccountEvent& event) {
    tx.execute(append_sql, EventId::make(), learner, event.kind, event.at, event.user_agent);
}

void append_all(Transaction& tx, std::span<const NewEvent> events) {
    RowBatch rows("account_events", "id, learner, kind, at, user_agent");
    for (const auto& [id, learner, event] : events)
        rows.add(id, learner, event.kind, event.at, event.user_agent);
    rows.write(tx);
}

constexpr std::string_view list_sql =
    "select kind, at, user_agent from account_events where learner = :learner order by at desc, id desc "
    "limit :limit";
std::vector<AccountEvent> list(Transaction& tx, const LearnerId& learner, int limit) {
    std::vector<AccountEvent> events;
    for (auto& [kind, at, user_agent] :
         tx.rows<AccountEventKind, Timestamp, std::string>(list_sql, learner, limit))
        events.push_back({kind, at, std::move(user_agent)});
    return events;
}

constexpr std::string_view browsers_sql =
    "select distinct user_agent from account_events where learner = :learner and kind in ('opened', "
    "'signed_in') and user_agent <> ''";
std::vector<std::string> list_browsers(Transaction& tx, const LearnerId& learner) {
    std::vector<std::string> browsers;
    for (auto& [browser] : tx.rows<std::string>(browsers_sql, learner))
        browsers.push_back(std::move(browser));
    return browsers;
}

constexpr std::string_view sweep_sql = "delete from account_events where at < :before";
long long sweep(Transaction& tx, Timestamp before) {
    return tx.execute(sweep_sql, before);
}

}  // namespace calyptenora::storage::account_events
