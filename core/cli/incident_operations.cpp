#include "cli/incident_operations.hpp"

#include "cli/described_operation.hpp"
#include "cli/incident_notices.hpp"
#include "cli/opening.hpp"
#include "settings/instance_id.hpp"
#include "settings/text_check.hpp"

#include <boost/describe/enum_to_string.hpp>
#include <boost/json/array.hpp>
#include <fmt/chrono.h>

#include <charconv>

namespace calyptenora::cli {
namespace {

using boost::json::object;
using boost::json::value;

constexpr int most_incidents = 1000;

std::string time_text(storage::Timestamp moment) {
    return fmt::format("{:%Y-%m-%d %H:%M} UTC",
                       fmt::gmtime(static_cast<std::time_t>(storage::microseconds_of(moment) / 1'000'000)));
}

/// `2026-11-27 14:30`, in UTC.
Result<storage::Timestamp> read_time(const std::string& text) {
    const auto date = text.size() == 16 && (text[10] == ' ' || text[10] == 'T') && text[13] == ':'
                          ? settings::find_date(text.substr(0, 10))
                          : std::nullopt;
    const auto number = [&](std::size_t at) {
        int value = -1;
        const auto [end, wrong] = std::from_chars(text.data() + at, text.data() + at + 2, value);
        return wrong == std::errc() && end == text.data() + at + 2 ? value : -1;
    };
    const int hour = date ? number(11) : -1, minute = date ? number(14) : -1;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59)
        return Error(
            ErrorKind::invalid_input,
            fmt::format("\"{}\" is no time; times are written like \"2026-11-27 14:30\", in UTC", text));
    return storage::Timestamp(std::chrono::sys_days(*date) + std::chrono::hours(hour) +
                              std::chrono::minutes(minute));
}

/// The end of that minute; now, if none is named or it has not passed.
Result<storage::Timestamp> read_end(const std::string& text, storage::Timestamp now) {
    if (text.empty())
        return now;
    const auto minute = read_time(text);
    if (!minute || *minute > now)
        return minute;
    return std::min(now, *minute + std::chrono::minutes(1) - std::chrono::microseconds(1));
}

/// Whose looks it concerns, as the access log names them.
Result<std::string> read_actor(Workbench& bench, const std::string& who) {
    if (who.empty() || who.starts_with("system:"))
        return who;
    const auto prefix = who.starts_with("account:") ? std::string_view("account:") : std::string_view();
    const auto account = find_learner(bench, who.substr(prefix.size()));
    if (!account)
        return Error(
            ErrorKind::invalid_input,
            fmt::format("\"{}\" is nobody of the staff: name the address or id of an account, or a user "
                        "of a machine like system:ada, as 'access list' does",
                        who));
    return "account:" + account->text();
}

object to_object(const platform::IncidentView& view, storage::Timestamp now) {
    const auto& incident = view.incident;
    const auto time = [](const std::optional<storage::Timestamp>& moment) {
        return moment ? time_text(*moment) : std::string();
    };
    return {{"id", incident.id.text()},
            {"title", incident.title},
            {"aware", time_text(incident.aware_at)},
            {"due", view.authority_waits() ? time_text(view.due_at()) : ""},
            {"overdue", view.authority_waits() && now > view.due_at()},
            {"risk", incident.risk ? boost::describe::enum_to_string(*incident.risk, "") : ""},
            {"people", view.people.size()},
            {"authority_told", time(incident.authority_told_at)},
            {"people_told", time(incident.people_told_at)},
            {"closed", time(incident.closed_at)}};
}

struct OpenArguments {
    std::string title;
    std::string nature;
    std::string plugin;
    std::string actor;
    std::vector<std::string> fields;
    std::string from;
    std::string until;
    std::string aware;
};
BOOST_DESCRIBE_STRUCT(OpenArguments, (), (title, nature, plugin, actor, fields, from, until, aware))

/// As JSON, since a future needs a value to begin with.
boost::asio::awaitable<Result<object>> open_incident(platform::Incidents& incidents,
                                                     storage::Incident incident, storage::Timestamp now) {
    const auto opened = co_await incidents.open(std::move(incident));
    if (!opened)
        co_return opened.error();
    co_return to_object(*opened, now);
}

Result<value> open(Workbench& bench, const OpenArguments& arguments) {
    const auto now = bench.gate().clock().now();
    const auto from = read_time(arguments.from), until = read_end(arguments.until, now),
               aware = read_time(arguments.aware);
    const auto actor = read_actor(bench, arguments.actor);
    if (!actor)
        return actor.error();
    for (const auto* time : {&from, &until, &aware})
        if (!*time)
            return time->error();
    if (!arguments.plugin.empty() && !settings::parse_instance_id(arguments.plugin))
        return Error(
            ErrorKind::invalid_input,
            fmt::format("\"{}\" is no plugin; plugins are named like analytics/xapi", arguments.plugin));
    const auto categories = read_categories(arguments.fields);
    if (!categories)
        return categories.error();
    auto opened = bench.await(open_incident(bench.incidents(),
                                            {.id = storage::IncidentId::make(),
                                             .title = arguments.title,
                                             .nature = arguments.nature,
                                             .instance = arguments.plugin,
                                             .actor = *actor,
                                             .categories = *categories,
                                             .began_at = *from,
                                             .ended_at = *until,
                                             .aware_at = *aware,
                                             .recorded_at = now},
                                            now));
    if (!opened)
        return opened.error();
    return value(std::move(*opened));
}

struct NoArguments {};
BOOST_DESCRIBE_STRUCT(NoArguments, (), ())

Result<value> list(Workbench& bench, const NoArguments&) {
    const auto all = bench.await(bench.incidents().list(most_incidents));
    if (!all)
        return all.error();
    boost::json::array list;
    for (const auto& view : *all)
        list.push_back(to_object(view, bench.gate().clock().now()));
    return list;
}

Result<value> done(const Status& status) {
    if (!status)
        return status.error();
    return object{};
}

struct AssessArguments {
    std::string incident;
    std::string risk;
    std::string consequences;
    std::string measures;
};
BOOST_DESCRIBE_STRUCT(AssessArguments, (), (incident, risk, consequences, measures))

Result<value> assess(Workbench& bench, const AssessArguments& arguments) {
    const auto id = storage::IncidentId::parse(arguments.incident);
    const auto risk = read_word<storage::Risk>(arguments.risk);
    if (!id || !risk)
        return id ? risk.error() : id.error();
    return done(
        bench.await(bench.incidents().assess(*id, *risk, arguments.consequences, arguments.measures)));
}

/// The view in a list, since a future needs a value to begin with.
boost::asio::awaitable<Result<std::vector<platform::IncidentView>>> find(platform::Incidents& incidents,
                                                                         storage::IncidentId id) {
    auto found = co_await incidents.find(std::move(id));
    if (!found)
        co_return found.error();
    std::vector<platform::IncidentView> list;
    list.push_back(std::move(*found));
    co_return list;
}

struct ExtendArguments {
    std::string incident;
    std::string until;
};
BOOST_DESCRIBE_STRUCT(ExtendArguments, (), (incident, until))

Result<value> extend(Workbench& bench, const ExtendArguments& arguments) {
    const auto id = storage::IncidentId::parse(arguments.incident);
    const auto until = read_end(arguments.until, bench.gate().clock().now());
    if (!id || !until)
        return id ? until.error() : id.error();
    if (const auto extended = bench.await(bench.incidents().extend(*id, *until)); !extended)
        return extended.error();
    const auto found = bench.await(find(bench.incidents(), *id));
    if (!found)
        return found.error();
    return to_object(found->front(), bench.gate().clock().now());
}

struct ToldArguments {
    std::string incident;
    std::string whom;
    std::string evidence;
};
BOOST_DESCRIBE_STRUCT(ToldArguments, (), (incident, whom, evidence))

Result<value> told(Workbench& bench, const ToldArguments& arguments) {
    const auto id = storage::IncidentId::parse(arguments.incident);
    const auto whom = read_word<platform::Audience>(arguments.whom);
    if (!id || !whom)
        return id ? whom.error() : id.error();
    return done(bench.await(bench.incidents().told(*id, *whom, arguments.evidence)));
}

struct CloseArguments {
    std::string incident;
};
BOOST_DESCRIBE_STRUCT(CloseArguments, (), (incident))

Result<value> close(Workbench& bench, const CloseArguments& arguments) {
    const auto id = storage::IncidentId::parse(arguments.incident);
    if (!id)
        return id.error();
    return done(bench.await(bench.incidents().close(*id)));
}

struct PeopleArguments {
    std::string incident;
    std::string staff;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(PeopleArguments, (), (incident, staff, reason))

Result<value> people(Workbench& bench, const PeopleArguments& arguments) {
    const auto id = storage::IncidentId::parse(arguments.incident);
    if (!id)
        return id.error();
    const auto found = bench.await(find(bench.incidents(), *id));
    if (!found)
        return found.error();
    std::vector<storage::SubjectId> whose;
    boost::json::array list;
    for (const auto& person : found->front().people) {
        whose.push_back(person.subject);
        list.push_back(object{{"learner", person.subject.text()}, {"records", person.records}});
    }
    const auto opened = open_records(bench, opening_of(arguments, storage::AccessedPart::ledgers), whose);
    if (!opened)
        return opened.error();
    return list;
}

struct NoticeArguments {
    std::string incident;
    std::string whom;
    std::string language;
};
BOOST_DESCRIBE_STRUCT(NoticeArguments, (), (incident, whom, language))

Result<value> notice(Workbench& bench, const NoticeArguments& arguments) {
    const auto id = storage::IncidentId::parse(arguments.incident);
    const auto whom = read_word<platform::Audience>(arguments.whom);
    if (!id || !whom)
        return id ? whom.error() : id.error();
    const auto& settings = *bench.settings();
    const auto fallback =
        settings::language_keys[static_cast<std::size_t>(settings.platform.default_language)];
    const auto language =
        web::find_language(arguments.language.empty() ? std::string(fallback) : arguments.language);
    if (!language)
        return Error(ErrorKind::invalid_input, "there are texts in de and en only");
    const auto texts = web::Translations::load(bench.options().share / "texts",
                                               settings.platform.address_form == settings::AddressForm::du
                                                   ? web::AddressForm::du
                                                   : web::AddressForm::sie);
    if (!texts)
        return texts.error();
    const auto found = bench.await(find(bench.incidents(), *id));
    if (!found)
        return found.error();
    return object{{"text", make_incident_notice(found->front(), *whom, settings,
                                                web::Words(*texts, *language), bench.gate().clock().now())}};
}

}  // namespace

std::optional<Result<value>> carry_out_incident(Workbench& bench, const std::string& operation,
                                                const object& arguments) {
    if (operation == "incident.open")
        return read_and_run(&open, bench, arguments);
    if (operation == "incident.list")
        return read_and_run(&list, bench, arguments);
    if (operation == "incident.assess")
        return read_and_run(&assess, bench, arguments);
    if (operation == "incident.extend")
        return read_and_run(&extend, bench, arguments);
    if (operation == "incident.told")
        return read_and_run(&told, bench, arguments);
    if (operation == "incident.close")
        return read_and_run(&close, bench, arguments);
    if (operation == "incident.people")
        return read_and_run(&people, bench, arguments);
    if (operation == "incident.notice")
        return read_and_run(&notice, bench, arguments);
    return std::nullopt;
}

}  // namespace calyptenora::cli
