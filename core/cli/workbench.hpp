#pragma once

#include "dispatch/dispatcher.hpp"
#include "gate/checkpoint_keeper.hpp"
#include "gate/choices.hpp"
#include "gate/emission.hpp"
#include "gate/frames.hpp"
#include "gate/gate.hpp"
#include "host/egress.hpp"
#include "host/egress_connection.hpp"
#include "host/host.hpp"
#include "host/sealed_store.hpp"
#include "platform/account_security.hpp"
#include "platform/accounts.hpp"
#include "platform/announcements.hpp"
#include "platform/cases.hpp"
#include "platform/catalogue_search.hpp"
#include "platform/consent_receipts.hpp"
#include "platform/contracts.hpp"
#include "platform/courses/catalogue.hpp"
#include "platform/figures.hpp"
#include "platform/housekeeping.hpp"
#include "platform/learning.hpp"
#include "platform/letters/letters.hpp"
#include "platform/news.hpp"
#include "platform/notes.hpp"
#include "platform/notifications.hpp"
#include "platform/orders.hpp"
#include "platform/policy_versions.hpp"
#include "platform/profile.hpp"
#include "platform/receipts.hpp"
#include "platform/rights/copies.hpp"
#include "platform/rights/own_part.hpp"
#include "platform/rights/request_runner.hpp"
#include "platform/rights/requests.hpp"
#include "platform/staff/access_reviews.hpp"
#include "platform/staff/incidents.hpp"
#include "platform/staff/legal_demands.hpp"
#include "platform/staff/reminders.hpp"
#include "platform/staff/staff.hpp"
#include "platform/study_times.hpp"
#include "platform/technical_data.hpp"
#include "platform/terms.hpp"
#include "platform/visitors.hpp"
#include "settings/settings.hpp"
#include "storage/clock.hpp"
#include "storage/database.hpp"
#include "storage/field_cipher.hpp"
#include "storage/key_store.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

/// The whole platform but its HTTP server, put together in order: what `serve` stands on, and what a command
/// uses that must do the same work without a server.
namespace calyptenora::cli {

struct WorkbenchOptions {
    std::filesystem::path config = "config/calyptenora.yaml";
    std::filesystem::path data = "data";
    std::vector<std::filesystem::path> plugin_folders;
    std::filesystem::path worker_program;
    std::filesystem::path share;        ///< Templates and texts.
    std::optional<std::uint16_t> port;  ///< Instead of the one in the file.
    bool first_account = false;         ///< For `serve`: while nobody has an account, open the operator's.
    /// For `serve`: what the privacy notice and the terms of use say from now on becomes a version of them.
    bool makes_versions = false;
    bool development = false;  ///< For `serve`: with the pages for those who develop the platform.
};

class Workbench {
  public:
    using Log = std::function<void(LogLevel level, const std::string& part, const std::string& line)>;

    /// Reads the settings, opens the databases (migrating them), verifies and starts the plugins, loads the
    /// courses. An error says everything that must be mended; problems of single plugins and courses go to
    /// the log.
    static Result<std::unique_ptr<Workbench>> open(WorkbenchOptions options, Log log);
    ~Workbench();

    /// Where coroutines that are not a request's run; one thread of this object serves it.
    boost::asio::io_context& context() { return context_; }

    /// Runs a coroutine to its end. Not from a thread of the context.
    template <class T>
    T await(boost::asio::awaitable<T> work) {
        return boost::asio::co_spawn(context_, std::move(work), boost::asio::use_future).get();
    }

    /// Reads the settings file again. If it is valid, policy, plugins and courses are as it says when this
    /// returns; if not, nothing has changed, and the error says why. Changes of addresses and databases need
    /// a restart.
    Status reload();
    /// Reads the courses again; what is wrong with single courses goes to the log.
    void reload_courses();

