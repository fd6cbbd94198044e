#include "gate/explanation.hpp"

#include <calyptenora/json.hpp>

#include <array>

namespace calyptenora::gate {
namespace {

struct Words {
    std::string_view because;
    std::string_view unless;
};

/// One line a rule, in the order of RuleId.
constexpr std::array<Words, rule_count> words{{
    {"what holds for this person could not be read", "their record can be read"},
    {"nobody is named as the recipient", "the operator names the recipient"},
    {"the plugin's manifest does not declare it for this purpose", "a new version of the plugin declares it"},
    {"the person's data has been erased", "never: erasure is final"},
    {"processing is restricted", "the restriction ends"},
    {"the person has objected", "the person takes the objection back"},
    {"the person is a minor", "they are old enough, or a guardian consents where that is enough"},
    {"this legal basis cannot carry this purpose", "the plugin states another legal basis"},
    {"the browser may not be used for it", "the plugin declares why it needs the browser"},
    {"there is no valid consent", "the person consents"},
    {"consent was withdrawn, and no other basis takes its place", "the person consents again"},
    {"the consent has ended", "the person renews it"},
    {"more would be done than the person agreed to", "the person agrees to the new terms"},
    {"the browser asks for privacy (Global Privacy Control)", "the person chooses otherwise on this site"},
    {"the operator does not grant it", "the operator grants it in the settings"},
    {"grades and submissions leave only when granted by name", "the operator grants just this field by name"},
}};

struct StepDocument {
    std::string rule, source, because, unless;
    std::vector<std::string> categories;
    bool whole_call = false;
};
BOOST_DESCRIBE_STRUCT(StepDocument, (), (rule, source, because, unless, categories, whole_call))

struct Document {
    bool refused = false;
    std::vector<std::string> wanted, released;
    std::vector<StepDocument> held_back;
    std::map<std::string, std::string> counterfactual;
};
BOOST_DESCRIBE_STRUCT(Document, (), (refused, wanted, released, held_back, counterfactual))

CategoryMask withheld(const Explanation& explanation) {
    return explanation.decision.wanted - explanation.decision.released;
}

}  // namespace

std::vector<std::string> keys_in(CategoryMask categories) {
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < category_keys.size(); ++i)
        if (categories.contains(static_cast<Category>(i)))
            keys.emplace_back(category_keys[i]);
    return keys;
}

std::string list_categories(CategoryMask categories) {
    if ((categories & CategoryMask::all()).empty())
        return "nothing";
    return fmt::format("{}", fmt::join(keys_in(categories), ", "));
}

Explanation explain(const Flow& flow, const SubjectState& subject, const Request& request) {
    Explanation explanation{decide(flow, subject, request), {}};
    for (const auto& rule : rules()) {
        const auto index = static_cast<std::size_t>(rule.id);
        const auto held_back = explanation.decision.forbidden[index];
        if (held_back.empty())
            continue;
        const auto categories = held_back & CategoryMask::all();
        explanation.held_back.push_back({rule.key, rule.source, categories, held_back != categories,
                                         std::string(words[index].because),
                                         std::string(words[index].unless)});
    }
    return explanation;
}

std::string Explanation::counterfactual(Category category) const {
    if (!decision.wanted.contains(category) || decision.released.contains(category))
        return {};
    std::vector<std::string> conditions;
    for (const auto& step : held_back)
        if (step.whole_call || step.categories.contains(category))
            conditions.push_back(step.unless);
    // Nothing forbids this field itself: it falls with one that the call cannot do without.
    if (conditions.empty())
        for (const auto& step : held_back)
            conditions.push_back(step.unless);
    return fmt::format("{} would be released if {}", key_of(category), fmt::join(conditions, ", and "));
}

std::string to_text(const Explanation& explanation) {
    const auto& decision = explanation.decision;
    std::string text = decision.refused ? "Refused: nothing is sent.\n"
                                        : fmt::format("Released: {}.\n", list_categories(decision.released));
    text += fmt::format("Wanted:   {}.\n", list_categories(decision.wanted));
    for (const auto& step : explanation.held_back)
        text += fmt::format("- {} ({}): {}. Holds back {}.\n", step.rule, step.source, step.because,
                            step.whole_call ? "the whole call" : list_categories(step.categories));
    for (std::size_t i = 0; i < category_keys.size(); ++i)
        if (const auto sentence = explanation.counterfactual(static_cast<Category>(i)); !sentence.empty())
            text += "  " + sentence + ".\n";
    return text;
}

std::string to_json_text(const Explanation& explanation) {
    Document document{explanation.decision.refused,
                      keys_in(explanation.decision.wanted),
                      keys_in(explanation.decision.released),
                      {},
                      {}};
    for (const auto& step : explanation.held_back)
        document.held_back.push_back({std::string(step.rule), std::string(step.source), step.because,
                                      step.unless, keys_in(step.categories), step.whole_call});
    for (const auto& key : keys_in(withheld(explanation)))
        document.counterfactual[key] = explanation.counterfactual(*find_term<Category>(key));
    return to_json(document);
}

}  // namespace calyptenora::gate
