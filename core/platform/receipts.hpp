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

/// A page of what was sent.
struct SentPage {
    std::vector<storage::Disclosure> rows;
    bool has_more = false;
};

/// The newest disclosures about one person, newest first, at most `limit`.
std::vector<storage::Disclosure> list_newest_sent(storage::Transaction& tx, const storage::SubjectId& subject,
                                                  int limit);

class Receipts {
  public:
    explicit Receipts(storage::Database& database) : database_(database) {}

    /// See list_newest_sent.
    boost::asio::awaitable<Result<std::vector<storage::Disclosure>>> newest(storage::SubjectId subject,
                                                                            int limit);

    boost::asio::awaitable<Result<LastSent>> last_sent(storage::SubjectId subject);

    /// All that was ever sent, also about the guest before, newest first, `size` rows a page; of one
    /// instance, or of all if it is empty.
    boost::asio::awaitable<Result<SentPage>> page(storage::SubjectId subject, std::string instance,
                                                  int number, int size);
    /// Everybody who ever got something.
    boost::asio::awaitable<Result<std::vector<storage::disclosures::Recipient>>> recipients(
        storage::SubjectId subject);

  private:
    storage::Database& database_;
};

}  // namespace calyptenora::platform
