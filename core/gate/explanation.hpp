#pragma once

#include "gate/decide.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A decision in words: for `gate explain`, for operators, for the learner's page.
namespace calyptenora::gate {

/// What a rule held back.
struct HeldBack {
    std::string_view rule;
    std::string_view source;
    CategoryMask
        categories;  ///< Of those that were wanted; may be empty when only the call itself is forbidden.
    bool whole_call = false;  ///< The rule forbids the call itself.
    std::string because;      ///< "the learner has refused"
    std::string unless;       ///< "the learner allows it": the counterfactual's part of this rule.
};

/// What was decided on.
struct Situation {
    Flow flow;
    SubjectState subject;
    Request request;
};

struct Explanation {
    Decision decision;
    std::vector<HeldBack> held_back;
    Situation situation;

    /// What would have to change for this field to be released, in the order of the rules' discovery: the
    /// first that is in its way, then the first that is in its way when that has changed, and so on. Found by
    /// trying: together they release it, and none of them can be left out. Empty if it was released or not
    /// wanted; absent if nothing helps.
    std::optional<std::vector<RuleId>> obstacles(Category category) const;

    /// The same in words: "user.name would be released if ..., and ...", or that it never is. Empty if it was
    /// released or not wanted.
    std::string counterfactual(Category category) const;
};

/// Says why. A view of the decision: it decides nothing by itself.
Explanation explain(const Flow& flow, const SubjectState& subject, const Request& request);

/// The keys of a set of categories, in the order of the vocabulary.
std::vector<std::string> keys_in(CategoryMask categories);

/// The same as one text, separated by ", "; "nothing" if it is empty.
std::string list_categories(CategoryMask categories);

/// For people, several lines.
std::string to_text(const Explanation& explanation);

/// For scripts.
std::string to_json_text(const Explanation& explanation);

}  // namespace calyptenora::gate
