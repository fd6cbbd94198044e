#include "cli/commands.hpp"

#include "cli/data_folder_lock.hpp"
#include "cli/operations.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <charconv>
#include <cstdio>

namespace calyptenora::cli {
namespace {

Command make_serve_command(const Serve& serve) {
    return {
        {.name = "serve",
         .group = "Run the platform",
         .summary = "open the platform to browsers",
         .details =
             "Serves the platform until it is stopped (Ctrl-C or SIGTERM). SIGHUP reads the settings file\n"
             "again: a valid one takes effect at once, with a faulty one nothing changes.\n"
             "The other commands may be used meanwhile; those that write are carried out by the server.",
         .options = {{"port", "PORT", "listen there instead of at the settings' port; 0: any that is free"},
                     {"first-account", "",
                      "while nobody has an account: open the operator's and print its new password once"},
                     {"development", "", "with the pages for developers: /styleguide shows every component"}},
         .example = "calyptenora serve --port 8080 --data /var/lib/calyptenora"},
        [serve](const Call& call) -> int {
            auto places = call.places;
            const auto port = find_port(call.invocation);
            if (!port)
                return misunderstand(call.invocation, port.error().message);
            places.port = *port;
            places.makes_versions = true;
            places.development = call.invocation.has("development");
            places.first_account = call.invocation.has("first-account");
            const auto lock = DataFolderLock::take(places.data);
            return lock ? serve(std::move(places)) : fail(lock.error());
        }};
}

std::vector<Command> all_commands(const Serve& serve) {
    return {
        make_serve_command(serve),
        make_migrate_command(),
        make_keys_rotate_command(),
        make_demo_seed_command(),
        make_doctor_command(),
        make_announcement_add_command(),
        make_announcement_list_command(),
        make_announcement_withdraw_command(),
        make_mail_list_command(),
        make_mail_retry_command(),
        make_check_command(),
        make_plugins_list_command(),
        make_plugins_verify_command(),
        make_user_add_command(),
        make_guardian_record_command(),
        make_course_list_command(),
        make_course_new_command(),
        make_course_preview_command(serve),
        make_course_import_command(),
        make_payments_import_command(),
        make_contracts_list_command(),
        make_support_receive_command(),
        make_gate_explain_command(),
        make_requests_list_command(),
        make_requests_enter_command(),
        make_requests_confirm_command(),
        make_requests_extend_command(),
        make_restriction_lift_command(),
        make_staff_appoint_command(),
        make_staff_undertaking_command(),
        make_staff_training_command(),
        make_staff_list_command(),
        make_access_list_command(),
        make_review_list_command(),
        make_review_report_command(),
        make_figures_command(),
        make_figures_technical_command(),
        make_incident_open_command(),
        make_incident_list_command(),
        make_incident_assess_command(),
        make_incident_extend_command(),
        make_incident_notice_command(),
        make_incident_people_command(),
        make_incident_told_command(),
        make_incident_close_command(),
        make_authority_enter_command(),
        make_authority_list_command(),
        make_authority_show_command(),
        make_authority_assess_command(),
        make_authority_release_command(),
        make_authority_defer_command(),
        make_authority_notify_command(),
        make_ledger_verify_command(),
        make_ledger_checkpoint_command(),
        make_ledger_witness_command(),
        make_ledger_proof_command(),
        make_ledger_key_command(),
        make_consent_receipt_command(),
        make_consent_schema_command(),
        make_privacy_export_command(),
        make_privacy_schema_command(),
        make_privacy_inventory_command(),
        make_privacy_record_command(),
        make_privacy_processors_command(),
        make_privacy_retention_command(),
        make_privacy_map_command(),
        make_privacy_changes_command(),
        make_retention_plan_command(),
        make_retention_run_command(),
        make_retention_log_command(),
    };
}

}  // namespace

Result<std::optional<std::uint16_t>> find_port(const Invocation& invocation) {
    const auto text = invocation.find("port");
    if (!text)
        return std::nullopt;
    std::uint16_t port = 0;
    const auto [end, wrong] = std::from_chars(text->data(), text->data() + text->size(), port);
    if (wrong != std::errc() || end != text->data() + text->size())
        return Error(ErrorKind::invalid_input,
                     fmt::format("--port must be a number from 0 to 65535, not \"{}\"", *text));
    return std::optional(port);
}

Result<int> find_number(const Invocation& invocation, std::string_view option, int usual, int most) {
    const auto text = invocation.find(option);
    if (!text)
        return usual;
    int number = 0;
    const auto [end, wrong] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (wrong != std::errc() || end != text->data() + text->size() || number < 1 || number > most)
        return Error(ErrorKind::invalid_input,
                     fmt::format("--{} must be a number from 1 to {}", option, most));
    return number;
}

int fail(const Error& error) {
    const auto end = error.message.ends_with('\n') ? "" : "\n";
    fmt::print(stderr, "calyptenora: {}{}", error.message, end);
    return ExitCode::failed;
}

int misunderstand(const Invocation& invocation, std::string_view what) {
    fmt::print(stderr, "calyptenora: {}: {}\n\"calyptenora {} --help\" shows how it is called.\n",
               invocation.spec->name, what, invocation.spec->name);
    return ExitCode::not_understood;
}

std::string text_of(const boost::json::value& row, std::string_view key) {
    return std::string(row.at(key).as_string());
}

boost::json::array split_at_commas(const std::string& text) {
    boost::json::array parts;
    for (std::size_t start = 0; start < text.size();) {
        const auto end = std::min(text.find(',', start), text.size());
        if (end > start)
            parts.emplace_back(text.substr(start, end - start));
        start = end + 1;
    }
    return parts;
}

int perform_quietly(const Call& call, const std::string& operation, const boost::json::object& arguments,
                    std::string_view said) {
    const auto answer = perform(call.places, operation, arguments);
    if (!answer)
        return fail(answer.error());
    fmt::print("{}\n", said);
    return ExitCode::done;
}

int show_answer(const Call& call, const std::string& operation, const boost::json::object& arguments,
                const std::function<void(const boost::json::value&)>& print) {
    const auto answer = look(call.places, operation, arguments);
    if (!answer)
        return fail(answer.error());
    if (call.invocation.has("json"))
        print_json(*answer);
    else
        print(*answer);
    return ExitCode::done;
}

int show_list(const Call& call, const std::string& operation, const boost::json::object& arguments,
              std::string_view nothing, const std::function<void(const boost::json::array&)>& print) {
    return show_answer(call, operation, arguments, [&](const boost::json::value& answer) {
        if (answer.as_array().empty())
            fmt::print("{}\n", nothing);
        else
            print(answer.as_array());
    });
}

void print_json(const boost::json::value& value) {
    fmt::print("{}\n", boost::json::serialize(value));
}

int run(const std::vector<std::string>& words, WorkbenchOptions defaults, const Serve& serve) {
    const auto commands = all_commands(serve);
    std::vector<CommandSpec> specs;
    for (const auto& command : commands)
        specs.push_back(command.spec);

    const auto outcome = parse_command_line(words, specs);
    if (const auto* help = std::get_if<HelpText>(&outcome)) {
        fmt::print("{}", help->text);
        return ExitCode::done;
    }
    if (const auto* error = std::get_if<UsageError>(&outcome)) {
        fmt::print(stderr, "calyptenora: {}\n", error->text);
        return ExitCode::not_understood;
    }
    const auto& invocation = std::get<Invocation>(outcome);
    if (const auto config = invocation.find("config"))
        defaults.config = *config;
    if (const auto data = invocation.find("data"))
        defaults.data = *data;
    const auto index = static_cast<std::size_t>(invocation.spec - specs.data());
    try {
        return commands[index].run({invocation, defaults});
    } catch (const std::exception& error) {
        return fail(Error(ErrorKind::permanent, error.what()));
    }
}

}  // namespace calyptenora::cli
