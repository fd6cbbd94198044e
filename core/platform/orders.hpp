#pragma once

#include "gate/gate.hpp"
#include "platform/courses/catalogue.hpp"
#include "platform/learning.hpp"
#include "storage/database.hpp"
#include "storage/field_cipher.hpp"
#include "storage/stores/orders.hpp"

#include <calyptenora/families/payments.hpp>

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

/// Buying courses. Access opens when the money is there: the payment plugin's state decides, never a signal.
namespace calyptenora::platform {

/// An order as its owner sees it.
struct OrderView {
    storage::Order order;
    std::optional<payments::Instructions> instructions;  ///< For transfers.
    std::optional<payments::Redirect> redirect;
};

/// An order that a statement has moved.
struct ChangedOrder {
    std::string reference;
    std::string state;
};
BOOST_DESCRIBE_STRUCT(ChangedOrder, (), (reference, state))

/// What an import of a statement did.
struct StatementReport {
    int entries = 0;    ///< Credits and reversals that the plugin saw.
    int known = 0;      ///< Seen before; nothing was done again.
    int unmatched = 0;  ///< Without an order of ours; for the operator to look at.
    std::vector<ChangedOrder> changed;
    std::vector<std::string> unmatched_entries;  ///< The bank's references.
};
BOOST_DESCRIBE_STRUCT(StatementReport, (), (entries, known, unmatched, changed, unmatched_entries))

class Orders {
  public:
    Orders(storage::Database& database, const storage::FieldCipher& cipher, gate::Gate& gate,
           Learning& learning, const CatalogueHolder& catalogue, std::string platform_origin);

    /// Orders a course through a payment instance. An open order for the same course is returned instead of a
    /// second, and started again if nothing says yet how to pay it. `denied` when the course is free or taken
    /// already; `conflict` when a required course comes first; `temporary` when the payment plugin does not
    /// answer: the order is then cancelled and nothing is owed.
    boost::asio::awaitable<Result<storage::OrderId>> place(storage::LearnerId learner, std::string course,
                                                           settings::InstanceId instance,
                                                           std::string language);

    /// `not_found` also for somebody else's order.
    boost::asio::awaitable<Result<OrderView>> find(storage::LearnerId learner, storage::OrderId order);

    /// Newest first.
    boost::asio::awaitable<Result<std::vector<storage::Order>>> list(storage::LearnerId learner);

    /// Withdraws from an unpaid order. `conflict` when money has come.
    boost::asio::awaitable<Status> cancel(storage::LearnerId learner, storage::OrderId order);

    /// Reads a bank statement (camt.053, camt.054) with every payment instance that takes statements. The
    /// same statement twice changes nothing the second time. `invalid_input`, naming what is wrong, if no
    /// instance can read it.
    boost::asio::awaitable<Result<StatementReport>> import_statement(std::string document);

    /// The payment instances that are enabled.
    std::vector<settings::InstanceId> methods() const;

  private:
    boost::asio::awaitable<Status> import_with(const settings::InstanceId& instance,
                                               const std::string& document, StatementReport& report);
    boost::asio::awaitable<Status> refresh(const settings::InstanceId& instance, const std::string& reference,
                                           StatementReport& report);

    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    gate::Gate& gate_;
    Learning& learning_;
    const CatalogueHolder& catalogue_;
    std::string origin_;
};

}  // namespace calyptenora::platform
