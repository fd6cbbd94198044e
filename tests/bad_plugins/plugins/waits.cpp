// Waits in a request for ever, or keeps a call open without asking anything; for tests of deadlines and
// cancellation.
#include <calyptenora/sdk.hpp>

namespace {

using namespace calyptenora;

class Waits final : public AnalyticsPlugin {
  public:
    struct Settings {};
    Waits(Host host, const Settings&) : host_(host) {}

    task<Result<analytics::DeliverReply>> deliver(std::vector<Request<analytics::Deliver>>) override {
        const Leaves leaves{this};
        ++inside_;
        const HttpRequest request{
            .method = "POST", .url = "https://nowhere.example/", .headers = {}, .body = {}, .records = {}};
        const auto response = co_await host_.http(request);
        if (!response)
            co_return response.error();
        co_return analytics::DeliverReply{};
    }
    /// How many calls are suspended in here.
    task<Result<SubjectOutcome>> retract(Request<analytics::Retract>) override {
        co_return Error(ErrorKind::conflict, std::to_string(inside_));
    }

  private:
    struct Leaves {
        Waits* self;
        ~Leaves() { --self->inside_; }
    };
    Host host_;
    int inside_ = 0;
};
BOOST_DESCRIBE_STRUCT(Waits::Settings, (), ())

}  // namespace

CALYPTENORA_PLUGIN(Waits)
