#pragma once

#include "cli/workbench.hpp"

#include <calyptenora/result.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string>

namespace calyptenora::cli {

/// The operations about personal data breaches, in the manner of carry_out(); nothing for any other name:
///
///     incident.open    {title, nature, plugin, actor, fields, from, until, aware} -> an incident
///     incident.list    {}                                    -> [an incident]
///     incident.assess  {incident, risk, consequences, measures} -> {}
///     incident.extend  {incident, until}                     -> an incident
///     incident.told    {incident, whom, evidence}            -> {}
///     incident.close   {incident}                            -> {}
///     incident.people  {incident, staff, reason}             -> [{learner, records}]: opens their ledgers
///     incident.notice  {incident, whom, language}            -> {text}
///
/// An incident is {id, title, aware, due, overdue, risk, people, authority_told, people_told, closed}. Times
/// are written like `2026-11-27 14:30`, in UTC; an empty `until` is now; `whom` is `authority` or `people`.
std::optional<Result<boost::json::value>> carry_out_incident(Workbench& bench, const std::string& operation,
                                                             const boost::json::object& arguments);

}  // namespace calyptenora::cli
