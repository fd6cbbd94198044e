#pragma once

#include <string>
#include <string_view>

/// What happens to a value that is released in a coarser form.
namespace calyptenora::gate {

/// IPv4 to its /24, IPv6 to its /48 network address; IPv4 inside IPv6 like IPv4. Anything else becomes empty.
std::string truncate_ip(std::string_view address);

/// Browser family and major version ("Firefox 131"), or "other". Never more than that of the text.
std::string coarse_user_agent(std::string_view user_agent);

}  // namespace calyptenora::gate
