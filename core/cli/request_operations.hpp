#pragma once

#include "cli/workbench.hpp"

#include <calyptenora/result.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string>

namespace calyptenora::cli {

/// The operations on data-subject requests, in the manner of carry_out(); nothing for any other name:
///
///     requests.list      {staff, reason}
///       -> [{id, learner, kind, status, received, starts, due, overdue, extension, parts}]
///     requests.enter     {learner, kind, name, remark, at_once} -> {id, due, status_path}
///     requests.confirm   {request, plugin, evidence}        -> {}
///     requests.extend    {request, reason}                  -> {}
///     restriction.lift   {learner}                          -> {}
///
/// `kind` is a RequestKind; `name` of a rectification only; an empty `plugin` is the platform's own part.
std::optional<Result<boost::json::value>> carry_out_request(Workbench& bench, const std::string& operation,
                                                            const boost::json::object& arguments);

}  // namespace calyptenora::cli
