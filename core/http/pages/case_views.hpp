#pragma once

#include "http/pages/visit.hpp"

#include <boost/asio/awaitable.hpp>

namespace calyptenora::http {

/// The learner's own cases as view models, newest first; empty if they cannot be read.
boost::asio::awaitable<boost::json::array> case_views(const Visit& visit);

}  // namespace calyptenora::http
