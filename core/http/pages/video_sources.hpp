#pragma once

#include "http/pages/visit.hpp"
#include "http/security_headers.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <string_view>

/// What video plugins answer, checked before a page uses it.
namespace calyptenora::http {

/// The address of the playlist, signed by the plugin for a while; nothing if it cannot be played now.
boost::asio::awaitable<std::optional<std::string>> signed_source(const Visit& visit,
                                                                 std::string_view provider,
                                                                 std::string_view asset);

/// The origin of a frame's address, if it is one that the instance has declared: a plugin cannot put another
/// into a page.
std::optional<Origin> declared_origin(const Visit& visit, const settings::InstanceId& instance,
                                      std::string_view url);

}  // namespace calyptenora::http
