#pragma once

#include "cli/workbench.hpp"

#include <calyptenora/result.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string>

namespace calyptenora::cli {

/// The operations about the staff, in the manner of carry_out(); nothing for any other name:
///
///     access.list        {learner, days}  -> [{id, at, learner, who, role, what, reason}], newest first
///
///     staff.appoint      {learner, role, system_user, staff}         -> {learner}
///     staff.record       {learner, kind, day, evidence, staff}       -> {learner}
///     staff.list         {}  -> [{learner, role, in_effect, undertaking_on, trained_on, training_due}]
///
///     review.list        {}  -> [{id, at, learner, who, role, what, reason, rules}]
///     review.report      {days}  -> {looks, chosen: {rule: number}, justified, unjustified, open, by}
///
/// An empty `learner` is everybody; `days` counts back from now. `kind` is `undertaking` or `training`.
std::optional<Result<boost::json::value>> carry_out_staff(Workbench& bench, const std::string& operation,
                                                          const boost::json::object& arguments);

}  // namespace calyptenora::cli
