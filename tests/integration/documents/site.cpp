#include "integration/documents/site.hpp"

#include "cli/privacy_documents.hpp"
#include "cli/processing_documents.hpp"
#include "gate/explanation.hpp"
#include "http/pages/error_page.hpp"
#include "storage/stores/learners.hpp"
#include "storage/stores/sessions.hpp"

#include <calyptenora/families/analytics.hpp>
#include <calyptenora/families/support.hpp>
#include <calyptenora/families/video.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace calyptenora::documents::test {
namespace {

const std::filesystem::path share = CALYPTENORA_BINARY_DIR "/share";
constexpr std::string_view origin = "http://localhost:8080";

[[noreturn]] void refuse(const settings::Problems& problems) {
    throw std::runtime_error(to_text(problems));
}

analytics::LearningEvent<gate::Guarded> full_event() {
    const analytics::Progress progress{analytics::Verb::completed, "c", "C", "l", "L", "de", 1};
    analytics::LearningEvent<gate::Guarded> event;
    event.id = storage::EventId::make().text();
    event.platform = origin;
    event.name = "Mia Muster";
    event.email = "mia@lms.example";
    event.language = "de";
    event.education = "Abitur";
    event.enrolment = progress;
    event.progress = progress;
    event.grade = analytics::Score{80, true};
    event.media = analytics::MediaUse{"c", "l", "v", 10, 20, 1};
    event.page = "/courses/c";
    event.ip_address = "203.0.113.77";
    event.user_agent = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0";
    return event;
}

support::CaseRecord<gate::Guarded> full_case() {
    support::CaseRecord<gate::Guarded> record;
    record.case_ref = "C-1";
    record.message_id = "M-1";
    record.locale = "de";
    record.name = "Mia Muster";
    record.email = "mia@lms.example";
    record.course = "reise";
    record.subject = "Frage";
    record.message = "Wie geht das?";
    return record;
}

}  // namespace

boost::asio::awaitable<Result<std::string>> RecordingPlugins::call(gate::PluginCall call) {
    calls.push_back(call);
    if (call.operation == video::Play::name) {
        const auto known = std::ranges::find(videos, call.scope.instance.text(), &FramedVideo::instance);
        co_return to_json(video::PlayReply(video::Iframe{known->origin + "/embed/1", {}, {}, ""}));
    }
    if (call.operation != analytics::Deliver::name)
        co_return R"({"external_ref":"T-1"})";
    analytics::DeliverReply reply;
    const auto events = boost::json::parse(call.document);
    for (const auto& event : events.as_array())
        reply.deliveries.push_back(
            {std::string(event.at("id").as_string()), analytics::DeliveryOutcome::accepted, std::nullopt});
    co_return to_json(reply);
}

template <class T>
T Site::run(boost::asio::awaitable<T> work) {
    std::optional<T> result;
    std::exception_ptr failure;
    boost::asio::co_spawn(
        context_, [&]() -> boost::asio::awaitable<void> { result.emplace(co_await std::move(work)); },
        [&](const std::exception_ptr& error) { failure = error; });
    context_.restart();
    context_.run();
    if (failure)
        std::rethrow_exception(failure);
    return std::move(*result);
}

