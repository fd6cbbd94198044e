#pragma once

#include "gate/gate.hpp"

#include <calyptenora/families/auth.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>

/// The plugin that knows what people sign in with. Passwords belong to it; here they only pass through.
namespace calyptenora::platform {

/// What a request says about the device it came from; kept no longer than the call it serves.
struct RequestFacts {
    std::string ip_address = {};
    std::string user_agent = {};
    std::string language = {};  ///< `de` or `en`.
    bool privacy_control = false;
};

/// Why something about an account did not happen, for the page to choose its words by.
enum class AccountProblem : unsigned char {
    wrong_credentials,  ///< Also for an address that nobody has.
    too_many_attempts,
    weak_password,
    name_missing,
    email_invalid,
    email_taken,
    link_expired,
    unavailable,  ///< The plugin does not answer: fails closed.
};

/// What came of it: done, or what is wrong.
struct AccountOutcome {
    std::optional<std::string> token;  ///< Of the new session, for the cookie, where one was begun.
    std::optional<AccountProblem> problem;
    std::optional<std::chrono::seconds> retry_after;

    static AccountOutcome failed(AccountProblem problem) { return {std::nullopt, problem, std::nullopt}; }
};

class SignInPlugin {
  public:
    explicit SignInPlugin(gate::Gate& gate) : gate_(gate) {}

    /// Its instance, as accounts name it; nothing if no sign-in is enabled.
    std::optional<std::string> instance() const;

    /// Nobody takes the same way, and as long, as somebody with a wrong password.
    boost::asio::awaitable<AccountOutcome> check(std::optional<storage::SubjectId> subject,
                                                 std::string password, const RequestFacts& facts);
    /// Somebody's first password.
    boost::asio::awaitable<AccountOutcome> enrol(storage::SubjectId subject, std::string password,
                                                 const RequestFacts& facts);
    boost::asio::awaitable<AccountOutcome> change(storage::SubjectId subject, std::string current,
                                                  std::string chosen, const RequestFacts& facts);
    /// In the place of a forgotten one: the core vouches for the person.
    boost::asio::awaitable<AccountOutcome> recover(storage::SubjectId subject, std::string chosen,
                                                   const RequestFacts& facts);
    /// Nobody signs in to this account any more until a password is chosen anew.
    boost::asio::awaitable<Status> revoke(storage::SubjectId subject);

  private:
    using Secrets = std::map<std::string, std::string>;
    boost::asio::awaitable<AccountOutcome> resume(auth::Intent intent,
                                                  std::optional<storage::SubjectId> subject, Secrets secrets,
                                                  const RequestFacts& facts);

    gate::Gate& gate_;
};

}  // namespace calyptenora::platform
