#include "cli/staff_operations.hpp"

#include "cli/described_operation.hpp"

#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>
#include <boost/json/array.hpp>
#include <fmt/chrono.h>

namespace calyptenora::cli {
namespace {

using boost::json::object;
using boost::json::value;

constexpr int most_accesses = 10'000;

std::string time_text(storage::Timestamp moment) {
    return fmt::format("{:%Y-%m-%d %H:%M} UTC",
                       fmt::gmtime(static_cast<std::time_t>(storage::microseconds_of(moment) / 1'000'000)));
}

object to_object(const storage::Access& access) {
    return {{"id", access.id.text()},           {"at", time_text(access.at)},
            {"learner", access.subject.text()}, {"who", access.actor},
            {"role", key_of(access.role)},      {"what", boost::describe::enum_to_string(access.part, "")},
            {"reason", access.reason}};
}

struct AccessArguments {
    std::string learner;
    int days = 0;
};
BOOST_DESCRIBE_STRUCT(AccessArguments, (), (learner, days))

// The log names people by their ids and holds nothing of theirs, so looking into it opens no record.
Result<value> list_accesses(Workbench& bench, const AccessArguments& arguments) {
    std::optional<storage::SubjectId> subject;
    if (!arguments.learner.empty()) {
        const auto found = find_subject(bench, arguments.learner);
        if (!found)
            return found.error();
        subject = *found;
    }
    const auto since = bench.gate().clock().now() - std::chrono::days(arguments.days);
    const auto found = bench.await(subject ? bench.staff().list_accesses(*subject, most_accesses)
                                           : bench.staff().list_all_accesses(since, most_accesses));
    if (!found)
        return found.error();
    boost::json::array list;
    for (const auto& access : *found)
        if (access.at >= since)
            list.push_back(to_object(access));
    return list;
}

Result<value> answer(const Status& status, const storage::LearnerId& account) {
    if (!status)
        return status.error();
    return object{{"learner", account.text()}};
}

struct AppointArguments {
    std::string learner;
    std::string role;
    std::string system_user;
    std::string staff;
};
BOOST_DESCRIBE_STRUCT(AppointArguments, (), (learner, role, system_user, staff))

Result<value> appoint(Workbench& bench, const AppointArguments& arguments) {
    const auto role = storage::find_role(arguments.role);
    if (!role)
        return Error(ErrorKind::invalid_input, "there is no role " + arguments.role);
    const auto account = find_learner(bench, arguments.learner);
    if (!account)
        return account.error();
    std::optional<std::string> system_user;
    if (!arguments.system_user.empty())
        system_user = arguments.system_user;
    return answer(
        bench.await(bench.staff().appoint(*account, *role, std::move(system_user), arguments.staff)),
        *account);
}

struct RecordArguments {
    std::string learner;
    std::string kind;
    std::string day;
    std::string evidence;
    std::string staff;
};
BOOST_DESCRIBE_STRUCT(RecordArguments, (), (learner, kind, day, evidence, staff))

Result<value> record(Workbench& bench, const RecordArguments& arguments) {
    storage::StaffEventKind kind{};
    if (!boost::describe::enum_from_string(arguments.kind.c_str(), kind) ||
        kind == storage::StaffEventKind::appointed)
        return Error(ErrorKind::invalid_input, "there is no evidence of the kind " + arguments.kind);
    const auto account = find_learner(bench, arguments.learner);
    if (!account)
        return account.error();
    return answer(
        bench.await(bench.staff().record(*account, kind, arguments.day, arguments.evidence, arguments.staff)),
        *account);
}

struct NoArguments {};
BOOST_DESCRIBE_STRUCT(NoArguments, (), ())

Result<value> list_staff(Workbench& bench, const NoArguments&) {
    const auto all = bench.await(bench.staff().list());
    if (!all)
        return all.error();
    boost::json::array list;
    for (const auto& standing : *all)
        list.push_back(object{{"learner", standing.account.text()},
                              {"role", key_of(standing.role)},
                              {"in_effect", standing.is_in_effect()},
                              {"undertaking_on", standing.undertaking_on.value_or("")},
                              {"trained_on", standing.trained_on.value_or("")},
                              {"training_due", standing.training_due}});
    return list;
}

Result<value> list_reviews(Workbench& bench, const NoArguments&) {
    if (const auto considered = bench.await(bench.access_reviews().consider_new()); !considered)
        return considered.error();
    const auto open = bench.await(bench.access_reviews().list_open(most_accesses));
    if (!open)
        return open.error();
    boost::json::array list;
    for (const auto& review : *open) {
        auto row = to_object(review.access);
        std::vector<std::string_view> rules;
        for (const auto rule : review.rules)
            rules.push_back(boost::describe::enum_to_string(rule, ""));
        row["rules"] = fmt::format("{}", fmt::join(rules, ", "));
        list.push_back(std::move(row));
    }
    return list;
}

struct DaysArguments {
    int days = 0;
};
BOOST_DESCRIBE_STRUCT(DaysArguments, (), (days))

Result<value> report_reviews(Workbench& bench, const DaysArguments& arguments) {
    if (const auto considered = bench.await(bench.access_reviews().consider_new()); !considered)
        return considered.error();
    const auto since = bench.gate().clock().now() - std::chrono::days(arguments.days);
    const auto report = bench.await(bench.access_reviews().report(since));
    if (!report)
        return report.error();
    object chosen, by;
    for (const auto& [rule, count] : report->chosen)
        chosen[boost::describe::enum_to_string(rule, "")] = count;
    for (const auto& [actor, count] : report->looks_by_actor)
        by[actor] = count;
    return object{{"looks", report->looks},         {"chosen", std::move(chosen)},
                  {"justified", report->justified}, {"unjustified", report->unjustified},
                  {"open", report->open},           {"by", std::move(by)}};
}

}  // namespace

std::optional<Result<value>> carry_out_staff(Workbench& bench, const std::string& operation,
                                             const object& arguments) {
    if (operation == "access.list")
        return read_and_run(&list_accesses, bench, arguments);
    if (operation == "staff.appoint")
        return read_and_run(&appoint, bench, arguments);
    if (operation == "staff.record")
        return read_and_run(&record, bench, arguments);
    if (operation == "staff.list")
        return read_and_run(&list_staff, bench, arguments);
    if (operation == "review.list")
        return read_and_run(&list_reviews, bench, arguments);
    if (operation == "review.report")
        return read_and_run(&report_reviews, bench, arguments);
    return std::nullopt;
}

}  // namespace calyptenora::cli
