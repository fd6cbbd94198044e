#include "account_number.hpp"
#include "giro_code.hpp"
#include "reference_mask.hpp"
#include "statement.hpp"

#include <calyptenora/sdk.hpp>

#include <chrono>
#include <stdexcept>

namespace calyptenora::sepa {
namespace {

/// `2026-11-18`, in UTC.
std::string date_of(UnixMicros instant) {
    using namespace std::chrono;
    const year_month_day date{floor<days>(sys_time<microseconds>(microseconds(instant)))};
    const auto two = [](unsigned n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    return std::to_string(static_cast<int>(date.year())) + "-" + two(static_cast<unsigned>(date.month())) +
           "-" + two(static_cast<unsigned>(date.day()));
}

/// `1.234,50 EUR` in German, `EUR 1,234.50` in English.
std::string shown_amount(std::int64_t cents, const std::string& locale) {
    const bool german = locale.starts_with("de");
    auto text = decimal_amount(cents);
    if (german)
        text[text.size() - 3] = ',';
    for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 6; at > 0; at -= 3)
        text.insert(static_cast<std::size_t>(at), german ? "." : ",");
    return german ? text + " EUR" : "EUR " + text;
}

class SepaPlugin : public PaymentsPlugin {
  public:
    struct Settings {
        std::string payee_name;
        std::string iban;
        std::optional<std::string> bic;
        std::string reference_mask;
        std::string reference_form;
        std::int64_t payment_period = 0;  ///< Milliseconds.
    };

    SepaPlugin(Host host, const Settings& settings)
        : host_(host), settings_(settings), mask_(settings.reference_mask) {
        auto iban = find_iban(settings.iban);
        if (!iban)
            throw std::invalid_argument("iban: not a valid IBAN; compare it with your bank's papers");
        iban_ = std::move(*iban);
        if (settings.payee_name.empty() || count_characters(settings.payee_name) > 70)
            throw std::invalid_argument("payee_name: 1 to 70 characters");
    }

    task<Result<payments::StartReply>> start(Request<payments::Start> order) override {
        if (!order.reference || !order.amount_minor || !order.currency)
            co_return missing("reference, amount and currency");
        if (*order.currency != "EUR")
            co_return Error(ErrorKind::invalid_input, "SEPA transfers are in euro only");
        if (!mask_.matches(*order.reference))
            co_return Error(
                ErrorKind::invalid_config,
                "reference_mask: the platform's order numbers do not look like " + settings_.reference_mask);
        auto due = order.due.value_or("");
        if (due.empty()) {
            const auto now = co_await host_.clock();
            if (!now)
                co_return now.error();
            due = date_of(now->unix_micros + settings_.payment_period * 1000);
        }

        GiroCode code{settings_.bic.value_or(""),
                      settings_.payee_name,
                      iban_,
                      *order.amount_minor,
                      "",
                      *order.reference};
        auto remittance = *order.reference;
        if (settings_.reference_form == "creditor_reference") {
            const auto reference = find_creditor_reference(compact(*order.reference));
            if (!reference)
                co_return Error(ErrorKind::invalid_config,
                                "reference_form: the order number is too long for a creditor reference (21 "
                                "letters and digits)");
            code.creditor_reference = *reference;
            code.text.clear();
            remittance = grouped(*reference);
        }
        const auto text = giro_code_text(code);
        if (!text)
            co_return text.error();
        auto qr = draw_qr_code(*text);
        if (!qr)
            co_return qr.error();
        payments::Instructions instructions;
        instructions.due = due;
        instructions.lines = {{"payee", settings_.payee_name}, {"iban", grouped(iban_)}};
        if (settings_.bic)
            instructions.lines.push_back({"bic", *settings_.bic});
        instructions.lines.push_back({"amount", shown_amount(*order.amount_minor, order.locale)});
        instructions.lines.push_back({"reference", remittance});
        instructions.lines.push_back({"due", due});
        instructions.qr = std::move(*qr);
        co_return payments::StartReply(std::move(instructions));
    }

