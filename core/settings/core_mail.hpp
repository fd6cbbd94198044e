#pragma once

#include "settings/own_use.hpp"

/// The core's own mail, of which whoever carries it is a recipient like any other.
namespace calyptenora::settings {

/// What a manifest and the operator's YAML would say. There is nothing to narrow but the news: whoever wants
/// no letters leaves the section `mail` out.
OwnUse describe_core_mail(const Mail& mail);

}  // namespace calyptenora::settings
