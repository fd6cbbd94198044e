#include "cli/commands.hpp"
#include "cli/data_folder_lock.hpp"
#include "cli/stores.hpp"
#include "storage/migrations.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace calyptenora::cli {
namespace {

Result<std::vector<std::string>> migrate_one(const settings::Database& where,
                                             const std::filesystem::path& data,
                                             std::span<const storage::Migration> migrations) {
    auto database = storage::Database::open(database_url(where, data), one_session());
    if (!database)
        return database.error();
    const auto applied = storage::migrate(**database, migrations);
    if (!applied)
        return applied.error();
    std::vector<std::string> names;
    for (const auto& migration : *applied)
        names.emplace_back(migration.name);
    return names;
}

int migrate(const Call& call) {
    const auto settings = settings::load_settings(call.places.config);
    if (!settings)
        return fail(Error(ErrorKind::invalid_config, settings::to_text(settings.problems)));
    const auto lock = DataFolderLock::take(call.places.data);
    if (!lock)
        return fail(lock.error());
    const auto data = migrate_one(settings.value->database, call.places.data, storage::data_migrations());
    if (!data)
        return fail(data.error());
    const auto keys = migrate_one(settings.value->key_store, call.places.data, storage::key_migrations());
    if (!keys)
        return fail(keys.error());

    if (call.invocation.has("json")) {
        print_json(boost::json::object{{"data",
                                        {{"applied", boost::json::array(data->begin(), data->end())},
                                         {"version", storage::data_migrations().size()}}},
                                       {"keys",
                                        {{"applied", boost::json::array(keys->begin(), keys->end())},
                                         {"version", storage::key_migrations().size()}}}});
        return ExitCode::done;
    }
    const auto tell = [](std::string_view what, const std::vector<std::string>& applied,
                         std::size_t version) {
        if (applied.empty())
            fmt::print("{}: up to date at version {}.\n", what, version);
        else
            fmt::print("{}: now at version {} ({}).\n", what, version, fmt::join(applied, ", "));
    };
    tell("data", *data, storage::data_migrations().size());
    tell("keys", *keys, storage::key_migrations().size());
    return ExitCode::done;
}

}  // namespace

Command make_migrate_command() {
    return {{.name = "migrate",
             .group = "Run the platform",
             .summary = "bring both databases to this program's version",
             .details =
                 "The server does the same at its start; this command does it without serving, for instance\n"
                 "before an upgrade is put into service. Each database changes as a whole or not at all.\n"
                 "Refused while a server runs on the data folder. Make a backup first: there is no way back.",
             .options = {{"json", "", "as one JSON document"}},
             .example = "calyptenora migrate --config /etc/calyptenora.yaml --data /var/lib/calyptenora"},
            migrate};
}

}  // namespace calyptenora::cli