    std::shared_ptr<const settings::Settings> settings() const { return settings_.load(); }
    const WorkbenchOptions& options() const { return options_; }
    const Log& log() const { return log_; }
    storage::Database& database() { return *database_; }
    const storage::FieldCipher& cipher() const { return *cipher_; }
    gate::Gate& gate() { return *gate_; }
    gate::Choices& choices() { return *choices_; }
    gate::Frames& frames() { return *frames_; }
    host::Host& host() { return *host_; }
    dispatch::Dispatcher& dispatcher() { return *dispatcher_; }
    gate::CheckpointKeeper& checkpoints() { return *checkpoints_; }
    platform::Housekeeping& housekeeping() { return *housekeeping_; }
    platform::Figures& figures() { return *figures_; }
    platform::Accounts& accounts() { return *accounts_; }
    platform::AccountSecurity& account_security() { return *account_security_; }
    platform::Profile& profile() { return *profile_; }
    platform::Learning& learning() { return *learning_; }
    platform::Orders& orders() { return *orders_; }
    platform::Cases& cases() { return *cases_; }
    platform::Contracts& contracts() { return *contracts_; }
    platform::Receipts& receipts() { return *receipts_; }
    platform::ConsentReceipts& consent_receipts() { return *consent_receipts_; }
    platform::PolicyVersions& policy_versions() { return *policy_versions_; }
    platform::Visitors& visitors() { return *visitors_; }
    platform::Letters& letters() { return *letters_; }
    platform::Copies& copies() { return *copies_; }
    platform::Requests& requests() { return *requests_; }
    platform::RequestRunner& request_runner() { return *request_runner_; }
    platform::Staff& staff() { return *staff_; }
    platform::AccessReviews& access_reviews() { return *access_reviews_; }
    platform::Incidents& incidents() { return *incidents_; }
    platform::LegalDemands& legal_demands() { return *legal_demands_; }
    platform::Reminders& reminders() { return *reminders_; }
    platform::Notes& notes() { return *notes_; }
    platform::StudyTimes& study_times() { return *study_times_; }
    platform::TechnicalData& technical_data() { return *technical_data_; }
    platform::Announcements& announcements() { return *announcements_; }
    platform::News& news() { return *news_; }
    platform::Notifications& notifications() { return *notifications_; }
    platform::Terms& terms() { return *terms_; }
    const platform::CatalogueHolder& catalogue() const { return *catalogue_; }
    platform::CatalogueSearch& catalogue_search() { return *catalogue_search_; }

    std::filesystem::path videos() const { return options_.data / "videos"; }
    std::filesystem::path imported_courses() const { return options_.data / "courses"; }

  private:
    Workbench(WorkbenchOptions options, Log log);
    Status open_storage();
    Status apply(std::shared_ptr<const settings::Settings> settings);
    void prepare_videos(const platform::Catalogue& catalogue);

    WorkbenchOptions options_;
    Log log_;
    storage::SystemClock clock_;
    boost::asio::io_context context_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    std::thread thread_;

    std::atomic<std::shared_ptr<const settings::Settings>> settings_;
    std::unique_ptr<storage::KeyStore> keys_;
    std::unique_ptr<storage::FieldCipher> cipher_;
    std::unique_ptr<storage::Database> database_;
    std::unique_ptr<gate::Gate> gate_;
    std::unique_ptr<gate::Emissions> emissions_;
    std::unique_ptr<gate::Frames> frames_;
    std::unique_ptr<host::SealedStore> store_;
    std::unique_ptr<host::EgressNetwork> network_;
    std::unique_ptr<host::Egress> egress_;
    std::unique_ptr<host::Host> host_;
    std::unique_ptr<gate::Choices> choices_;
    std::unique_ptr<platform::CatalogueHolder> catalogue_;
    std::unique_ptr<platform::CatalogueSearch> catalogue_search_;
    std::unique_ptr<platform::Accounts> accounts_;
    std::unique_ptr<platform::AccountSecurity> account_security_;
    std::unique_ptr<platform::Profile> profile_;
    std::unique_ptr<platform::Learning> learning_;
    std::unique_ptr<platform::Notes> notes_;
    std::unique_ptr<platform::StudyTimes> study_times_;
    std::unique_ptr<platform::TechnicalData> technical_data_;
    std::unique_ptr<platform::Announcements> announcements_;
    std::unique_ptr<platform::News> news_;
    std::unique_ptr<platform::Notifications> notifications_;
    std::unique_ptr<platform::Terms> terms_;
    std::unique_ptr<platform::Orders> orders_;
    std::unique_ptr<platform::Cases> cases_;
    std::unique_ptr<platform::Contracts> contracts_;
    std::unique_ptr<platform::Receipts> receipts_;
    std::unique_ptr<platform::ConsentReceipts> consent_receipts_;
    std::unique_ptr<platform::PolicyVersions> policy_versions_;
    std::unique_ptr<platform::Visitors> visitors_;
    web::Translations texts_;
    std::unique_ptr<platform::Letters> letters_;
    std::unique_ptr<platform::Copies> copies_;
    std::unique_ptr<platform::OwnPart> own_part_;
    std::unique_ptr<platform::Requests> requests_;
    std::unique_ptr<platform::RequestRunner> request_runner_;
    std::unique_ptr<platform::Staff> staff_;
    std::unique_ptr<platform::AccessReviews> access_reviews_;
    std::unique_ptr<platform::Incidents> incidents_;
    std::unique_ptr<platform::LegalDemands> legal_demands_;
    std::unique_ptr<platform::Reminders> reminders_;
    std::unique_ptr<dispatch::Dispatcher> dispatcher_;
    std::unique_ptr<gate::CheckpointKeeper> checkpoints_;
    std::unique_ptr<platform::Housekeeping> housekeeping_;
    std::unique_ptr<platform::Figures> figures_;
};

}  // namespace calyptenora::cli
