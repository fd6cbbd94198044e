#pragma once

#include "platform/cases.hpp"
#include "storage/stores/disclosures.hpp"
#include "storage/stores/orders.hpp"

#include <vector>

namespace calyptenora::platform {

/// What somebody finds first in their account, each newest first.
struct Overview {
    std::vector<storage::Order> orders;
    std::vector<CaseView> cases;
    std::vector<storage::Disclosure> sent;  ///< The last five.
};

Overview read_overview(storage::Transaction& tx, const storage::FieldCipher& cipher,
                       const storage::LearnerId& learner);

}  // namespace calyptenora::platform
