#include "platform/staff/legal_demands.hpp"

#include "gate/hand_over.hpp"
#include "platform/rights/deadlines.hpp"
#include "settings/text_check.hpp"
#include "storage/stores/subjects.hpp"
#include "storage/text.hpp"

#include <fmt/format.h>

namespace calyptenora::platform {
namespace {

using storage::DemandDecision;
using storage::DemandScope;
using storage::LegalDemand;
using storage::LegalDemandId;
using storage::Transaction;

constexpr std::size_t longest_name = 300, longest_text = 2000;
constexpr int most_demands = 1000;

Error no_such_demand() {
    return Error(ErrorKind::not_found, "there is no such demand");
}

Status check_text(const char* what, const std::string& text, std::size_t most) {
    if (text.find_first_not_of(" \t\r\n") != std::string::npos && text.size() <= most &&
        storage::validate_text(text))
        return {};
    return Error(ErrorKind::invalid_input, fmt::format("{} has to be said, in at most {} bytes", what, most));
}

Status check_day(const std::string& day) {
    if (settings::find_date(day))
        return {};
    return Error(ErrorKind::invalid_input,
                 fmt::format("\"{}\" is no day; days are written like 2026-11-27", day));
}

Status check_scope(const DemandScope& scope) {
    if (scope.categories.empty())
        return Error(ErrorKind::invalid_input, "say which data are asked for");
    for (const auto* day : {&scope.from, &scope.until})
        if (*day)
            if (auto good = check_day(**day); !good)
                return good;
    if (scope.from && scope.until && *scope.from > *scope.until)
        return Error(ErrorKind::invalid_input, "the period ends before it begins");
    return {};
}

Status check_demand(const LegalDemand& demand, const std::string& today) {
    for (const auto& [what, text, most] : {std::tuple("who demands it", &demand.authority, longest_name),
                                           {"the authority's address", &demand.address, longest_name},
                                           {"the reference of its file", &demand.reference, longest_name},
                                           {"the legal ground", &demand.ground, longest_text}})
        if (auto good = check_text(what, *text, most); !good)
            return good;
    for (const auto* day : {&demand.received_on, &demand.due_on})
        if (auto good = check_day(*day); !good)
            return good;
    if (demand.received_on > today)
        return Error(ErrorKind::invalid_input, fmt::format("{} is still to come", demand.received_on));
    if (demand.due_on < demand.received_on)
        return Error(ErrorKind::invalid_input, "the deadline is before the day of receipt");
    return check_scope(demand.asked);
}

std::string look_reason(const LegalDemand& demand) {
    return fmt::format("legal demand of {}, {}", demand.authority, demand.reference);
}

/// Whether it may be released, and by whoever this is.
Status check_release(const LegalDemand& demand, const StaffStanding& who) {
    if (demand.released_at)
        return Error(ErrorKind::conflict, "it is released already");
    if (!demand.decision)
        return Error(ErrorKind::conflict, "it is not assessed yet: 'calyptenora authority assess'");
    if (demand.decision == DemandDecision::refused)
        return Error(ErrorKind::conflict, "it was refused, so there is nothing to release");
    const auto actor = actor_of(who.account);
    if (actor == demand.entered_by || actor == demand.assessed_by)
        return Error(
            ErrorKind::denied,
            "whoever entered or assessed a demand does not release it: that is for somebody else of data "
            "protection, or for the operator");
    return {};
}

}  // namespace

Status LegalDemands::check_deferral(const std::string& until, const std::string& ground) const {
    if (auto good = check_day(until); !good)
        return good;
    const auto now = clock_.now();
    if (until <= day_of(now) || until > day_of(now + longest_deferral))
        return Error(
            ErrorKind::invalid_input,
            fmt::format("a notice is deferred until a day from tomorrow to {}; then it is looked at again",
                        day_of(now + longest_deferral)));
    return check_text("on which ground the person must not be told", ground, longest_text);
}

Status LegalDemands::log_look(Transaction& tx, const LegalDemand& demand, const StaffStanding& who,
                              const std::string& actor, std::string reason) const {
    const auto opened = gate::AccessLog::open(
        tx, cipher_, clock_.now(), {actor, who.role, storage::AccessedPart::demand, std::move(reason)},
        {{demand.subject}});
    return opened ? Status() : opened.error();
}

// Of somebody erased it stays a subject of its own: there is no account that could be told.
void LegalDemands::join(Transaction& tx, const LegalDemand& demand) const {
    const auto account = storage::learners::find(tx, demand.learner);
    if (account && account->state != storage::LearnerState::erased)
        storage::subjects::merge_guest(tx, demand.subject, demand.learner);
}

void LegalDemands::tell_if_due(LegalDemand& demand) const {
    if (demand.is_settled() && !demand.is_deferred() && !demand.told_at)
        demand.told_at = clock_.now();
}

boost::asio::awaitable<Result<LegalDemandId>> LegalDemands::enter(LegalDemand demand, std::string actor) {
    const auto who = co_await staff_.find_acting(actor, Permission::assess_demands);
    if (!who)
        co_return who.error();
    if (demand.learner == who->account)
        co_return Error(ErrorKind::denied, "a demand about yourself is entered by somebody else");
    demand.entered_at = clock_.now();
    demand.entered_by = actor_of(who->account);
    if (auto good = check_demand(demand, day_of(demand.entered_at)); !good)
        co_return good.error();
    if (demand.deferred_until)
        if (auto good = check_deferral(*demand.deferred_until, demand.deferral_ground); !good)
            co_return good.error();
    co_return co_await database_.transaction([&](Transaction& tx) -> Result<LegalDemandId> {
        if (!storage::learners::find(tx, demand.learner))
            return Error(ErrorKind::not_found, "there is no such account");
        if (auto key = cipher_.keys().create(demand.subject); !key)
            return key.error();
        storage::subjects::insert(tx, demand.subject, storage::SubjectKind::guest, demand.entered_at);
        if (!demand.is_deferred())
            join(tx, demand);
        storage::legal_demands::insert(tx, cipher_, demand);
        if (auto logged = log_look(tx, demand, *who, actor, look_reason(demand)); !logged)
            return logged.error();
        return demand.id;
    });
}

template <class Change>
boost::asio::awaitable<Result<LegalDemand>> LegalDemands::change(LegalDemandId id, Permission permission,
                                                                 std::string actor, Change change) {
    const auto who = co_await staff_.find_acting(actor, permission);
    if (!who)
        co_return who.error();
    co_return co_await database_.transaction([&](Transaction& tx) -> Result<LegalDemand> {
        auto demand = storage::legal_demands::lock(tx, cipher_, id);
        // About whom it is, the person learns when the law allows, and not by trying.
        if (!demand || demand->learner == who->account)
            return no_such_demand();
        if (Status changed = change(tx, *demand, *who); !changed)
            return changed.error();
        tell_if_due(*demand);
        storage::legal_demands::update(tx, cipher_, *demand);
        return std::move(*demand);
    });
}

boost::asio::awaitable<Status> LegalDemands::assess(LegalDemandId id, DemandDecision decision,
                                                    std::string reason, DemandScope scope,
                                                    std::string actor) {
    if (auto good = check_text("the reason", reason, longest_text); !good)
        co_return good;
    const auto done = co_await change(
        std::move(id), Permission::assess_demands, actor,
        [&](Transaction&, LegalDemand& demand, const StaffStanding& who) -> Status {
            if (demand.is_settled())
                return Error(ErrorKind::conflict, "it is settled: released, or refused");
            if (decision == DemandDecision::part) {
                if (auto good = check_scope(scope); !good)
                    return good;
                if (!scope.is_within(demand.asked) || scope == demand.asked)
                    return Error(ErrorKind::invalid_input,
                                 "what is accepted in part is less than what was asked for, and within it");
                demand.granted = scope;
            } else {
                demand.granted = decision == DemandDecision::full ? demand.asked : DemandScope();
            }
            demand.decision = decision;
            demand.decision_reason = reason;
            demand.assessed_at = clock_.now();
            demand.assessed_by = actor_of(who.account);
            return {};
        });
    co_return done ? Status() : done.error();
}

boost::asio::awaitable<Result<LegalDemand>> LegalDemands::open_for_release(LegalDemandId id,
                                                                           std::string actor) {
    co_return co_await change(std::move(id), Permission::release_demands, actor,
                              [&](Transaction& tx, LegalDemand& demand, const StaffStanding& who) -> Status {
                                  if (auto good = check_release(demand, who); !good)
                                      return good;
                                  return log_look(tx, demand, who, actor, look_reason(demand));
                              });
}

boost::asio::awaitable<Status> LegalDemands::release(LegalDemandId id, HandedFile file, std::string actor) {
    const auto done = co_await change(
        std::move(id), Permission::release_demands, actor,
        [&](Transaction& tx, LegalDemand& demand, const StaffStanding& who) -> Status {
            if (auto good = check_release(demand, who); !good)
                return good;
            if (demand.assessed_at != file.assessed_at)
                return Error(ErrorKind::conflict, "it was assessed anew meanwhile: make the file once more");
            if (!demand.granted.categories.contains(file.categories))
                return Error(ErrorKind::denied, "the file holds more than was accepted");
            const auto now = clock_.now();
            auto call = gate::record_hand_over(
                tx, cipher_, now,
                {demand.subject, demand.id.text(), demand.authority, file.categories, file.digest});
            if (!call)
                return call.error();
            demand.released_at = now;
            demand.released_by = actor_of(who.account);
            demand.call = std::move(*call);
            demand.digest = file.digest;
            return {};
        });
    co_return done ? Status() : done.error();
}

boost::asio::awaitable<Status> LegalDemands::defer(LegalDemandId id, std::string until, std::string ground,
                                                   std::string actor) {
    if (auto good = check_deferral(until, ground); !good)
        co_return good;
    const auto done =
        co_await change(std::move(id), Permission::assess_demands, actor,
                        [&](Transaction&, LegalDemand& demand, const StaffStanding&) -> Status {
                            if (!demand.is_deferred())
                                return Error(ErrorKind::conflict, "the person may know of it already");
                            demand.deferred_until = until;
                            demand.deferral_ground = ground;
                            return {};
                        });
    co_return done ? Status() : done.error();
}

boost::asio::awaitable<Status> LegalDemands::end_deferral(LegalDemandId id, std::string reason,
                                                          std::string actor) {
    if (!reason.empty())
        if (auto good = check_text("why the deferral ends before its day", reason, longest_text); !good)
            co_return good;
    const auto done = co_await change(
        std::move(id), Permission::assess_demands, actor,
        [&](Transaction& tx, LegalDemand& demand, const StaffStanding&) -> Status {
            if (!demand.is_deferred())
                return Error(ErrorKind::conflict, "the person may know of it already");
            const auto now = clock_.now();
            if (day_of(now) < *demand.deferred_until && reason.empty())
                return Error(
                    ErrorKind::conflict,
                    fmt::format("the notice is deferred until {}: say why the person may be told before",
                                *demand.deferred_until));
            demand.deferral_ended_at = now;
            demand.deferral_end = reason;
            join(tx, demand);
            return {};
        });
    co_return done ? Status() : done.error();
}

boost::asio::awaitable<Result<LegalDemand>> LegalDemands::open(LegalDemandId id, std::string reason,
                                                               std::string actor) {
    co_return co_await change(std::move(id), Permission::release_demands, actor,
                              [&](Transaction& tx, LegalDemand& demand, const StaffStanding& who) {
                                  return log_look(tx, demand, who, actor, reason);
                              });
}

boost::asio::awaitable<Result<std::vector<LegalDemand>>> LegalDemands::list(int limit) {
    co_return co_await database_.run([&](Transaction& tx) -> Result<std::vector<LegalDemand>> {
        return storage::legal_demands::list(tx, cipher_, limit);
    });
}

boost::asio::awaitable<Result<std::vector<LegalDemand>>> LegalDemands::list_told(storage::LearnerId learner) {
    co_return co_await database_.run([&](Transaction& tx) -> Result<std::vector<LegalDemand>> {
        return storage::legal_demands::list_told(tx, cipher_, learner);
    });
}

// The words stay the same until something changes, so that each is said once a day.
boost::asio::awaitable<Result<std::vector<std::string>>> LegalDemands::list_reminders() {
    const auto all = co_await list(most_demands);
    if (!all)
        co_return all.error();
    const auto today = day_of(clock_.now());
    std::vector<std::string> reminders;
    for (const auto& demand : *all) {
        if (!demand.is_settled())
            reminders.push_back(fmt::format(
                "legal demand {} is not {} yet; it is due by {}{}: 'calyptenora authority "
                "{}'",
                demand.id.text(), demand.decision ? "released" : "assessed", demand.due_on,
                demand.due_on < today ? ", OVERDUE" : "", demand.decision ? "release" : "assess"));
        if (demand.is_deferred() && *demand.deferred_until <= today)
            reminders.push_back(
                fmt::format("legal demand {}: the notice to the person was deferred until {}: "
                            "'calyptenora authority notify', or 'authority defer' on a ground that "
                            "still holds",
                            demand.id.text(), *demand.deferred_until));
    }
    co_return reminders;
}

}  // namespace calyptenora::platform
