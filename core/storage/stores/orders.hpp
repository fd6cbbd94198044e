#pragma once

#include "storage/field_cipher.hpp"
#include "storage/transaction.hpp"

#include <calyptenora/result.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What learners buy, and whether the money is there. Callers: platform, cli (`payments import`) through
/// platform.
namespace calyptenora::storage {

enum class OrderState : unsigned char {
    open,            ///< Waits for the money.
    authorised,      ///< Promised, not captured.
    paid,            ///< The exact amount is there.
    partially_paid,  ///< Some of it.
    overpaid,        ///< More than it.
    cancelled,
    expired,
    refunded,
};
BOOST_DESCRIBE_ENUM(OrderState, open, authorised, paid, partially_paid, overpaid, cancelled, expired,
                    refunded)

struct Order {
    OrderId id;
    LearnerId learner;
    std::string course;
    /// The payments instance.
    std::string instance;
    /// In the currency's smallest unit.
    std::int64_t amount_minor;
    /// ISO 4217.
    std::string currency;
    /// Short and unique; what the learner writes on a transfer.
    std::string reference;
    OrderState state = OrderState::open;
    std::int64_t captured_minor = 0;
    Timestamp created_at;
    Timestamp updated_at;
    std::optional<Timestamp> due_at;
};

/// Whether the order waits for money. `learning::list_courses` says the same in SQL.
constexpr bool is_waiting(OrderState state) {
    return state == OrderState::open || state == OrderState::partially_paid;
}

namespace orders {

/// `conflict` if the reference is taken: make another and try again.
Status insert(Transaction& tx, const Order& order);

std::optional<Order> find(Transaction& tx, const OrderId& id);
std::optional<Order> find_by_reference(Transaction& tx, std::string_view reference);
/// Like `find`, and other transactions that do the same wait until this one ends. Before adding up money.
std::optional<Order> lock(Transaction& tx, const OrderId& id);
/// Newest first.
std::vector<Order> list(Transaction& tx, const LearnerId& learner);
/// Of one instance in this state, oldest first; what reconciliation may match.
std::vector<Order> list_in_state(Transaction& tx, std::string_view instance, OrderState state);
/// Open ones that were due before.
std::vector<Order> list_overdue(Transaction& tx, Timestamp due_before, int limit);

/// From `expected` to `next` with this sum; `conflict` if the order is not in `expected` any more.
Status change_state(Transaction& tx, const OrderId& id, OrderState expected, OrderState next,
                    std::int64_t captured_minor, Timestamp now);

/// JSON of how to pay, encrypted under the learner's key. `not_found` if there is none, or the learner is
/// erased.
Status store_instructions(Transaction& tx, const FieldCipher& cipher, const LearnerId& learner,
                          const OrderId& id, std::string_view instructions);
Result<std::string> load_instructions(Transaction& tx, const FieldCipher& cipher, const LearnerId& learner,
                                      const OrderId& id);

}  // namespace orders
}  // namespace calyptenora::storage