Site::Site(storage::Database& database, storage::KeyStore& keys, const storage::FieldCipher& cipher,
           storage::ManualClock& clock)
    : database_(database),
      keys_(keys),
      cipher_(cipher),
      clock_(clock),
      gate_(database, cipher, clock, gate::Policy::compile({})),
      emissions_(context_.get_executor(), database, cipher, gate_, "node"),
      frames_(gate_, emissions_),
      choices_(database, cipher, gate_, plugins_, {}),
      catalogue_(std::make_shared<const platform::Catalogue>()),
      catalogue_search_(database, clock, [](const std::string&) {}),
      study_times_(database, clock, catalogue_),
      technical_data_(database, gate_, [] { return 10; }),
      notes_(database, cipher, clock, catalogue_),
      news_(database, cipher, gate_, choices_),
      notifications_(database, clock),
      terms_(database, clock),
      accounts_(database, cipher, gate_, choices_),
      account_security_(database, cipher, gate_),
      profile_(database, cipher),
      learning_(database, cipher, gate_, catalogue_, std::string(origin)),
      orders_(database, cipher, gate_, learning_, catalogue_, std::string(origin)),
      cases_(database, cipher, gate_),
      contracts_(database, cipher, gate_, orders_, cases_),
      receipts_(database),
      staff_(database, cipher, clock, [this] { return settings_->staff; }),
      access_reviews_(database, cipher, clock, staff_, [this] { return settings_->staff; }),
      figures_(
          database, clock, [] { return platform::FigureRules(); }, [](const std::string&) {}),
      legal_demands_(database, cipher, clock, staff_),
      own_part_(database, cipher, gate_, choices_, "Operator"),
      requests_(database, cipher, gate_, own_part_),
      consent_receipts_(database, cipher, [this] { return platform::make_receipt_issuer(*settings_); }),
      policy_versions_(database, clock),
      visitors_(database, cipher, clock, policy_versions_),
      texts_(web::Translations::load(share / "texts", web::AddressForm::du).value()),
      copies_(folder_.path() / "copies", database, cipher, clock, texts_,
              [this] { return platform::make_export_issuer(*settings_); }),
      assets_(http::Assets::load_assets(share / "assets").value()),
      attempts_({.tokens_per_second = 1, .burst = 10}) {
    gate_.connect(plugins_);
}

Site::~Site() = default;

const web::Translations& Site::texts() const {
    return services_->renderer.translations();
}

void Site::open(const Configuration& configuration) {
    auto settings = settings::parse_settings(configuration.settings, "test.yaml");
    if (!settings)
        refuse(settings.problems);
    settings_ = std::make_shared<const settings::Settings>(std::move(*settings.value));
    std::vector<settings::Manifest> manifests;
    for (const auto& text : configuration.manifests) {
        auto manifest = settings::parse_manifest(text, "plugin.yaml");
        if (!manifest)
            refuse(manifest.problems);
        manifests.push_back(std::move(*manifest.value));
    }
    std::vector<settings::InstanceConfiguration> configurations;
    std::vector<const settings::Manifest*> found;
    const auto enabled = settings_->enabled_instances();
    for (const auto* instance : enabled) {
        const auto manifest = std::ranges::find_if(
            manifests, [&](const auto& it) { return it.id.plugin_name() == instance->id.plugin_name(); });
        auto checked = settings::check_instance(*settings_, *instance, *manifest);
        if (!checked)
            refuse(checked.problems);
        found.push_back(&*manifest);
        configurations.push_back(std::move(*checked.value));
    }
    std::vector<gate::PolicySource> sources;
    for (std::size_t i = 0; i < enabled.size(); ++i)
        sources.push_back({*enabled[i], *found[i], configurations[i]});
    policy_ = gate::Policy::compile(sources);
    gate_.replace_policy(policy_);
    const auto notice = cli::notice_json(platform::make_processing_record(*settings_, *policy_));
    (void)run(
        policy_versions_.apply(notice, policy_, std::chrono::days(0), platform::PolicyVersions::Making::yes))
        .value();

    plugins_.videos = configuration.videos;
    language_ = configuration.language;
    privacy_control_ = configuration.privacy_control;
    const auto form = settings_->platform.address_form == settings::AddressForm::du ? web::AddressForm::du
                                                                                    : web::AddressForm::sie;
    auto& renderer = renderers_[static_cast<std::size_t>(form)];
    if (!renderer)
        renderer =
            web::Renderer::load({share / "templates", share / "texts", form, {{"assets", assets_.urls()}}})
                .value();
    router_.reset();
    services_.emplace(http::Services{.settings = [this] { return settings_; },
                                     .renderer = *renderer,
                                     .assets = assets_,
                                     .gate = gate_,
                                     .choices = choices_,
                                     .frames = frames_,
                                     .visitors = visitors_,
                                     .accounts = accounts_,
                                     .account_security = account_security_,
                                     .profile = profile_,
                                     .learning = learning_,
                                     .orders = orders_,
                                     .cases = cases_,
                                     .contracts = contracts_,
                                     .receipts = receipts_,
                                     .consent_receipts = consent_receipts_,
                                     .policy_versions = policy_versions_,
                                     .requests = requests_,
                                     .copies = copies_,
                                     .staff = staff_,
                                     .access_reviews = access_reviews_,
                                     .figures = figures_,
                                     .legal_demands = legal_demands_,
                                     .study_times = study_times_,
                                     .technical_data = technical_data_,
                                     .notes = notes_,
                                     .news = news_,
                                     .notifications = notifications_,
                                     .terms = terms_,
                                     .catalogue = catalogue_,
                                     .catalogue_search = catalogue_search_,
                                     .course_cards = course_cards_.emplace(*renderer),
                                     .attempts_per_address = attempts_,
                                     .attempts_per_client = attempts_,
                                     .reports_per_subject = attempts_,
                                     .videos = {},
                                     .started_at = clock_.now(),
                                     .csrf_key = std::string(32, 'k')});
    http::add_all_pages(router_.emplace(), *services_);
    add_course(configuration);
    add_learner(configuration);
    choose(configuration);
}

