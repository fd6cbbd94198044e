#include "cli/commands.hpp"
#include "cli/control_socket.hpp"
#include "cli/instance_plans.hpp"
#include "cli/plugin_check.hpp"
#include "cli/text_table.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace calyptenora::cli {
namespace {

/// What is known of one instance, or of a plugin that nobody has enabled.
struct Row {
    std::string name = {};
    std::string version = {};
    std::string state = {};
    std::string isolation = {};  ///< Empty if it is not configured.
    std::string recipient = {};
    std::string reason = {};
};

/// Loud, where a plugin could read everything.
std::string place_of(std::string_view isolation) {
    if (isolation.empty())
        return "-";
    return isolation == "worker" ? "worker" : "THE SERVER ITSELF (in_process)";
}

/// The state as it would be at the next start. Nothing of a plugin is loaded for it.
void foresee_state(Row& row, const settings::Instance& instance, const host::PluginFiles* files,
                   const host::LockFile& lock) {
    if (instance.state != settings::InstanceState::on) {
        row.state = host::name_of(instance.state == settings::InstanceState::disabled
                                      ? host::PluginState::Kind::off
                                      : host::PluginState::Kind::no_recipient);
        return;
    }
    const auto verified = files ? host::verify_plugin(*files, check_manifest, lock)
                                : Error(ErrorKind::invalid_config, "no plugin folder holds it");
    row.state = verified ? "verified" : std::string(host::name_of(host::PluginState::Kind::refused));
    row.reason = verified ? "" : verified.error().message;
}

int list_plugins(const Call& call) {
    const auto settings = settings::load_settings(call.places.config);
    if (!settings)
        return fail(Error(ErrorKind::invalid_config, settings::to_text(settings.problems)));
    const auto lock = host::LockFile::load(lock_path(call.places));
    if (!lock)
        return fail(lock.error());
    const auto files = host::discover_plugins(call.places.plugin_folders);
    settings::Problems problems;
    const auto manifests = load_manifests(call.places.plugin_folders, problems);

    // A running server knows what has become of its instances; without one, files and settings foretell it.
    boost::json::object live;
    const auto answer = send_to_server(call.places.data, "plugins.states", {});
    if (answer && !*answer)
        return fail(answer->error());
    if (answer)
        live = (**answer).as_object();

    std::vector<Row> rows;
    std::set<std::string> mentioned;
    for (const auto& [id, instance] : settings.value->plugins) {
        const std::string plugin(id.plugin_name());
        mentioned.insert(plugin);
        Row row{
            .name = id.text(),
            .isolation = std::string(settings::isolation_keys[static_cast<std::size_t>(instance.isolation)])};
        if (const auto manifest = manifests.find(plugin); manifest != manifests.end())
            row.version = manifest->second.version.text();
        if (instance.recipient)
            row.recipient = instance.recipient->legal_name;
        if (const auto* state = live.if_contains(id.text())) {
            row.state = std::string(state->at("state").as_string());
            row.reason = std::string(state->at("reason").as_string());
        } else {
            const auto found = files.find(plugin);
            foresee_state(row, instance, found == files.end() ? nullptr : &found->second, *lock);
        }
        rows.push_back(std::move(row));
    }
    for (const auto& [name, where] : files) {
        if (mentioned.contains(name))
            continue;
        const auto manifest = manifests.find(name);
        rows.push_back({.name = name,
                        .version = manifest == manifests.end() ? "" : manifest->second.version.text(),
                        .state = "not_configured",
                        .recipient = "",
                        .reason = ""});
    }

    if (call.invocation.has("json")) {
        boost::json::array list;
        for (const auto& row : rows)
            list.push_back({{"name", row.name},
                            {"version", row.version},
                            {"state", row.state},
                            {"isolation", row.isolation},
                            {"recipient", row.recipient},
                            {"reason", row.reason}});
        print_json(boost::json::object{{"server_running", answer.has_value()}, {"plugins", std::move(list)}});
        return ExitCode::done;
    }
    std::vector<std::vector<std::string>> table{{"plugin", "version", "state", "runs in", "recipient"}};
    for (const auto& row : rows)
        table.push_back({row.name, row.version, row.state, place_of(row.isolation),
                         row.recipient.empty() ? "-" : row.recipient});
    fmt::print("{}", make_text_table(table));
    for (const auto& row : rows)
        if (!row.reason.empty())
            fmt::print("\n{}: {}\n", row.name, row.reason);
    if (!answer)
        fmt::print("\nNo server runs on {}; the states are what a start would come to.\n",
                   call.places.data.string());
    return ExitCode::done;
}

int verify_plugins(const Call& call) {
    auto lock = host::LockFile::load(lock_path(call.places));
    if (!lock)
        return fail(lock.error());
    const bool pins = call.invocation.has("pin");
    // Pinning approves what is there now, so what was approved before does not count.
    const auto approved = pins ? host::LockFile() : *lock;
    boost::json::array list;
    std::vector<std::vector<std::string>> table{{"plugin", "file (SHA-256)", "verdict"}};
    std::string refusals;
    for (const auto& [name, files] : host::discover_plugins(call.places.plugin_folders)) {
        const auto verified = host::verify_plugin(files, check_manifest, approved);
        const auto pinned = lock->find(name);
        if (verified && pins)
            lock->pin(name, verified->sha256);
        const std::string verdict = !verified ? "refused"
                                    : pins    ? "pinned now"
                                    : pinned  ? "as pinned"
                                              : "valid";
        const auto reason = verified ? std::string() : verified.error().message;
        if (!verified)
            refusals += fmt::format("\n{}: {}\n", name, reason);
        table.push_back({name, verified ? verified->sha256 : "-", verdict});
        list.push_back({{"name", name},
                        {"valid", verified.has_value()},
                        {"sha256", verified ? verified->sha256 : ""},
                        {"pinned", pins ? verified.has_value() : pinned.has_value()},
                        {"reason", reason}});
    }
    if (pins) {
        std::error_code failure;
        std::filesystem::create_directories(call.places.data, failure);
        if (const auto saved = lock->save(lock_path(call.places)); !saved)
            return fail(saved.error());
    }
    if (call.invocation.has("json"))
        print_json(list);
    else
        fmt::print("{}{}", make_text_table(table), refusals);
    return refusals.empty() ? ExitCode::done : ExitCode::failed;
}

}  // namespace

Command make_plugins_list_command() {
    return {
        {.name = "plugins list",
         .group = "Configure it",
         .summary = "show every plugin, its state and its recipient",
         .details =
             "Lists each configured instance (family/name, or family/name@label) with the state that the\n"
             "running server reports, or, when none runs, the state that a start would come to; then the\n"
             "plugins that are there but not configured.",
         .options = {{"json", "", "as one JSON document"}},
         .example = "calyptenora plugins list --json"},
        list_plugins};
}

Command make_plugins_verify_command() {
    return {{.name = "plugins verify",
             .group = "Configure it",
             .summary = "check the plugins' files, and pin them",
             .details =
                 "Checks every plugin as the server does before loading one: manifest, library, interface\n"
                 "version, needed libraries, and its hash if it is pinned. Nothing of it is executed.\n"
                 "With --pin, the files as they are now become the only ones that the server loads: their\n"
                 "hashes are written to plugins.lock in the data folder.",
             .options = {{"pin", "", "approve the files as they are"}, {"json", "", "as one JSON document"}},
             .example = "calyptenora plugins verify --pin"},
            verify_plugins};
}

}  // namespace calyptenora::cli
