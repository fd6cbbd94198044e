// A plugin that uses every part of the SDK's runtime; driven by runtime_test.cpp through the C interface.
#include <calyptenora/sdk.hpp>

#include <stdexcept>

namespace {

using namespace calyptenora;

class Sample : public AnalyticsPlugin {
  public:
    struct Settings {
        std::string endpoint;
    };

    Sample(Host host, const Settings& settings) : host_(host), endpoint_(settings.endpoint) {
        if (endpoint_ == "throw")
            throw std::runtime_error("no endpoint like that");
    }

    task<Result<analytics::DeliverReply>> deliver(std::vector<Request<analytics::Deliver>> events) override {
        analytics::DeliverReply reply;
        for (const auto& event : events) {
            if (event.name == "throw")
                throw std::runtime_error("deliver threw");
            auto sent = co_await post(event);
            if (!sent)
                co_return sent.error();
            reply.deliveries.push_back({event.id, *sent, std::nullopt});
        }
        co_return reply;
    }

  private:
    task<Result<analytics::DeliveryOutcome>> post(const Request<analytics::Deliver>& event) {
        const auto response = co_await host_.http(
            {.method = "POST", .url = endpoint_, .body = {event.learner.value_or("nobody")}});
        if (!response)
            co_return response.error();
        co_return response->status == 200 ? analytics::DeliveryOutcome::accepted
                                          : analytics::DeliveryOutcome::retry;
    }

    Host host_;
    std::string endpoint_;
};
BOOST_DESCRIBE_STRUCT(Sample::Settings, (), (endpoint))

}  // namespace

CALYPTENORA_PLUGIN(Sample)
