#pragma once

#include "settings/manifest.hpp"
#include "settings/reader.hpp"

/// The parts of a manifest that stand in files of their own.
namespace calyptenora::settings {

void read_localised(const Field& field, Localised& out);
void read_setting_specs(const Field& field, std::vector<SettingSpec>& out);
/// The two that may refer to settings, which must be read already.
void read_browser(const Field& field, Manifest& manifest);
void read_egress_targets(const Field& field, Manifest& manifest);
void read_inbound(const Field& field, std::vector<InboundRoute>& out);

/// Reads one value of a setting, as the operator writes it or as the manifest's default; null where it is
/// wrong or absent. Not for secrets.
boost::json::value read_setting_value(const Field& field, const SettingSpec& spec);

/// A schema key's plain word rule: 1 to 63 of `a-z 0-9 _`, beginning with a letter.
bool is_setting_key(std::string_view text);

}  // namespace calyptenora::settings
