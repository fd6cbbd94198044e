#pragma once

#include <calyptenora/families/operation.hpp>

#include <map>

/// Sign-in. The core knows learners by e-mail address; a plugin knows each by the pseudonym that it alone
/// sees. Fails closed: no answer, no entry.
namespace calyptenora::auth {

enum class Intent : unsigned char {
    sign_in,
    link,
    step_up,
    enrol,
    /// The core vouches for the person, who has proved otherwise who they are (by a link sent to their
    /// address): a new credential takes the old one's place, unasked for. Counts of failed attempts are
    /// forgotten.
    recover,
};
BOOST_DESCRIBE_ENUM(Intent, sign_in, link, step_up, enrol, recover)

/// A field of a prompt. Fields of kind `password`, `new_password` and `code` come back as secret inputs only.
struct PromptField {
    std::string name;
    std::string kind;  ///< password | new_password | code | text
    int min_length = 0;
    int max_length = 0;
};
BOOST_DESCRIBE_STRUCT(PromptField, (), (name, kind, min_length, max_length))

/// Send the browser to `url` (an origin that the manifest declares) and come back with a return visit.
struct Redirect {
    static constexpr const char* tag = "redirect";
    std::string url;
    std::string state;
};
/// Ask the person; then `resume` with the same state.
struct Prompt {
    static constexpr const char* tag = "prompt";
    std::vector<PromptField> fields;
    std::string state;
};
/// A challenge for the browser (WebAuthn), passed on as it is.
struct Challenge {
    static constexpr const char* tag = "challenge";
    std::string json;
    std::string state;
};
/// The person is who the core believes them to be (or, with `external_subject`, whom the third party names).
struct Assertion {
    static constexpr const char* tag = "done";
    std::string method;  ///< As in RFC 8176: pwd, otp, hwk, ...
    std::optional<std::string> external_subject;
};
/// No. The reason is for logs and for choosing a text; it never tells a person whether an account exists.
struct Refusal {
    static constexpr const char* tag = "denied";
    std::string reason;  ///< wrong_credentials | too_many_attempts | weak_password | cancelled | expired
    std::optional<std::int64_t> retry_after_s;
};
BOOST_DESCRIBE_STRUCT(Redirect, (), (url, state))
BOOST_DESCRIBE_STRUCT(Prompt, (), (fields, state))
BOOST_DESCRIBE_STRUCT(Challenge, (), (json, state))
BOOST_DESCRIBE_STRUCT(Assertion, (), (method, external_subject))
BOOST_DESCRIBE_STRUCT(Refusal, (), (reason, retry_after_s))

using Step = std::variant<Redirect, Prompt, Challenge, Assertion, Refusal>;

template <template <Category, class> class Field>
struct BeginRecord {
    Intent intent = Intent::sign_in;
    std::string locale;
    std::string return_url;
    Field<Category::user_unique_id_pseudonymous, std::string> learner;
    Field<Category::user_device_ip_address, std::string> ip_address;
    Field<Category::user_device_user_agent, std::string> user_agent;
    BOOST_DESCRIBE_CLASS(BeginRecord, (), (intent, locale, return_url, learner, ip_address, user_agent), (),
                         ())
};

/// The learner is absent when nobody is known by the name that was typed. The plugin must then take as long
/// as, and answer what, a wrong password gets.
template <template <Category, class> class Field>
struct ResumeRecord {
    Intent intent = Intent::sign_in;
    std::string locale;
    std::string state;
    std::map<std::string, std::string> input;
    Field<Category::user_unique_id_pseudonymous, std::string> learner;
    Field<Category::user_device_ip_address, std::string> ip_address;
    BOOST_DESCRIBE_CLASS(ResumeRecord, (), (intent, locale, state, input, learner, ip_address), (), ())
};

struct Credential {
    std::string id;
    std::string name;
    std::string kind;
    UnixMicros created_at = 0;
};
BOOST_DESCRIBE_STRUCT(Credential, (), (id, name, kind, created_at))

enum class CredentialAction : unsigned char { list, rename, revoke };
BOOST_DESCRIBE_ENUM(CredentialAction, list, rename, revoke)

template <template <Category, class> class Field>
struct CredentialsRecord {
    CredentialAction action = CredentialAction::list;
    std::optional<std::string> id;
    std::optional<std::string> name;
    Field<Category::user_unique_id_pseudonymous, std::string> learner;
    BOOST_DESCRIBE_CLASS(CredentialsRecord, (), (action, id, name, learner), (), ())
};

struct CredentialsReply {
    std::vector<Credential> credentials;
};
BOOST_DESCRIBE_STRUCT(CredentialsReply, (), (credentials))

/// Starts a sign-in, an enrolment of a credential, or a re-authentication.
struct Begin : Operation<"begin", BeginRecord, Step> {};

/// Goes on with what a person entered or where the browser came back from.
struct Resume : Operation<"resume", ResumeRecord, Step> {};

/// Back-channel logout, metadata.
struct Inbound : Operation<"ingest", IngestRecord, IngestReply> {};

/// Lists, renames or revokes what a learner can sign in with.
struct Credentials : Operation<"credentials", CredentialsRecord, CredentialsReply> {};

}  // namespace calyptenora::auth
