#pragma once

#include <boost/json/array.hpp>

#include <string>

namespace calyptenora::http {

/// A plain text as its paragraphs, which an empty line parts.
boost::json::array paragraphs_of(const std::string& text);

}  // namespace calyptenora::http
