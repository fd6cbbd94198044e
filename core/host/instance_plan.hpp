#pragma once

#include "settings/instance_id.hpp"
#include "settings/settings.hpp"
#include "settings/text_check.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace calyptenora::host {

/// What the operator wants of an instance.
enum class Wanted : std::uint8_t {
    on,
    off,           ///< `enabled: false`.
    no_recipient,  ///< Off, since no recipient is configured.
};

/// Everything that the host needs to run one instance; made from the operator's settings and the plugin's
/// manifest.
struct InstancePlan {
    settings::InstanceId id;
    Wanted wanted = Wanted::on;
    /// The document for `create`, secrets included.
    std::string settings;
    /// The values of its secrets, to keep them out of logs.
    std::vector<std::string> secrets;
    /// The hosts that it may ask, settings resolved. Port 0 stands for the port of the URL's scheme.
    std::vector<settings::HostPort> egress;
    /// Whether its manifest declares that it sends mail.
    bool mail = false;
    /// What it works for. Each purpose has a compartment of its own.
    std::vector<Purpose> purposes;
    /// Whether a withdrawal ends the worker that was given data of the learner, so that it cannot send later
    /// what it may have kept. No effect in process.
    bool restart_on_withdrawal = true;
    settings::Isolation isolation = settings::Isolation::worker;

    bool operator==(const InstancePlan&) const = default;
};

}  // namespace calyptenora::host
