#include "cli/doctor.hpp"

#include "cli/certificate.hpp"
#include "cli/control_socket.hpp"
#include "cli/instance_plans.hpp"
#include "cli/plugin_check.hpp"
#include "cli/stores.hpp"
#include "host/smtp_client.hpp"
#include "host/worker_trial.hpp"
#include "settings/plugin_settings.hpp"
#include "settings/secret.hpp"
#include "storage/migrations.hpp"
#include "storage/server_clock.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/url/parse.hpp>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/timex.h>
#include <unistd.h>

namespace calyptenora::cli {
namespace {

namespace fs = std::filesystem;
using Verdict = Finding::Verdict;
using Findings = std::vector<Finding>;

constexpr std::uintmax_t mebibyte = 1024 * 1024;
/// Below this a few more writes fill the disk, and the server stops with them.
constexpr auto least_space = 64 * mebibyte;
constexpr auto ample_space = 1024 * mebibyte;
/// Other nodes and the database compare times: leases run for 20 s with a margin of 5 s.
constexpr std::chrono::seconds harmless_skew{1}, bearable_skew{5};
constexpr std::chrono::days certificate_notice{14};
/// Besides the browsers' connections: databases, plugins, files that are being sent.
constexpr rlim_t own_descriptors = 256;

Finding good(std::string subject, std::string what) {
    return {Verdict::good, std::move(subject), std::move(what)};
}

/// Settings, manifests and what the plugins want, secrets included. Nothing if they cannot be read.
std::optional<settings::Settings> examine_settings(const WorkbenchOptions& places, Findings& findings) {
    settings::Problems problems;
    std::vector<settings::Manifest> manifests;
    for (auto& [name, manifest] : load_manifests(places.plugin_folders, problems))
        manifests.push_back(std::move(manifest));
    const auto of_file = settings::check_configuration(places.config, manifests);
    problems.insert(problems.end(), of_file.begin(), of_file.end());
    const auto errors = std::ranges::count(problems, settings::Severity::error, &settings::Problem::severity);
    const auto warnings = std::ssize(problems) - errors;
    const auto file = places.config.string();
    const auto remedy = fmt::format("\"calyptenora check {}\" shows each with its remedy", file);
    if (errors > 0)
        findings.push_back(
            {Verdict::failed, "settings", fmt::format("{}: {} to mend", file, errors), remedy});
    else if (warnings > 0)
        findings.push_back(
            {Verdict::warning, "settings", fmt::format("{}: valid, {} to look at", file, warnings), remedy});
    else
        findings.push_back(good("settings", fmt::format("{}: valid, all secrets are there", file)));
    return std::move(settings::load_settings(places.config).value);
}

void examine_data_folder(const fs::path& data, Findings& findings) {
    std::error_code failure;
    auto nearest = fs::absolute(data, failure);
    const bool exists = fs::is_directory(nearest, failure);
    while (!fs::exists(nearest, failure) && nearest.has_relative_path())
        nearest = nearest.parent_path();
    if (access(nearest.c_str(), W_OK | X_OK) != 0) {
        findings.push_back({Verdict::failed, "data folder",
                            fmt::format("{} cannot be written by this user", nearest.string()),
                            "run as the user who owns it, or name another folder with --data"});
        return;
    }
    const auto space = fs::space(nearest, failure).available;
    if (!failure && space < ample_space)
        findings.push_back({space < least_space ? Verdict::failed : Verdict::warning, "disk",
                            fmt::format("{} MiB are free at {}", space / mebibyte, nearest.string()),
                            "make room: when the disk is full, the server stops rather than lose something"});
    else
        findings.push_back(good("disk", fmt::format("{} GiB are free", space / (1024 * mebibyte))));
    if (!exists) {
        findings.push_back(good("data folder", fmt::format("{} is made at the first start", data.string())));
        return;
    }
    const auto others = fs::perms::group_all | fs::perms::others_all;
    if ((fs::status(data, failure).permissions() & others) != fs::perms::none)
        findings.push_back({Verdict::warning, "data folder",
                            fmt::format("others may look into {}", data.string()),
                            fmt::format("chmod 700 {} (the next start does it, too)", data.string())});
    else
        findings.push_back(good("data folder", data.string()));
}

/// Whether the databases may be looked at.
bool examine_master_key(const settings::Settings& settings, const fs::path& data, Findings& findings) {
    const bool is_file = !settings.master_key;
    if (is_file && !fs::exists(data / "master.key")) {
        findings.push_back(good("master key", "is made at the first start"));
        return true;
    }
    const auto key = load_master_key(settings, data);
    if (!key) {
        findings.push_back({Verdict::failed, "master key", key.error().message,
                            "put back the key that wrapped this platform's data, for its owner alone"});
        return false;
    }
    findings.push_back(
        good("master key",
             fmt::format("{} ({})", key->id(), is_file ? (data / "master.key").string() : "settings")));
    return true;
}

void examine_schema(storage::Database& database, const std::string& name,
                    std::span<const storage::Migration> migrations, Findings& findings) {
    const auto version = storage::find_schema_version(database);
    if (!version)
        return findings.push_back({Verdict::failed, name, version.error().message,
                                   "give the database's user the right to read and to change its schema"});
    const int known = static_cast<int>(migrations.size());
    if (*version > known)
        return findings.push_back(
            {Verdict::failed, name,
             fmt::format("is at version {}, this program knows up to {}", *version, known),
             "start the newer program, or restore a backup made before the upgrade"});
    if (*version > 0 && *version < known)
        return findings.push_back(
            {Verdict::warning, name,
             fmt::format("is at version {}; a start brings it to {}, and there is no way back", *version,
                         known),
             "make a backup of both databases first"});
    findings.push_back(good(name, *version == 0 ? "empty; its tables are made at the first start"
                                                : fmt::format("answers, at version {}", *version)));
}

void examine_server_clock(storage::Database& database, const std::string& name, Findings& findings) {
    const auto there = storage::read_server_clock(database);
    if (!there)
        return;  // examine_schema() has said why
    const auto skew = std::chrono::abs(*there - storage::SystemClock().now());
    if (skew < harmless_skew)
        return;
    findings.push_back({skew < bearable_skew ? Verdict::warning : Verdict::failed, "clock",
                        fmt::format("{}'s server and this machine differ by {} s", name,
                                    std::chrono::ceil<std::chrono::seconds>(skew).count()),
                        "keep both by a time service; how long consents and permissions to send hold is "
                        "judged by the clock"});
}

void examine_database(const settings::Database& where, const fs::path& data, const std::string& name,
                      std::span<const storage::Migration> migrations, Findings& findings) {
    if (const auto* sqlite = std::get_if<settings::Sqlite>(&where.where))
        // Opening would make it.
        if (const auto file = sqlite->path.is_absolute() ? sqlite->path : data / sqlite->path;
            !fs::exists(file))
            return findings.push_back(
                good(name, fmt::format("{} is made at the first start", file.string())));
    auto database = storage::Database::open(database_url(where, data), one_session());
    if (!database)
        return findings.push_back({Verdict::failed, name, database.error().message,
                                   "start the database, or correct its address in the settings"});
    examine_schema(**database, name, migrations, findings);
    examine_server_clock(**database, name, findings);
}

void examine_certificate(const settings::Settings& settings, Findings& findings) {
    const auto* files = std::get_if<settings::Tls>(&settings.server.transport);
    if (!files)
        return;
    const auto origin = boost::urls::parse_uri(settings.platform.origin);
    const auto host = origin ? std::string(origin->host_address()) : std::string();
    const auto facts = read_certificate(*files, host);
    if (!facts)
        return findings.push_back({Verdict::failed, "certificate", facts.error().message,
                                   "fetch certificate and key anew, and name both under server.tls"});
    const auto now = std::chrono::system_clock::now();
    const auto days = std::chrono::floor<std::chrono::days>(facts->ends - now).count();
    if (now < facts->begins || now >= facts->ends)
        return findings.push_back(
            {Verdict::failed, "certificate",
             now < facts->begins ? "is not valid yet" : fmt::format("ran out {} days ago", -days),
             "renew it; if it should be valid, set this machine's clock"});
    if (!facts->fits_host)
        return findings.push_back({Verdict::failed, "certificate",
                                   fmt::format("is not one of {}, the host of platform.origin", host),
                                   "get one that names this host, or correct platform.origin"});
    if (facts->ends - now < certificate_notice)
        return findings.push_back({Verdict::warning, "certificate", fmt::format("runs out in {} days", days),
                                   "renew it; SIGHUP is not enough, "
                                   "the server reads it at its start"});
    findings.push_back(good("certificate", fmt::format("of {}, for {} more days", host, days)));
}

void examine_port(const settings::Settings& settings, bool server_runs, Findings& findings) {
    namespace ip = boost::asio::ip;
    if (server_runs)
        return findings.push_back(good("port", "a server runs on this data folder"));
    const auto& server = settings.server;
    boost::asio::io_context context;
    boost::system::error_code failure;
    const ip::tcp::endpoint endpoint(ip::make_address(server.address, failure), server.port);
    ip::tcp::acceptor acceptor(context);
    if (!failure)
        acceptor.open(endpoint.protocol(), failure);
    if (!failure)
        acceptor.set_option(ip::tcp::acceptor::reuse_address(true), failure);
    if (!failure)
        acceptor.bind(endpoint, failure);
    if (!failure)
        return findings.push_back(good("port", fmt::format("{}:{} is free", server.address, server.port)));
    findings.push_back({Verdict::failed, "port",
                        fmt::format("{}:{}: {}", server.address, server.port, failure.message()),
                        failure == boost::asio::error::access_denied
                            ? "choose a port from 1024 on, or give the service CAP_NET_BIND_SERVICE"
                            : "stop what listens there, or choose another with server.port or --port"});
}

/// Signs in at the mail server, as far as that says nothing about anybody. Without it the platform runs, and
/// letters wait.
void examine_mail(const settings::Settings& settings, Findings& findings) {
    if (!settings.mail)
        return findings.push_back(
            {Verdict::warning, "mail", "is not configured",
             "until the section mail names a server, people read on the website only that the privacy notice "
             "changes, and that there is news about their requests"});
    const auto& mail = *settings.mail;
    const auto network = host::EgressNetwork::open(settings.egress);
    Status tried = network ? Status() : Status(network.error());
    if (network) {
        boost::asio::io_context context;
        host::SmtpServer server{
            {mail.host, mail.port}, mail.security, mail.username, std::string(mail.password.reveal())};
        auto answer =
            boost::asio::co_spawn(context, host::try_mail_server(**network, server), boost::asio::use_future);
        context.run();
        tried = answer.get();
        settings::wipe(server.password);
    }
    const auto name = fmt::format("{}:{}", mail.host, mail.port);
    if (tried)
        findings.push_back(good("mail", name + " takes our letters"));
    else
        findings.push_back(
            {Verdict::warning, "mail", tried.error().message,
             fmt::format("letters wait until {} can be used; see mail, and egress for a server on "
                         "an internal address or with a certificate of your own",
                         name)});
}

/// Starts the plugin's worker for a moment, which shows at once whether this system can confine one.
Finding examine_isolation(const WorkbenchOptions& places, const settings::Instance& instance,
                          const host::VerifiedPlugin& plugin) {
    const auto name = instance.id.text();
    if (instance.isolation == settings::Isolation::in_process)
        return {Verdict::warning, name,
                "runs INSIDE the server's process and could read every learner's data",
                "remove \"isolation: in_process\" unless you trust it as you trust the server"};
    const auto image = host::WorkerImage::open(places.worker_program, plugin);
    if (!image)
        return {Verdict::failed, name, image.error().message, "without it no plugin starts"};
    const auto tried = host::try_worker(*image, std::chrono::steady_clock::now() + std::chrono::seconds(10));
    if (!tried)
        return {Verdict::failed, name, tried.error().message,
                "a plugin that cannot be confined does not start"};
    return good(name, fmt::format("its worker is confined, and ready after {} ms",
                                  std::chrono::ceil<std::chrono::milliseconds>(*tried).count()));
}

void examine_plugins(const WorkbenchOptions& places, const settings::Settings& settings, Findings& findings) {
    const auto lock = host::LockFile::load(lock_path(places));
    if (!lock)
        return findings.push_back({Verdict::failed, "plugins", lock.error().message,
                                   "\"calyptenora plugins verify --pin\" writes it anew"});
    const auto files = host::discover_plugins(places.plugin_folders);
    for (const auto* instance : settings.enabled_instances()) {
        const auto found = files.find(std::string(instance->id.plugin_name()));
        if (found == files.end()) {
            findings.push_back({Verdict::failed, instance->id.text(), "no plugin folder holds it",
                                "install the plugin, or remove its entry from the settings"});
            continue;
        }
        const auto verified = host::verify_plugin(found->second, check_manifest, *lock);
        if (verified)
            findings.push_back(examine_isolation(places, *instance, *verified));
        else
            findings.push_back({Verdict::failed, instance->id.text(), verified.error().message,
                                "\"calyptenora plugins verify\" shows all of them"});
    }
}

void examine_machine_clock(Findings& findings) {
    timex state{};
    const int status = adjtimex(&state);
    if (status == TIME_ERROR || (state.status & STA_UNSYNC) != 0)
        findings.push_back({Verdict::warning, "clock", "no time service keeps it",
                            "install and start chrony or systemd-timesyncd; how long consents hold, and the "
                            "dates in the ledger, are this clock's"});
    else
        findings.push_back(good("clock", "kept by a time service"));
}

void examine_limits(const settings::Settings& settings, Findings& findings) {
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    const auto wanted = settings.server.limits.connections + own_descriptors;
    if (files.rlim_cur < wanted)
        findings.push_back(
            {Verdict::warning, "open files",
             fmt::format("{} are allowed, {} connections want {}", files.rlim_cur,
                         settings.server.limits.connections, wanted),
             fmt::format(
                 "ulimit -n {0} (LimitNOFILE={0} in a systemd unit), or lower server.limits.connections",
                 wanted)});
    else
        findings.push_back(good("open files", fmt::format("{} are allowed", files.rlim_cur)));
}

}  // namespace

std::vector<Finding> examine(const WorkbenchOptions& places) {
    Findings findings;
    auto settings = examine_settings(places, findings);
    examine_data_folder(places.data, findings);
    examine_machine_clock(findings);
    if (!settings)
        return findings;
    if (places.port)
        settings::use_port(*settings, *places.port);
    if (examine_master_key(*settings, places.data, findings)) {
        examine_database(settings->database, places.data, "database", storage::data_migrations(), findings);
        examine_database(settings->key_store, places.data, "key store", storage::key_migrations(), findings);
    }
    examine_certificate(*settings, findings);
    const bool server_runs = send_to_server(places.data, "plugins.states", {}).has_value();
    examine_port(*settings, server_runs, findings);
    examine_limits(*settings, findings);
    examine_mail(*settings, findings);
    examine_plugins(places, *settings, findings);
    return findings;
}

}  // namespace calyptenora::cli
