#pragma once

#include "gate/choices.hpp"
#include "gate/gate.hpp"
#include "settings/settings.hpp"
#include "storage/database.hpp"
#include "storage/field_cipher.hpp"
#include "storage/stores/requests.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <string>
#include <vector>

namespace calyptenora::platform {

/// What the platform does itself for a data-subject request, with the data that it keeps: at once where the
/// person asks for something that must hold at once (Art. 16, 18, 21 GDPR), whatever the recipients are up
/// to.
class OwnPart {
  public:
    using Steps = std::vector<storage::RequestStep>;
    /// How long law makes us keep what of an erased person, by the settings in force.
    using Retention = std::function<settings::Retention()>;

    /// `operator_name` is who this part is told by.
    OwnPart(
        storage::Database& database, const storage::FieldCipher& cipher, gate::Gate& gate,
        gate::Choices& choices, std::string operator_name,
        Retention retention = [] { return settings::Retention(); });

    /// Does it in one transaction, with a step for everybody who has to be told; when it returns, nothing
    /// leaves any more that must not. The platform's step comes first. Once, whoever begins: the second one
    /// gets the steps of the first.
    boost::asio::awaitable<Result<Steps>> begin(const storage::SubjectRequest& request);

  private:
    Result<storage::RequestStep> do_own_part(storage::Transaction& tx, const storage::SubjectRequest& request,
                                             storage::Timestamp now) const;
    Steps list_recipients(storage::Transaction& tx, const storage::SubjectRequest& request,
                          storage::Timestamp now) const;

    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    gate::Gate& gate_;
    gate::Choices& choices_;
    const std::string operator_name_;
    const Retention retention_;
};

}  // namespace calyptenora::platform
