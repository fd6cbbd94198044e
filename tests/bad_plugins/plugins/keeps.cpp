// Keeps the ids of all events that it was ever given, and tells them to whoever asks; for tests of how long
// and how far a plugin can remember. An event of platform "slow" waits for an answer from outside.
#include <calyptenora/sdk.hpp>

namespace {

using namespace calyptenora;

class Keeps final : public AnalyticsPlugin {
  public:
    struct Settings {};
    Keeps(Host host, const Settings&) : host_(host) {}

    task<Result<analytics::DeliverReply>> deliver(std::vector<Request<analytics::Deliver>> events) override {
        analytics::DeliverReply reply;
        for (const auto& event : events) {
            kept_ += event.id + ";";
            if (event.platform == "slow") {
                const HttpRequest request{.method = "POST",
                                          .url = "https://slow.example/",
                                          .headers = {},
                                          .body = {},
                                          .records = {}};
                const auto response = co_await host_.http(request);
                if (!response)
                    co_return response.error();
            }
            reply.deliveries.push_back({event.id, analytics::DeliveryOutcome::accepted, std::nullopt});
        }
        co_return reply;
    }
    task<Result<SubjectOutcome>> retract(Request<analytics::Retract>) override {
        co_return Error(ErrorKind::conflict, "keeps " + kept_);
    }

  private:
    Host host_;
    std::string kept_;
};
BOOST_DESCRIBE_STRUCT(Keeps::Settings, (), ())

}  // namespace

CALYPTENORA_PLUGIN(Keeps)
