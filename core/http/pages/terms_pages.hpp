#pragma once

#include "http/pages/visit.hpp"

#include <optional>
#include <string>

namespace calyptenora::http {

/// What stands in the way of going on without having accepted the terms that hold now; nothing if all is
/// well, also where there are none. The form's field `terms` names the version that was shown.
std::optional<std::string> terms_problem(const Visit& visit);

}  // namespace calyptenora::http
