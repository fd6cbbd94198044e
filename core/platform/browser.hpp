#pragma once

#include <string>
#include <string_view>

/// Which browser somebody uses, in the few words in which they recognise it.
namespace calyptenora::platform {

/// Family, major version and operating system: "Firefox 140, Linux". No more of the header is kept.
std::string describe_browser(std::string_view user_agent);

/// Whether two descriptions can be of one browser: it may have been brought up to date between them.
bool may_be_same_browser(std::string_view one, std::string_view other);

}  // namespace calyptenora::platform
