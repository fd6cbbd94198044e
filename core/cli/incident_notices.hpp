#pragma once

#include "platform/staff/incidents.hpp"
#include "settings/settings.hpp"
#include "web/words.hpp"

#include <string>

namespace calyptenora::cli {

/// A draft of what the supervisory authority is told (Art. 33(3) GDPR) or the affected are (Art. 34(2)), with
/// all that the law asks for; what nobody has written yet stands there as a gap.
std::string make_incident_notice(const platform::IncidentView& view, platform::Audience audience,
                                 const settings::Settings& settings, const web::Words& words,
                                 storage::Timestamp now);

}  // namespace calyptenora::cli
