#include "cli/staff_operations.hpp"

#include "cli/described_operation.hpp"

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
            list.push_back(object{{"id", access.id.text()},
                                  {"at", time_text(access.at)},
                                  {"learner", access.subject.text()},
                                  {"who", access.actor},
                                  {"role", key_of(access.role)},
                                  {"what", boost::describe::enum_to_string(access.part, "")},
                                  {"reason", access.reason}});
    return list;
}

}  // namespace

std::optional<Result<value>> carry_out_staff(Workbench& bench, const std::string& operation,
                                             const object& arguments) {
    if (operation == "access.list")
        return read_and_run(&list_accesses, bench, arguments);
    return std::nullopt;
}

}  // namespace calyptenora::cli
