#include "gate/gate.hpp"

#include "gate/subject_state.hpp"
#include "storage/stores/subjects.hpp"

namespace calyptenora::gate {
namespace {

/// Only what refuses the call; fields that are merely left out are none of the caller's business.
Error refusal(const PolicyFlow& row, const Explanation& explanation) {
    std::vector<std::string> reasons;
    for (const auto& step : explanation.held_back)
        if (step.whole_call || !(step.categories & row.flow.required).empty())
            reasons.push_back(fmt::format("{} ({})", step.because, step.source));
    return Error(ErrorKind::denied, fmt::format("the gate refuses {} for {}: {}", row.instance.text(),
                                                key_of(row.flow.purpose), fmt::join(reasons, "; ")));
}

}  // namespace

Gate::Gate(storage::Database& database, const storage::FieldCipher& cipher, const storage::Clock& clock,
           std::shared_ptr<const Policy> policy)
    : database_(database), cipher_(cipher), clock_(clock), policy_(std::move(policy)) {}

CallScope Gate::make_scope(const settings::InstanceId& instance, Purpose purpose) const {
    return {storage::CallId::make(), instance, purpose, {}, plugins_->cancellations()};
}

DeclaredOrigins Gate::declared_origins(const settings::InstanceId& instance) const {
    const auto current = policy();
    const auto* known = current->find_instance(instance);
    return known ? known->frame_origins : DeclaredOrigins();
}

Error Gate::no_such_flow(const settings::InstanceId& instance, Purpose purpose) {
    return Error(ErrorKind::denied,
                 fmt::format("{} is not enabled for {}", instance.text(), key_of(purpose)));
}

Explanation Gate::explain_within(storage::Transaction& tx, const PolicyFlow& row,
                                 const storage::SubjectId& subject, CategoryMask fields, bool device,
                                 bool privacy_control) const {
    const auto now = clock_.now();
    const SubjectFacts facts(tx, subject, row);
    return gate::explain(row.flow, facts.state_for(row, now),
                         {now, fields, device, privacy_control || facts.asks_for_privacy()});
}

boost::asio::awaitable<Result<Explanation>> Gate::explain(settings::InstanceId instance, Purpose purpose,
                                                          storage::SubjectId subject, CategoryMask fields,
                                                          CallOptions options) {
    const auto current = policy();
    const auto* row = current->find_flow(instance, purpose);
    if (!row)
        co_return no_such_flow(instance, purpose);
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<Explanation> {
        return explain_within(tx, *row, subject, fields, options.device, options.privacy_control);
    });
}

boost::asio::awaitable<Result<Gate::Released>> Gate::release(const settings::InstanceId& instance,
                                                             Purpose purpose,
                                                             const storage::SubjectId& subject,
                                                             CategoryMask fields, const CallOptions& options,
                                                             std::optional<storage::Timestamp> queued_at) {
    const auto current = policy();
    const auto* row = current->find_flow(instance, purpose);
    if (!row)
        co_return no_such_flow(instance, purpose);
    const auto since = queued_at.value_or(clock_.now());
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<Released> {
        const auto explanation =
            explain_within(tx, *row, subject, fields, options.device, options.privacy_control);
        if (explanation.decision.refused)
            return refusal(*row, explanation);
        if (was_closed_since(tx, subject, *row, since))
            return Error(ErrorKind::denied, fmt::format("{} was closed to this in between", instance.text()));
        auto pseudonym = cipher_.pseudonym(subject, instance.text());
        if (!pseudonym)
            return pseudonym.error();
        return Released{current, row, explanation.decision.released, std::move(*pseudonym), since};
    });
}

}  // namespace calyptenora::gate
