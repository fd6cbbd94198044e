#pragma once

#include "cli/command_line.hpp"
#include "cli/workbench.hpp"

#include <calyptenora/json.hpp>
#include <calyptenora/result.hpp>
#include <calyptenora/vocabulary.hpp>

#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enumerators.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <boost/mp11/algorithm.hpp>
#include <fmt/ranges.h>

#include <string>
#include <vector>

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

/// The enumerator of this name; what there is, where there is no such one.
template <class Enum>
Result<Enum> read_word(const std::string& word) {
    Enum term{};
    if (boost::describe::enum_from_string(word.c_str(), term))
        return term;
    std::vector<std::string> known;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<Enum>>(
        [&](auto each) { known.emplace_back(each.name); });
    return Error(ErrorKind::invalid_input, fmt::format("there is no \"{}\"{}\nThere are: {}", word,
                                                       suggestion(word, known), fmt::join(known, ", ")));
}

/// All that these keys of data categories, or of groups of them, stand for.
Result<CategoryMask> read_categories(const std::vector<std::string>& keys);

/// By address or id; `not_found` says which was looked for.
Result<storage::LearnerId> find_learner(Workbench& bench, const std::string& name);
/// The same; an id may also be that of a guest, or of somebody who was erased: the ledgers know them, too.
Result<storage::SubjectId> find_subject(Workbench& bench, const std::string& name);

}  // namespace calyptenora::cli
