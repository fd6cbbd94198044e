#pragma once

#include "http/pages/visit.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

/// Recording what a person chose on a page, whoever they are.
namespace calyptenora::http {

/// How long "play once" holds; longer than a lesson, shorter than a day, by which it is told from "always".
inline constexpr std::chrono::hours once_duration{3};

/// Whether a consent was given for one time only.
bool is_for_once(const gate::Standing& standing);

/// Records choices with the proof of what was shown. A visitor becomes a guest by choosing: then the token of
/// the new session is in the answer, for add_session().
boost::asio::awaitable<Result<std::optional<std::string>>> record_choices(
    const Visit& visit, std::vector<gate::Choice> choices, const std::vector<const gate::PolicyFlow*>& shown,
    std::string action, std::optional<std::chrono::seconds> validity = std::nullopt);

/// Sets the session cookie, if there is a token.
void add_session(Response& response, const std::optional<std::string>& token);

}  // namespace calyptenora::http
