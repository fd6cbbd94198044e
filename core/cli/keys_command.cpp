#include "cli/commands.hpp"
#include "cli/data_folder_lock.hpp"
#include "cli/stores.hpp"

#include <boost/json/object.hpp>

namespace calyptenora::cli {
namespace {

/// What the person has to do now, if the key is not in a file of ours.
std::string remedy_for(const settings::Settings& settings, const std::filesystem::path& new_key) {
    return settings.master_key ? fmt::format(
                                     "Let the settings' master_key name {} now; the server does not start "
                                     "with the old one.\n",
                                     new_key.string())
                               : "";
}

int rotate(const Call& call) {
    const auto settings = settings::load_settings(call.places.config);
    if (!settings)
        return fail(Error(ErrorKind::invalid_config, settings::to_text(settings.problems)));
    const auto named = call.invocation.find("new-key");
    const bool is_in_settings = settings.value->master_key.has_value();
    if (is_in_settings != named.has_value())
        return misunderstand(
            call.invocation,
            is_in_settings ? "the settings name a master key: give the file of the new one with --new-key"
                           : "--new-key is for a master key that the settings name");
    const auto lock = DataFolderLock::take(call.places.data);
    if (!lock)
        return fail(lock.error());

    auto stores = open_existing_stores(*settings.value, call.places.data);
    if (!stores)
        return fail(stores.error());
    // A key that was made and not used yet, by a command that was broken off, is used now.
    const auto new_file = named ? std::filesystem::path(*named) : next_key_file(call.places.data);
    const auto fresh = storage::MasterKey::load_or_create(new_file);
    if (!fresh)
        return fail(fresh.error());
    const auto changed = stores->keys->rewrap(*fresh);
    if (!changed)
        return fail(changed.error());
    if (!named)
        if (const auto placed = put_next_key_in_place(call.places.data); !placed)
            return fail(placed.error());

    if (call.invocation.has("json")) {
        print_json(boost::json::object{{"master_key", fresh->id()}, {"rewrapped", *changed}});
        return ExitCode::done;
    }
    fmt::print(
        "{} keys are wrapped by the new master key {}.\n"
        "Whoever was erased can no longer be read in copies of the key store that were made before, once "
        "the\n"
        "old master key is gone: delete its copies, then copy the new one to a safe place.\n{}",
        *changed, fresh->id(), remedy_for(*settings.value, new_file));
    return ExitCode::done;
}

}  // namespace

Command make_keys_rotate_command() {
    return {
        {.name = "keys rotate",
         .group = "Run the platform",
         .summary = "change the master key",
         .details =
             "Wraps the keys of all people by a new master key. Do it from time to time, and after erasures: "
             "a copy\n"
             "of the key store that was made before an erasure is of no use without the old master key.\n"
             "Refused while a server runs on the data folder; servers elsewhere that use the same key store "
             "must\n"
             "be stopped, too. A command that is broken off loses nothing: it, or the next start, goes on.",
         .options =
             {{"new-key", "FILE",
               "if the settings name the master key: where the new one is (32 bytes; made if missing)"},
              {"json", "", "as one JSON document"}},
         .example = "calyptenora keys rotate --data /var/lib/calyptenora"},
        rotate};
}

}  // namespace calyptenora::cli
