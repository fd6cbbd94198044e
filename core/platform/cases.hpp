#pragma once

#include "gate/gate.hpp"
#include "storage/database.hpp"
#include "storage/field_cipher.hpp"
#include "storage/stores/cases.hpp"

#include <calyptenora/families/support.hpp>

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

/// Support cases: kept here, passed on to the help desk through the outbox, answers fetched from it.
namespace calyptenora::platform {

using MessageText = gate::Personal<Category::user_content_message, std::string>;

struct CaseMessageView {
    storage::CaseMessage message;
    MessageText text;
};

struct CaseView {
    storage::Case row;
    MessageText subject;
    std::vector<CaseMessageView> messages;  ///< Oldest first; empty in lists.
};

/// Newest first, without their messages.
std::vector<CaseView> list_cases(storage::Transaction& tx, const storage::FieldCipher& cipher,
                                 const storage::LearnerId& learner);

class Cases {
  public:
    Cases(storage::Database& database, const storage::FieldCipher& cipher, gate::Gate& gate);

    /// Opens a case. It is safe when this returns, also if the help desk cannot be reached now. The same
    /// words twice within an hour, here and in `append`, are one: they come from a second click, or from
    /// somebody who sends a form again because no answer came.
    boost::asio::awaitable<Result<storage::CaseId>> open(storage::LearnerId learner, std::string subject,
                                                         std::string message, std::string language);

    /// `conflict` for a closed case, `not_found` also for somebody else's.
    boost::asio::awaitable<Status> append(storage::LearnerId learner, storage::CaseId id, std::string message,
                                          std::string language);

    boost::asio::awaitable<Result<std::vector<CaseView>>> list(storage::LearnerId learner);
    boost::asio::awaitable<Result<CaseView>> find(storage::LearnerId learner, storage::CaseId id);
    /// The learner has it in front of them: an answer is news no more.
    boost::asio::awaitable<Status> note_seen(storage::LearnerId learner, storage::CaseId id);

    /// Takes a mail from the gateway (RFC 5322 bytes). Yields how many messages were new; a mail that belongs
    /// to no case is `not_found`, the same mail twice is new once.
    boost::asio::awaitable<Result<int>> receive_mail(std::string mail);

    /// The instance that new cases go to; nothing: they stay here.
    std::optional<settings::InstanceId> help_desk() const;

  private:
    template <class Op>
    Status queue(storage::Transaction& tx, const storage::Case& opened, const storage::CaseMessage& message,
                 const std::string& language) const;
    boost::asio::awaitable<Result<int>> fetch_answers(settings::InstanceId instance, std::string alias);

    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    gate::Gate& gate_;
};

}  // namespace calyptenora::platform
