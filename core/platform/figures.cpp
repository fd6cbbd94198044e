#include "platform/figures.hpp"

#include "platform/rights/deadlines.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <boost/describe/enumerators.hpp>
#include <boost/mp11/algorithm.hpp>

#include <algorithm>
#include <map>
#include <tuple>

namespace calyptenora::platform {
namespace {

using boost::asio::awaitable;
using storage::Figure;
using storage::Measure;
using storage::Timestamp;

constexpr std::chrono::hours interval{1};
constexpr std::chrono::weeks one_week{1};
/// After a long time without a server, older ones are not counted: what people did then has moved on.
constexpr int most_weeks_at_once = 8;

using Day = std::chrono::sys_days;

Day monday_of(Timestamp moment) {
    const auto day = std::chrono::floor<std::chrono::days>(moment);
    return day - (std::chrono::weekday(day) - std::chrono::Monday);
}

std::string text_of(Day day) {
    return day_of(Timestamp(day));
}

/// The Mondays of weeks that have ended and were not counted, the oldest first.
std::vector<Day> weeks_to_count(const std::optional<std::string>& last, Timestamp now) {
    std::vector<Day> weeks;
    auto week = monday_of(now) - one_week;
    // A new platform begins with the week that has just ended.
    const int most = last ? most_weeks_at_once : 1;
    while (std::ssize(weeks) < most && (!last || text_of(week) > *last)) {
        weeks.insert(weeks.begin(), week);
        week -= one_week;
    }
    return weeks;
}

void count_week(storage::Transaction& tx, Day monday, int smallest_group) {
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<Measure>>([&](auto measure) {
        auto groups = storage::figures::count(tx, measure.value, text_of(monday), Timestamp(monday),
                                              Timestamp(monday + one_week));
        const bool total_is_kept = measure.value == Measure::active_in;
        for (const auto& figure : without_small_groups(std::move(groups), smallest_group, total_is_kept))
            storage::figures::put(tx, figure);
    });
}

}  // namespace

std::vector<Figure> without_small_groups(std::vector<Figure> groups, int smallest_group, bool total_is_kept) {
    std::ranges::sort(groups, [](const Figure& one, const Figure& other) {
        return std::tie(other.people, one.part) < std::tie(one.people, other.part);
    });
    const auto small =
        std::ranges::find_if(groups, [&](const Figure& group) { return group.people < smallest_group; });
    auto kept = static_cast<std::size_t>(small - groups.begin());
    if (total_is_kept && groups.size() - kept == 1 && kept > 0)
        --kept;
    groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(kept), groups.end());
    for (auto& group : groups)
        group.people -= group.people % figures_step;
    return groups;
}

void Figures::start(boost::asio::io_context& context) {
    loop_.start(
        context,
        [this]() -> awaitable<std::chrono::milliseconds> {
            if (const auto counted = co_await run_once(); !counted)
                log_("the figures of the last week cannot be counted now: " + counted.error().message);
            co_return interval;
        },
        log_);
}

awaitable<Result<int>> Figures::run_once() {
    const auto rules = rules_();
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Result<int> {
        const auto now = clock_.now();
        int counted = 0;
        for (const auto week : weeks_to_count(storage::figures::last_week(tx), now))
            if (storage::figures::open_week(tx, text_of(week), rules.smallest_group, now)) {
                count_week(tx, week, rules.smallest_group);
                ++counted;
            }
        storage::figures::sweep(tx, text_of(monday_of(now) - rules.kept));
        return counted;
    });
}

awaitable<Result<FigureTable>> Figures::list(int weeks) const {
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<FigureTable> {
        const auto from = text_of(monday_of(clock_.now()) - std::chrono::weeks(weeks));
        FigureTable table{storage::figures::list_weeks(tx, from), {}};
        std::map<std::pair<Measure, std::string>, FigureRow> rows;
        for (const auto& figure : storage::figures::list(tx, from)) {
            auto& row = rows[{figure.measure, figure.part}];
            row.people.resize(table.weeks.size());
            const auto week = std::ranges::find(table.weeks, figure.week) - table.weeks.begin();
            row.people[static_cast<std::size_t>(week)] = figure.people;
        }
        for (auto& [key, row] : rows) {
            row.measure = key.first;
            row.part = key.second;
            table.rows.push_back(std::move(row));
        }
        return table;
    });
}

}  // namespace calyptenora::platform
