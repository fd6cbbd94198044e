#include "cli/commands.hpp"
#include "cli/first_account.hpp"
#include "cli/operations.hpp"
#include "cli/workbench.hpp"
#include "host/host.hpp"
#include "http/assets.hpp"
#include "http/listener.hpp"
#include "http/pages/error_page.hpp"
#include "http/pages/styleguide_page.hpp"
#include "http/self_signed.hpp"
#include "http/server.hpp"
#include "web/renderer.hpp"

#include <pthread.h>
#include <sodium.h>
#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdio>

/// The composition root: constructs the parts of the server in order, waits for signals, and takes them down
/// again. The operator's other commands are in cli/.
namespace calyptenora {
namespace {

void write_log(LogLevel level, const std::string& part, const std::string& line) {
    static constexpr spdlog::level::level_enum levels[] = {spdlog::level::debug, spdlog::level::info,
                                                           spdlog::level::warn, spdlog::level::err};
    spdlog::log(levels[static_cast<std::size_t>(level)], "{}: {}", part, line);
}

using cli::fail;

web::RendererSettings renderer_settings(const settings::Settings& settings,
                                        const std::filesystem::path& share, const http::Assets& assets) {
    return {share / "templates",
            share / "texts",
            settings.platform.address_form == settings::AddressForm::du ? web::AddressForm::du
                                                                        : web::AddressForm::sie,
            {{"assets", assets.urls()}}};
}

Result<http::ListenerOptions> listener_options(const settings::Server& server,
                                               const std::filesystem::path& data) {
    http::ListenerOptions options{.address = server.address, .port = server.port};
    if (const auto* tls = std::get_if<settings::Tls>(&server.transport))
        options.tls = http::TlsFiles{tls->certificate, tls->key};
    if (std::holds_alternative<settings::SelfSigned>(server.transport)) {
        auto files = http::load_or_make_self_signed(data / "tls");
        if (!files)
            return files.error();
        options.tls = std::move(*files);
    }
    if (std::holds_alternative<settings::BehindProxy>(server.transport) &&
        !settings::is_loopback_host(server.address))
        options.peers = http::Peers::proxies;
    return options;
}

/// What somebody compares with the certificate that a browser warns of; nothing for a real one.
Result<std::string> describe_certificate(const settings::Server& server,
                                         const http::ListenerOptions& options) {
    if (!std::holds_alternative<settings::SelfSigned>(server.transport))
        return std::string();
    const auto facts = http::read_certificate_facts(options.tls->certificate);
    if (!facts)
        return facts.error();
    return fmt::format(
        "  Its certificate is self-signed, for trying on this machine: browsers warn of it. It is yours if\n"
        "  its SHA-256 fingerprint is\n\n"
        "      {}\n      {}\n\n"
        "  Valid until {}; kept in {}\n\n",
        facts->sha256.substr(0, 48), facts->sha256.substr(48), facts->expires_on,
        options.tls->certificate.string());
}

http::ServerOptions server_options(const settings::Settings& settings) {
    http::ServerOptions options;
    options.hosts = http::HostNames(settings.server.hosts);
    options.hosts.add_loopback();
    options.io_threads = std::max(1u, std::thread::hardware_concurrency());
    options.rate_per_client.reset();
    if (const double rate = settings.server.limits.requests_per_second; rate > 0)
        options.rate_per_client =
            http::RateLimiter::Options{.tokens_per_second = rate, .burst = 5 * rate, .max_keys = 100'000};
    const auto& limits = settings.server.limits;
    options.framing.max_header_bytes = limits.header_bytes;
    options.admission.max_connections = limits.connections;
    options.timeouts.header = limits.header_seconds;
    options.timeouts.idle = limits.idle_seconds;
    options.timeouts.drain = limits.shutdown_seconds;
    if (std::holds_alternative<settings::Tls>(settings.server.transport))
        options.hsts_max_age = std::chrono::hours(24 * 365);
    if (const auto* proxy = std::get_if<settings::BehindProxy>(&settings.server.transport)) {
        std::vector<std::string> trusted;
        for (const auto& network : proxy->trusted)
            trusted.push_back(std::visit([](const auto& known) { return known.to_string(); }, network));
        // Made of parsed networks, so it can be read again.
        options.proxies = http::TrustedProxies::parse(trusted).value();
    }
    return options;
}

/// How to sign in on a platform where nobody has an account yet; nothing for any other.
std::string first_sign_in(cli::Workbench& bench, const std::string& origin) {
    const auto nobody = cli::is_without_accounts(bench);
    if (!nobody || !*nobody)
        return {};
    if (bench.options().first_account) {
        auto account = cli::open_first_account(bench);
        if (account) {
            auto text = fmt::format(
                "  This is its first start, so the operator has an account now. Sign in at {}/sign-in "
                "with\n\n"
                "      {}\n"
                "      {}\n\n"
                "  The password is shown this once, and kept in clear nowhere. Learners open their own\n"
                "  accounts at {}/register.\n\n",
                origin, account->email, account->password, origin);
            sodium_memzero(account->password.data(), account->password.size());
            return text;
        }
        write_log(LogLevel::warning, "accounts", "no account for the operator: " + account.error().message);
    }
    return fmt::format(
        "  Nobody has an account yet. Learners open theirs at {}/register, other people get theirs by\n"
        "  \"calyptenora user add --role ROLE\".\n\n",
        origin);
}

/// Waits for signals until one says that it is time to stop. SIGHUP reads the settings again.
void wait_for_the_end(const sigset_t& signals, cli::Workbench& bench) {
    for (int signal = 0; sigwait(&signals, &signal) == 0;) {
        if (signal != SIGHUP)
            return;
        const auto reloaded = bench.reload();
        if (reloaded)
            write_log(LogLevel::info, "settings", "reloaded");
        else
            write_log(LogLevel::error, "settings",
                      "not reloaded, nothing has changed:\n" + reloaded.error().message);
    }
}

int serve(cli::WorkbenchOptions options) {
    const auto share = options.share;
    // Before any thread starts, so that all of them leave these signals to wait_for_the_end().
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP})
        sigaddset(&signals, signal);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);

