#pragma once

#include "platform/processing_record.hpp"
#include "web/words.hpp"

#include <boost/json/array.hpp>

#include <vector>

namespace calyptenora::http {

/// What the platform keeps, in words: key (of the activity), what, data, why, basis, how_long[]: text.
boost::json::array stored_rows(const web::Words& words, const std::vector<platform::KeptActivity>& kept);

}  // namespace calyptenora::http
