#pragma once

#include "gate/decide.hpp"

#include <random>

namespace calyptenora::gate {

/// Random situations, likely and impossible ones; a test prints the seed with its failure.
class Situations {
  public:
    explicit Situations(unsigned seed) : random_(seed) {}

    Flow flow() {
        Flow flow;
        flow.purpose = static_cast<Purpose>(pick(purpose_keys.size()));
        flow.basis = static_cast<LegalBasis>(pick(legal_basis_keys.size()));
        if (coin())
            flow.device_access = static_cast<DeviceAccess>(pick(device_access_keys.size()));
        flow.declared = mask();
        flow.granted = coin() ? flow.declared : mask();
        flow.granted_by_name = coin() ? CategoryMask() : mask();
        flow.required = coin() ? CategoryMask() : mask() & mask() & mask();
        flow.has_recipient = usually();
        flow.third_party = coin();
        flow.announced = coin() ? flow.granted : mask();
        flow.in_force_from = Instant(std::chrono::seconds(usually() ? 0 : pick(1200)));
        return flow;
    }

    SubjectState subject() {
        SubjectState state;
        state.readable = usually();
        state.erased = !usually();
        state.restricted = !usually();
        state.consented_since_restriction = coin();
        state.objected = !usually();
        state.compelling_grounds = coin();
        state.guardian_needed = !usually();
        state.guardian_consented = coin();
        state.consent =
            usually() ? ConsentState::given : static_cast<ConsentState>(pick(consent_state_keys.size()));
        if (usually())
            state.consent_expires_at = Instant(std::chrono::seconds(pick(2000)));
        state.consented = usually() ? CategoryMask::all() : mask();
        state.terms_widened = !usually();
        return state;
    }

    Request request() { return {Instant(std::chrono::seconds(pick(1200))), mask(), !usually(), !usually()}; }

    std::size_t pick(std::size_t count) { return random_() % count; }
    bool coin() { return random_() & 1; }
    bool usually() { return random_() % 8 != 0; }
    CategoryMask mask() { return CategoryMask::from_bits(random_()) & CategoryMask::all(); }

  private:
    std::mt19937 random_;
};

}  // namespace calyptenora::gate
