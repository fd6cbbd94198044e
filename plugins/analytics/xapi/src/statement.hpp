#pragma once

#include <calyptenora/sdk.hpp>

#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <vector>

/// xAPI 1.0.3 statements (Experience API, part 2), with the verbs and activity types of the ADL and TinCan
/// registries.
namespace calyptenora::xapi {

/// The statement of an event, from what was released of it. `invalid_input` with the reason when it says
/// nothing about anybody.
Result<boost::json::object> make_statement(const Request<analytics::Deliver>& event);

/// The statement that voids another. The same id each time, so that voiding twice does nothing.
boost::json::object make_voiding_statement(const std::string& statement_id, const std::string& home_page);

/// What a service says, fit for a log: at most 200 characters, without any text that occurs in the statement.
std::string without_values(std::string_view message, const boost::json::object& statement);

/// `2026-11-18T11:06:40.000Z`
std::string timestamp(UnixMicros instant);

}  // namespace calyptenora::xapi
