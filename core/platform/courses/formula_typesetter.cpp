#include "platform/courses/formula_typesetter.hpp"

#include "platform/courses/child_process.hpp"
#include "platform/courses/mathml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <deque>

namespace calyptenora::platform {

namespace {

constexpr std::size_t formulas_per_run = 500;
/// With less than this left, no program is started any more.
constexpr std::chrono::milliseconds shortest_run{20};
constexpr std::size_t max_output = 16 * 1024 * 1024;

std::string as_attribute(std::string_view text) {
    return SafeHtml().text(text).str();
}

// "<m id="3"><math>...</math></m>". A formula that fails half-way is begun a second time: the last one
// counts.
struct Line {
    std::size_t number = 0;
    std::string_view content;
};

std::optional<Line> read_line(std::string_view line) {
    constexpr std::string_view begin = "<m id=\"";
    const auto at = line.rfind(begin);
    if (at == std::string_view::npos)
        return std::nullopt;
    line.remove_prefix(at + begin.size());
    Line found;
    const auto [end, failure] = std::from_chars(line.data(), line.data() + line.size(), found.number);
    const auto open = line.find('>', std::size_t(end - line.data()));
    const auto close = line.rfind("</m>");
    if (failure != std::errc() || open == std::string_view::npos || close == std::string_view::npos ||
        close < open)
        return std::nullopt;
    found.content = line.substr(open + 1, close - open - 1);
    return found;
}

// `<error xmlns="...">message</error>`
std::string message_in(std::string_view content) {
    const auto begin = content.find('>');
    const auto end = content.rfind("</");
    if (begin == std::string_view::npos || end == std::string_view::npos || end <= begin)
        return "no message";
    std::string message(content.substr(begin + 1, end - begin - 1));
    constexpr std::pair<std::string_view, std::string_view> entities[] = {
        {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&amp;", "&"}};
    for (const auto& [entity, sign] : entities)
        for (auto at = message.find(entity); at != std::string::npos; at = message.find(entity, at + 1))
            message.replace(at, entity.size(), sign);
    return message;
}

FormulaTypesetter::Typeset make_typeset(std::string_view content, const Formula& formula) {
    if (!content.starts_with("<math"))
        return {std::nullopt, message_in(content)};
    auto math = parse_mathml(content);
    if (!math)
        return {std::nullopt, math.error().message};
    if (math->children.empty())
        return {std::nullopt, "it is empty"};
    math->set("alttext", formula.source);
    return {std::move(*math)};
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// What a command is in other words; `definition` is put before the formula that uses it.
struct Command {
    std::string_view name;
    std::string_view definition;
};

constexpr Command defined_commands[] = {
    {"dfrac", "[2]{{\\displaystyle\\frac{#1}{#2}}}"},
    {"tfrac", "[2]{{\\textstyle\\frac{#1}{#2}}}"},
    {"stackrel", "[2]{\\overset{#1}{#2}}"},
    {"xrightarrow", "[1]{\\overset{#1}{\\longrightarrow}}"},
    {"mathring", "[1]{\\overset{\\circ}{#1}}"},
    {"degree", "{{}^{\\circ}}"},
    {"euro", "{\\text{€}}"},
    {"argmax", "{\\operatornamewithlimits{arg\\,max}}"},
    {"argmin", "{\\operatornamewithlimits{arg\\,min}}"},
    {"coloneqq", "{:=}"},
};

constexpr std::pair<std::string_view, std::string_view> environments[] = {
    {"align", "aligned"},     {"align*", "aligned"}, {"split", "aligned"},  {"eqnarray", "aligned"},
    {"eqnarray*", "aligned"}, {"gather", "matrix"},  {"gather*", "matrix"}, {"gathered", "matrix"},
    {"equation", ""},         {"equation*", ""},     {"displaymath", ""},   {"array", "matrix"}};

class Rewriter {
  public:
    explicit Rewriter(std::string_view tex) : tex_(tex) {}

    std::string run() {
        while (at_ < tex_.size())
            step();
        std::string definitions;
        for (const Command& command : defined_commands)
            if (std::ranges::find(used_, command.name) != used_.end() &&
                tex_.find(fmt::format("command{{\\{}}}", command.name)) == std::string_view::npos)
                definitions += fmt::format("\\newcommand{{\\{}}}{}", command.name, command.definition);
        return definitions + out_;
    }

  private:
    void step() {
        const char c = tex_[at_];
        if (c != '\\' || at_ + 1 == tex_.size()) {
            // Line breaks are spaces, and control characters have no place in XML.
            out_ += static_cast<unsigned char>(c) < ' ' || c == 0x7f ? ' ' : c;
            ++at_;
            return;
        }
        std::size_t end = at_ + 1;
        while (end < tex_.size() && is_letter(tex_[end]))
            ++end;
        if (end == at_ + 1) {
            const char sign = tex_[end];
            out_ += '\\';
            out_ += static_cast<unsigned char>(sign) < ' ' ? ' ' : sign;
            at_ += 2;
            return;
        }
        command(tex_.substr(at_ + 1, end - at_ - 1), end);
    }

    void command(std::string_view name, std::size_t end) {
        if ((name == "begin" || name == "end") && environment(name, end))
            return;
        at_ = end;
        if (name == "middle" || name == "nonumber" || name == "notag")
            return;
        if (name == "label" && tex_.substr(end).starts_with('{')) {
            at_ = std::min(tex_.find('}', end), tex_.size() - 1) + 1;
            return;
        }
        if (name == "operatorname" && tex_.substr(end).starts_with('*')) {
            out_ += "\\operatornamewithlimits";
            ++at_;
            return;
        }
        used_.push_back(name);
        out_ += '\\';
        out_ += name;
    }

    bool environment(std::string_view command, std::size_t end) {
        const auto close = tex_.substr(end).starts_with('{') ? tex_.find('}', end) : std::string_view::npos;
        if (close == std::string_view::npos)
            return false;
        const std::string_view name = tex_.substr(end + 1, close - end - 1);
        const auto known = std::ranges::find_if(environments, [&](auto& one) { return one.first == name; });
        if (known == std::end(environments))
            return false;
        std::size_t next = close + 1;
        if (name == "array" && command == "begin") {
            // Columns that are only aligned become a matrix; lines between them cannot be drawn.
            const auto columns =
                tex_.substr(next).starts_with('{') ? tex_.find('}', next) : std::string_view::npos;
            if (columns == std::string_view::npos ||
                tex_.substr(next + 1, columns - next - 1).find_first_not_of("lcr ") != std::string_view::npos)
                return false;
            next = columns + 1;
        }
        if (!known->second.empty())
            out_ += fmt::format("\\{}{{{}}}", command, known->second);
        at_ = next;
        return true;
    }

    std::string_view tex_;
    std::size_t at_ = 0;
    std::string out_;
    std::vector<std::string_view> used_;
};

}  // namespace

std::string in_blahtex(std::string_view tex) {
    return Rewriter(tex).run();
}

void FormulaTypesetter::prepare(const std::vector<Formula>& formulas) {
    std::vector<Formula> fresh;
    for (const Formula& formula : formulas)
        if (!done_.contains(formula))
            fresh.push_back(formula);
    std::ranges::sort(fresh);
    fresh.erase(std::unique(fresh.begin(), fresh.end()), fresh.end());
    std::deque<std::vector<Formula>> runs;
    for (std::size_t at = 0; at < fresh.size(); at += formulas_per_run)
        runs.emplace_back(fresh.begin() + std::ptrdiff_t(at),
                          fresh.begin() + std::ptrdiff_t(std::min(at + formulas_per_run, fresh.size())));
    const auto deadline = std::chrono::steady_clock::now() + time_for_all_;
    for (; !runs.empty() && outage_.empty(); runs.pop_front()) {
        // A quarter of what is left: one that does not end leaves time to try the others without it.
        const auto time_limit = std::chrono::duration_cast<std::chrono::milliseconds>(
            (deadline - std::chrono::steady_clock::now()) / 4);
        if (time_limit < shortest_run)
            break;
        const auto unanswered = run(runs.front(), time_limit);
        // One that it cannot bear takes others along: both halves are tried, after all that waited before.
        const auto middle = unanswered.begin() + std::ptrdiff_t(unanswered.size() / 2);
        if (!unanswered.empty()) {
            runs.emplace_back(unanswered.begin(), middle);
            runs.emplace_back(middle, unanswered.end());
        }
    }
    const std::string fault = !outage_.empty()
                                  ? outage_
                                  : fmt::format("{} did not manage all formulas within {:g} s", program_,
                                                std::chrono::duration<double>(time_for_all_).count());
    for (const Formula& formula : fresh)
        done_.try_emplace(formula, Typeset{std::nullopt, fault});
}

const FormulaTypesetter::Typeset& FormulaTypesetter::find(const Formula& formula) {
    prepare({formula});
    return done_[formula];
}

std::vector<Formula> FormulaTypesetter::run(const std::vector<Formula>& formulas,
                                            std::chrono::milliseconds time_limit) {
    std::string input = "<f xmlns:b=\"http://gva.noekeon.org/blahtexml\">\n";
    for (std::size_t i = 0; i < formulas.size(); ++i)
        input += fmt::format("<m id=\"{}\" b:{}=\"{}\"/>\n", i,
                             formulas[i].place == FormulaPlace::displayed ? "block" : "inline",
                             as_attribute(in_blahtex(formulas[i].source)));
    input += "</f>\n";
    std::size_t output = 0;
    // Its exit code says that there was a faulty formula, too; what counts is for which of them it has an
    // answer.
    const auto ended = run_program(
        {program_, "--xmlin", "--mathml", "--mathml-nsprefix-none", "--mathml-encoding", "raw",
         "--other-encoding", "raw", "--texvc-compatible-commands"},
        time_limit,
        [&](std::string_view text) {
            const auto line = read_line(text);
            if (line && line->number < formulas.size())
                done_[formulas[line->number]] = make_typeset(line->content, formulas[line->number]);
            return (output += text.size()) < max_output;
        },
        input);
    if (!ended && ended.error().kind == ErrorKind::unsupported)
        outage_ = ended.error().message;
    std::vector<Formula> unanswered;
    for (const Formula& formula : formulas)
        if (!done_.contains(formula))
            unanswered.push_back(formula);
    if (outage_.empty() && unanswered.size() == 1) {
        done_[unanswered.front()] = {
            std::nullopt, ended ? "the typesetter failed, or its answer is too long" : ended.error().message};
        unanswered.clear();
    }
    return unanswered;
}

}  // namespace calyptenora::platform
