#pragma once

#include "gate/gate.hpp"

#include <calyptenora/families/analytics.hpp>

/// What analytics may learn: one event, offered to every analytics instance and purpose, queued for those
/// that may have it.
namespace calyptenora::platform {

/// An event with all that is known; the gate takes from it what each recipient may have.
using LearningEvent = analytics::LearningEvent<gate::Guarded>;

/// Within the transaction of the change that it tells about. Nothing is queued for a recipient that is denied
/// now.
Status queue_learning_event(storage::Transaction& tx, const storage::FieldCipher& cipher,
                            const gate::Gate& gate, const storage::SubjectId& subject,
                            const LearningEvent& event);

}  // namespace calyptenora::platform
