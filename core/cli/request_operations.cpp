#include "cli/request_operations.hpp"

#include "cli/command_line.hpp"
#include "cli/described_operation.hpp"
#include "cli/opening.hpp"
#include "platform/rights/deadlines.hpp"

#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>
#include <boost/json/array.hpp>
#include <boost/mp11/algorithm.hpp>

namespace calyptenora::cli {
namespace {

using boost::json::object;
using boost::json::value;

constexpr int most_requests = 1000;

template <class Enum>
std::string word_of(Enum term) {
    return boost::describe::enum_to_string(term, "");
}

template <class Enum>
std::vector<std::string> words_of() {
    std::vector<std::string> words;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<Enum>>(
        [&](auto term) { words.emplace_back(term.name); });
    return words;
}

object to_object(const platform::RequestView& view, storage::Timestamp now) {
    boost::json::array parts;
    for (const auto& step : view.steps)
        parts.push_back(object{{"plugin", step.instance},
                               {"recipient", step.recipient},
                               {"status", word_of(step.status)},
                               {"attempts", step.attempts},
                               {"outcome", step.outcome},
                               {"retained_until", step.retained_until.value_or("")},
                               {"updated", platform::day_of(step.updated_at)}});
    const auto& request = view.request;
    return {{"id", request.id.text()},
            {"learner", request.subject.text()},
            {"kind", word_of(request.kind)},
            {"status", word_of(request.status)},
            {"entered_by", request.entered_by},
            {"received", platform::day_of(request.received_at)},
            {"starts", platform::day_of(request.starts_at)},
            {"due", platform::day_of(request.due_at)},
            {"overdue", now > request.due_at},
            {"extension", request.extension_reason.value_or("")},
            {"parts", std::move(parts)}};
}

struct ListArguments {
    std::string staff;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(ListArguments, (), (staff, reason))

Result<value> list(Workbench& bench, const ListArguments& arguments) {
    const auto open = bench.await(bench.requests().list_open(most_requests));
    if (!open)
        return open.error();
    std::vector<storage::SubjectId> askers;
    for (const auto& view : *open)
        askers.push_back(view.request.subject);
    const auto opened = open_records(bench, opening_of(arguments, storage::AccessedPart::requests), askers);
    if (!opened)
        return opened.error();
    boost::json::array list;
    for (const auto& view : *open)
        list.push_back(to_object(view, bench.gate().clock().now()));
    return list;
}

struct EnterArguments {
    std::string learner;
    std::string kind;
    std::string name;
    std::string remark;
    bool at_once = false;
};
BOOST_DESCRIBE_STRUCT(EnterArguments, (), (learner, kind, name, remark, at_once))

/// As JSON, since a future needs a value to begin with.
boost::asio::awaitable<Result<object>> receive(platform::Requests& requests, storage::LearnerId learner,
                                               storage::RequestKind kind, platform::RequestDetails details,
                                               platform::Start start) {
    const auto received = co_await requests.receive(learner, kind, std::move(details), "", "operator", start);
    if (!received)
        co_return received.error();
    co_return object{{"id", received->id.text()},
                     {"starts", platform::day_of(received->starts_at)},
                     {"due", platform::day_of(received->due_at)},
                     {"status_path", "/requests/" + received->token}};
}

Result<value> enter(Workbench& bench, const EnterArguments& arguments) {
    storage::RequestKind kind{};
    if (!boost::describe::enum_from_string(arguments.kind.c_str(), kind)) {
        const auto kinds = words_of<storage::RequestKind>();
        return Error(ErrorKind::invalid_input,
                     fmt::format("there is no request \"{}\"{}\nThere are: {}", arguments.kind,
                                 suggestion(arguments.kind, kinds), fmt::join(kinds, ", ")));
    }
    const auto learner = find_learner(bench, arguments.learner);
    if (!learner)
        return learner.error();
    platform::RequestDetails details{.display_name = {}, .remark = arguments.remark};
    if (!arguments.name.empty())
        details.display_name = arguments.name;
    auto received =
        bench.await(receive(bench.requests(), *learner, kind, std::move(details),
                            arguments.at_once ? platform::Start::at_once : platform::Start::after_window));
    if (!received)
        return received.error();
    return value(std::move(*received));
}

Result<value> done(const Status& status) {
    if (!status)
        return status.error();
    return object{};
}

struct ConfirmArguments {
    std::string request;
    std::string plugin;
    std::string evidence;
};
BOOST_DESCRIBE_STRUCT(ConfirmArguments, (), (request, plugin, evidence))

Result<value> confirm(Workbench& bench, const ConfirmArguments& arguments) {
    const auto id = storage::RequestId::parse(arguments.request);
    if (!id)
        return id.error();
    return done(bench.await(bench.requests().confirm(*id, arguments.plugin, arguments.evidence)));
}

struct ExtendArguments {
    std::string request;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(ExtendArguments, (), (request, reason))

Result<value> extend(Workbench& bench, const ExtendArguments& arguments) {
    const auto id = storage::RequestId::parse(arguments.request);
    if (!id)
        return id.error();
    return done(bench.await(bench.requests().extend(*id, arguments.reason)));
}

struct LiftArguments {
    std::string learner;
};
BOOST_DESCRIBE_STRUCT(LiftArguments, (), (learner))

Result<value> lift(Workbench& bench, const LiftArguments& arguments) {
    const auto learner = find_learner(bench, arguments.learner);
    if (!learner)
        return learner.error();
    return done(bench.await(bench.requests().lift_restriction(*learner)));
}

}  // namespace

std::optional<Result<value>> carry_out_request(Workbench& bench, const std::string& operation,
                                               const object& arguments) {
    if (operation == "requests.list")
        return read_and_run(&list, bench, arguments);
    if (operation == "requests.enter")
        return read_and_run(&enter, bench, arguments);
    if (operation == "requests.confirm")
        return read_and_run(&confirm, bench, arguments);
    if (operation == "requests.extend")
        return read_and_run(&extend, bench, arguments);
    if (operation == "restriction.lift")
        return read_and_run(&lift, bench, arguments);
    return std::nullopt;
}

}  // namespace calyptenora::cli
