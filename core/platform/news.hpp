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

/// Whether somebody can subscribe to news, and whether they have asked to.
struct NewsState {
    bool confirmed = false;  ///< The address is.
    /// The gate would let none through even then: to minors, against an objection, or while data are
    /// restricted.
    bool blocked = false;
    std::optional<storage::Timestamp> awaited_until = {};  ///< The link that was sent works so long.
};

/// Who gets the operator's news by mail. They advertise, so that only those get them who asked for them and
/// confirmed that by a link which was sent to their address (double opt-in: Art. 7(1) GDPR, section 7(2)
/// UWG). Whether somebody does is a consent like any other, and what the gate decides by.
class News {
  public:
    /// How long a subscription holds; after that it has to be asked for anew.
    static constexpr std::chrono::years validity{2};

    /// What is referred to outlives this object.
    News(storage::Database& database, const storage::FieldCipher& cipher, const gate::Gate& gate,
         gate::Choices& choices)
        : database_(database), cipher_(cipher), gate_(gate), choices_(choices), mail_(cipher, gate) {}

    /// Whether the operator sends any.
    bool is_on() const;
    boost::asio::awaitable<Result<NewsState>> state(storage::LearnerId learner);

    /// Sends the link. `conflict` without a confirmed address, `denied` if news are blocked, `unsupported` if
    /// there are none.
    boost::asio::awaitable<Status> ask(storage::LearnerId learner);
    /// When somebody asked for the link with this token; nothing if it does not work any more.
    boost::asio::awaitable<std::optional<storage::Timestamp>> find_request(std::string token);
    /// By the link, once. `context` says what was shown. `not_found` for a link that does not work any more,
    /// `denied` if news are blocked.
    boost::asio::awaitable<Status> confirm(std::string token, gate::ChoiceContext context);
    /// By a letter's token, whoever has it, also when news are not sent any more. Whoever is not subscribed,
    /// or was erased, is as well. `not_found` for a token that is none.
    boost::asio::awaitable<Status> unsubscribe(std::string token, gate::ChoiceContext context);

  private:
    const gate::PolicyFlow* find_flow(const gate::Policy& policy) const;
    /// The link, if it still works and went to what still is the account's address.
    Result<std::optional<storage::AccountLink>> find_link(storage::Transaction& tx,
                                                          const std::string& token) const;
    boost::asio::awaitable<Result<std::optional<storage::AccountLink>>> find_link(std::string token);
    /// `denied` if the gate would let no news through.
    Status require_open(storage::Transaction& tx, const storage::LearnerId& learner) const;

    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    const gate::Gate& gate_;
    gate::Choices& choices_;
    const AccountMail mail_;
};

}  // namespace calyptenora::platform
