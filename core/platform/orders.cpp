#include "platform/orders.hpp"

#include "storage/stores/inbound_events.hpp"
#include "storage/stores/learners.hpp"
#include "storage/stores/learning.hpp"
#include "storage/stores/subjects.hpp"

#include <sodium.h>

#include <set>

namespace calyptenora::platform {
namespace {

constexpr Purpose purpose = Purpose::essential_service_payment_processing;
constexpr std::chrono::days time_to_pay{14};

/// Eight characters that nobody confuses when copying them by hand, behind a mark that tells an order from
/// other text.
std::string make_reference() {
    constexpr std::string_view alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    std::string reference = "CA-";
    for (int i = 0; i < 8; ++i)
        reference.push_back(alphabet[randombytes_uniform(static_cast<std::uint32_t>(alphabet.size()))]);
    return reference;
}

storage::OrderState state_of(payments::PaymentStatus status) {
    using enum payments::PaymentStatus;
    switch (status) {
        case authorised:
            return storage::OrderState::authorised;
        case partially_paid:
            return storage::OrderState::partially_paid;
        case paid:
            return storage::OrderState::paid;
        case overpaid:
            return storage::OrderState::overpaid;
        case refunded:
            return storage::OrderState::refunded;
        case cancelled:
            return storage::OrderState::cancelled;
        case open:
        case disputed:
            break;
    }
    return storage::OrderState::open;
}

bool opens_access(storage::OrderState state) {
    return state == storage::OrderState::paid || state == storage::OrderState::overpaid;
}

std::string iso_date(storage::Timestamp moment) {
    const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(moment));
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                       static_cast<unsigned>(day.day()));
}

payments::OrderRecord<gate::Guarded> start_record(const storage::Order& order, const Course& course,
                                                  const storage::Contact& contact, const std::string& origin,
                                                  const std::string& language) {
    payments::OrderRecord<gate::Guarded> record;
    record.idempotency_key = order.id.text();
    record.locale = language;
    record.return_url = origin + "/orders/" + order.id.text();
    record.reference = order.reference;
    record.amount_minor = order.amount_minor;
    record.currency = order.currency;
    record.lines = std::vector<payments::OrderLine>{{course.title, order.amount_minor}};
    record.due = iso_date(*order.due_at);
    record.payer_name = contact.display_name;
    record.payer_email = contact.email;
    return record;
}

}  // namespace

Orders::Orders(storage::Database& database, const storage::FieldCipher& cipher, gate::Gate& gate,
               Learning& learning, const CatalogueHolder& catalogue, std::string platform_origin)
    : database_(database),
      cipher_(cipher),
      gate_(gate),
      learning_(learning),
      catalogue_(catalogue),
      origin_(std::move(platform_origin)) {}

std::vector<settings::InstanceId> Orders::methods() const {
    std::vector<settings::InstanceId> ids;
    const auto policy = gate_.policy();
    for (const auto* instance : policy->of_family(Family::payments))
        ids.push_back(instance->id);
    return ids;
}

