#include "cli/workbench.hpp"

#include "cli/instance_plans.hpp"
#include "cli/plugin_check.hpp"
#include "cli/processing_documents.hpp"
#include "cli/stores.hpp"
#include "platform/courses/video_asset.hpp"
#include "platform/rights/restored.hpp"
#include "storage/migrations.hpp"

#include <sodium.h>
#include <unistd.h>

namespace calyptenora::cli {
namespace {

/// Unique among the nodes that share a database, and different after a restart.
std::string make_node_name() {
    char name[256] = "node";
    gethostname(name, sizeof name - 1);
    return fmt::format("{}-{}-{:08x}", name, getpid(), randombytes_random());
}

platform::LetterHead letter_head(const settings::Settings& settings) {
    return {.platform = settings.platform.name,
            .origin = settings.platform.origin,
            .operator_name = settings.operator_info.legal_name,
            .operator_email = settings.operator_info.email,
            .default_language = settings.platform.default_language == settings::Language::de
                                    ? web::Language::de
                                    : web::Language::en};
}

/// A letter may take as long as any request to the outside, and a batch of them some while longer.
platform::LettersOptions letters_options(const settings::Egress& egress) {
    const auto longest = egress.total_seconds + std::chrono::seconds(10);
    return {.longest = longest, .claim = std::max(std::chrono::seconds(300), 4 * longest)};
}

Error invalid(const settings::Problems& problems) {
    return Error(ErrorKind::invalid_config, settings::to_text(problems));
}

}  // namespace

Workbench::Workbench(WorkbenchOptions options, Log log)
    : options_(std::move(options)),
      log_(std::move(log)),
      work_(boost::asio::make_work_guard(context_)),
      thread_([this] { context_.run(); }) {}

Workbench::~Workbench() {
    if (reminders_)
        reminders_->stop();
    if (housekeeping_)
        housekeeping_->stop();
    if (figures_)
        figures_->stop();
    if (catalogue_search_)
        catalogue_search_->stop();
    if (copies_)
        copies_->stop();
    if (request_runner_)
        request_runner_->stop();
    if (dispatcher_)
        dispatcher_->stop();
    if (letters_)
        letters_->stop();
    if (host_)
        await(host_->stop());
    if (emissions_)
        emissions_->stop();
    // After the last disclosure.
    if (checkpoints_)
        checkpoints_->stop();
    if (database_)
        database_->stop();
    if (keys_)
        keys_->database().stop();
    work_.reset();
    thread_.join();
}

Result<std::unique_ptr<Workbench>> Workbench::open(WorkbenchOptions options, Log log) {
    auto loaded = settings::load_settings(options.config);
    if (!loaded)
        return invalid(loaded.problems);
    for (const auto& problem : loaded.problems)
        log(LogLevel::warning, "settings", settings::to_text(problem));
    if (options.port)
        settings::use_port(*loaded.value, *options.port);

    std::error_code failure;
    std::filesystem::create_directories(options.data, failure);
    std::filesystem::permissions(options.data, std::filesystem::perms::owner_all, failure);
    if (failure)
        return Error(ErrorKind::invalid_config,
                     fmt::format("the data folder {} cannot be used: {}; choose another with --data",
                                 options.data.string(), failure.message()));

    std::unique_ptr<Workbench> bench(new Workbench(std::move(options), std::move(log)));
    auto settings = std::make_shared<const settings::Settings>(std::move(*loaded.value));
    bench->settings_ = settings;
    if (auto opened = bench->open_storage(); !opened)
        return opened.error();

    auto& database = *bench->database_;
    const auto& cipher = *bench->cipher_;
    const auto node = make_node_name();
    bench->gate_ = std::make_unique<gate::Gate>(database, cipher, bench->clock_, gate::Policy::compile({}));
    bench->emissions_ = std::make_unique<gate::Emissions>(bench->context_.get_executor(), database, cipher,
                                                          *bench->gate_, node);
    bench->frames_ = std::make_unique<gate::Frames>(*bench->gate_, *bench->emissions_);
    bench->store_ = std::make_unique<host::SealedStore>(database, cipher, bench->clock_);
    auto network = host::EgressNetwork::open(settings->egress);
    if (!network)
        return network.error();
    bench->network_ = std::move(*network);
    bench->egress_ = std::make_unique<host::Egress>(
        *bench->network_, *bench->emissions_, [log = bench->log_](const host::EgressRecord& record) {
            log(LogLevel::info, record.instance,
                fmt::format("{} {} for {}: {} ({} ms, call {})", record.method, record.host,
                            key_of(record.purpose), record.outcome, record.duration.count(), record.call));
        });
    bench->host_ = std::make_unique<host::Host>(
        bench->context_.get_executor(),
        host::HostOptions{.plugin_folders = bench->options_.plugin_folders,
                          .lock_file = lock_path(bench->options_),
                          .check_manifest = check_manifest,
                          .limits = {},
                          .worker_program = bench->options_.worker_program},
        host::ServiceProviders{*bench->emissions_, *bench->store_, *bench->egress_, bench->log_});
    bench->gate_->connect(*bench->host_);
    bench->choices_ = std::make_unique<gate::Choices>(
        database, cipher, *bench->gate_, *bench->host_,
        gate::ChoiceDurations{settings->consent.duration_days, settings->consent.refusal_days});

    bench->catalogue_ =
        std::make_unique<platform::CatalogueHolder>(std::make_shared<const platform::Catalogue>());
    bench->catalogue_search_ = std::make_unique<platform::CatalogueSearch>(
        database, bench->clock_,
        [log = bench->log_](const std::string& line) { log(LogLevel::warning, "courses", line); });
    const auto& origin = settings->platform.origin;
    bench->accounts_ =
        std::make_unique<platform::Accounts>(database, cipher, *bench->gate_, *bench->choices_);
    bench->account_security_ = std::make_unique<platform::AccountSecurity>(database, cipher, *bench->gate_);
    bench->profile_ = std::make_unique<platform::Profile>(database, cipher);
    bench->learning_ =
        std::make_unique<platform::Learning>(database, cipher, *bench->gate_, *bench->catalogue_, origin);
    bench->notes_ = std::make_unique<platform::Notes>(database, cipher, bench->clock_, *bench->catalogue_);
    bench->study_times_ = std::make_unique<platform::StudyTimes>(database, bench->clock_, *bench->catalogue_);
    bench->technical_data_ = std::make_unique<platform::TechnicalData>(
        database, *bench->gate_,
        [bench = bench.get()] { return bench->settings()->technical_data.smallest_group; });
    bench->announcements_ =
        std::make_unique<platform::Announcements>(database, bench->clock_, *bench->catalogue_);
    bench->news_ = std::make_unique<platform::News>(database, cipher, *bench->gate_, *bench->choices_);
    bench->notifications_ = std::make_unique<platform::Notifications>(database, bench->clock_);
    bench->terms_ = std::make_unique<platform::Terms>(database, bench->clock_);
    bench->orders_ = std::make_unique<platform::Orders>(database, cipher, *bench->gate_, *bench->learning_,
                                                        *bench->catalogue_, origin);
    bench->cases_ = std::make_unique<platform::Cases>(database, cipher, *bench->gate_);
    bench->contracts_ = std::make_unique<platform::Contracts>(database, cipher, *bench->gate_,
                                                              *bench->orders_, *bench->cases_);
    bench->receipts_ = std::make_unique<platform::Receipts>(database);
    bench->consent_receipts_ = std::make_unique<platform::ConsentReceipts>(
        database, cipher,
        [bench = bench.get()] { return platform::make_receipt_issuer(*bench->settings()); });
    bench->policy_versions_ = std::make_unique<platform::PolicyVersions>(database, bench->clock_);
    bench->visitors_ =
        std::make_unique<platform::Visitors>(database, cipher, bench->clock_, *bench->policy_versions_);
    auto texts = web::Translations::load(bench->options_.share / "texts",
                                         settings->platform.address_form == settings::AddressForm::du
                                             ? web::AddressForm::du
                                             : web::AddressForm::sie);
    if (!texts)
        return texts.error();
    bench->texts_ = std::move(*texts);
    bench->letters_ = std::make_unique<platform::Letters>(
        database, cipher, *bench->gate_, *bench->policy_versions_, bench->texts_,
        [bench = bench.get()] { return letter_head(*bench->settings()); }, node,
        [log = bench->log_](const std::string& line) { log(LogLevel::warning, "mail", line); },
        letters_options(settings->egress));
    bench->copies_ = std::make_unique<platform::Copies>(
        bench->options_.data / "copies", database, cipher, bench->clock_, bench->texts_,
        [bench = bench.get()] { return platform::make_export_issuer(*bench->settings()); });
    bench->own_part_ = std::make_unique<platform::OwnPart>(
        database, cipher, *bench->gate_, *bench->choices_, settings->operator_info.legal_name,
        [bench = bench.get()] { return bench->settings()->retention; });
    bench->requests_ =
        std::make_unique<platform::Requests>(database, cipher, *bench->gate_, *bench->own_part_);
    bench->request_runner_ = std::make_unique<platform::RequestRunner>(
        database, cipher, *bench->gate_, *bench->choices_, *bench->own_part_, *bench->copies_, node,
        [log = bench->log_](const std::string& line) { log(LogLevel::warning, "requests", line); });
    bench->staff_ = std::make_unique<platform::Staff>(database, cipher, bench->clock_,
                                                      [&bench = *bench] { return bench.settings()->staff; });
    bench->access_reviews_ =
        std::make_unique<platform::AccessReviews>(database, cipher, bench->clock_, *bench->staff_,
                                                  [&bench = *bench] { return bench.settings()->staff; });
    bench->incidents_ = std::make_unique<platform::Incidents>(database, cipher, bench->clock_);
    bench->legal_demands_ =
        std::make_unique<platform::LegalDemands>(database, cipher, bench->clock_, *bench->staff_);
    bench->reminders_ = std::make_unique<platform::Reminders>(
        std::vector<platform::Reminders::Source>{
            [&staff = *bench->staff_] { return staff.list_reminders(); },
            [&reviews = *bench->access_reviews_] { return reviews.list_reminders(); },
            [&incidents = *bench->incidents_] { return incidents.list_reminders(); },
            [&demands = *bench->legal_demands_] { return demands.list_reminders(); }},
        bench->clock_,
        [log = bench->log_](const std::string& line) { log(LogLevel::warning, "staff", line); });
    bench->dispatcher_ = std::make_unique<dispatch::Dispatcher>(
        database, cipher, *bench->gate_, node,
        [log = bench->log_](const std::string& line) { log(LogLevel::info, "dispatch", line); });
    bench->checkpoints_ = std::make_unique<gate::CheckpointKeeper>(
        database, cipher, bench->clock_,
        [log = bench->log_](const std::string& line) { log(LogLevel::warning, "ledger", line); });
    bench->figures_ = std::make_unique<platform::Figures>(
        database, bench->clock_,
        [&bench = *bench] {
            const auto settings = bench.settings();
            return platform::FigureRules{settings->figures.smallest_group, settings->retention.figures_weeks};
        },
        [log = bench->log_](const std::string& line) { log(LogLevel::warning, "figures", line); });
    bench->housekeeping_ = std::make_unique<platform::Housekeeping>(
        database, cipher, bench->clock_,
        [bench = bench.get()] {
            const auto now = bench->settings();
            return platform::KeptFor{now->retention, now->backups.kept_days};
        },
        [log = bench->log_](const std::string& line) { log(LogLevel::info, "housekeeping", line); });

    if (auto applied = bench->apply(settings); !applied)
        return applied.error();
    return bench;
}

Status Workbench::open_storage() {
    const auto settings = settings_.load();
    auto keys = open_key_store(*settings, options_.data);
    if (!keys)
        return keys.error();
    keys_ = std::move(*keys);
    cipher_ = std::make_unique<storage::FieldCipher>(*keys_);

    const auto cores = std::max(1u, std::thread::hardware_concurrency());
    const auto sessions =
        settings->database.pool > 0 ? static_cast<unsigned>(settings->database.pool) : cores;
    auto database = storage::Database::open(database_url(settings->database, options_.data),
                                            {.sessions = sessions, .on_fatal = {}});
    if (!database)
        return database.error();
    database_ = std::move(*database);
    const auto migrated = storage::migrate(*database_, storage::data_migrations());
    if (!migrated)
        return migrated.error();
    for (const auto& migration : *migrated)
        log_(LogLevel::info, "storage", fmt::format("schema {:04} {}", migration.version, migration.name));

    const auto again = platform::reapply_tombstones(*database_, *cipher_, clock_, settings->retention);
    if (!again)
        return again.error();
    if (*again != platform::Reapplied())
        log_(
            LogLevel::warning, "storage",
            fmt::format("the database lacked what people had stopped, as a restored backup does; done again: "
                        "{} withdrawals, {} objections, {} restrictions, {} erasures, {} signals of Global "
                        "Privacy Control",
                        again->withdrawals, again->objections, again->restrictions, again->erasures,
                        again->privacy_controls));
    return {};
}

Status Workbench::apply(std::shared_ptr<const settings::Settings> settings) {
    settings::Problems problems;
    const auto manifests = load_manifests(options_.plugin_folders, problems);
    for (const auto& problem : problems)
        log_(LogLevel::warning, "plugins", settings::to_text(problem));
    auto configuration = configure(*settings, manifests);
    if (!configuration)
        return invalid(configuration.problems);
    for (const auto& problem : configuration.problems)
        log_(LogLevel::warning, "settings", settings::to_text(problem));

    using MakingTerms = platform::Terms::Making;
    if (auto applied = await(terms_->apply(settings->platform.policies,
                                           options_.makes_versions ? MakingTerms::yes : MakingTerms::no));
        !applied)
        return applied.error();
    const auto notice =
        notice_json(platform::make_processing_record(*settings, *configuration.value->policy));
    using Making = platform::PolicyVersions::Making;
    auto policy =
        await(policy_versions_->apply(notice, configuration.value->policy, settings->privacy.announce_days,
                                      options_.makes_versions ? Making::yes : Making::no));
    if (!policy)
        return policy.error();

    settings_ = settings;
    // The gate first: what is no longer granted stops before plugins change.
    gate_->replace_policy(std::move(*policy));
    host_->use_mail(settings->mail);
    await(host_->apply(std::move(configuration.value->plans)));
    reload_courses();
    return {};
}

Status Workbench::reload() {
    auto loaded = settings::load_settings(options_.config);
    if (!loaded)
        return invalid(loaded.problems);
    if (options_.port)
        settings::use_port(*loaded.value, *options_.port);
    return apply(std::make_shared<const settings::Settings>(std::move(*loaded.value)));
}

void Workbench::reload_courses() {
    auto folders = settings_.load()->platform.courses;
    if (std::filesystem::is_directory(imported_courses()))
        folders.push_back(imported_courses());
    platform::CourseOptions course_options;
    course_options.prepared_videos = videos();
    auto loaded = platform::load_catalogue(folders, course_options);
    for (const auto& problem : loaded.problems)
        log_(LogLevel::warning, "courses", problem.text());
    prepare_videos(*loaded.catalogue);
    if (const auto indexed = catalogue_search_->index(loaded.catalogue); !indexed)
        log_(LogLevel::warning, "courses",
             "the search does not find what is new, reload to try again: " + indexed.error().message);
    catalogue_->replace(std::move(loaded.catalogue));
}

// Once for each file; a rendition is found again by the file's hash.
void Workbench::prepare_videos(const platform::Catalogue& catalogue) {
    for (const auto& course : catalogue.courses())
        for (const auto* lesson : course.lessons())
            for (const auto* slot : lesson->videos()) {
                const auto* hosted = std::get_if<platform::SelfHostedVideo>(&slot->ref);
                if (!hosted || platform::find_video_asset(videos(), hosted->content_hash))
                    continue;
                log_(LogLevel::info, "courses",
                     fmt::format("preparing {} for streaming", hosted->file.string()));
                const auto prepared = platform::prepare_video(hosted->file, videos(), {});
                if (!prepared)
                    log_(LogLevel::warning, "courses", prepared.error().message);
            }
}

}  // namespace calyptenora::cli
