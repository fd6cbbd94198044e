#pragma once

#include "settings/plugin_settings.hpp"

/// The core's own mail in the terms in which plugins are described, so that the gate and every document treat
/// whoever carries it like any other recipient.
namespace calyptenora::settings {

struct CoreMail {
    Instance instance;
    Manifest manifest;
    InstanceConfiguration configuration;
};

/// What a manifest and the operator's YAML would say. There is nothing to narrow but the news: whoever wants
/// no letters leaves the section `mail` out.
CoreMail describe_core_mail(const Mail& mail);

}  // namespace calyptenora::settings
