#pragma once

#include <calyptenora/families/operation.hpp>

/// Payments. A signal never grants access: the host fetches the state. Fails closed.
namespace calyptenora::payments {

struct OrderLine {
    std::string item;
    std::int64_t amount_minor = 0;
};
BOOST_DESCRIBE_STRUCT(OrderLine, (), (item, amount_minor))

template <template <Category, class> class Field>
struct OrderRecord {
    std::string idempotency_key;
    std::string locale;
    std::string return_url;
    Field<Category::user_payment_transaction, std::string> reference;
    Field<Category::user_payment_transaction, std::int64_t>
        amount_minor;  ///< In the currency's minor unit, as below.
    Field<Category::user_payment_transaction, std::string> currency;  ///< ISO 4217.
    Field<Category::user_payment_transaction, std::vector<OrderLine>> lines;
    Field<Category::user_payment_transaction, std::string> due;  ///< ISO 8601 date.
    Field<Category::user_name, std::string> payer_name;
    Field<Category::user_contact_email, std::string> payer_email;
    BOOST_DESCRIBE_CLASS(OrderRecord, (),
                         (idempotency_key, locale, return_url, reference, amount_minor, currency, lines, due,
                          payer_name, payer_email),
                         (), ())
};

/// Send the browser to the provider's page.
struct Redirect {
    static constexpr const char* tag = "redirect";
    std::string url;
    std::string provider_ref;
};
/// The provider's element in a frame of its own.
struct Embedded {
    static constexpr const char* tag = "embedded";
    std::string url;
    std::string provider_ref;
};
/// A QR code as its modules, row by row, '1' for dark; the host draws it.
struct QrCode {
    int width = 0;
    std::string modules;
};
/// One line of what a payer must know. `label` is one of payee, iban, bic, amount, reference, due.
struct InstructionLine {
    std::string label;
    std::string value;
};
/// The learner pays by other means; access waits for the money.
struct Instructions {
    static constexpr const char* tag = "instructions";
    std::vector<InstructionLine> lines;
    std::optional<QrCode> qr;
    std::string due;
};
BOOST_DESCRIBE_STRUCT(Redirect, (), (url, provider_ref))
BOOST_DESCRIBE_STRUCT(Embedded, (), (url, provider_ref))
BOOST_DESCRIBE_STRUCT(QrCode, (), (width, modules))
BOOST_DESCRIBE_STRUCT(InstructionLine, (), (label, value))
BOOST_DESCRIBE_STRUCT(Instructions, (), (lines, qr, due))

using StartReply = std::variant<Redirect, Embedded, Instructions>;

/// Names an order when its state is asked for or changed. `history` holds the signals that the plugin made of
/// this order, so that a plugin without a remote system of record needs no memory of its own.
template <template <Category, class> class Field>
struct PaymentRecord {
    Field<Category::user_payment_transaction, std::string> reference;
    Field<Category::user_payment_transaction, std::string> provider_ref;
    Field<Category::user_payment_transaction, std::int64_t> amount_minor;
    Field<Category::user_payment_transaction, std::string> currency;
    Field<Category::user_payment_transaction, std::vector<PastSignal>> history;
    BOOST_DESCRIBE_CLASS(PaymentRecord, (), (reference, provider_ref, amount_minor, currency, history), (),
                         ())
};

template <template <Category, class> class Field>
struct RefundRecord {
    std::string idempotency_key;
    Field<Category::user_payment_transaction, std::string> reference;
    Field<Category::user_payment_transaction, std::string> provider_ref;
    Field<Category::user_payment_transaction, std::int64_t> amount_minor;
    Field<Category::user_payment_transaction, std::string> currency;
    BOOST_DESCRIBE_CLASS(RefundRecord, (), (idempotency_key, reference, provider_ref, amount_minor, currency),
                         (), ())
};

enum class PaymentStatus : unsigned char {
    open,
    authorised,
    partially_paid,
    paid,
    overpaid,
    refunded,
    disputed,
    cancelled
};
BOOST_DESCRIBE_ENUM(PaymentStatus, open, authorised, partially_paid, paid, overpaid, refunded, disputed,
                    cancelled)

/// The truth about a payment, as the third party (or the bank's statement) has it.
struct PaymentState {
    PaymentStatus status = PaymentStatus::open;
    std::int64_t authorised_minor = 0;
    std::int64_t captured_minor = 0;
    std::int64_t refunded_minor = 0;
};
BOOST_DESCRIBE_STRUCT(PaymentState, (), (status, authorised_minor, captured_minor, refunded_minor))

struct Start : Operation<"start", OrderRecord, StartReply> {};

struct Fetch : Operation<"fetch", PaymentRecord, PaymentState> {};

struct Cancel : Operation<"cancel", PaymentRecord, PaymentState> {};

struct Refund : Operation<"refund", RefundRecord, PaymentState> {};

/// Webhooks, return visits and bank statements.
struct Ingest : Operation<"ingest", IngestRecord, IngestReply> {};

}  // namespace calyptenora::payments
