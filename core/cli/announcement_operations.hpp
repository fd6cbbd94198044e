#pragma once

#include "cli/workbench.hpp"

#include <calyptenora/result.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string>

namespace calyptenora::cli {

/// The operations about what the operator announces, in the manner of carry_out(); nothing for any other
/// name:
///
///     announcement.add       {course, title_de, text_de, title_en, text_en, days} -> {id, until}; empty
///                            `course`: for everybody; the texts of one language may be empty
///     announcement.list      {}  -> [{id, course, title, made, until, shown, mailed}]
///     announcement.withdraw  {announcement}  -> {}
std::optional<Result<boost::json::value>> carry_out_announcement(Workbench& bench,
                                                                 const std::string& operation,
                                                                 const boost::json::object& arguments);

}  // namespace calyptenora::cli
