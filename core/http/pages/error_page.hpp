#pragma once

#include "http/pages/services.hpp"
#include "http/server.hpp"

namespace calyptenora::http {

/// Pages for what never reached a handler, or broke one: without a session, since reading it may be what
/// failed.
ErrorRenderer make_error_renderer(const Services& services);

/// Registers every page and file of the platform.
void add_all_pages(Router& router, const Services& services);

}  // namespace calyptenora::http
