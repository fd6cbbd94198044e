#pragma once

#include "cli/workbench.hpp"

#include <calyptenora/result.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string>

namespace calyptenora::cli {

/// The operations about the core's own mail, in the manner of carry_out(); nothing for any other name:
///
///     mail.list          {}  -> [{id, letter, state, attempts, written, next, last_error}]: what has not
///     arrived,
///                        without a word about whom it is for
///     mail.retry         {letter}  -> {letters}: how many are tried at once; empty `letter`: all of them
std::optional<Result<boost::json::value>> carry_out_mail(Workbench& bench, const std::string& operation,
                                                         const boost::json::object& arguments);

}  // namespace calyptenora::cli
