#include "cli/authority_operations.hpp"

#include "cli/described_operation.hpp"
#include "platform/rights/deadlines.hpp"

#include <boost/describe/enum_to_string.hpp>
#include <boost/json/array.hpp>

namespace calyptenora::cli {
namespace {

using boost::json::object;
using boost::json::value;
using storage::LegalDemand;
using storage::LegalDemandId;

constexpr int most_demands = 1000;

std::optional<std::string> maybe(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

Result<storage::DemandScope> read_scope(const std::vector<std::string>& fields, const std::string& from,
                                        const std::string& until) {
    const auto categories = read_categories(fields);
    if (!categories)
        return categories.error();
    return storage::DemandScope{*categories, maybe(from), maybe(until)};
}

object to_object(const storage::DemandScope& scope) {
    boost::json::array fields;
    for (std::size_t i = 0; i < category_keys.size(); ++i)
        if (scope.categories.contains(static_cast<Category>(i)))
            fields.emplace_back(category_keys[i]);
    return {{"fields", std::move(fields)},
            {"from", scope.from.value_or("")},
            {"until", scope.until.value_or("")}};
}

object to_object(const LegalDemand& demand, const std::string& today) {
    using enum storage::DemandDecision;
    const auto day = [](const std::optional<storage::Timestamp>& moment) {
        return moment ? platform::day_of(*moment) : std::string();
    };
    return {{"id", demand.id.text()},
            {"state", demand.released_at           ? "released"
                      : demand.decision == refused ? "refused"
                      : demand.decision            ? "accepted"
                                                   : "entered"},
            {"authority", demand.authority},
            {"address", demand.address},
            {"reference", demand.reference},
            {"ground", demand.ground},
            {"asked", to_object(demand.asked)},
            {"granted", to_object(demand.granted)},
            {"received", demand.received_on},
            {"due", demand.due_on},
            {"overdue", !demand.is_settled() && demand.due_on < today},
            {"decision", demand.decision ? boost::describe::enum_to_string(*demand.decision, "") : ""},
            {"decision_reason", demand.decision_reason},
            {"released", day(demand.released_at)},
            {"digest", demand.digest},
            {"deferred_until", demand.is_deferred() ? *demand.deferred_until : ""},
            {"deferral_ground", demand.deferral_ground},
            {"look_again", demand.is_deferred() && *demand.deferred_until <= today},
            {"told", day(demand.told_at)}};
}

std::string today(Workbench& bench) {
    return platform::day_of(bench.gate().clock().now());
}

Result<value> done(const Status& status) {
    if (!status)
        return status.error();
    return object{};
}

struct EnterArguments {
    std::string learner;
    std::string authority;
    std::string address;
    std::string reference;
    std::string ground;
    std::vector<std::string> fields;
    std::string from;
    std::string until;
    std::string received;
    std::string due;
    std::string deferred_until;
    std::string deferral_ground;
    std::string staff;
};
BOOST_DESCRIBE_STRUCT(EnterArguments, (),
                      (learner, authority, address, reference, ground, fields, from, until, received, due,
                       deferred_until, deferral_ground, staff))

/// As JSON, since a future needs a value to begin with.
boost::asio::awaitable<Result<object>> enter_demand(platform::LegalDemands& demands, LegalDemand demand,
                                                    std::string actor) {
    const auto entered = co_await demands.enter(std::move(demand), std::move(actor));
    if (!entered)
        co_return entered.error();
    co_return object{{"id", entered->text()}};
}

Result<value> enter(Workbench& bench, const EnterArguments& arguments) {
    auto asked = read_scope(arguments.fields, arguments.from, arguments.until);
    if (!asked)
        return asked.error();
    if (arguments.deferred_until.empty() != arguments.deferral_ground.empty())
        return Error(ErrorKind::invalid_input, "a deferral has both a day and a ground");
    const auto learner = find_learner(bench, arguments.learner);
    if (!learner)
        return learner.error();
    auto entered = bench.await(enter_demand(bench.legal_demands(),
                                            {.learner = *learner,
                                             .authority = arguments.authority,
                                             .address = arguments.address,
                                             .reference = arguments.reference,
                                             .ground = arguments.ground,
                                             .asked = std::move(*asked),
                                             .received_on = arguments.received,
                                             .due_on = arguments.due,
                                             .deferred_until = maybe(arguments.deferred_until),
                                             .deferral_ground = arguments.deferral_ground},
                                            arguments.staff));
    if (!entered)
        return entered.error();
    return value(std::move(*entered));
}

struct AssessArguments {
    std::string demand;
    std::string decision;
    std::string reason;
    std::vector<std::string> fields;
    std::string from;
    std::string until;
    std::string staff;
};
BOOST_DESCRIBE_STRUCT(AssessArguments, (), (demand, decision, reason, fields, from, until, staff))

Result<value> assess(Workbench& bench, const AssessArguments& arguments) {
    const auto id = LegalDemandId::parse(arguments.demand);
    const auto decision = read_word<storage::DemandDecision>(arguments.decision);
    auto scope = read_scope(arguments.fields, arguments.from, arguments.until);
    if (!id || !decision)
        return id ? decision.error() : id.error();
    if (!scope)
        return scope.error();
    if (*decision != storage::DemandDecision::part && *scope != storage::DemandScope())
        return Error(ErrorKind::invalid_input, "only what is accepted in part has a scope of its own");
    return done(bench.await(
        bench.legal_demands().assess(*id, *decision, arguments.reason, std::move(*scope), arguments.staff)));
}

/// As JSON; with about whom it is only for whoever opened it.
boost::asio::awaitable<Result<object>> open_demand(platform::LegalDemands& demands, LegalDemandId id,
                                                   std::string reason, std::string actor, std::string today) {
    const auto opened = co_await demands.open(std::move(id), std::move(reason), std::move(actor));
    if (!opened)
        co_return opened.error();
    auto shown = to_object(*opened, today);
    shown["learner"] = opened->learner.text();
    shown["ledger_subject"] = opened->subject.text();
    co_return shown;
}

boost::asio::awaitable<Status> open_for_release(platform::LegalDemands& demands, LegalDemandId id,
                                                std::string actor) {
    const auto opened = co_await demands.open_for_release(std::move(id), std::move(actor));
    co_return opened ? Status() : opened.error();
}

struct OpenArguments {
    std::string demand;
    std::string staff;
};
BOOST_DESCRIBE_STRUCT(OpenArguments, (), (demand, staff))

Result<value> open(Workbench& bench, const OpenArguments& arguments) {
    const auto id = LegalDemandId::parse(arguments.demand);
    if (!id)
        return id.error();
    return done(bench.await(open_for_release(bench.legal_demands(), *id, arguments.staff)));
}

struct ReleaseArguments {
    std::string demand;
    std::vector<std::string> fields;
    std::string digest;
    std::int64_t assessed = 0;
    std::string staff;
};
BOOST_DESCRIBE_STRUCT(ReleaseArguments, (), (demand, fields, digest, assessed, staff))

Result<value> release(Workbench& bench, const ReleaseArguments& arguments) {
    const auto id = LegalDemandId::parse(arguments.demand);
    const auto categories = read_categories(arguments.fields);
    if (!id || !categories)
        return id ? categories.error() : id.error();
    return done(bench.await(bench.legal_demands().release(
        *id, {*categories, arguments.digest, storage::timestamp_of(arguments.assessed)}, arguments.staff)));
}

struct DeferArguments {
    std::string demand;
    std::string until;
    std::string ground;
    std::string staff;
};
BOOST_DESCRIBE_STRUCT(DeferArguments, (), (demand, until, ground, staff))

Result<value> defer(Workbench& bench, const DeferArguments& arguments) {
    const auto id = LegalDemandId::parse(arguments.demand);
    if (!id)
        return id.error();
    return done(
        bench.await(bench.legal_demands().defer(*id, arguments.until, arguments.ground, arguments.staff)));
}

struct ReasonArguments {
    std::string demand;
    std::string staff;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(ReasonArguments, (), (demand, staff, reason))

Result<value> notify(Workbench& bench, const ReasonArguments& arguments) {
    const auto id = LegalDemandId::parse(arguments.demand);
    if (!id)
        return id.error();
    return done(bench.await(bench.legal_demands().end_deferral(*id, arguments.reason, arguments.staff)));
}

struct NoArguments {};
BOOST_DESCRIBE_STRUCT(NoArguments, (), ())

// Without about whom they are, so that no record is opened.
Result<value> list(Workbench& bench, const NoArguments&) {
    const auto all = bench.await(bench.legal_demands().list(most_demands));
    if (!all)
        return all.error();
    boost::json::array list;
    for (const auto& demand : *all)
        list.push_back(to_object(demand, today(bench)));
    return list;
}

Result<value> show(Workbench& bench, const ReasonArguments& arguments) {
    const auto id = LegalDemandId::parse(arguments.demand);
    if (!id)
        return id.error();
    auto shown =
        bench.await(open_demand(bench.legal_demands(), *id, arguments.reason, arguments.staff, today(bench)));
    if (!shown)
        return shown.error();
    return value(std::move(*shown));
}

}  // namespace

std::optional<Result<value>> carry_out_authority(Workbench& bench, const std::string& operation,
                                                 const object& arguments) {
    if (operation == "authority.enter")
        return read_and_run(&enter, bench, arguments);
    if (operation == "authority.assess")
        return read_and_run(&assess, bench, arguments);
    if (operation == "authority.open")
        return read_and_run(&open, bench, arguments);
    if (operation == "authority.release")
        return read_and_run(&release, bench, arguments);
    if (operation == "authority.defer")
        return read_and_run(&defer, bench, arguments);
    if (operation == "authority.notify")
        return read_and_run(&notify, bench, arguments);
    if (operation == "authority.list")
        return read_and_run(&list, bench, arguments);
    if (operation == "authority.show")
        return read_and_run(&show, bench, arguments);
    return std::nullopt;
}

}  // namespace calyptenora::cli
