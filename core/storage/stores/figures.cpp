#include "storage/stores/figures.hpp"

#include <array>

namespace calyptenora::storage::figures {
namespace {

struct Counting {
    Measure measure;
    std::string_view part;    ///< The column, or '' for none.
    std::string_view person;  ///< The column.
    std::string_view source;  ///< Table, and what of it.
    std::string_view moment;  ///< The column that says when.
};

constexpr std::array countings{
    Counting{Measure::new_accounts, "''", "id", "learners where true", "created_at"},
    Counting{Measure::active, "''", "learner", "lesson_progress where true", "updated_at"},
    Counting{Measure::active_in, "course", "learner", "lesson_progress where true", "updated_at"},
    Counting{Measure::enrolled, "course", "learner", "enrolments where true", "since"},
    Counting{Measure::finished, "course", "learner", "lesson_progress where state = 'completed'",
             "completed_at"},
    Counting{Measure::paid, "course", "learner", "orders where state in ('paid', 'overpaid')", "updated_at"},
    Counting{Measure::asked, "''", "learner", "cases where true", "created_at"},
    Counting{Measure::allowed, "instance", "pii_principal_id",
             "consent_events where event_state in ('given', 'renewed')", "event_time"},
    Counting{Measure::refused, "instance", "pii_principal_id",
             "consent_events where event_state in ('refused', 'withdrawn')", "event_time"},
};

constexpr const Counting& counting_of(Measure measure) {
    return countings[static_cast<std::size_t>(measure)];
}
static_assert([] {
    for (std::size_t i = 0; i < countings.size(); ++i)
        if (countings[i].measure != static_cast<Measure>(i))
            return false;
    return countings.size() == boost::mp11::mp_size<boost::describe::describe_enumerators<Measure>>::value;
}());

}  // namespace

constexpr std::string_view count_sql =
    "select {0}, count(distinct {1}) from {2} and {3} >= :from and {3} < :until and {1} in (select id from "
    "learners where state = 'active' and id not in (select subject from objections)) group by 1 order by 1";
std::vector<Figure> count(Transaction& tx, Measure measure, std::string_view week, Timestamp from,
                          Timestamp until) {
    const auto& [counted, part, person, source, moment] = counting_of(measure);
    const auto sql = fmt::format(fmt::runtime(count_sql), part, person, source, moment);
    std::vector<Figure> found;
    for (auto& [name, people] : tx.rows<std::string, long long>(sql, from, until))
        if (people > 0)
            found.push_back({std::string(week), measure, std::move(name), people});
    return found;
}

constexpr std::string_view open_week_sql =
    "insert into figure_weeks (week, minimum, made_at) values (:week, :minimum, :now) on conflict (week) do "
    "nothing";
bool open_week(Transaction& tx, std::string_view week, int minimum, Timestamp now) {
    return tx.execute(open_week_sql, week, minimum, now) > 0;
}

constexpr std::string_view put_sql =
    "insert into figures (week, measure, part, people) values (:week, :measure, :part, :people)";
void put(Transaction& tx, const Figure& figure) {
    tx.execute(put_sql, figure.week, figure.measure, figure.part, figure.people);
}

constexpr std::string_view last_week_sql = "select max(week) from figure_weeks";
std::optional<std::string> last_week(Transaction& tx) {
    const auto row = tx.find<std::optional<std::string>>(last_week_sql);
    return row ? std::get<0>(*row) : std::nullopt;
}

constexpr std::string_view list_sql =
    "select week, measure, part, people from figures where week >= :week order by week, measure, part";
std::vector<Figure> list(Transaction& tx, std::string_view from_week) {
    std::vector<Figure> found;
    for (auto& row : tx.rows<std::string, Measure, std::string, long long>(list_sql, from_week))
        found.push_back(std::make_from_tuple<Figure>(std::move(row)));
    return found;
}

constexpr std::string_view list_weeks_sql = "select week from figure_weeks where week >= :week order by week";
std::vector<std::string> list_weeks(Transaction& tx, std::string_view from_week) {
    std::vector<std::string> weeks;
    for (auto& [week] : tx.rows<std::string>(list_weeks_sql, from_week))
        weeks.push_back(std::move(week));
    return weeks;
}

constexpr std::string_view sweep_figures_sql = "delete from figures where week < :week";
constexpr std::string_view sweep_weeks_sql = "delete from figure_weeks where week < :week";
long long sweep(Transaction& tx, std::string_view before_week) {
    tx.execute(sweep_figures_sql, before_week);
    return tx.execute(sweep_weeks_sql, before_week);
}

}  // namespace calyptenora::storage::figures
