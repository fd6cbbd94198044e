// Asks the URL of its settings and reports what came of it. The defect is in its manifest or at its server.
#include <calyptenora/sdk.hpp>

namespace {

using namespace calyptenora;

class AsksAHost final : public AnalyticsPlugin {
  public:
    struct Settings {
        std::string url;
    };
    AsksAHost(Host host, const Settings& settings) : host_(host), url_(settings.url) {}

    task<Result<analytics::DeliverReply>> deliver(std::vector<Request<analytics::Deliver>>) override {
        const HttpRequest request{
            .method = "POST", .url = url_, .headers = {}, .body = {"canary"}, .records = {}};
        const auto response = co_await host_.http(request);
        if (!response)
            co_return response.error();
        if (response->status != 200)
            co_return Error(ErrorKind::permanent, "status " + std::to_string(response->status));
        co_return analytics::DeliverReply{};
    }

  private:
    Host host_;
    std::string url_;
};
BOOST_DESCRIBE_STRUCT(AsksAHost::Settings, (), (url))

}  // namespace

CALYPTENORA_PLUGIN(AsksAHost)
