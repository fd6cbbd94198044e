#pragma once

#include "http/pages/services.hpp"
#include "http/router.hpp"

#include <filesystem>

namespace calyptenora::http {

/// Registers /styleguide: every component with its states, from the templates and styles that the pages use,
/// and every token of the style sheet with what its colours' contrast is. `share` holds the templates, their
/// samples (templates/styleguide.json) and the styles; they are read anew with each request. For `serve
/// --development` only.
void add_styleguide(Router& router, const Services& services, std::filesystem::path share);

}  // namespace calyptenora::http
