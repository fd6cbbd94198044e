#pragma once

#include "platform/courses/formulas.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace calyptenora::platform {

/// Makes MathML of TeX, with the program blahtexml, many formulas in one run: a run takes 15 ms, a thousand
/// formulas 0.6 s. Remembers what it has made. Blocking.
class FormulaTypesetter {
  public:
    /// Another program and less time are for tests. The time is for all formulas of one `prepare`.
    explicit FormulaTypesetter(std::string program = "blahtexml",
                               std::chrono::milliseconds time_for_all = std::chrono::seconds(20))
        : program_(std::move(program)), time_for_all_(time_for_all) {}

    struct Typeset {
        /// `<math>`, with its source as `alttext`.
        std::optional<HtmlNode> math;
        /// Why there is none.
        std::string fault = {};
    };

    /// Typesets those not typeset before; those for which no time is left have that as their fault.
    void prepare(const std::vector<Formula>& formulas);
    const Typeset& find(const Formula& formula);

    /// Why no formula at all can be typeset (the program is missing or cannot be started); empty if all is
    /// well.
    const std::string& outage() const { return outage_; }
    /// True once, for it is said once.
    bool is_outage_news() { return !outage_.empty() && !std::exchange(outage_told_, true); }

  private:
    /// Those without an answer that may have one in a run with fewer.
    std::vector<Formula> run(const std::vector<Formula>& formulas, std::chrono::milliseconds time_limit);

    std::string program_;
    std::chrono::milliseconds time_for_all_;
    std::string outage_;
    bool outage_told_ = false;
    std::map<Formula, Typeset> done_;
};

/// The same in the words that blahtexml knows: some commands and environments that authors of lessons use
/// have others there.
std::string in_blahtex(std::string_view tex);

}  // namespace calyptenora::platform