    task<Result<payments::PaymentState>> fetch(Request<payments::Fetch> order) override {
        co_return state_of(order);
    }

    task<Result<payments::PaymentState>> cancel(Request<payments::Cancel> order) override {
        auto state = state_of(order);
        if (state && state->captured_minor > state->refunded_minor)
            co_return Error(ErrorKind::unsupported,
                            "money has arrived for this order; a transfer cannot be cancelled, only paid "
                            "back: from your bank account, with the order number as remittance information");
        if (state)
            state->status = state->captured_minor > 0 ? payments::PaymentStatus::refunded
                                                      : payments::PaymentStatus::cancelled;
        co_return state;
    }

    task<Result<payments::PaymentState>> refund(Request<payments::Refund>) override {
        co_return Error(ErrorKind::unsupported,
                        "pay the money back from your bank account, with the order number as remittance "
                        "information; the refund is recognised when the statement is imported");
    }

    task<Result<IngestReply>> ingest(Request<payments::Ingest> request) override {
        if (request.kind != InboundKind::bank_statement || !request.document)
            co_return Error(ErrorKind::unsupported, "only bank statements can be handed in");
        auto signals = read_statement(request.document->data, iban_, mask_);
        if (!signals)
            co_return signals.error();
        co_return IngestReply{std::nullopt, std::move(*signals)};
    }

    task<Result<SubjectOutcome>> export_subject(Request<rights::ExportSubject>) override {
        co_return SubjectOutcome(
            outcome::Done{"Nothing was sent to a third party, and the plugin keeps nothing; orders and "
                          "bookings are part of "
                          "the platform's own copy."});
    }

    task<Result<SubjectOutcome>> erase_subject(Request<rights::EraseSubject>) override {
        co_return SubjectOutcome(outcome::Manual{
            "The plugin keeps nothing. Delete imported statement files once they are booked. The bank's "
            "statements themselves are accounting vouchers and are kept as long as the law demands."});
    }

  private:
    static Error missing(const std::string& what) {
        return {ErrorKind::denied, "the operation needs the order's " + what + ", and they are not there"};
    }

    /// The state that the bookings add up to. Entries of another currency do not count.
    static Result<payments::PaymentState> state_of(const Request<payments::Fetch>& order) {
        using enum payments::PaymentStatus;
        if (!order.amount_minor || !order.currency)
            return missing("amount and currency");
        std::int64_t credits = 0, reversals = 0, refunds = 0;
        for (const auto& signal : order.history.value_or(std::vector<PastSignal>())) {
            const auto booking = parse_json<Booking>(signal.detail);
            if (!booking || booking->currency != *order.currency || booking->amount_minor <= 0)
                continue;
            if (signal.kind == booking_kind::credit)
                credits += booking->amount_minor;
            else if (signal.kind == booking_kind::reversal)
                reversals += booking->amount_minor;
            else if (signal.kind == booking_kind::refund)
                refunds += booking->amount_minor;
            else if (signal.kind == booking_kind::refund_returned)
                refunds -= booking->amount_minor;
        }
        payments::PaymentState state;
        state.captured_minor = state.authorised_minor = credits;
        state.refunded_minor = std::max<std::int64_t>(0, reversals + refunds);
        const auto kept = credits - state.refunded_minor;
        // What the operator has given back out of goodwill does not make a paid order unpaid.
        const auto received = credits - reversals;
        if (credits == 0)
            state.status = open;
        else if (kept <= 0)
            state.status = refunded;
        else if (kept > *order.amount_minor)
            state.status = overpaid;
        else
            state.status = received >= *order.amount_minor ? paid : partially_paid;
        return state;
    }

    Host host_;
    Settings settings_;
    ReferenceMask mask_;
    std::string iban_;
};
BOOST_DESCRIBE_STRUCT(SepaPlugin::Settings, (),
                      (payee_name, iban, bic, reference_mask, reference_form, payment_period))

}  // namespace
}  // namespace calyptenora::sepa

CALYPTENORA_PLUGIN(calyptenora::sepa::SepaPlugin)
