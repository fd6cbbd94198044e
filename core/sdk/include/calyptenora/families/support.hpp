#pragma once

#include <calyptenora/families/operation.hpp>

/// Help desks. Queued when unavailable: the case is kept and passed on later.
namespace calyptenora::support {

/// A case when it is opened, and each further message of the learner.
template <template <Category, class> class Field>
struct CaseRecord {
    std::string case_ref;    ///< Ours; random, says nothing about the learner.
    std::string message_id;  ///< Ours; the same for each try.
    std::string locale;
    std::optional<std::string> external_ref;  ///< What `open` answered, with `append`.
    Field<Category::user_unique_id_pseudonymous, std::string> learner;
    Field<Category::user_name, std::string> name;
    Field<Category::user_contact_email, std::string> email;
    Field<Category::user_education_enrolment, std::string> course;
    Field<Category::user_content_message, std::string> subject;
    Field<Category::user_content_message, std::string> message;
    BOOST_DESCRIBE_CLASS(CaseRecord, (),
                         (case_ref, message_id, locale, external_ref, learner, name, email, course, subject,
                          message),
                         (), ())
};

struct CaseReply {
    std::string external_ref;
};
BOOST_DESCRIBE_STRUCT(CaseReply, (), (external_ref))

/// Asks for the whole thread. `history` holds the signals that the plugin made of this case.
template <template <Category, class> class Field>
struct ThreadRecord {
    std::string case_ref;
    std::optional<std::string> external_ref;
    Field<Category::user_content_message, std::vector<PastSignal>> history;
    BOOST_DESCRIBE_CLASS(ThreadRecord, (), (case_ref, external_ref, history), (), ())
};

enum class Author : unsigned char { learner, support };
BOOST_DESCRIBE_ENUM(Author, learner, support)

struct ThreadMessage {
    std::string external_id;  ///< The same each time this message is listed.
    Author author = Author::support;
    std::string text;
    UnixMicros at = 0;
};
BOOST_DESCRIBE_STRUCT(ThreadMessage, (), (external_id, author, text, at))

struct ThreadReply {
    std::vector<ThreadMessage> messages;
};
BOOST_DESCRIBE_STRUCT(ThreadReply, (), (messages))

enum class CaseState : unsigned char { open, waiting, closed };
BOOST_DESCRIBE_ENUM(CaseState, open, waiting, closed)

template <template <Category, class> class Field>
struct StateRecord {
    std::string case_ref;
    std::optional<std::string> external_ref;
    CaseState state = CaseState::open;
    BOOST_DESCRIBE_CLASS(StateRecord, (), (case_ref, external_ref, state), (), ())
};

/// For chat widgets that want to know that a visitor is who they say.
template <template <Category, class> class Field>
struct IdentityRecord {
    std::int64_t ttl_s = 300;
    Field<Category::user_unique_id_pseudonymous, std::string> learner;
    Field<Category::user_name, std::string> name;
    Field<Category::user_contact_email, std::string> email;
    BOOST_DESCRIBE_CLASS(IdentityRecord, (), (ttl_s, learner, name, email), (), ())
};
struct IdentityReply {
    std::string token;
    UnixMicros expires_at = 0;
};
BOOST_DESCRIBE_STRUCT(IdentityReply, (), (token, expires_at))

template <template <Category, class> class Field>
struct SsoRecord {
    RawHttp http;
    Field<Category::user_unique_id_pseudonymous, std::string> learner;
    Field<Category::user_name, std::string> name;
    Field<Category::user_contact_email, std::string> email;
    BOOST_DESCRIBE_CLASS(SsoRecord, (), (http, learner, name, email), (), ())
};
struct SsoReply {
    std::string redirect_url;
};
BOOST_DESCRIBE_STRUCT(SsoReply, (), (redirect_url))

template <template <Category, class> class Field>
struct WidgetRecord {
    std::string locale;
    BOOST_DESCRIBE_CLASS(WidgetRecord, (), (locale), (), ())
};
struct WidgetReply {
    std::string frame_url;
    std::vector<std::string> sandbox;
};
BOOST_DESCRIBE_STRUCT(WidgetReply, (), (frame_url, sandbox))

struct Open : Operation<"open", CaseRecord, CaseReply> {};

struct Append : Operation<"append", CaseRecord, CaseReply> {};

struct Thread : Operation<"thread", ThreadRecord, ThreadReply> {};

struct SetState : Operation<"set_state", StateRecord, Nothing> {};

struct Identity : Operation<"identity", IdentityRecord, IdentityReply> {};

struct Sso : Operation<"sso", SsoRecord, SsoReply> {};

struct Widget : Operation<"widget", WidgetRecord, WidgetReply> {};

/// Webhooks and mail.
struct Ingest : Operation<"ingest", IngestRecord, IngestReply> {};

}  // namespace calyptenora::support
