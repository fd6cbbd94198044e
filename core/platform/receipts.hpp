#pragma once

#include "storage/database.hpp"
#include "storage/stores/disclosures.hpp"

#include <boost/asio/awaitable.hpp>

#include <map>
#include <string>
#include <utility>
#include <vector>

/// What was really sent about a person, from the disclosure ledger.
namespace calyptenora::platform {

/// When something was last sent, by instance and purpose.
using LastSent = std::map<std::pair<std::string, Purpose>, storage::Timestamp>;

class Receipts {
  public:
    explicit Receipts(storage::Database& database) : database_(database) {}

    /// The newest disclosures about one person, newest first, at most `limit`.
    boost::asio::awaitable<Result<std::vector<storage::Disclosure>>> newest(storage::SubjectId subject,
                                                                            int limit);

    boost::asio::awaitable<Result<LastSent>> last_sent(storage::SubjectId subject);

  private:
    storage::Database& database_;
};

}  // namespace calyptenora::platform
