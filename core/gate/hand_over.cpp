#include "gate/hand_over.hpp"

namespace calyptenora::gate {

Result<storage::CallId> record_hand_over(storage::Transaction& tx, const storage::FieldCipher& cipher,
                                         storage::Timestamp now, const HandOver& handed) {
    const auto call = storage::CallId::make();
    // Of somebody erased there is no key, and nothing in the file to commit to.
    auto commitment = cipher.commitment(handed.subject, call, handed.digest);
    if (!commitment && commitment.error().kind != ErrorKind::not_found)
        return commitment.error();
    const storage::Disclosure row{.id = storage::DisclosureId::make(),
                                  .subject = handed.subject,
                                  .kind = storage::DisclosureKind::attempted,
                                  .call_id = call,
                                  .instance = "authority/" + handed.demand,
                                  .recipient = handed.authority,
                                  .purpose = Purpose::essential_legal_obligation,
                                  .operation = std::string(hand_over_operation),
                                  .categories = handed.categories,
                                  .host = "",
                                  .commitment = commitment ? std::move(*commitment) : std::string(),
                                  .outcome = "",
                                  .at = now};
    storage::disclosures::append(tx, cipher.keys().service(), {&row, 1});
    return call;
}

}  // namespace calyptenora::gate
