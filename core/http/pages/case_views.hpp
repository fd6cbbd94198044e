#pragma once

#include "http/pages/visit.hpp"

#include <boost/json/array.hpp>

#include <vector>

namespace calyptenora::http {

/// The learner's own cases as view models.
boost::json::array case_views(const Visit& visit, const std::vector<platform::CaseView>& cases);

}  // namespace calyptenora::http
