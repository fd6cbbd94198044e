#pragma once

#include <calyptenora/families/operation.hpp>

#include <string>

/// The one operation of the core's own mail (settings::core_mail_id()). It is released like any plugin's; the
/// host carries it to the operator's mail server itself.
namespace calyptenora::gate {

template <template <Category, class> class Field>
struct LetterRecord {
    std::string message_id;  ///< Without angle brackets; the same for each try.
    Field<Category::user_contact_email, std::string> to;
    Field<Category::user_account_settings, std::string> language;  ///< `de` or `en`.
    std::string subject;
    std::string text;  ///< Plain, lines end in LF. Holds no personal data: nobody has admitted any into it.
    /// Of what can be unsubscribed from: the address that does it (RFC 8058), else empty. Opaque to carriers.
    std::string unsubscribe;
    BOOST_DESCRIBE_CLASS(LetterRecord, (), (message_id, to, language, subject, text, unsubscribe), (), ())
};

struct LetterReceipt {
    std::string response;  ///< The mail server's last line.
};
BOOST_DESCRIBE_STRUCT(LetterReceipt, (), (response))

struct SendLetter : Operation<"send_letter", LetterRecord, LetterReceipt> {};

}  // namespace calyptenora::gate
