#pragma once

#include "host/egress_broker.hpp"
#include "host/egress_connection.hpp"

#include <calyptenora/vocabulary.hpp>

#include <chrono>
#include <functional>
#include <string>

namespace calyptenora::host {

/// One request that the broker has carried out or refused, without its contents.
struct EgressRecord {
    std::string instance;
    Purpose purpose{};
    std::string call;     ///< The call's id, as in the disclosure ledger.
    std::string host;     ///< `lrs.example:443`
    std::string method;   ///< "POST", "SMTP", ...
    std::string outcome;  ///< "HTTP 204", "SMTP 250", or what failed.
    std::chrono::milliseconds duration{};
};
/// Thread-safe.
using EgressRecordSink = std::function<void(const EgressRecord&)>;

/// The broker itself. Thread-safe; each request runs on the executor of its awaiting coroutine, which must be
/// a strand.
class Egress final : public EgressBroker {
  public:
    /// Both references must outlive it.
    Egress(EgressNetwork& network, gate::EmissionGuard& guard, EgressRecordSink record);

    /// Refused before anything is sent (`denied`): a host that is not declared, also as the target of a
    /// redirect; an internal address that the operator has not allowed by name; plain HTTP to anything but an
    /// allowed loopback.
    boost::asio::awaitable<Result<HttpResponse>> http(const EgressOrigin& origin,
                                                      HttpRequest request) override;
    boost::asio::awaitable<Result<MailReceipt>> mail(const EgressOrigin& origin,
                                                     MailRequest request) override;

    static constexpr int most_redirects = 5;

  private:
    boost::asio::awaitable<Result<HttpResponse>> hop(const EgressOrigin& origin,
                                                     const struct EgressTarget& target,
                                                     const HttpRequest& request,
                                                     std::chrono::milliseconds left);
    boost::asio::awaitable<Result<HttpResponse>> send(const EgressOrigin& origin,
                                                      const struct EgressTarget& target,
                                                      const HttpRequest& request,
                                                      std::chrono::milliseconds left);

    EgressNetwork& network_;
    gate::EmissionGuard& guard_;
    EgressRecordSink record_;
};

}  // namespace calyptenora::host
