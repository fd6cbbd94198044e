#pragma once

#include "cli/command_line.hpp"
#include "cli/workbench.hpp"
#include "storage/stores/checkpoints.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <functional>
#include <string>
#include <vector>

/// The operator's commands. Each stands in a file of its own and is entered in the table of commands.cpp.
namespace calyptenora::cli {

/// What a program tells its caller.
enum ExitCode : int { done = 0, failed = 1, not_understood = 2 };

/// A command that somebody called, and where its work lies.
struct Call {
    const Invocation& invocation;
    const WorkbenchOptions& places;
};

struct Command {
    CommandSpec spec;
    std::function<int(const Call&)> run;
};

/// Serves until it is told to stop; the caller holds the data folder's lock meanwhile. Yields the exit code.
using Serve = std::function<int(WorkbenchOptions)>;

/// Does what the words after the program's name say; yields the exit code. `defaults` holds what the command
/// line may change.
int run(const std::vector<std::string>& words, WorkbenchOptions defaults, const Serve& serve);

Command make_access_list_command();
Command make_announcement_add_command();
Command make_announcement_list_command();
Command make_announcement_withdraw_command();
Command make_authority_assess_command();
Command make_authority_defer_command();
Command make_authority_enter_command();
Command make_authority_list_command();
Command make_authority_notify_command();
Command make_authority_release_command();
Command make_authority_show_command();
Command make_check_command();
Command make_consent_receipt_command();
Command make_consent_schema_command();
Command make_contracts_list_command();
Command make_course_import_command();
Command make_course_list_command();
Command make_course_new_command();
Command make_course_preview_command(const Serve& serve);
Command make_demo_seed_command();
Command make_doctor_command();
Command make_gate_explain_command();
Command make_guardian_record_command();
Command make_figures_command();
Command make_figures_technical_command();
Command make_incident_assess_command();
Command make_incident_close_command();
Command make_incident_extend_command();
Command make_incident_list_command();
Command make_incident_notice_command();
Command make_incident_open_command();
Command make_incident_people_command();
Command make_incident_told_command();
Command make_ledger_checkpoint_command();
Command make_ledger_key_command();
Command make_ledger_proof_command();
Command make_ledger_verify_command();
Command make_ledger_witness_command();
Command make_mail_list_command();
Command make_mail_retry_command();
Command make_migrate_command();
Command make_keys_rotate_command();
Command make_payments_import_command();
Command make_plugins_list_command();
Command make_plugins_verify_command();
Command make_privacy_changes_command();
Command make_retention_plan_command();
Command make_retention_run_command();
Command make_retention_log_command();
Command make_privacy_export_command();
Command make_privacy_inventory_command();
Command make_privacy_map_command();
Command make_privacy_processors_command();
Command make_privacy_record_command();
Command make_privacy_retention_command();
Command make_privacy_schema_command();
Command make_requests_confirm_command();
Command make_requests_enter_command();
Command make_requests_extend_command();
Command make_requests_list_command();
Command make_restriction_lift_command();
Command make_review_list_command();
Command make_review_report_command();
Command make_staff_appoint_command();
Command make_staff_list_command();
Command make_staff_training_command();
Command make_staff_undertaking_command();
Command make_support_receive_command();
Command make_user_add_command();

/// The value of --port, if it was given.
Result<std::optional<std::uint16_t>> find_port(const Invocation& invocation);

/// The value of an option that is a number from 1 to `most`; `usual` without it.
Result<int> find_number(const Invocation& invocation, std::string_view option, int usual, int most);

/// Says on standard error what went wrong. Yields `failed`.
int fail(const Error& error);
/// The same for words that were not understood. Yields `not_understood`.
int misunderstand(const Invocation& invocation, std::string_view what);

/// When a checkpoint was taken, as people read it.
std::string time_of(const storage::Checkpoint& checkpoint);

/// The text of a member that is there.
std::string text_of(const boost::json::value& row, std::string_view key);
/// The parts between commas, without empty ones.
boost::json::array split_at_commas(const std::string& text);

/// Performs an operation that answers nothing, and says so. Yields the exit code.
int perform_quietly(const Call& call, const std::string& operation, const boost::json::object& arguments,
                    std::string_view said);

/// Carries out an operation that only looks, and shows what it answers: as JSON with --json, else by `print`.
/// Yields the exit code.
int show_answer(const Call& call, const std::string& operation, const boost::json::object& arguments,
                const std::function<void(const boost::json::value&)>& print);
/// The same for a list; of an empty one `nothing` is said.
int show_list(const Call& call, const std::string& operation, const boost::json::object& arguments,
              std::string_view nothing, const std::function<void(const boost::json::array&)>& print);

/// One JSON document and its line end on standard output.
void print_json(const boost::json::value& value);

}  // namespace calyptenora::cli
