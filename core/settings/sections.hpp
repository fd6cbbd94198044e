#pragma once

#include "settings/reader.hpp"
#include "settings/settings.hpp"

/// One function for each top-level section of calyptenora.yaml. Each adds its problems to the field's.
namespace calyptenora::settings {

void read_platform(const Field& field, Platform& out);
void read_operator(const Field& field, Operator& out);
void read_server(const Field& field, Server& out);
void read_database(const Field& field, Database& out);
void read_master_key(const Field& field, std::optional<Secret>& out);
void read_mail(const Field& field, std::optional<Mail>& out);
void read_consent(const Field& field, Consent& out);
void read_staff(const Field& field, Staff& out);
void read_retention(const Field& field, Retention& out);
void read_technical_data(const Field& field, TechnicalData& out);
void read_egress(const Field& field, Egress& out);
void read_plugins(const Field& field, std::map<InstanceId, Instance>& out);

/// Rules that join sections, such as plain HTTP and the origin, and what one section takes from another.
void check_together(const Field& platform, Settings& settings);

/// A file as far as it could be read, for those who go on checking beside its problems.
struct ReadSettings {
    Settings settings;
    Problems problems;
};
ReadSettings read_settings_file(const std::filesystem::path& path, const LoadOptions& options);

}  // namespace calyptenora::settings
