#pragma once

#include "settings/text_check.hpp"

#include <calyptenora/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace calyptenora::host {

/// Where a request goes.
struct EgressTarget {
    bool tls = true;
    settings::HostPort where;  ///< Host in lower case, IPv6 in brackets; the port as it will be connected to.
    std::string path;          ///< Path and query, as sent; never empty.

    /// `lrs.example:443`
    std::string host_text() const;
};

/// An absolute http or https URL without user information. The fragment is dropped. `invalid_input` for
/// anything else.
Result<EgressTarget> parse_target(std::string_view url);

/// Where a Location header leads, absolute or relative to the request's URL.
Result<EgressTarget> resolve_redirect(const EgressTarget& from, std::string_view location);

/// Whether one of `hosts` is this one. Port 0 in the list stands for `default_port`.
bool names_host(const std::vector<settings::HostPort>& hosts, const settings::HostPort& where,
                std::uint16_t default_port);

}  // namespace calyptenora::host
