#include "learning_record_store.hpp"
#include "statement.hpp"

#include <stdexcept>

namespace calyptenora::xapi {
namespace {

class XapiPlugin : public AnalyticsPlugin {
  public:
    struct Settings {
        std::string endpoint;
        std::string username;
        std::vector<std::string> password;
    };

    XapiPlugin(Host host, const Settings& settings)
        : endpoint_(settings.endpoint),
          store_(host, settings.endpoint, settings.username,
                 settings.password.empty() ? throw std::invalid_argument("password: is missing")
                                           : settings.password.front()) {}

    task<Result<analytics::DeliverReply>> deliver(std::vector<Request<analytics::Deliver>> events) override {
        analytics::DeliverReply reply;
        std::vector<Queued> statements;
        for (std::size_t i = 0; i < events.size(); ++i) {
            auto statement = make_statement(events[i]);
            if (statement)
                statements.push_back({static_cast<std::int64_t>(i), events[i].id, std::move(*statement)});
            else
                reply.deliveries.push_back(
                    {events[i].id, analytics::DeliveryOutcome::rejected, statement.error().message});
        }
        auto delivered = co_await store_.deliver(std::move(statements), events.size());
        if (!delivered)
            co_return delivered.error();
        for (auto& delivery : *delivered)
            reply.deliveries.push_back(std::move(delivery));
        co_return reply;
    }

    task<Result<SubjectOutcome>> retract(Request<analytics::Retract> request) override {
        std::size_t unknown = 0;
        for (const auto& id : request.ids) {
            std::vector<Queued> one;
            one.push_back({0, id, make_voiding_statement(id, endpoint_)});
            const auto response = co_await store_.post(one, {});
            if (!response)
                co_return response.error();
            // 409: voided before, by this very statement.
            if (response->status == 400 || response->status == 404)
                ++unknown;
            else if (response->status != 200 && response->status != 204 && response->status != 409)
                co_return error_of(*response);
        }
        outcome::Partial partial;
        partial.residuals.push_back(
            "Voiding hides statements, it does not delete them: the learning record store keeps them in "
            "full. "
            "Ask its operator to delete them.");
        if (unknown)
            partial.residuals.push_back(
                std::to_string(unknown) +
                " statements could not be voided, because the store does not accept it.");
        co_return SubjectOutcome(std::move(partial));
    }

    task<Result<SubjectOutcome>> export_subject(Request<rights::ExportSubject> request) override {
        co_return by_hand(request.learner, "export");
    }
    task<Result<SubjectOutcome>> erase_subject(Request<rights::EraseSubject> request) override {
        co_return by_hand(request.learner, "delete");
    }

  private:
    static SubjectOutcome by_hand(const std::optional<std::string>& learner, const std::string& verb) {
        return outcome::Manual{
            "xAPI has no operation for it. Ask the operator of the learning record store to " + verb +
            " all statements whose actor.account.name is " +
            learner.value_or("(the learner's pseudonym at this instance)") + "."};
    }

    std::string endpoint_;
    LearningRecordStore store_;
};
BOOST_DESCRIBE_STRUCT(XapiPlugin::Settings, (), (endpoint, username, password))

}  // namespace
}  // namespace calyptenora::xapi

CALYPTENORA_PLUGIN(calyptenora::xapi::XapiPlugin)
