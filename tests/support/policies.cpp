#include "support/policies.hpp"

#include "settings/own_use.hpp"

#include <algorithm>
#include <stdexcept>

namespace calyptenora::test {

std::shared_ptr<const gate::Policy> compile_policy(std::string_view text,
                                                   const std::vector<std::string>& manifests) {
    const auto settings = settings::parse_settings(text, "test.yaml");
    if (!settings)
        throw std::runtime_error(to_text(settings.problems));
    std::vector<settings::Manifest> read;
    for (const auto& manifest : manifests) {
        auto parsed = settings::parse_manifest(manifest, "plugin.yaml");
        if (!parsed)
            throw std::runtime_error(to_text(parsed.problems));
        read.push_back(std::move(*parsed.value));
    }
    std::vector<std::pair<const settings::Instance*, const settings::Manifest*>> found;
    std::vector<settings::InstanceConfiguration> configurations;
    for (const auto* instance : settings.value->enabled_instances()) {
        const auto manifest = std::ranges::find_if(read, [&](const auto& candidate) {
            return candidate.id.plugin_name() == instance->id.plugin_name();
        });
        if (manifest == read.end())
            throw std::runtime_error("no manifest for " + instance->id.text());
        auto checked = settings::check_instance(*settings.value, *instance, *manifest);
        if (!checked)
            throw std::runtime_error(to_text(checked.problems));
        found.emplace_back(instance, &*manifest);
        configurations.push_back(std::move(*checked.value));
    }
    std::vector<gate::PolicySource> sources;
    for (std::size_t i = 0; i < found.size(); ++i)
        sources.push_back({*found[i].first, *found[i].second, configurations[i]});
    const auto own = settings::list_own_uses(*settings.value);
    for (const auto& use : own)
        sources.push_back({use.instance, use.manifest, use.configuration});
    return gate::Policy::compile(sources);
}

std::string settings_head() {
    return "platform: {name: Test, origin: 'http://localhost:8080'}\n"
           "operator: {legal_name: Lernhaus, address: Weg 1, country: DE, email: a@lms.example}\n";
}

std::string probe_manifest() {
    return R"(id: analytics/probe
version: 0.1.0
sdk: "1.0"
summary: {de: Probe, en: Probe}
licence: AGPL-3.0-or-later
purposes:
  - purpose: analytics.reporting.content_performance
    legal_basis: consent
    cookie_category: analytics
    retention_days: 90
    fields:
      - {category: user.unique_id.pseudonymous, required: true, transform: pseudonym, why: {de: W, en: W}}
      - {category: user.education.progress, why: {de: W, en: W}}
      - {category: user.education.grade, why: {de: W, en: W}}
      - {category: user.name, why: {de: W, en: W}}
      - {category: user.contact.email, why: {de: W, en: W}}
      - {category: user.device.ip_address, transform: truncate_ip, why: {de: W, en: W}}
  - purpose: analytics.reporting.system_performance
    legal_basis: legitimate_interest
    fields:
      - {category: user.education.progress, required: true, why: {de: W, en: W}}
egress: ["${settings.endpoint}"]
settings:
  endpoint: {type: url, required: true, description: {de: D, en: D}}
)";
}

std::string desk_manifest() {
    return R"(id: support/desk
version: 0.1.0
sdk: "1.0"
summary: {de: Pult, en: Desk}
licence: AGPL-3.0-or-later
purposes:
  - purpose: essential.service.operations.support
    legal_basis: consent
    cookie_category: functional
    retention_days: 90
    fields:
      - {category: user.unique_id.pseudonymous, transform: pseudonym, why: {de: W, en: W}}
      - {category: user.content.message, required: true, why: {de: W, en: W}}
      - {category: user.name, why: {de: W, en: W}}
      - {category: user.contact.email, why: {de: W, en: W}}
  - purpose: functional.service.improve
    legal_basis: legitimate_interest
    fields:
      - {category: user.content.message, required: true, why: {de: W, en: W}}
egress: ["${settings.endpoint}"]
settings:
  endpoint: {type: url, required: true, description: {de: D, en: D}}
)";
}

std::string probe_settings() {
    return settings_head() + R"(plugins:
  analytics/probe:
    recipient: {legal_name: Lernstatistik AG, address: Weg 2, country: DE, role: controller, privacy_policy: 'https://lrs.example/privacy'}
    purposes:
      analytics.reporting.content_performance:
        retention_days: 60
        fields: {user.education.progress: true, user.name: true, user.device.ip_address: true}
    settings: {endpoint: 'https://lrs.example/xapi'}
  analytics/probe@second:
    recipient: {legal_name: Zweite Statistik, address: Weg 3, country: DE, role: controller, privacy_policy: 'https://two.example/privacy'}
    settings: {endpoint: 'https://two.example/xapi'}
  support/desk:
    recipient: {legal_name: Hilfe GmbH, address: Weg 4, country: DE, role: controller, privacy_policy: 'https://help.example/privacy'}
    purposes:
      essential.service.operations.support:
        fields: {user.unique_id.pseudonymous: true, user.name: true}
    settings: {endpoint: 'https://help.example'}
  support/desk@second:
    recipient: {legal_name: Zweite Hilfe, address: Weg 5, country: DE, role: controller, privacy_policy: 'https://help2.example/privacy'}
    purposes:
      essential.service.operations.support:
        fields: {user.unique_id.pseudonymous: true, user.name: true, user.contact.email: true}
    settings: {endpoint: 'https://help2.example'}
)";
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto found = text.find(from);
    if (found == std::string::npos || text.find(from, found + 1) != std::string::npos)
        throw std::runtime_error("not there exactly once: " + std::string(from));
    return text.replace(found, from.size(), to);
}

}  // namespace calyptenora::test