boost::asio::awaitable<Result<storage::OrderId>> Orders::place(storage::LearnerId learner, std::string course,
                                                               settings::InstanceId instance,
                                                               std::string language) {
    const auto catalogue = catalogue_.current();
    const auto* contents = catalogue->find_course(course);
    if (!contents)
        co_return Error(ErrorKind::not_found, "there is no such course");
    if (contents->is_free())
        co_return Error(ErrorKind::denied, "this course costs nothing");

    struct Placed {
        storage::Order order;
        storage::Contact contact;
        bool is_started;
    };
    const auto placed = co_await database_.transaction([&](storage::Transaction& tx) -> Result<Placed> {
        // So that of two clicks the second sees what the first has done.
        if (auto locked = storage::subjects::lock(tx, learner); !locked)
            return locked.error();
        if (storage::learning::find_enrolment(tx, learner, course))
            return Error(ErrorKind::denied, "this course has been taken up already");
        auto contact = storage::learners::load_contact(tx, cipher_, learner);
        if (!contact)
            return contact.error();
        // A second click, or a form sent twice: the same order. It may be one whose start was cut off.
        for (auto& order : storage::orders::list(tx, learner))
            if (order.course == course && order.instance == instance.text() &&
                storage::is_waiting(order.state)) {
                const bool is_started =
                    storage::orders::load_instructions(tx, cipher_, learner, order.id).has_value();
                return Placed{std::move(order), std::move(*contact), is_started};
            }
        if (auto may = learning_.check_prerequisites(tx, learner, *contents); !may)
            return may.error();
        const auto now = gate_.clock().now();
        storage::Order order{.id = storage::OrderId::make(),
                             .learner = learner,
                             .course = course,
                             .instance = instance.text(),
                             .amount_minor = contents->price->minor_units,
                             .currency = contents->price->currency,
                             .reference = make_reference(),
                             .created_at = now,
                             .updated_at = now,
                             .due_at = now + time_to_pay};
        if (auto inserted = storage::orders::insert(tx, order); !inserted)
            return inserted.error();
        return Placed{std::move(order), std::move(*contact), false};
    });
    if (!placed)
        co_return placed.error();
    if (placed->is_started)
        co_return placed->order.id;

    auto started = co_await gate_.call<payments::Start>(
        instance, purpose, learner,
        start_record(placed->order, *contents, placed->contact, origin_, language));
    const auto settled = co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        const auto& order = placed->order;
        if (started)
            return storage::orders::store_instructions(tx, cipher_, learner, order.id, to_json(*started));
        // Another click may have been luckier.
        if (storage::orders::load_instructions(tx, cipher_, learner, order.id))
            return {};
        return storage::orders::change_state(tx, order.id, storage::OrderState::open,
                                             storage::OrderState::cancelled, 0, gate_.clock().now());
    });
    if (!started)
        co_return started.error();
    if (!settled)
        co_return settled.error();
    co_return placed->order.id;
}

boost::asio::awaitable<Result<OrderView>> Orders::find(storage::LearnerId learner, storage::OrderId id) {
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<OrderView> {
        auto order = storage::orders::find(tx, id);
        if (!order || order->learner != learner)
            return Error(ErrorKind::not_found, "there is no such order");
        OrderView view{.order = std::move(*order), .instructions = {}, .redirect = {}};
        const auto document = storage::orders::load_instructions(tx, cipher_, learner, id);
        if (!document)
            return view;
        const auto started = parse_json<payments::StartReply>(*document);
        if (!started)
            return view;
        if (const auto* instructions = std::get_if<payments::Instructions>(&*started))
            view.instructions = *instructions;
        if (const auto* redirect = std::get_if<payments::Redirect>(&*started))
            view.redirect = *redirect;
        return view;
    });
}

boost::asio::awaitable<Result<std::vector<storage::Order>>> Orders::list(storage::LearnerId learner) {
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<std::vector<storage::Order>> {
        return storage::orders::list(tx, learner);
    });
}

boost::asio::awaitable<Status> Orders::cancel(storage::LearnerId learner, storage::OrderId id) {
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        const auto order = storage::orders::lock(tx, id);
        if (!order || order->learner != learner)
            return Error(ErrorKind::not_found, "there is no such order");
        if (order->state == storage::OrderState::cancelled)
            return {};
        return storage::orders::change_state(tx, id, storage::OrderState::open,
                                             storage::OrderState::cancelled, 0, gate_.clock().now());
    });
}

boost::asio::awaitable<Result<StatementReport>> Orders::import_statement(std::string document) {
    const auto instances = methods();
    if (instances.empty())
        co_return Error(ErrorKind::invalid_config,
                        "no payment plugin is enabled that could read a statement");
    StatementReport report;
    std::optional<Error> first_problem;
    bool read = false;
    for (const auto& instance : instances) {
        const auto imported = co_await import_with(instance, document, report);
        if (imported)
            read = true;
        else if (!first_problem)
            first_problem = imported.error();
    }
    if (!read)
        co_return *first_problem;
    co_return report;
}

