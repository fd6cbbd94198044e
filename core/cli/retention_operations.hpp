#pragma once

#include "cli/workbench.hpp"

#include <calyptenora/result.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string>

namespace calyptenora::cli {

/// The operations about what is deleted on a date, in the manner of carry_out(); nothing for any other name:
///
///     retention.plan     {}  -> [{category, rule, due, oldest, later, next}]: how many are due, from when
///     the
///                        oldest of them is, how many are not, and when the first of those will be
///     retention.run      {}  -> {category: deleted}
///     retention.log      {limit}  -> {intact, broken_at, proofs: [{sequence, at, category, rule, deleted,
///                                     hash}]}, newest first
std::optional<Result<boost::json::value>> carry_out_retention(Workbench& bench, const std::string& operation,
                                                              const boost::json::object& arguments);

}  // namespace calyptenora::cli
