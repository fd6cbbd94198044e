#pragma once

#include "http/pages/visit.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string_view>

namespace calyptenora::http {

/// Where a learner subscribes.
inline constexpr std::string_view news_url = "/notifications#news";

/// What the page with the notifications says about the operator's news; nothing if there are none.
boost::asio::awaitable<std::optional<boost::json::object>> news_view(const Visit& visit);

}  // namespace calyptenora::http