boost::asio::awaitable<Status> Orders::import_with(const settings::InstanceId& instance,
                                                   const std::string& document, StatementReport& report) {
    IngestRecord<gate::Guarded> record;
    record.kind = InboundKind::bank_statement;
    record.document = Bytes{document};
    const auto reply =
        co_await gate_.call_without_subject<payments::Ingest>(instance, purpose, std::move(record));
    if (!reply)
        co_return reply.error();

    std::set<std::string> touched;
    const auto stored = co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        touched.clear();
        StatementReport counted;
        for (const auto& signal : reply->signals) {
            ++counted.entries;
            // A plugin speaks of its own orders only.
            auto order = storage::orders::find_by_reference(tx, signal.object_ref);
            if (order && order->instance != instance.text())
                order.reset();
            const auto received = storage::inbound_events::insert(
                tx, cipher_,
                {.id = storage::InboundEventId::make(),
                 .instance = instance.text(),
                 .dedupe_key = signal.dedupe_key,
                 .event_id = signal.event_id,
                 .object_ref = order ? signal.object_ref : std::string(),
                 .kind = signal.kind,
                 .subject = order ? std::optional(order->learner) : std::nullopt,
                 .detail = signal.detail,
                 .received_at = gate_.clock().now(),
                 .handled_at = {}});
            if (!received)
                return received.error();
            if (*received == storage::inbound_events::Received::before)
                ++counted.known;
            else if (!order) {
                ++counted.unmatched;
                counted.unmatched_entries.push_back(signal.event_id);
            }
            // Also for known ones: a crash between the two transactions is mended by importing again.
            if (order)
                touched.insert(order->reference);
        }
        report.entries += counted.entries;
        report.known += counted.known;
        report.unmatched += counted.unmatched;
        std::move(counted.unmatched_entries.begin(), counted.unmatched_entries.end(),
                  std::back_inserter(report.unmatched_entries));
        return {};
    });
    if (!stored)
        co_return stored;
    for (const auto& reference : touched)
        if (auto refreshed = co_await refresh(instance, reference, report); !refreshed)
            co_return refreshed;
    co_return Status();
}

// The truth is fetched from the plugin, with everything that it has ever said about this order.
boost::asio::awaitable<Status> Orders::refresh(const settings::InstanceId& instance,
                                               const std::string& reference, StatementReport& report) {
    struct Known {
        storage::Order order;
        std::vector<PastSignal> history;
    };
    auto known = co_await database_.run([&](storage::Transaction& tx) -> Result<Known> {
        auto order = storage::orders::find_by_reference(tx, reference);
        if (!order)
            return Error(ErrorKind::not_found, "there is no order " + reference);
        Known found{std::move(*order), {}};
        for (const auto& event : storage::inbound_events::list_about(tx, cipher_, instance.text(), reference))
            found.history.push_back(
                {event.event_id, event.kind, event.detail, storage::microseconds_of(event.received_at)});
        return found;
    });
    if (!known)
        co_return known.error();
    const auto& order = known->order;

    payments::PaymentRecord<gate::Guarded> record;
    record.reference = order.reference;
    record.amount_minor = order.amount_minor;
    record.currency = order.currency;
    record.history = std::move(known->history);
    const auto state =
        co_await gate_.call<payments::Fetch>(instance, purpose, order.learner, std::move(record));
    if (!state)
        co_return state.error();
    const auto next = state_of(state->status);
    if (opens_access(next) && state->captured_minor < order.amount_minor)
        co_return Error(
            ErrorKind::permanent,
            fmt::format("{} says that order {} is {}, but not that its price has arrived", instance.text(),
                        order.reference, boost::describe::enum_to_string(next, "unknown")));
    if (next == order.state && state->captured_minor == order.captured_minor)
        co_return Status();

    const auto changed = co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        if (auto moved = storage::orders::change_state(tx, order.id, order.state, next, state->captured_minor,
                                                       gate_.clock().now());
            !moved)
            return moved;
        return opens_access(next) ? learning_.grant(tx, order.learner, order.course, order.id) : Status();
    });
    if (changed)
        report.changed.push_back({order.reference, boost::describe::enum_to_string(next, "unknown")});
    co_return changed;
}

}  // namespace calyptenora::platform
