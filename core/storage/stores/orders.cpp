#include "storage/stores/orders.hpp"

#include "storage/row_batch.hpp"
#include "storage/stores/population.hpp"

#include <fmt/format.h>

namespace calyptenora::storage::orders {
namespace {

FieldAddress instructions_address(const OrderId& id) {
    return {"orders", id.text(), "instructions_enc"};
}

template <class... Args>
std::vector<Order> select(Transaction& tx, std::string_view sql, const Args&... args) {
    std::vector<Order> found;
    for (auto& row :
         tx.rows<OrderId, LearnerId, std::string, std::string, std::int64_t, std::string, std::string,
                 OrderState, std::int64_t, Timestamp, Timestamp, std::optional<Timestamp>>(sql, args...)) {
        auto& [id, learner, course, instance, amount, currency, reference, state, captured, created, updated,
               due] = row;
        found.push_back({std::move(id), std::move(learner), std::move(course), std::move(instance), amount,
                         std::move(currency), std::move(reference), state, captured, created, updated, due});
    }
    return found;
}

template <class... Args>
std::optional<Order> select_one(Transaction& tx, std::string_view sql, const Args&... args) {
    auto found = select(tx, sql, args...);
    if (found.empty())
        return std::nullopt;
    return std::move(found.front());
}

}  // namespace

constexpr std::string_view insert_sql =
    "insert into orders (id, learner, course, instance, amount_minor, currency, reference, state, "
    "captured_minor, "
    "created_at, updated_at, due_at) values (:id, :learner, :course, :instance, :amount_minor, :currency, "
    ":reference, "
    ":state, :captured_minor, :created_at, :updated_at, :due_at) on conflict (reference) do nothing";
Status insert(Transaction& tx, const Order& order) {
    if (tx.execute(insert_sql, order.id, order.learner, order.course, order.instance, order.amount_minor,
                   order.currency, order.reference, order.state, order.captured_minor, order.created_at,
                   order.updated_at, order.due_at) == 0)
        return Error(ErrorKind::conflict, "this payment reference is taken");
    return {};
}

void insert_all(Transaction& tx, std::span<const Order> orders) {
    RowBatch rows("orders",
                  "id, learner, course, instance, amount_minor, currency, reference, state, captured_minor, "
                  "created_at, updated_at, due_at");
    for (const auto& order : orders)
        rows.add(order.id, order.learner, order.course, order.instance, order.amount_minor, order.currency,
                 order.reference, order.state, order.captured_minor, order.created_at, order.updated_at,
                 order.due_at);
    rows.write(tx);
}

constexpr std::string_view find_sql =
    "select id, learner, course, instance, amount_minor, currency, reference, state, captured_minor, "
    "created_at, "
    "updated_at, due_at from orders where id = :id";
std::optional<Order> find(Transaction& tx, const OrderId& id) {
    return select_one(tx, find_sql, id);
}

std::optional<Order> lock(Transaction& tx, const OrderId& id) {
    return select_one(tx, std::string(find_sql).append(lock_rows(tx.dialect())), id);
}

constexpr std::string_view find_by_reference_sql =
    "select id, learner, course, instance, amount_minor, currency, reference, state, captured_minor, "
    "created_at, "
    "updated_at, due_at from orders where reference = :reference";
std::optional<Order> find_by_reference(Transaction& tx, std::string_view reference) {
    return select_one(tx, find_by_reference_sql, reference);
}

constexpr std::string_view list_sql =
    "select id, learner, course, instance, amount_minor, currency, reference, state, captured_minor, "
    "created_at, "
    "updated_at, due_at from orders where learner = :learner order by created_at desc, id desc";
std::vector<Order> list(Transaction& tx, const LearnerId& learner) {
    return select(tx, list_sql, learner);
}

constexpr std::string_view list_in_state_sql =
    "select id, learner, course, instance, amount_minor, currency, reference, state, captured_minor, "
    "created_at, "
    "updated_at, due_at from orders where instance = :instance and state = :state order by id";
std::vector<Order> list_in_state(Transaction& tx, std::string_view instance, OrderState state) {
    return select(tx, list_in_state_sql, instance, state);
}

constexpr std::string_view list_overdue_sql =
    "select id, learner, course, instance, amount_minor, currency, reference, state, captured_minor, "
    "created_at, "
    "updated_at, due_at from orders where state = 'open' and due_at < :due_before order by due_at, id limit "
    ":limit";
std::vector<Order> list_overdue(Transaction& tx, Timestamp due_before, int limit) {
    return select(tx, list_overdue_sql, due_before, limit);
}

constexpr std::string_view change_state_sql =
    "update orders set state = :next, captured_minor = :captured_minor, updated_at = :now "
    "where id = :id and state = :expected";
Status change_state(Transaction& tx, const OrderId& id, OrderState expected, OrderState next,
                    std::int64_t captured_minor, Timestamp now) {
    if (tx.execute(change_state_sql, next, captured_minor, now, id, expected) == 0)
        return Error(ErrorKind::conflict, fmt::format("the order is not {} any more", key_of(expected)));
    return {};
}

constexpr std::string_view store_instructions_sql =
    "update orders set instructions_enc = :instructions where id = :id and learner = :learner";
Status store_instructions(Transaction& tx, const FieldCipher& cipher, const LearnerId& learner,
                          const OrderId& id, std::string_view instructions) {
    const auto sealed = cipher.encrypt(learner, instructions_address(id), instructions);
    if (!sealed)
        return sealed.error();
    if (tx.execute(store_instructions_sql, *sealed, id, learner) == 0)
        return Error(ErrorKind::not_found, "there is no such order");
    return {};
}

constexpr std::string_view load_instructions_sql =
    "select instructions_enc from orders where id = :id and learner = :learner and instructions_enc is not "
    "null";
Result<std::string> load_instructions(Transaction& tx, const FieldCipher& cipher, const LearnerId& learner,
                                      const OrderId& id) {
    const auto row = tx.find<std::string>(load_instructions_sql, id, learner);
    if (!row)
        return Error(ErrorKind::not_found, "this order has no payment instructions");
    return cipher.decrypt(learner, instructions_address(id), std::get<0>(*row));
}

}  // namespace calyptenora::storage::orders
