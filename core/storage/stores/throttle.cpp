#include "storage/stores/throttle.hpp"

#include "storage/text.hpp"

#include <fmt/format.h>

namespace calyptenora::storage::throttle {
namespace {

std::string key_of_attempt(const ServiceSecrets& secrets, std::string_view what, std::string_view who) {
    const auto key = secrets.email_lookup.derive(fmt::format("throttle {}:{} {}", what.size(), what, who));
    return make_content_hash(key.bytes());
}

}  // namespace

constexpr std::string_view count_sql =
    "insert into throttle (key_hash, window_start, count) values (:key_hash, :window_start, 1) on conflict "
    "(key_hash, "
    "window_start) do update set count = throttle.count + 1 returning count";
long long count(Transaction& tx, const ServiceSecrets& secrets, std::string_view what, std::string_view who,
                std::chrono::seconds window, Timestamp now) {
    const Timestamp start(now.time_since_epoch() - now.time_since_epoch() % window);
    return std::get<0>(*tx.find<long long>(count_sql, key_of_attempt(secrets, what, who), start));
}

constexpr std::string_view reset_sql = "delete from throttle where key_hash = :key_hash";
void reset(Transaction& tx, const ServiceSecrets& secrets, std::string_view what, std::string_view who) {
    tx.execute(reset_sql, key_of_attempt(secrets, what, who));
}

constexpr std::string_view sweep_sql = "delete from throttle where window_start < :began_before";
long long sweep(Transaction& tx, Timestamp began_before) {
    return tx.execute(sweep_sql, began_before);
}

}  // namespace calyptenora::storage::throttle
