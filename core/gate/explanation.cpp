#include "gate/explanation.hpp"

#include <calyptenora/json.hpp>

#include <algorithm>
#include <array>

namespace calyptenora::gate {
namespace {

// How things would be if what stands in a rule's way were otherwise. `fields` are those that it is about.
using Change = void (*)(Situation&, CategoryMask fields);

// Today, to all that is asked for, whatever else changes.
void consent(Situation& s, CategoryMask) {
    s.subject.consent = ConsentState::given;
    s.subject.consent_expires_at = Instant::max();
    s.subject.consented = CategoryMask::all();
    s.subject.terms_widened = false;
}

void take_another_basis(Situation& s, CategoryMask) {
    for (std::size_t i = 0; i < legal_basis_keys.size(); ++i) {
        const auto basis = static_cast<LegalBasis>(i);
        const bool opens = !s.request.device || basis != LegalBasis::legitimate_interest;
        if (opens && is_admissible(s.flow.purpose, basis)) {
            s.flow.basis = basis;
            return;
        }
    }
}

void open_device(Situation& s, CategoryMask fields) {
    s.flow.device_access = s.flow.device_access.value_or(DeviceAccess::consent);
    if (s.flow.basis == LegalBasis::legitimate_interest)
        take_another_basis(s, fields);
}

struct Words {
    std::string_view because;
    std::string_view unless;
    Change change;  ///< None: nothing helps.
};

/// One entry a rule, in the order of RuleId.
constexpr std::array<Words, rule_count> words{{
    {"what holds for this person could not be read", "their record can be read",
     [](Situation& s, CategoryMask) { s.subject.readable = true; }},
    {"nobody is named as the recipient", "the operator names the recipient",
     [](Situation& s, CategoryMask) { s.flow.has_recipient = true; }},
    {"the plugin's manifest does not declare it for this purpose", "a new version of the plugin declares it",
     [](Situation& s, CategoryMask fields) { s.flow.declared |= fields; }},
    {"the person's data has been erased", "never: erasure is final", nullptr},
    {"processing is restricted", "the restriction ends",
     [](Situation& s, CategoryMask) { s.subject.restricted = false; }},
    {"the person has objected", "the person takes the objection back",
     [](Situation& s, CategoryMask) { s.subject.objected = false; }},
    {"the person is a minor", "they are old enough, or a guardian consents where that is enough",
     [](Situation& s, CategoryMask) { s.subject.guardian_needed = false; }},
    {"this legal basis cannot carry this purpose", "the plugin states another legal basis",
     take_another_basis},
    {"the browser may not be used for it",
     "the plugin declares why it needs the browser, and not as its legitimate interest", open_device},
    {"there is no valid consent", "the person consents", consent},
    {"consent was withdrawn, and no other basis takes its place", "the person consents again", consent},
    {"the consent has ended", "the person renews it", consent},
    {"more would be done than the person agreed to", "the person agrees to the new terms", consent},
    {"the privacy notice announces it for a later day", "that day has come",
     [](Situation& s, CategoryMask) { s.flow.in_force_from = s.request.now; }},
    {"the browser asks for privacy (Global Privacy Control)", "the person chooses otherwise on this site",
     consent},
    {"the operator does not grant it", "the operator grants it in the settings",
     [](Situation& s, CategoryMask fields) { s.flow.granted |= fields; }},
    {"grades and submissions leave only when granted by name", "the operator grants just this field by name",
     [](Situation& s, CategoryMask fields) { s.flow.granted_by_name |= fields; }},
}};

static_assert(!words.back().because.empty(), "one entry a rule");

const Words& words_of(RuleId rule) {
    return words[static_cast<std::size_t>(rule)];
}

Decision decide_if_changed(Situation imagined, const std::vector<RuleId>& changed, CategoryMask fields) {
    for (const auto rule : changed)
        words_of(rule).change(imagined, fields);
    return decide(imagined.flow, imagined.subject, imagined.request);
}

/// The first rule that forbids one of these fields, or the call itself.
std::optional<RuleId> first_in_the_way(const Decision& decision, CategoryMask fields) {
    for (const auto& rule : rules()) {
        const auto forbidden = decision.forbidden[static_cast<std::size_t>(rule.id)];
        if (!((forbidden - CategoryMask::all()) | (forbidden & fields)).empty())
            return rule.id;
    }
    return std::nullopt;
}

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
    Explanation explanation{decide(flow, subject, request), {}, {flow, subject, request}};
    for (const auto& rule : rules()) {
        const auto held_back = explanation.decision.forbidden[static_cast<std::size_t>(rule.id)];
        if (held_back.empty())
            continue;
        const auto categories = held_back & CategoryMask::all();
        explanation.held_back.push_back({rule.key, rule.source, categories, held_back != categories,
                                         std::string(words_of(rule.id).because),
                                         std::string(words_of(rule.id).unless)});
    }
    return explanation;
}

std::optional<std::vector<RuleId>> Explanation::obstacles(Category category) const {
    std::vector<RuleId> changed;
    if (!decision.wanted.contains(category))
        return changed;
    // Without the fields that the call cannot do without, this one does not leave either.
    const auto fields = CategoryMask(category) | (situation.flow.required & decision.wanted);
    const auto is_released = [&](const std::vector<RuleId>& if_changed) {
        return decide_if_changed(situation, if_changed, fields).released.contains(category);
    };
    while (!is_released(changed)) {
        const auto rule = first_in_the_way(decide_if_changed(situation, changed, fields), fields);
        if (!rule || !words_of(*rule).change || std::ranges::find(changed, *rule) != changed.end())
            return std::nullopt;
        changed.push_back(*rule);
    }
    // A later change can make an earlier one needless: on another legal basis nobody has to be old enough.
    for (std::size_t i = 0; i < changed.size();) {
        auto others = changed;
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
        if (is_released(others))
            changed = std::move(others);
        else
            ++i;
    }
    return changed;
}

std::string Explanation::counterfactual(Category category) const {
    const auto needed = obstacles(category);
    if (!needed)
        return fmt::format("{} will not be released: {}", key_of(category), words_of(RuleId::erased).because);
    if (needed->empty())
        return {};
    std::vector<std::string_view> conditions;
    for (const auto rule : *needed)
        conditions.push_back(words_of(rule).unless);
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
