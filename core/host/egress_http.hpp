#pragma once

#include "host/egress_connection.hpp"
#include "host/egress_target.hpp"

#include <calyptenora/host.hpp>
#include <calyptenora/result.hpp>

#include <boost/asio/awaitable.hpp>

#include <functional>

namespace calyptenora::host {

/// Called when the first bytes of a request have been written.
using OnFirstWrite = std::function<boost::asio::awaitable<void>()>;

/// Sends one HTTP/1.1 request over a fresh connection and reads the answer, of which the body may have
/// `body_limit` bytes. No redirects, no cookies (Set-Cookie is dropped), no compression.
boost::asio::awaitable<Result<HttpResponse>> exchange_http(EgressConnection& connection,
                                                           const EgressTarget& target,
                                                           const HttpRequest& request,
                                                           std::uint64_t body_limit,
                                                           OnFirstWrite on_first_write);

}  // namespace calyptenora::host
