#pragma once

#include "gate/ports.hpp"
#include "host/egress_connection.hpp"
#include "host/mail_message.hpp"

#include <calyptenora/result.hpp>

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <string>

namespace calyptenora::host {

using SmtpSecurity = settings::Mail::Security;

struct SmtpServer {
    settings::HostPort where;
    SmtpSecurity security = SmtpSecurity::starttls;
    std::string username;  ///< Empty: no authentication.
    std::string password;
};

/// Asks for the permission to send; called once, when the server is ready and nothing about anyone has been
/// said yet.
using BeginEmission = std::function<boost::asio::awaitable<Result<std::unique_ptr<gate::Emission>>>()>;

/// Submits one mail (RFC 6409) and yields the server's last line. TLS is required and the certificate
/// verified before credentials are sent. Errors: 4xx `temporary`; 5xx `permanent`; refused credentials, or a
/// server without STARTTLS or a known way of authentication, `invalid_config`. What servers quote of the
/// recipient's address is taken out of what they said, for errors and ledger.
///
/// Not libcurl, which could do it: here the permission to emit is taken between AUTH and MAIL FROM, the first
/// command that says something about a learner, and the lease ends with that one write; and a withdrawal can
/// cancel the coroutine at any point. To be awaited on a strand.
boost::asio::awaitable<Result<std::string>> send_mail(EgressNetwork& network, const SmtpServer& server,
                                                      const MailMessage& message, BeginEmission begin);

/// Goes as far as a submission would before it says anything about anyone: TLS, the certificate, the
/// credentials. The same errors.
boost::asio::awaitable<Status> try_mail_server(EgressNetwork& network, const SmtpServer& server);

}  // namespace calyptenora::host
