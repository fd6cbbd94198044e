// A recipient that can do by itself whatever a person asks for: it passes each request on to its service
// (tests/peers/register.mjs), and that one's answer on to the host, whatever it is.
#include <calyptenora/sdk.hpp>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace {

using namespace calyptenora;

class Register : public AnalyticsPlugin {
  public:
    struct Settings {
        std::string endpoint;
    };

    Register(Host host, const Settings& settings) : host_(host), endpoint_(settings.endpoint) {}

    task<Result<analytics::DeliverReply>> deliver(std::vector<Request<analytics::Deliver>> events) override {
        analytics::DeliverReply reply;
        for (std::size_t i = 0; i < events.size(); ++i) {
            const auto& event = events[i];
            auto entry = entry_of(event.learner, event.name);
            if (event.progress)
                entry.insert_or_assign("lesson", event.progress->lesson.value_or(""));
            const auto answer = co_await post("entries", entry, {static_cast<std::int64_t>(i)});
            reply.deliveries.push_back({event.id, answer ? analytics::DeliveryOutcome::accepted
                                                         : analytics::DeliveryOutcome::retry});
        }
        co_return reply;
    }

    task<Result<SubjectOutcome>> export_subject(Request<rights::ExportSubject> request) override {
        co_return co_await pass_on("export", std::move(request));
    }
    task<Result<SubjectOutcome>> erase_subject(Request<rights::EraseSubject> request) override {
        co_return co_await pass_on("erase", std::move(request));
    }
    task<Result<SubjectOutcome>> rectify_subject(Request<rights::RectifySubject> request) override {
        co_return co_await pass_on("rectify", std::move(request));
    }
    task<Result<SubjectOutcome>> restrict_subject(Request<rights::RestrictSubject> request) override {
        co_return co_await pass_on("restrict", std::move(request));
    }

  private:
    static boost::json::object entry_of(const std::optional<std::string>& learner,
                                        const std::optional<std::string>& name) {
        boost::json::object entry{{"learner", learner.value_or("")}};
        if (name)
            entry["name"] = *name;
        return entry;
    }

    task<Result<SubjectOutcome>> pass_on(std::string right, Request<rights::EraseSubject> request) {
        const auto answer = co_await post(right, entry_of(request.learner, request.name), {});
        if (!answer)
            co_return answer.error();
        co_return parse_json<SubjectOutcome>(*answer);
    }

    task<Result<std::string>> post(std::string path, boost::json::object body,
                                   std::vector<std::int64_t> records) {
        HttpRequest request;
        request.method = "POST";
        request.url = endpoint_ + "/" + path;
        request.headers = {{"Content-Type", "application/json"}};
        request.body.data = boost::json::serialize(body);
        request.records = std::move(records);
        const auto response = co_await host_.http(request);
        if (!response)
            co_return response.error();
        if (response->status != 200)
            co_return Error(ErrorKind::temporary, "answered with status " + std::to_string(response->status));
        co_return response->body.data;
    }

    Host host_;
    std::string endpoint_;
};
BOOST_DESCRIBE_STRUCT(Register::Settings, (), (endpoint))

}  // namespace

CALYPTENORA_PLUGIN(Register)
