#include "platform/rights/own_records.hpp"

#include "platform/rights/deadlines.hpp"
#include "storage/stores/declarations.hpp"
#include "storage/stores/erasure.hpp"
#include "storage/stores/inbound_events.hpp"
#include "storage/stores/learners.hpp"
#include "storage/stores/orders.hpp"
#include "storage/stores/retained.hpp"
#include "storage/stores/tombstones.hpp"

#include <boost/describe/enum_to_string.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/ranges.h>

namespace calyptenora::platform {
namespace {

bool money_has_come(const storage::Order& order) {
    using enum storage::OrderState;
    return order.captured_minor > 0 || order.state == paid || order.state == partially_paid ||
           order.state == overpaid || order.state == refunded;
}

std::string voucher_document(const storage::Order& order, const storage::Contact& buyer,
                             const std::vector<storage::InboundEvent>& events) {
    boost::json::array bookings;
    for (const auto& event : events)
        bookings.push_back({{"event_id", event.event_id},
                            {"kind", event.kind},
                            {"detail", event.detail},
                            {"received_at", storage::microseconds_of(event.received_at)}});
    return boost::json::serialize(
        boost::json::object{{"reference", order.reference},
                            {"course", order.course},
                            {"amount_minor", order.amount_minor},
                            {"captured_minor", order.captured_minor},
                            {"currency", order.currency},
                            {"state", boost::describe::enum_to_string(order.state, "")},
                            {"created_at", storage::microseconds_of(order.created_at)},
                            {"updated_at", storage::microseconds_of(order.updated_at)},
                            {"buyer", {{"name", buyer.display_name}, {"email", buyer.email}}},
                            {"bookings", std::move(bookings)}});
}

std::string letter_document(const storage::Declaration& declaration) {
    return boost::json::serialize(
        boost::json::object{{"kind", boost::describe::enum_to_string(declaration.kind, "")},
                            {"order", declaration.order_id ? declaration.order_id->text() : ""},
                            {"details", declaration.details},
                            {"received_at", storage::microseconds_of(declaration.received_at)}});
}

/// Keeps records and remembers the last day of all.
class Keeper {
  public:
    Keeper(storage::Transaction& tx, const storage::FieldCipher& cipher, const storage::LearnerId& learner,
           storage::Timestamp now)
        : tx_(tx), cipher_(cipher), learner_(learner), now_(now) {}

    Status keep(const char* ground, const char* what, std::string until, const std::string& document) {
        if (!last_day_ || *last_day_ < until)
            last_day_ = until;
        return storage::retained::keep(
            tx_, cipher_, {storage::RetainedId::make(), learner_, ground, std::move(until), what, now_},
            document);
    }
    const std::optional<std::string>& last_day() const { return last_day_; }

  private:
    storage::Transaction& tx_;
    const storage::FieldCipher& cipher_;
    const storage::LearnerId& learner_;
    const storage::Timestamp now_;
    std::optional<std::string> last_day_;
};

Status keep_what_law_demands(storage::Transaction& tx, const storage::FieldCipher& cipher,
                             const storage::LearnerId& learner, const settings::Retention& retention,
                             Keeper& keeper) {
    auto buyer = storage::learners::load_contact(tx, cipher, learner);
    if (!buyer && buyer.error().kind != ErrorKind::not_found)
        return buyer.error();
    // In a restored backup, after the key is gone, the vouchers are kept without the name.
    if (!buyer)
        buyer = storage::Contact();
    for (const auto& order : storage::orders::list(tx, learner)) {
        if (!money_has_come(order))
            continue;
        const auto events = storage::inbound_events::list_about(tx, cipher, order.instance, order.reference);
        if (auto kept = keeper.keep("booking_voucher", "orders",
                                    end_of_year_after(order.updated_at, retention.voucher_years),
                                    voucher_document(order, *buyer, events));
            !kept)
            return kept;
    }
    for (const auto& declaration : storage::declarations::list_of(tx, cipher, learner))
        if (auto kept = keeper.keep("business_letter", "declarations",
                                    end_of_year_after(declaration.received_at, retention.letter_years),
                                    letter_document(declaration));
            !kept)
            return kept;
    return {};
}

}  // namespace

Result<OwnErasure> erase_own_records(storage::Transaction& tx, const storage::FieldCipher& cipher,
                                     const storage::LearnerId& learner, const settings::Retention& retention,
                                     storage::Timestamp now) {
    Keeper keeper(tx, cipher, learner, now);
    if (auto kept = keep_what_law_demands(tx, cipher, learner, retention, keeper); !kept)
        return kept.error();
    const auto guests = storage::erasure::list_guests(tx, learner);
    std::vector<storage::Tombstone> tombstones{{learner, storage::TombstoneKind::erasure, "", {}, now}};
    for (const auto& guest : guests)
        tombstones.push_back({guest, storage::TombstoneKind::erasure, "", {}, now});
    if (auto put = storage::tombstones::put(cipher.keys(), tombstones); !put)
        return put.error();
    for (const auto& guest : guests)
        storage::erasure::erase_records(tx, guest, now);
    std::vector<std::string> parts;
    for (const auto& deleted : storage::erasure::erase_records(tx, learner, now))
        parts.push_back(fmt::format("{} {}", deleted.table, deleted.rows));
    return OwnErasure{
        parts.empty() ? "nothing was left to delete" : fmt::format("deleted: {}", fmt::join(parts, ", ")),
        keeper.last_day()};
}

Status destroy_identity(storage::Transaction& tx, const storage::FieldCipher& cipher,
                        const storage::LearnerId& learner) {
    for (const auto& guest : storage::erasure::list_guests(tx, learner))
        if (auto destroyed = cipher.keys().destroy(guest); !destroyed)
            return destroyed;
    storage::erasure::erase_identifiers(tx, learner);
    return cipher.keys().destroy(learner);
}

}  // namespace calyptenora::platform
