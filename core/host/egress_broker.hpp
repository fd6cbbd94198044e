#pragma once

#include "gate/ports.hpp"
#include "settings/settings.hpp"
#include "settings/text_check.hpp"

#include <calyptenora/host.hpp>
#include <calyptenora/result.hpp>

#include <boost/asio/awaitable.hpp>

#include <vector>

namespace calyptenora::host {

/// On whose behalf something is sent: the call's scope, and the hosts that its instance has declared.
struct EgressOrigin {
    gate::CallScope scope;
    std::vector<settings::HostPort> allowed;
    bool mail = false;
    settings::Mail::Security mail_security = settings::Mail::Security::starttls;
};

/// Carries out what plugins may not do themselves. Each first write is an emission that the gate permits.
class EgressBroker {
  public:
    virtual ~EgressBroker() = default;
    virtual boost::asio::awaitable<Result<HttpResponse>> http(const EgressOrigin& origin,
                                                              HttpRequest request) = 0;
    virtual boost::asio::awaitable<Result<MailReceipt>> mail(const EgressOrigin& origin,
                                                             MailRequest request) = 0;
};

}  // namespace calyptenora::host
