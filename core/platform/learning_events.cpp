#include "platform/learning_events.hpp"

#include "storage/stores/outbox.hpp"

namespace calyptenora::platform {

Status queue_learning_event(storage::Transaction& tx, const storage::FieldCipher& cipher,
                            const gate::Gate& gate, const storage::SubjectId& subject,
                            const LearningEvent& event) {
    const auto policy = gate.policy();
    for (const auto* instance : policy->of_family(Family::analytics))
        for (const auto& row : instance->flows) {
            // Under this purpose recipients are told of requests; that somebody learns is no legal duty to
            // report.
            if (row.flow.purpose == Purpose::essential_legal_obligation)
                continue;
            auto addressed = event;
            const auto id = storage::EventId::make();
            addressed.id = id.text();
            auto document =
                gate.write_queued<analytics::Deliver>(tx, instance->id, row.flow.purpose, subject, addressed);
            if (!document)
                continue;
            const auto queued = storage::outbox::append(tx, cipher,
                                                        {.id = id,
                                                         .instance = instance->id.text(),
                                                         .operation = std::string(analytics::Deliver::name),
                                                         .purpose = row.flow.purpose,
                                                         .subject = subject,
                                                         .payload = std::move(*document)},
                                                        gate.clock().now());
            if (!queued)
                return queued;
        }
    return {};
}

}  // namespace calyptenora::platform