/// One lesson with a video of each plugin that frames some.
void Site::add_course(const Configuration& configuration) {
    platform::Lesson film;
    film.slug = "los";
    film.title = "Los";
    for (const auto& video : configuration.videos) {
        platform::VideoSlot slot;
        slot.id = fmt::format("v{}", film.body.size());
        slot.ref = platform::EmbeddedVideo{"player", "1"};
        slot.provider = video.instance;
        slot.title = "Film";
        film.body.emplace_back(std::move(slot));
    }
    platform::Course course;
    course.slug = "reise";
    course.title = "Reise";
    course.language = "de";
    course.authors = {"Ada"};
    course.licence = "CC BY 4.0";
    course.modules.push_back({"anfang", "Anfang", {std::move(film)}});
    catalogue_.replace(
        std::make_shared<const platform::Catalogue>(std::vector<platform::Course>{std::move(course)}));
}

void Site::add_learner(const Configuration& configuration) {
    const auto id = storage::LearnerId::make();
    learner_ = id;
    token_ = storage::sessions::make_token();
    keys_.create(id).value();
    const auto now = clock_.now();
    const auto added = database_.transaction_blocking([&](storage::Transaction& tx) -> Status {
        std::optional<std::string> guardian;
        if (configuration.is_minor)
            guardian = "2999-12";
        const auto inserted =
            storage::learners::insert(tx, cipher_,
                                      {.id = id,
                                       .created_at = now,
                                       .language = language_,
                                       .email_confirmed_at = {},
                                       .guardian_needed_until = guardian,
                                       .auth_instance = "auth/password"},
                                      {"Mia Muster", fmt::format("mia{}@lms.example", ++learners_)});
        if (!inserted)
            return inserted;
        storage::sessions::insert(tx, token_,
                                  {.id = storage::SessionId::make(),
                                   .subject = id,
                                   .privilege = storage::Privilege::signed_in,
                                   .created_at = now,
                                   .last_seen_at = now,
                                   .idle_expires_at = now + std::chrono::hours(24),
                                   .absolute_expires_at = now + std::chrono::hours(24),
                                   .authenticated_at = now,
                                   .user_agent = "Firefox 130"});
        return {};
    });
    added.value();
}

