#include "integration/gate/gate_fixture.hpp"

#include "storage/stores/outbox.hpp"

namespace calyptenora::gate {

boost::asio::awaitable<Result<std::string>> FakePlugins::accept_all(PluginCall call) {
    if (call.operation != analytics::Deliver::name)
        co_return R"({"external_ref":"T-1"})";
    analytics::DeliverReply reply;
    const auto events = boost::json::parse(call.document);
    for (const auto& event : events.as_array())
        reply.deliveries.push_back(
            {std::string(event.at("id").as_string()), analytics::DeliveryOutcome::accepted, std::nullopt});
    co_return to_json(reply);
}

GateTest::GateTest()
    : gate_(database(), cipher(), clock_,
            test::compile_policy(test::probe_settings(), {test::probe_manifest(), test::desk_manifest()})),
      choices_(database(), cipher(), gate_, plugins_, {}),
      emissions_(context_.get_executor(), database(), cipher(), gate_, "node-a") {
    gate_.connect(plugins_);
}

void GateTest::run(boost::asio::awaitable<void> work) {
    boost::asio::co_spawn(context_, std::move(work), rethrow);
    context_.restart();
    context_.run();
}

void GateTest::choose(const storage::SubjectId& subject, const PolicyFlow& of, bool allowed,
                      ChoiceContext context) {
    const auto recorded =
        run(choices_.record(subject, {{of.instance, of.flow.purpose, allowed}}, std::move(context)));
    if (!recorded)
        ADD_FAILURE() << recorded.error().message;
}

ChoiceContext GateTest::shown() {
    return {.language = "de",
            .action = "privacy_page",
            .shown_text = "Darf Lernstatistik AG …?",
            .notice_version = "2026-11"};
}

const PolicyFlow& GateTest::flow(std::string_view instance, Purpose purpose) {
    kept_.push_back(gate_.policy());
    const auto* found = kept_.back()->find_flow(settings::parse_instance_id(instance).value(), purpose);
    if (!found)
        throw std::runtime_error("the policy has no such flow");
    return *found;
}

support::CaseRecord<Guarded> GateTest::full_case() {
    support::CaseRecord<Guarded> record;
    record.case_ref = "C-1";
    record.message_id = "M-1";
    record.locale = "de";
    record.name = "canary-name";
    record.email = "canary@example.org";
    record.course = "canary-course";
    record.subject = "Frage";
    record.message = "Wie \"geht\" das?";
    return record;
}

Result<support::CaseReply> GateTest::open_case(const storage::SubjectId& subject, const PolicyFlow& to,
                                               CallOptions options) {
    return run(
        gate_.call<support::Open>(to.instance, to.flow.purpose, subject, full_case(), std::move(options)));
}

analytics::LearningEvent<Guarded> GateTest::learning_event(const storage::EventId& id) {
    analytics::LearningEvent<Guarded> event;
    event.id = id.text();
    event.platform = "https://lms.example";
    event.name = "canary-name";
    event.email = "canary@example.org";
    event.ip_address = "203.0.113.77";
    event.grade = analytics::Score{80, true};
    event.progress = analytics::Progress{analytics::Verb::completed, "c", "C", "l", "L", "de", 1};
    return event;
}

std::optional<storage::EventId> GateTest::queue_event(const storage::SubjectId& subject,
                                                      const PolicyFlow& to) {
    const auto id = storage::EventId::make();
    return write([&](storage::Transaction& tx) -> Result<std::optional<storage::EventId>> {
        auto document = gate_.write_queued<analytics::Deliver>(tx, to.instance, to.flow.purpose, subject,
                                                               learning_event(id));
        if (!document)
            return std::optional<storage::EventId>();
        const auto queued =
            storage::outbox::append(tx, cipher(),
                                    {id, to.instance.text(), std::string(analytics::Deliver::name),
                                     to.flow.purpose, subject, std::move(*document)},
                                    clock_.now());
        if (!queued)
            return queued.error();
        return std::optional(id);
    });
}

std::optional<storage::EventId> GateTest::queue_case(const storage::SubjectId& subject,
                                                     const PolicyFlow& to) {
    const auto id = storage::EventId::make();
    return write([&](storage::Transaction& tx) -> Result<std::optional<storage::EventId>> {
        auto document =
            gate_.write_queued<support::Open>(tx, to.instance, to.flow.purpose, subject, full_case());
        if (!document)
            return std::optional<storage::EventId>();
        const auto queued = storage::outbox::append(tx, cipher(),
                                                    {id, to.instance.text(), std::string(support::Open::name),
                                                     to.flow.purpose, subject, std::move(*document)},
                                                    clock_.now());
        if (!queued)
            return queued.error();
        return std::optional(id);
    });
}

std::string GateTest::pseudonym(const storage::SubjectId& subject, const PolicyFlow& to) {
    return cipher().pseudonym(subject, to.instance.text()).value();
}

CallScope GateTest::scope(const PolicyFlow& to, std::vector<storage::SubjectId> subjects) {
    CallScope scope{storage::CallId::make(), to.instance, to.flow.purpose, {}};
    for (auto& subject : subjects)
        scope.records.push_back({std::move(subject), to.flow.declared & to.flow.granted});
    return scope;
}

Standing GateTest::standing(const storage::SubjectId& subject, const PolicyFlow& of) {
    kept_.push_back(gate_.policy());
    const auto all = run(choices_.standing(kept_.back(), subject)).value();
    for (const auto& line : all)
        if (line.row->instance == of.instance && line.row->flow.purpose == of.flow.purpose)
            return line;
    throw std::runtime_error("the flow is not among those that stand");
}

void GateTest::reload(std::string_view from, std::string_view to) {
    auto settings = test::probe_settings();
    auto manifest = test::probe_manifest();
    if (settings.find(from) != std::string::npos)
        settings = test::replaced(settings, from, to);
    else
        manifest = test::replaced(manifest, from, to);
    gate_.replace_policy(test::compile_policy(settings, {manifest, test::desk_manifest()}));
}

}  // namespace calyptenora::gate
