#pragma once

#include "gate/choices.hpp"
#include "platform/account_mail.hpp"
#include "storage/database.hpp"
#include "storage/field_cipher.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace calyptenora::platform {

/// Who gets the operator's news by mail. They advertise, so that only those get them who asked for them and
/// confirmed that by a link which was sent to their address (double opt-in: Art. 7(1) GDPR, section 7(2)
/// UWG). Whether somebody does is a consent like any other, and what the gate decides by.
class News {
  public:
    /// How long a subscription holds; after that it has to be asked for anew.
    static constexpr std::chrono::days validity{730};

    /// What is referred to outlives this object.
    News(storage::Database& database, const storage::FieldCipher& cipher, const gate::Gate& gate,
         gate::Choices& choices)
        : database_(database), cipher_(cipher), gate_(gate), choices_(choices), mail_(cipher, gate) {}

    /// Whether the operator sends any.
    bool is_on() const;
    /// Until when the link works that was sent to somebody who asked; nothing if none waits.
    boost::asio::awaitable<Result<std::optional<storage::Timestamp>>> awaited_until(
        storage::LearnerId learner);

    /// Sends the link. `conflict` without a confirmed address, `unsupported` if there are no news.
    boost::asio::awaitable<Status> ask(storage::LearnerId learner);
    /// Whether a link still works.
    boost::asio::awaitable<bool> works(std::string token);
    /// By the link. `context` says what was shown. `not_found` for a link that does not work any more.
    boost::asio::awaitable<Status> confirm(std::string token, gate::ChoiceContext context);
    /// By a letter's token, whoever has it. Whoever is not subscribed is as well. `not_found` for a token
    /// that is none; `unsupported` if there are no news.
    boost::asio::awaitable<Status> unsubscribe(std::string token, gate::ChoiceContext context);

  private:
    Result<std::optional<storage::AccountLink>> find_link(storage::Transaction& tx,
                                                          const std::string& token) const;
    boost::asio::awaitable<Status> choose(storage::LearnerId learner, bool allowed,
                                          gate::ChoiceContext context);

    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    const gate::Gate& gate_;
    gate::Choices& choices_;
    const AccountMail mail_;
};

}  // namespace calyptenora::platform
