#pragma once

#include "cli/workbench.hpp"

#include <calyptenora/json.hpp>
#include <calyptenora/result.hpp>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <string>

/// What the operations behind the operator's commands share; see operations.hpp.
namespace calyptenora::cli {

/// Reads the arguments into their described type and carries the operation out.
template <class Arguments>
Result<boost::json::value> read_and_run(Result<boost::json::value> (*operation)(Workbench&, Arguments),
                                        Workbench& bench, const boost::json::object& json) {
    std::remove_cvref_t<Arguments> arguments{};
    if (const auto read = read_json(boost::json::value(json), arguments); !read)
        return read.error();
    return operation(bench, std::move(arguments));
}

template <class T>
boost::json::value to_value(const T& described) {
    return boost::json::parse(to_json(described));
}

/// By address or id; `not_found` says which was looked for.
Result<storage::LearnerId> find_learner(Workbench& bench, const std::string& name);
/// The same; an id may also be that of a guest, or of somebody who was erased: the ledgers know them, too.
Result<storage::SubjectId> find_subject(Workbench& bench, const std::string& name);

}  // namespace calyptenora::cli
