// Does what it should: answers an event with what the store and the clock say. Loaded beside each bad plugin.
#include <calyptenora/sdk.hpp>

namespace {

using namespace calyptenora;

class Good final : public AnalyticsPlugin {
  public:
    struct Settings {};
    Good(Host host, const Settings&) : host_(host) {}

    task<Result<analytics::DeliverReply>> deliver(std::vector<Request<analytics::Deliver>> events) override {
        analytics::DeliverReply reply;
        for (const auto& event : events) {
            const auto before = co_await host_.store_get(event.id);
            if (!before)
                co_return before.error();
            if (before->value) {
                reply.deliveries.push_back({event.id, analytics::DeliveryOutcome::duplicate, std::nullopt});
                continue;
            }
            const auto now = co_await host_.clock();
            if (!now)
                co_return now.error();
            const auto kept = co_await host_.store_put(event.id, std::to_string(now->unix_micros));
            if (!kept)
                co_return kept.error();
            reply.deliveries.push_back({event.id, analytics::DeliveryOutcome::accepted, std::nullopt});
        }
        co_return reply;
    }

  private:
    Host host_;
};
BOOST_DESCRIBE_STRUCT(Good::Settings, (), ())

}  // namespace

CALYPTENORA_PLUGIN(Good)
