#include "platform/overview.hpp"

#include "platform/receipts.hpp"

namespace calyptenora::platform {
namespace {

constexpr int most_sent = 5;

}  // namespace

Overview read_overview(storage::Transaction& tx, const storage::FieldCipher& cipher,
                       const storage::LearnerId& learner) {
    return {storage::orders::list(tx, learner), list_cases(tx, cipher, learner),
            list_newest_sent(tx, learner, most_sent)};
}

}  // namespace calyptenora::platform
