// Answers at once, with as many bytes as it was given.
#include <calyptenora/sdk.hpp>

namespace {

using namespace calyptenora;

class Echo final : public AnalyticsPlugin {
  public:
    struct Settings {};
    Echo(Host, const Settings&) {}

    task<Result<analytics::DeliverReply>> deliver(std::vector<Request<analytics::Deliver>> events) override {
        analytics::DeliverReply reply;
        for (const auto& event : events)
            reply.deliveries.push_back({event.id, analytics::DeliveryOutcome::accepted, std::nullopt});
        co_return reply;
    }
};
BOOST_DESCRIBE_STRUCT(Echo::Settings, (), ())

}  // namespace

CALYPTENORA_PLUGIN(Echo)
