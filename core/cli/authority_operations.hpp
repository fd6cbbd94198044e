#pragma once

#include "cli/workbench.hpp"

#include <calyptenora/result.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string>

namespace calyptenora::cli {

/// The operations about what authorities demand by law, in the manner of carry_out(); nothing for any other
/// name:
///
///     authority.enter    {learner, authority, address, reference, ground, fields, from, until, received,
///     due,
///                         deferred_until, deferral_ground, staff}   -> {id}
///     authority.assess   {demand, decision, reason, fields, from, until, staff}   -> {}
///     authority.open     {demand, staff}                            -> {}: the file is going to be made
///     authority.release  {demand, fields, digest, assessed, staff}  -> {}: the file is made
///     authority.defer    {demand, until, ground, staff}             -> {}
///     authority.notify   {demand, reason, staff}                    -> {}
///     authority.list     {}                                         -> [a demand]
///     authority.show     {demand, staff, reason}                    -> a demand, with learner and
///     ledger_subject
///
/// A demand is {id, state, authority, address, reference, ground, asked, granted, received, due, overdue,
/// decision, decision_reason, released, digest, deferred_until, deferral_ground, look_again, told}; `asked`
/// and `granted` are {fields, from, until}. Days are ISO 8601; `state` is `entered`, `accepted`, `refused` or
/// `released`.
std::optional<Result<boost::json::value>> carry_out_authority(Workbench& bench, const std::string& operation,
                                                              const boost::json::object& arguments);

}  // namespace calyptenora::cli
