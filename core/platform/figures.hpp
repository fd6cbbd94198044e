#pragma once

#include "storage/clock.hpp"
#include "storage/database.hpp"
#include "storage/repeated_work.hpp"
#include "storage/stores/figures.hpp"

#include <calyptenora/result.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

/// Statistics for whoever runs the platform, without personal data: how many people did what in each week.
/// A group that is too small is not kept, nor is another one from which it could be computed, and numbers
/// are rounded down, so that nobody's doings show in the difference between two of them (recital 26 GDPR).
namespace calyptenora::platform {

/// Numbers are multiples of this.
inline constexpr long long figures_step = 5;

struct FigureRules {
    int smallest_group = 0;
    std::chrono::weeks kept{};
};

/// One line of the table.
struct FigureRow {
    storage::Measure measure{};
    std::string part;  ///< Course or plugin; empty where there are none.
    /// For each week of the table; nothing where it is too small to be said.
    std::vector<std::optional<long long>> people;
};

struct FigureTable {
    std::vector<std::string> weeks;  ///< Their Mondays, ISO 8601, the oldest first.
    std::vector<FigureRow> rows;     ///< By measure, then part.
};

/// What may be kept of the groups of one measure. `total_is_kept`: whether the sum of all can be known, so
/// that a single missing one could be computed.
std::vector<storage::Figure> without_small_groups(std::vector<storage::Figure> groups, int smallest_group,
                                                  bool total_is_kept);

class Figures {
  public:
    using Log = std::function<void(const std::string& line)>;
    using Rules = std::function<FigureRules()>;

    Figures(storage::Database& database, const storage::Clock& clock, Rules rules, Log log)
        : database_(database), clock_(clock), rules_(std::move(rules)), log_(std::move(log)) {}

    /// Runs once at once and then every hour until stop(); the loop belongs to this object. Several processes
    /// may do this on one database.
    void start(boost::asio::io_context& context);
    /// Ends after the round that is under way. Blocks; not from a thread of the context.
    void stop() { loop_.stop(); }

    /// Counts the weeks that have ended since the last time, and deletes what is too old. Yields how many
    /// weeks were counted.
    boost::asio::awaitable<Result<int>> run_once();

    /// The last so many weeks that were counted.
    boost::asio::awaitable<Result<FigureTable>> list(int weeks) const;

  private:
    storage::Database& database_;
    const storage::Clock& clock_;
    const Rules rules_;
    const Log log_;
    storage::RepeatedWork loop_;
};

}  // namespace calyptenora::platform
