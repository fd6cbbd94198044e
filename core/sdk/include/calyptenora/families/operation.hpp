#pragma once

#include <calyptenora/field.hpp>
#include <calyptenora/json.hpp>
#include <calyptenora/result.hpp>

#include <boost/describe.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What the operations of all families share.
namespace calyptenora {

/// A name as a template argument.
template <std::size_t N>
struct OperationName {
    constexpr OperationName(const char (&literal)[N]) { std::copy_n(literal, N, text); }
    char text[N];
};

enum class Batching : bool { single, batched };

/// An operation that plugins of a family offer. `RecordTemplate` is the request, its personal fields wrapped
/// in `Field`; a batched operation's wire document is a list of such records.
template <OperationName Name, template <template <Category, class> class> class RecordTemplate,
          class ReplyType, Batching batching = Batching::single>
struct Operation {
    static constexpr std::string_view name = Name.text;  ///< As it crosses the wire.
    static constexpr bool batched = batching == Batching::batched;
    template <template <Category, class> class Field>
    using Record = RecordTemplate<Field>;
    using Reply = ReplyType;
};

/// A wall-clock instant: microseconds since 1970-01-01T00:00:00Z.
using UnixMicros = std::int64_t;

/// A request that reached the platform from outside, as a plugin gets it: never with Cookie, Authorization or
/// the peer's address. Only headers that the manifest names are there. `body` is the exact bytes, since every
/// signature covers raw bytes.
struct RawHttp {
    std::string method;
    std::string path;
    std::string query;
    std::map<std::string, std::string> headers;  ///< Names in lower case.
    Bytes body;
};
BOOST_DESCRIBE_STRUCT(RawHttp, (), (method, path, query, headers, body))

/// What the platform answers to an inbound request on the plugin's behalf.
struct HttpReply {
    int status = 200;
    std::string content_type = "text/plain";
    Bytes body;
};
BOOST_DESCRIBE_STRUCT(HttpReply, (), (status, content_type, body))

/// News about an object at the third party. A signal never changes anything by itself: the host stores it
/// (once per `dedupe_key`), then fetches the object's state and acts on that.
struct Signal {
    std::string event_id;    ///< The third party's name of the event; for people who search logs.
    std::string dedupe_key;  ///< The same for each repetition of the same event.
    std::string object_ref;  ///< The object that changed: an order's reference, a case's alias. Empty: not
                             ///< recognised.
    std::string kind;        ///< In the plugin's own words, at most 40 characters.
    std::string
        detail;  ///< Kept sealed by the host and handed back in `history`; the host does not look into it.
};
BOOST_DESCRIBE_STRUCT(Signal, (), (event_id, dedupe_key, object_ref, kind, detail))

/// A stored signal, handed back to the plugin that made it, oldest first.
struct PastSignal {
    std::string event_id;
    std::string kind;
    std::string detail;
    UnixMicros received_at = 0;
};
BOOST_DESCRIBE_STRUCT(PastSignal, (), (event_id, kind, detail, received_at))

enum class InboundKind : unsigned char { webhook, return_visit, bank_statement, mail };
BOOST_DESCRIBE_ENUM(InboundKind, webhook, return_visit, bank_statement, mail)

/// Something that came from outside: an HTTP request, or a document that the operator handed in.
template <template <Category, class> class Field>
struct IngestRecord {
    InboundKind kind = InboundKind::webhook;
    std::optional<RawHttp> http;    ///< With webhook and return_visit.
    std::optional<Bytes> document;  ///< With bank_statement (XML) and mail (RFC 5322).
    BOOST_DESCRIBE_CLASS(IngestRecord, (), (kind, http, document), (), ())
};

struct IngestReply {
    std::optional<HttpReply> reply;
    std::vector<Signal> signals;
};
BOOST_DESCRIBE_STRUCT(IngestReply, (), (reply, signals))

/// A request for one learner's data at the third party (Articles 15 to 18 GDPR).
template <template <Category, class> class Field>
struct SubjectRecord {
    std::string request_id;
    Field<Category::user_unique_id_pseudonymous, std::string> learner;
    Field<Category::user_contact_email, std::string> email;
    Field<Category::user_name, std::string> name;
    BOOST_DESCRIBE_CLASS(SubjectRecord, (), (request_id, learner, email, name), (), ())
};

/// How a request for a learner's data ended at the third party.
namespace outcome {
struct Done {
    static constexpr const char* tag = "done";
    std::string evidence;
};
struct Pending {
    static constexpr const char* tag = "pending";
    std::string job;
    std::int64_t poll_after_s = 0;
};
struct Partial {
    static constexpr const char* tag = "partial";
    std::vector<std::string> residuals;
};
struct Retained {
    static constexpr const char* tag = "retained";
    std::string reason;
    std::string until;  ///< ISO 8601 date.
};
struct Manual {
    static constexpr const char* tag = "manual";
    std::string instructions;
};
BOOST_DESCRIBE_STRUCT(Done, (), (evidence))
BOOST_DESCRIBE_STRUCT(Pending, (), (job, poll_after_s))
BOOST_DESCRIBE_STRUCT(Partial, (), (residuals))
BOOST_DESCRIBE_STRUCT(Retained, (), (reason, until))
BOOST_DESCRIBE_STRUCT(Manual, (), (instructions))
}  // namespace outcome

using SubjectOutcome =
    std::variant<outcome::Done, outcome::Pending, outcome::Partial, outcome::Retained, outcome::Manual>;

/// The answer of an operation that has nothing to say.
struct Nothing {};
BOOST_DESCRIBE_STRUCT(Nothing, (), ())

}  // namespace calyptenora
