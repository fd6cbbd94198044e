#pragma once

#include <calyptenora/host.hpp>
#include <calyptenora/result.hpp>

namespace calyptenora::host {

/// Whether a plugin's request may be sent as it is: a usual method; header names that are tokens, values
/// without control characters (so that nothing can be smuggled in); and none of the headers that the host
/// writes itself or that would outlive the request (Host, Content-Length, hop-by-hop headers, Cookie, Expect,
/// Accept-Encoding).
Status check_http_request(const HttpRequest& request);

}  // namespace calyptenora::host
