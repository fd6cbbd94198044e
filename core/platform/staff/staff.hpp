#pragma once

#include "storage/database.hpp"
#include "storage/field_cipher.hpp"
#include "storage/stores/accesses.hpp"

#include <boost/asio/awaitable.hpp>

#include <vector>

/// What the staff does with people's records, and what those people learn of it.
namespace calyptenora::platform {

class Staff {
  public:
    Staff(storage::Database& database, const storage::FieldCipher& cipher)
        : database_(database), cipher_(cipher) {}

    /// Who of the staff has opened something of this person's, newest first. The person is shown the role,
    /// not who it was: Art. 15 GDPR gives them when and what for, and the names of those who acted on the
    /// operator's behalf only where their rights need them (CJEU, C-579/21).
    boost::asio::awaitable<Result<std::vector<storage::Access>>> list_accesses(storage::SubjectId subject,
                                                                               int limit);
    /// Of everybody, for whoever reviews them.
    boost::asio::awaitable<Result<std::vector<storage::Access>>> list_all_accesses(storage::Timestamp since,
                                                                                   int limit);

  private:
    storage::Database& database_;
    const storage::FieldCipher& cipher_;
};

}  // namespace calyptenora::platform
