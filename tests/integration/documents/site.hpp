#pragma once

#include "gate/choices.hpp"
#include "gate/emission.hpp"
#include "gate/frames.hpp"
#include "http/pages/services.hpp"
#include "http/router.hpp"
#include "http/security_headers.hpp"
#include "integration/documents/configuration.hpp"
#include "platform/export/issuer.hpp"
#include "platform/rights/own_part.hpp"
#include "storage/key_store.hpp"
#include "support/databases.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// The platform's pages, gate and documents over one database, without sockets, workers and files of plugins:
/// fast enough for a thousand configurations one after the other.
namespace calyptenora::documents::test {

/// Stands where the host stands, and keeps the bytes that plugins are handed.
class RecordingPlugins final : public gate::PluginPort {
  public:
    boost::asio::awaitable<Result<std::string>> call(gate::PluginCall call) override;
    boost::asio::awaitable<void> cancel(const storage::SubjectId&, const settings::InstanceId&,
                                        Purpose) override {
        ++cancelled_;
        co_return;
    }
    std::uint64_t cancellations() const override { return cancelled_; }

    std::vector<gate::PluginCall> calls;
    std::vector<FramedVideo> videos;  ///< Whose players are where.

  private:
    std::uint64_t cancelled_ = 0;
};

struct Reply {
    int status = 0;
    std::string body;
    std::string policy;  ///< The header Content-Security-Policy.
    std::vector<std::string> cookies;
};

class Site {
  public:
    Site(storage::Database& database, storage::KeyStore& keys, const storage::FieldCipher& cipher,
         storage::ManualClock& clock);
    ~Site();

    /// From now on with these settings and plugins, and a learner of their own who has made their choices.
    /// Throws std::runtime_error for a configuration that the program would refuse.
    void open(const Configuration& configuration);

    const settings::Settings& settings() const { return *settings_; }
    const gate::Policy& policy() const { return *policy_; }
    const web::Translations& texts() const;

    Reply get(const std::string& path);
    /// From now on a stranger asks, on a first visit.
    void forget_learner() { token_.clear(); }
    /// A document of `calyptenora privacy`.
    std::string document(const std::string& name, const std::string& form);
    /// What `calyptenora gate explain --json` says of the learner and this flow.
    boost::json::object explain(const gate::PolicyFlow& flow);
    /// What the plugin was handed when the platform tried to tell it something full; nothing if it was not
    /// called.
    std::optional<std::string> tell(const gate::PolicyFlow& flow);

    static constexpr std::string_view lesson = "/courses/reise/lessons/los";

  private:
    template <class T>
    T run(boost::asio::awaitable<T> work);
    void add_learner(const Configuration& configuration);
    void choose(const Configuration& configuration);
    void add_course(const Configuration& configuration);

    storage::Database& database_;
    storage::KeyStore& keys_;
    const storage::FieldCipher& cipher_;
    storage::ManualClock& clock_;
    boost::asio::io_context context_;
    RecordingPlugins plugins_;
    gate::Gate gate_;
    gate::Emissions emissions_;
    gate::Frames frames_;
    gate::Choices choices_;
    platform::CatalogueHolder catalogue_;
    platform::CatalogueSearch catalogue_search_;
    platform::StudyTimes study_times_;
    platform::TechnicalData technical_data_;
    platform::Notes notes_;
    platform::News news_;
    platform::Notifications notifications_;
    platform::Terms terms_;
    platform::Accounts accounts_;
    platform::AccountSecurity account_security_;
    platform::Profile profile_;
    platform::Learning learning_;
    platform::Orders orders_;
    platform::Cases cases_;
    platform::Contracts contracts_;
    platform::Receipts receipts_;
    platform::Staff staff_;
    platform::AccessReviews access_reviews_;
    platform::Figures figures_;
    platform::LegalDemands legal_demands_;
    platform::OwnPart own_part_;
    platform::Requests requests_;
    calyptenora::test::TemporaryFolder folder_;
    platform::ConsentReceipts consent_receipts_;
    platform::PolicyVersions policy_versions_;
    platform::Visitors visitors_;
    web::Translations texts_;
    platform::Copies copies_;
    http::Assets assets_;
    std::array<std::optional<web::Renderer>, 2> renderers_;  ///< By address form.
    http::RateLimiter attempts_;
    std::optional<http::CourseCards> course_cards_;
    std::optional<http::Services> services_;
    std::optional<http::Router> router_;

    std::shared_ptr<const settings::Settings> settings_;
    std::shared_ptr<const gate::Policy> policy_;
    std::string language_;
    bool privacy_control_ = false;
    std::optional<storage::LearnerId> learner_;
    std::string token_;
    int learners_ = 0;
};

}  // namespace calyptenora::documents::test