    auto bench = cli::Workbench::open(std::move(options), write_log);
    if (!bench)
        return fail(bench.error());
    auto& parts = **bench;
    const auto settings = parts.settings();

    auto assets = http::Assets::load_assets(share / "assets");
    if (!assets)
        return fail(assets.error());
    auto renderer = web::Renderer::load(renderer_settings(*settings, share, *assets));
    if (!renderer)
        return fail(renderer.error());

    std::string csrf_key(32, '\0');
    randombytes_buf(csrf_key.data(), csrf_key.size());
    http::RateLimiter attempts_per_address({.tokens_per_second = 1.0 / 30, .burst = 5});
    http::RateLimiter attempts_per_client({.tokens_per_second = 0.5, .burst = 30});
    http::RateLimiter reports_per_subject({.tokens_per_second = 1, .burst = 30});
    const http::CourseCards course_cards(*renderer);
    const http::Services services{.settings = [&parts] { return parts.settings(); },
                                  .renderer = *renderer,
                                  .assets = *assets,
                                  .gate = parts.gate(),
                                  .choices = parts.choices(),
                                  .frames = parts.frames(),
                                  .visitors = parts.visitors(),
                                  .accounts = parts.accounts(),
                                  .account_security = parts.account_security(),
                                  .profile = parts.profile(),
                                  .learning = parts.learning(),
                                  .orders = parts.orders(),
                                  .cases = parts.cases(),
                                  .contracts = parts.contracts(),
                                  .receipts = parts.receipts(),
                                  .consent_receipts = parts.consent_receipts(),
                                  .policy_versions = parts.policy_versions(),
                                  .requests = parts.requests(),
                                  .copies = parts.copies(),
                                  .staff = parts.staff(),
                                  .access_reviews = parts.access_reviews(),
                                  .figures = parts.figures(),
                                  .legal_demands = parts.legal_demands(),
                                  .study_times = parts.study_times(),
                                  .technical_data = parts.technical_data(),
                                  .notes = parts.notes(),
                                  .news = parts.news(),
                                  .notifications = parts.notifications(),
                                  .terms = parts.terms(),
                                  .catalogue = parts.catalogue(),
                                  .catalogue_search = parts.catalogue_search(),
                                  .course_cards = course_cards,
                                  .attempts_per_address = attempts_per_address,
                                  .attempts_per_client = attempts_per_client,
                                  .reports_per_subject = reports_per_subject,
                                  .videos = parts.videos(),
                                  .started_at = parts.gate().clock().now(),
                                  .csrf_key = std::move(csrf_key)};
    http::Router router;
    http::add_all_pages(router, services);
    if (parts.options().development)
        http::add_styleguide(router, services, share);

    const auto doors = listener_options(settings->server, parts.options().data);
    if (!doors)
        return fail(doors.error());
    const auto certificate = describe_certificate(settings->server, *doors);
    if (!certificate)
        return fail(certificate.error());
    auto listener = http::Listener::open_listener(*doors);
    if (!listener)
        return fail(listener.error());
    const auto port = listener->port();
    std::vector<http::Listener> listeners;
    listeners.push_back(std::move(*listener));

    http::Server server(server_options(*settings), std::move(router), http::make_error_renderer(services),
                        [](std::string_view line) { write_log(LogLevel::error, "http", std::string(line)); });
    const auto control = cli::open_control(parts);
    if (!control)
        return fail(control.error());
    const auto origin = fmt::format("{}://localhost:{}", doors->tls ? "https" : "http", port);
    // Before the doors open, so that the first account is the operator's.
    const auto first = first_sign_in(parts, origin);
    server.start(std::move(listeners));
    parts.dispatcher().start(parts.context());
    parts.letters().start(parts.context());
    parts.checkpoints().start(parts.context());
    parts.housekeeping().start(parts.context());
    parts.figures().start(parts.context());
    parts.catalogue_search().start(parts.context());
    parts.request_runner().start(parts.context());
    parts.reminders().start(parts.context());

    fmt::print("\n  {} is open at {}/\n\n{}{}", settings->platform.name, origin, *certificate, first);
    std::fflush(stdout);
    wait_for_the_end(signals, parts);
    write_log(LogLevel::info, "server", "stopping");
    server.stop();
    return 0;
}

}  // namespace
}  // namespace calyptenora

int main(int count, char** arguments) {
    (void)sodium_init();
    const auto program = std::filesystem::canonical("/proc/self/exe").parent_path().parent_path();
    calyptenora::cli::WorkbenchOptions defaults;
    defaults.plugin_folders = {program / "plugins"};
    defaults.worker_program = calyptenora::host::find_worker_program(program / "bin");
    defaults.share = program / "share";
    return calyptenora::cli::run({arguments + 1, arguments + count}, std::move(defaults), calyptenora::serve);
}
