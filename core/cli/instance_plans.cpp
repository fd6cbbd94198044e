#include "cli/instance_plans.hpp"

#include "host/discovery.hpp"
#include "settings/own_use.hpp"

namespace calyptenora::cli {
namespace {

host::Wanted wanted(settings::InstanceState state) {
    switch (state) {
        case settings::InstanceState::on:
            return host::Wanted::on;
        case settings::InstanceState::disabled:
            return host::Wanted::off;
        case settings::InstanceState::no_recipient:
            break;
    }
    return host::Wanted::no_recipient;
}

std::vector<std::string> secrets_of(const settings::Manifest& manifest,
                                    const settings::PluginSettings& plugin) {
    std::vector<std::string> values;
    for (const auto& spec : manifest.settings)
        if (spec.type == settings::SettingType::secret)
            for (const auto& secret : plugin.secrets(spec.key))
                values.emplace_back(secret.reveal());
    return values;
}

settings::Problem unknown_plugin(const settings::Settings& settings, const settings::Instance& instance) {
    return {.kind = settings::ProblemKind::wrong_value,
            .file = settings.source.name,
            .position = instance.position,
            .key_path = "plugins." + instance.id.text(),
            .expected = "a plugin that is installed",
            .found = std::string(instance.id.plugin_name()),
            .remedy = "look at `calyptenora plugins list`"};
}

}  // namespace

std::map<std::string, settings::Manifest> load_manifests(
    const std::vector<std::filesystem::path>& plugin_folders, settings::Problems& problems) {
    std::map<std::string, settings::Manifest> manifests;
    for (const auto& [name, files] : host::discover_plugins(plugin_folders)) {
        auto manifest = settings::load_manifest(files.manifest);
        problems.insert(problems.end(), manifest.problems.begin(), manifest.problems.end());
        if (manifest)
            manifests.emplace(name, std::move(*manifest.value));
    }
    return manifests;
}

settings::Checked<Configuration> configure(const settings::Settings& settings,
                                           const std::map<std::string, settings::Manifest>& manifests) {
    settings::Checked<Configuration> checked;
    Configuration configuration;
    std::vector<gate::PolicySource> sources;
    std::vector<settings::InstanceConfiguration> kept;
    kept.reserve(settings.plugins.size());
    for (const auto& [id, instance] : settings.plugins) {
        host::InstancePlan plan{.id = id,
                                .wanted = wanted(instance.state),
                                .settings = {},
                                .secrets = {},
                                .egress = {},
                                .purposes = {}};
        if (plan.wanted == host::Wanted::on) {
            const auto manifest = manifests.find(std::string(id.plugin_name()));
            if (manifest == manifests.end()) {
                checked.problems.push_back(unknown_plugin(settings, instance));
                continue;
            }
            auto found = settings::check_instance(settings, instance, manifest->second);
            checked.problems.insert(checked.problems.end(), found.problems.begin(), found.problems.end());
            if (!found)
                continue;
            kept.push_back(std::move(*found.value));
            plan.settings = kept.back().settings.reveal_document();
            plan.secrets = secrets_of(manifest->second, kept.back().settings);
            plan.egress = kept.back().egress;
            plan.mail = manifest->second.mail;
            plan.isolation = instance.isolation;
            plan.restart_on_withdrawal = instance.restart_on_withdrawal;
            for (const auto& purpose : kept.back().purposes)
                if (purpose.enabled)
                    plan.purposes.push_back(purpose.purpose);
            if (plan.purposes.empty())
                plan.wanted = host::Wanted::off;
            sources.push_back({instance, manifest->second, kept.back()});
        }
        configuration.plans.push_back(std::move(plan));
    }
    settings::sort_by_position(checked.problems);
    if (settings::has_errors(checked.problems))
        return checked;
    const auto own = settings::list_own_uses(settings);
    for (const auto& use : own)
        sources.push_back({use.instance, use.manifest, use.configuration});
    configuration.policy = gate::Policy::compile(sources);
    checked.value = std::move(configuration);
    return checked;
}

}  // namespace calyptenora::cli
