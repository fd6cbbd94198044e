#include "settings/settings.hpp"

#include "settings/sections.hpp"

#include <fmt/format.h>

namespace calyptenora::settings {
namespace {

Database sqlite_file(std::string_view name) {
    return {.where = Sqlite{std::string(name)}, .pool = 0};
}

void fill_in_operator(Recipient& recipient, const Operator& us) {
    if (!recipient.self)
        return;
    recipient.legal_name = us.legal_name;
    recipient.address = us.address;
    recipient.country = us.country;
    recipient.contact = us.email;
}

Settings no_settings(const std::filesystem::path& file_name, const LoadOptions& options) {
    return {.source = {.name = file_name.string(),
                       .folder = std::filesystem::absolute(file_name).parent_path(),
                       .environment = options.environment},
            .database = sqlite_file("calyptenora.db"),
            .key_store = sqlite_file("keys.db")};
}

ReadSettings read_settings_text(std::string_view text, const std::filesystem::path& file_name,
                                const LoadOptions& options) {
    ReadSettings out{no_settings(file_name, options), {}};
    auto& settings = out.settings;
    const auto root = open_yaml(text, settings.source, out.problems);
    if (root) {
        Object object = root.object("a mapping of sections");
        const auto platform = object.required("platform", "a section with name and origin");
        read_platform(platform, settings.platform);
        read_operator(object.required("operator", "a section that says who runs the platform"),
                      settings.operator_info);
        read_server(object.optional("server"), settings.server);
        read_database(object.optional("database"), settings.database);
        read_database(object.optional("key_store"), settings.key_store);
        read_master_key(object.optional("master_key"), settings.master_key);
        read_mail(object.optional("mail"), settings.mail);
        read_consent(object.optional("consent"), settings.consent);
        if (Object privacy = object.optional("privacy").object("a mapping of announce_days"))
            privacy.optional("announce_days").integer(settings.privacy.announce_days, 0, 365);
        read_staff(object.optional("staff"), settings.staff);
        read_retention(object.optional("retention"), settings.retention);
        if (Object figures = object.optional("figures").object("a mapping of smallest_group"))
            figures.optional("smallest_group").integer(settings.figures.smallest_group, 5, 1000);
        if (Object backups = object.optional("backups").object("a mapping of kept_days"))
            backups.optional("kept_days").integer(settings.backups.kept_days, 1, 3650);
        read_technical_data(object.optional("technical_data"), settings.technical_data);
        read_egress(object.optional("egress"), settings.egress);
        read_plugins(object.optional("plugins"), settings.plugins);
        check_together(platform, settings);
    } else if (out.problems.empty()) {
        root.missing("a mapping of sections");
    }
    sort_by_position(out.problems);
    return out;
}

Checked<Settings> checked(ReadSettings read) {
    Checked<Settings> result;
    result.problems = std::move(read.problems);
    if (!has_errors(result.problems))
        result.value = std::move(read.settings);
    return result;
}

}  // namespace

void check_together(const Field& platform, Settings& settings) {
    const auto parts = find_url_parts(settings.platform.origin);
    const bool plain = std::holds_alternative<std::monostate>(settings.server.transport);
    const auto origin = platform.find("origin");
    // Cookies with the prefix __Host- need the scheme that the browser really sees.
    if (parts && plain && parts->scheme == "https")
        origin.wrong("an origin that begins with http://, since the server speaks plain HTTP",
                     "add tls or behind_proxy to server, or write http://localhost:PORT");
    if (parts && !plain && parts->scheme == "http")
        origin.wrong("an origin that begins with https://, since the server or its proxy speaks TLS");
    if (settings.server.hosts.empty() && parts)
        settings.server.hosts.push_back(parts->host);
    if (settings.mail)
        fill_in_operator(settings.mail->recipient, settings.operator_info);
    for (auto& [id, instance] : settings.plugins)
        if (instance.recipient)
            fill_in_operator(*instance.recipient, settings.operator_info);
}

std::vector<const Instance*> Settings::enabled_instances() const {
    std::vector<const Instance*> on;
    for (const auto& [id, instance] : plugins)
        if (instance.state == InstanceState::on)
            on.push_back(&instance);
    return on;
}

ReadSettings read_settings_file(const std::filesystem::path& path, const LoadOptions& options) {
    Problems problems;
    const auto text = load_text(path, path.string(), YamlLimits{}.bytes, problems);
    return text ? read_settings_text(*text, path, options)
                : ReadSettings{no_settings(path, options), std::move(problems)};
}

Checked<Settings> parse_settings(std::string_view text, const std::filesystem::path& file_name,
                                 const LoadOptions& options) {
    return checked(read_settings_text(text, file_name, options));
}

Checked<Settings> load_settings(const std::filesystem::path& path, const LoadOptions& options) {
    return checked(read_settings_file(path, options));
}

void use_port(Settings& settings, std::uint16_t port) {
    settings.server.port = port;
    auto parts = find_url_parts(settings.platform.origin);
    if (parts && is_loopback_host(parts->host)) {
        parts->port = port;
        settings.platform.origin = parts->origin();
    }
}

}  // namespace calyptenora::settings