void Site::choose(const Configuration& configuration) {
    std::size_t next = 0;
    const auto record = [&](const gate::PolicyFlow& row, bool allowed) {
        clock_.advance(std::chrono::seconds(1));
        run(choices_.record(*learner_, {{row.instance, row.flow.purpose, allowed}},
                            {.language = language_,
                             .action = "privacy_page",
                             .shown_text = "Darf …?",
                             .notice_version = policy_->hash().substr(0, 12)}))
            .value();
    };
    std::vector<const gate::PolicyFlow*> again;
    for (const auto& instance : policy_->instances())
        for (const auto& row : instance.flows) {
            if (!gate::asks(row))
                continue;
            const auto answer = configuration.answers[next++ % configuration.answers.size()];
            if (answer == Answer::allow || answer == Answer::withdraw || answer == Answer::allow_again)
                record(row, true);
            if (answer == Answer::refuse || answer == Answer::withdraw)
                record(row, false);
            if (answer == Answer::allow_again)
                again.push_back(&row);
        }
    if (!configuration.is_restricted)
        return;
    clock_.advance(std::chrono::seconds(1));
    database_
        .transaction_blocking([&](storage::Transaction& tx) -> Status {
            storage::learners::restrict(tx, *learner_, clock_.now());
            return {};
        })
        .value();
    for (const auto* row : again)
        record(*row, true);
}

Reply Site::get(const std::string& path) {
    http::Request request;
    request.target = http::parse_target(path).value();
    request.headers.set("Accept-Language", language_);
    if (privacy_control_)
        request.headers.set("Sec-GPC", "1");
    if (!token_.empty())
        request.cookies.add("__Host-session", token_);
    request.host = "localhost:8080";
    request.peer = boost::asio::ip::make_address("127.0.0.1");
    const auto match = router_->match(http::Method::GET, request.path());
    const auto& found = std::get<http::Router::Found>(match);
    auto response = run(found.route->handler(request, found.params));
    Reply answer{
        .status = response.status, .body = std::get<std::string>(response.body), .policy = {}, .cookies = {}};
    http::add_security_headers(response.headers, response.policy, http::Scheme::http, std::nullopt);
    answer.policy = response.headers.find("Content-Security-Policy").value();
    for (const auto& cookie : response.cookies)
        answer.cookies.push_back(http::format_set_cookie(cookie));
    for (auto& emission : response.emissions)
        run([&]() -> boost::asio::awaitable<bool> {
            co_await emission->settle("page sent");
            co_return true;
        }());
    return answer;
}

std::string Site::document(const std::string& name, const std::string& form) {
    return cli::make_document(*settings_, *policy_, share, {name, form, language_}).value();
}

boost::json::object Site::explain(const gate::PolicyFlow& flow) {
    gate::CallOptions options;
    options.privacy_control = privacy_control_;
    options.device = flow.flow.device_access.has_value();
    const auto explanation =
        run(gate_.explain(flow.instance, flow.flow.purpose, *learner_, flow.flow.declared, options));
    return boost::json::parse(gate::to_json_text(explanation.value())).as_object();
}

std::optional<std::string> Site::tell(const gate::PolicyFlow& flow) {
    plugins_.calls.clear();
    gate::CallOptions options;
    options.privacy_control = privacy_control_;
    if (flow.instance.family() == Family::analytics) {
        const auto document =
            database_
                .run_blocking([&](storage::Transaction& tx) -> Result<std::optional<std::string>> {
                    return gate_.write_queued<analytics::Deliver>(tx, flow.instance, flow.flow.purpose,
                                                                  *learner_, full_event());
                })
                .value();
        if (document)
            (void)run(gate_.send_queued<analytics::Deliver>(flow.instance, flow.flow.purpose,
                                                            {{*learner_, *document, std::nullopt}}, options));
    } else {
        (void)run(
            gate_.call<support::Open>(flow.instance, flow.flow.purpose, *learner_, full_case(), options));
    }
    if (plugins_.calls.empty())
        return std::nullopt;
    return plugins_.calls.front().document;
}

}  // namespace calyptenora::documents::test
