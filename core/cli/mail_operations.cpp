#include "cli/mail_operations.hpp"

#include "cli/described_operation.hpp"
#include "web/format.hpp"

#include <boost/describe/enum_to_string.hpp>
#include <boost/json/array.hpp>

namespace calyptenora::cli {
namespace {

using boost::json::object;
using boost::json::value;

constexpr int most_letters = 10'000;

struct NoArguments {};
BOOST_DESCRIBE_STRUCT(NoArguments, (), ())

Result<value> list(Workbench& bench, const NoArguments&) {
    const auto letters = bench.await(bench.letters().list_undelivered(most_letters));
    if (!letters)
        return letters.error();
    boost::json::array list;
    for (const auto& letter : *letters) {
        const auto kind = platform::find_letter_kind(letter.operation);
        const bool is_to_come = letter.state != storage::OutboxState::failed;
        list.push_back(
            object{{"id", letter.id.text()},
                   {"letter", kind ? boost::describe::enum_to_string(*kind, "") : letter.operation.c_str()},
                   {"state", boost::describe::enum_to_string(letter.state, "")},
                   {"attempts", letter.attempts},
                   {"written", web::format_iso(letter.created_at)},
                   {"next", is_to_come ? web::format_iso(letter.next_attempt_at) : ""},
                   {"last_error", letter.last_error}});
    }
    return list;
}

struct RetryArguments {
    std::string letter;
};
BOOST_DESCRIBE_STRUCT(RetryArguments, (), (letter))

Result<value> retry(Workbench& bench, const RetryArguments& arguments) {
    if (!arguments.letter.empty()) {
        const auto id = storage::EventId::parse(arguments.letter);
        if (!id)
            return id.error();
        if (auto retried = bench.await(bench.letters().retry(*id)); !retried)
            return retried.error();
        return object{{"letters", 1}};
    }
    const auto letters = bench.await(bench.letters().list_undelivered(most_letters));
    if (!letters)
        return letters.error();
    int count = 0;
    // One that has left in between is none of ours any more.
    for (const auto& letter : *letters)
        count += bench.await(bench.letters().retry(letter.id)) ? 1 : 0;
    return object{{"letters", count}};
}

}  // namespace

std::optional<Result<value>> carry_out_mail(Workbench& bench, const std::string& operation,
                                            const object& arguments) {
    if (operation == "mail.list")
        return read_and_run(&list, bench, arguments);
    if (operation == "mail.retry")
        return read_and_run(&retry, bench, arguments);
    return std::nullopt;
}

}  // namespace calyptenora::cli
