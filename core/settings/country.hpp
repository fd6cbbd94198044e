#pragma once

#include <string_view>

namespace calyptenora::settings {

/// An ISO 3166-1 alpha-2 code in use, upper case.
bool is_country(std::string_view code);

/// A member of the European Economic Area, where the GDPR applies: no third country (Article 44).
bool is_in_eea(std::string_view code);

/// A third country with an adequacy decision of the Commission under Article 45, as of February 2026. For CA
/// (commercial organisations) and US (participants of the Data Privacy Framework) the decision covers part of
/// the recipients, which the operator has to check.
bool has_adequacy_decision(std::string_view code);

}  // namespace calyptenora::settings
