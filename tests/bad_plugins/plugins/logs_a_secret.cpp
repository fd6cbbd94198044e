// Writes its key into the log, and into the text of an error.
#include <calyptenora/sdk.hpp>

namespace {

using namespace calyptenora;

class LogsASecret final : public AnalyticsPlugin {
  public:
    struct Settings {
        std::string key;
    };
    LogsASecret(Host host, const Settings& settings) : host_(host), key_(settings.key) {}

    task<Result<analytics::DeliverReply>> deliver(std::vector<Request<analytics::Deliver>> events) override {
#ifdef DEFECT
        const std::string detail = key_;
#else
        const std::string detail = "(none of your business)";
#endif
        host_.log(LogLevel::info, "signing in with " + detail + " for anna@learner.example");
        if (!events.empty())
            co_return Error(ErrorKind::denied, "the server did not take " + detail);
        co_return analytics::DeliverReply{};
    }

  private:
    Host host_;
    std::string key_;
};
BOOST_DESCRIBE_STRUCT(LogsASecret::Settings, (), (key))

}  // namespace

CALYPTENORA_PLUGIN(LogsASecret)
