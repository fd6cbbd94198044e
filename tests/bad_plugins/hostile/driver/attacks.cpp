#include "bad_plugins/hostile/driver/attacks.hpp"

namespace calyptenora::hostile {

using namespace std::chrono_literals;

namespace {

// How attacks end, in the words of the log.
constexpr std::string_view killed = "made a system call that plugins may not make (SIGSYS)";
constexpr std::string_view no_error = "the attack is over (no error)";
constexpr std::string_view no_file = "the attack is over (ENOENT)";
constexpr std::string_view no_descriptor = "the attack is over (EBADF)";
constexpr std::string_view no_access = "the attack is over (EACCES)";
constexpr std::string_view no_permission = "the attack is over (EPERM)";
constexpr std::string_view no_terminal = "the attack is over (ENOTTY)";
constexpr std::string_view no_memory = "the attack is over (ENOMEM)";
constexpr std::string_view crashed = "crashed (SIGSEGV)";
constexpr std::string_view ended = "ended itself (status 0)";
constexpr std::string_view hung = "did not return from invoke in time and was killed";
constexpr std::string_view no_json =
    "answered with something that is not a JSON document; the call has failed";
constexpr std::string_view no_such_call = "which never existed; refused";
constexpr std::string_view misplaced = "sent a frame that has no place here and was killed";

constexpr auto soon = 500ms;  ///< The deadline of calls that are not going to be answered.

}  // namespace

// clang-format off
std::vector<Attack> attacks() {
    return {
    // files
    {"reads_database",                gave_back_secret("database"),    no_file},
    {"reads_master_key",              gave_back_secret("key"),         no_file},
    {"reads_environment",             gave_back_secret("environment"), no_file},
    {"reads_stack_top",               gave_back_secret("environment"), no_error},
    {"reads_environment_of_host",     gave_back_secret("environment"), no_file},
    {"reads_memory_of_host",          gave_back_secret("datum"),       no_descriptor},
    {"writes_memory_of_host",         datum_changed(),                 killed},
    {"reads_command_lines",           gave_back_secret("password"),    no_file},
    {"reads_users_at_load",           gave_back("root:x:0:0:"),        no_file},
    {"reads_inherited_descriptors",   gave_back_secret("database"),    no_descriptor},
    {"reads_below_inherited_folder",  gave_back_secret("key"),         no_descriptor},
    {"reads_below_root",              gave_back_secret("database"),    killed},
    {"reads_by_aio",                  gave_back_secret("database"),    killed},
    {"reads_by_io_uring",             gave_back_secret("database"),    killed},
    {"watches_folder",                gave_back_secret("spool"),       killed},
    {"climbs_up",                     gave_back_secret("database"),    no_file},
    {"creates_by_reading",            file_left_behind(),              no_file},
    {"writes_file",                   file_left_behind(),              no_descriptor},
    {"makes_fifo",                    file_left_behind(),              killed},
    {"copies_database",               file_left_behind(),              killed},
    {"changes_database",              database_changed(),              killed},
    {"maps_database",                 database_changed(),              no_descriptor},
    {"truncates_by_reading",          database_changed(),              no_file},
    {"truncates_database",            database_changed(),              killed},
    {"deletes_database",              database_changed(),              killed},
    {"locks_database",                database_locked(),               killed},
    {"shares_master_key",             master_key_shared(),             killed},
    {"links_master_key",              master_key_shared(),             killed},
    {"replaces_own_file",             own_file_changed(),              killed},
    // network
    {"connects_by_tcp",               received("tcp"),                 killed},
    {"connects_while_sending",        received("tcp"),                 killed},
    {"sends_by_mptcp",                received("tcp"),                 killed},
    {"sends_by_udp",                  received("udp"),                 killed},
    {"connects_to_unix_socket",       received("unix"),                killed},
    {"connects_to_abstract_socket",   received("abstract"),            killed},
    {"sends_from_socket_pair",        received("datagram"),            killed},
    {"listens_on_port",               port_open(),                     killed},
    {"binds_vsock",                   vsock_taken(),                   killed},
    {"lists_sockets",                 gave_back_port(),                killed},
    {"sniffs_packets",                gave_back_canary(),              killed},
    // processes
    {"traces_host",                   datum_changed(),                 killed},
    {"reads_by_process_vm",           gave_back_secret("datum"),       killed},
    {"writes_by_process_vm",          datum_changed(),                 killed},
    {"steals_descriptor",             gave_back_secret("database"),    killed},
    {"signals_host",                  signal_arrived(),                killed},
    {"signals_thread_of_host",        signal_arrived(),                killed},
    {"signals_by_pidfd",              signal_arrived(),                killed},
    {"queues_signal",                 signal_arrived(),                killed},
    {"signals_by_descriptor",         signal_arrived(),                killed},
    {"signals_by_channel",            signal_arrived(),                no_permission, Script::two_calls},
    {"signals_parent",                signal_arrived(),                killed},
    {"signals_own_group",             signal_arrived(),                killed},
    {"finds_host_by_channel",         signal_arrived(),                killed},
    {"slows_host",                    host_slowed(),                   killed},
    {"idles_host",                    host_idle(),                     killed},
    {"confines_host",                 host_confined(),                 killed},
    {"limits_host",                   host_limited(),                  no_permission},
    {"delays_host",                   host_delayed(),                  killed},
    {"sacrifices_host",               host_sacrificed(),               no_access},
    {"executes_shell",                file_left_behind(),              killed},
    {"executes_memory",               file_left_behind(),              killed},
    {"executes_itself_preloaded",     gave_back("LD_PRELOAD"),         killed},
    {"multiplies",                    received_often("udp", 64),       killed},
    {"makes_threads",                 gave_back("200"),                killed},
    {"outlives_host",                 received_after_stop(),           killed},
    // kernel
    {"mounts",                        gave_back_secret("key"),         killed},
    {"enters_namespaces",             gave_back_secret("host_name"),   killed},
    {"makes_namespaces",              gave_back("CAP_SYS_ADMIN"),      killed},
    {"writes_sysctl",                 gave_back("173"),                killed},
    {"installs_filter_at_load",       gave_back("seccomp() lies"),     killed},
    {"changes_name",                  gave_back("sshd"),               killed},
    {"keeps_key",                     key_kept(),                      killed},
    {"measures_host",                 gave_back("1"),                  killed},
    {"handles_faults",                gave_back_canary(),              killed},
    {"makes_bpf_map",                 gave_back_canary(),              killed, Script::one_call, 5s, Needs::root},
    {"reads_kernel_log",              gave_back("kernel log: "),       killed, Script::one_call, 5s, Needs::root},
    {"shares_memory",                 memory_shared(),                 killed},
    {"posts_message",                 message_posted(),                killed},
    {"counts_semaphore",              semaphore_raised(),              killed},
    {"posts_posix_message",           posix_message_posted(),          killed},
    {"types_into_terminal",           received("terminal"),            no_terminal},
    {"rings_timers",                  gave_back("64"),                 killed},
    {"alarms_itself",                 gave_back("1"),                  killed},
#ifdef __x86_64__
    {"changes_segments",              gave_back("a segment of 0x4711"), killed},
#endif
    // memory
    {"maps_writable_code",            gave_back("4711"),               killed},
    {"makes_data_executable",         gave_back("4711"),               killed},
    {"makes_data_executable_by_key",  gave_back("4711"),               killed},
    {"maps_code_twice",               gave_back("4711"),               killed},
    {"attaches_executable_memory",    gave_back("4711"),               killed},
    {"reads_as_executable",           gave_back("4711"),               killed},
    {"patches_own_code",              gave_back("4711"),               killed},
    {"replaces_code_page",            gave_back("4711"),               killed},
    {"eats_memory",                   gave_back("1"),                  no_memory},
    {"eats_shared_memory",            gave_back("1"),                  killed},
    {"locks_memory",                  memory_locked(),                 no_permission},
    {"eats_descriptors",              gave_back("1"),                  killed},
    {"overflows_stack",               neighbour_silenced(),            crashed},
    {"searches_heap",                 gave_back_secret("api_key"),     no_error},
    // life
    {"dereferences_null",             neighbour_silenced(),            crashed},
    {"aborts",                        neighbour_silenced(),            "crashed (SIGABRT)"},
    {"kills_itself",                  neighbour_silenced(),            no_error},
    {"leaves_core",                   core_file(),                     "crashed (SIGILL)"},
    {"exits",                         neighbour_silenced(),            ended},
    {"exits_at_load",                 neighbour_silenced(),            ended},
    {"crashes_when_created",          neighbour_silenced(),            crashed},
    {"crashes_when_destroyed",        neighbour_silenced(),            crashed},
    {"acts_when_unloaded",            file_left_behind(),              "the attack has not begun"},
    {"acts_at_exit",                  file_left_behind(),              ended},
    {"spins",                         time_stolen(),                   hung, Script::one_call, soon},
    {"spins_at_load",                 time_stolen(),                   "failed: analytics/spins_at_load: ", Script::one_call, soon},
    {"spins_deafly",                  time_stolen(),                   hung, Script::one_call, soon},
    {"spins_when_destroyed",          process_remains(),               "did not end in time and was killed"},
    {"sleeps",                        caller_kept_waiting(),           hung, Script::one_call, soon},
    {"claims_to_have_returned",       time_stolen(),                   "used the processor while it had nothing to do and was killed", Script::one_call, soon},
    {"never_completes",               caller_kept_waiting(),           "no answer will come", Script::one_call, soon},
    {"floods_errors",                 log_flooded(),                   hung, Script::one_call, 1s},
    {"floods_output",                 log_flooded(),                   hung, Script::one_call, 1s},
    {"floods_log",                    log_flooded(),                   "look at me"},
    // channel
    {"half_a_frame",                  caller_kept_waiting(),           hung, Script::one_call, soon},
    {"frame_of_4_gib",                caller_kept_waiting(),           "sent a frame of 4294967295 bytes and was killed", Script::one_call, soon},
    {"frame_of_unknown_kind",         gave_back("still trusted"),      "sent a frame of the unknown kind 200 and was killed"},
    {"frame_of_host",                 gave_back("still trusted"),      "sent a frame of the unknown kind 6 and was killed"},
    {"frame_of_next_version",         gave_back("still trusted"),      "sent a frame of version 2 instead of 1 and was killed"},
    {"frame_with_lying_text",         gave_back("still trusted"),      "sent a frame that ends inside a field and was killed"},
    {"frame_at_wrong_time",           gave_back("still trusted"),      misplaced},
    {"frame_inside_frame",            first_answer_forged(),           "; the call has failed", Script::two_calls_at_once, 1s},
    {"names_another_process",         signal_arrived(),                misplaced},
    {"completes_next_call",           second_answer_forged(),          no_such_call, Script::two_calls, soon},
    {"completes_calls_of_others",     answered_for_neighbour(),        no_such_call, Script::beside_open_call},
    {"answers_late",                  first_answer_forged(),           "which was past its deadline; refused", Script::two_calls, soon},
    {"floods_channel",                host_swollen(60),                "xxxxxxxx", Script::one_call, 10s},
    {"hoards_requests",               host_swollen(60),                "more than 64 requests of one call are open; denied", Script::one_call, 10s},
    {"hoards_large_requests",         host_swollen(100),                "open requests would hold more than 33554432 bytes together; denied", Script::one_call, 10s},
    {"closes_channel",                process_remains(),               "closed its connection", Script::one_call, soon},
    {"passes_descriptors",            descriptors_piled_up(),          killed},
    {"nests_log_line",                log_flooded(),                   "wrote a log line that cannot be read"},
    {"nests_answer",                  gave_back("deep"),               no_json},
    {"forges_log_line",               log_line_forged(),               "output:  [2K [info] host: all plugins are well"},
    {"sends_for_finished_call",       kept_data_sent(),                "a service was requested outside of a live call; denied", Script::two_calls},
    {"sends_kept_data_for_another_purpose", kept_data_sent(), "keeps what it was given", Script::two_purposes},
    {"sends_kept_data_after_withdrawal", kept_data_sent(),    "was started anew, since a learner has withdrawn", Script::withdrawal},
    };
}
// clang-format on

}  // namespace calyptenora::hostile
