#pragma once

#include "gate/choices.hpp"
#include "gate/gate.hpp"
#include "storage/database.hpp"
#include "storage/field_cipher.hpp"
#include "storage/stores/copies.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// Requests of data subjects (Art. 15 to 21 GDPR): received here, carried out by RequestRunner.
namespace calyptenora::platform {

class OwnPart;

struct RightsOptions {
    /// How long an erasure can be taken back before anything is deleted.
    std::chrono::days erasure_window{3};
};

/// What a request asks for beyond its kind. As JSON under the person's key.
struct RequestDetails {
    std::optional<std::string> display_name;  ///< Rectification: the right name.
    std::string remark = {};                  ///< In the words of whoever entered it.
};
BOOST_DESCRIBE_STRUCT(RequestDetails, (), (display_name, remark))

/// When a request begins: an erasure waits, so that it can be taken back.
enum class Start : unsigned char { after_window, at_once };

/// A request and how it stands with each party.
struct RequestView {
    storage::SubjectRequest request;
    std::vector<storage::RequestStep> steps;
    /// Of a request for a copy, when one has been made. It may have run out.
    std::optional<storage::Copy> copy = {};
};

/// Whether it asks for a copy of the person's data.
constexpr bool asks_for_copy(storage::RequestKind kind) {
    return kind == storage::RequestKind::access || kind == storage::RequestKind::portability;
}

/// A request that has been received.
struct Received {
    storage::RequestId id;
    /// A secret: at its address the status can be read, also when there is no account any more.
    std::string token;
    storage::Timestamp starts_at;
    storage::Timestamp due_at;
};

/// How a request stands as a whole: as its least finished part.
storage::RequestStatus overall_status(std::span<const storage::RequestStep> steps);

class Requests {
  public:
    Requests(storage::Database& database, const storage::FieldCipher& cipher, gate::Gate& gate,
             OwnPart& own_part, RightsOptions options = {});

    const RightsOptions& options() const { return options_; }

    /// `language` may be empty: the account's. `conflict` while one of the same kind is open; `invalid_input`
    /// for details that cannot be stored, or a rectification without a name; `not_found` for nobody. A
    /// rectification, a restriction and an objection hold here when this returns.
    boost::asio::awaitable<Result<Received>> receive(storage::LearnerId learner, storage::RequestKind kind,
                                                     RequestDetails details, std::string language,
                                                     std::string entered_by,
                                                     Start start = Start::after_window);

    /// Newest first.
    boost::asio::awaitable<Result<std::vector<RequestView>>> list(storage::LearnerId learner);
    /// `not_found` for a token that nobody has.
    boost::asio::awaitable<Result<RequestView>> find_by_token(std::string token);
    /// For the staff: the most urgent first, at most `limit`.
    boost::asio::awaitable<Result<std::vector<RequestView>>> list_open(int limit);

    /// `conflict` when it has begun; `not_found` for somebody else's.
    boost::asio::awaitable<Status> cancel(storage::LearnerId learner, storage::RequestId id);
    /// The same with the token.
    boost::asio::awaitable<Status> cancel_by_token(std::string token);

    /// Has the copy made again that has run out while recipients still owe their answers. `not_found` for
    /// somebody else's request or one without copy, `conflict` for a settled one or while the copy can be
    /// fetched.
    boost::asio::awaitable<Status> renew_copy(storage::LearnerId learner, storage::RequestId id);

    /// Art. 12(3) GDPR: by two months, once, with the reason that the person reads.
    boost::asio::awaitable<Status> extend(storage::RequestId id, std::string reason);
    /// Somebody of the staff has done what had to be done by hand, with this evidence. `not_found` without
    /// such a part; `conflict` if it does not wait for anybody.
    boost::asio::awaitable<Status> confirm(storage::RequestId id, std::string instance, std::string evidence);

    /// Ends a restriction (Art. 18(3) GDPR). `not_found` for somebody who is not restricted.
    boost::asio::awaitable<Status> lift_restriction(storage::LearnerId learner);

  private:
    Status confirm_within(storage::Transaction& tx, const storage::SubjectRequest& request,
                          storage::RequestStep& step, const std::string& evidence);
    Status cancel_within(storage::Transaction& tx, const std::optional<storage::SubjectRequest>& request);

    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    gate::Gate& gate_;
    OwnPart& own_part_;
    const RightsOptions options_;
};

}  // namespace calyptenora::platform
