#include "platform/staff/incidents.hpp"

#include "storage/text.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace calyptenora::platform {
namespace {

using storage::Incident;
using storage::IncidentId;
using storage::Risk;
using storage::Transaction;

constexpr std::size_t longest_title = 200, longest_text = 10'000;
constexpr int most_incidents = 1000;

Status check_text(const char* what, std::string_view text, std::size_t longest) {
    if (!text.empty() && text.size() <= longest && storage::validate_text(text))
        return {};
    return Error(ErrorKind::invalid_input,
                 fmt::format("{} is missing, longer than {} bytes, or no text", what, longest));
}

Status check_new(const Incident& incident, storage::Timestamp now) {
    if (auto good = check_text("the title", incident.title, longest_title); !good)
        return good;
    if (auto good = check_text("what happened", incident.nature, longest_text); !good)
        return good;
    if (incident.instance.empty() && incident.actor.empty())
        return Error(ErrorKind::invalid_input,
                     "name a recipient or a member of the staff, so that the affected can be computed");
    if (incident.began_at > incident.ended_at || incident.ended_at > now || incident.aware_at > now ||
        incident.aware_at < incident.began_at)
        return Error(ErrorKind::invalid_input,
                     "the times do not fit: it begins, it ends, and neither that nor becoming aware of it is "
                     "still to come");
    return {};
}

std::string time_text(storage::Timestamp moment) {
    return fmt::format("{:%Y-%m-%d %H:%M} UTC",
                       fmt::gmtime(static_cast<std::time_t>(storage::microseconds_of(moment) / 1'000'000)));
}

Error no_such_incident() {
    return Error(ErrorKind::not_found, "there is no such incident");
}

}  // namespace

bool IncidentView::authority_waits() const {
    return !incident.closed_at && !incident.authority_told_at && incident.risk != Risk::unlikely;
}

bool IncidentView::people_wait() const {
    return !incident.closed_at && !incident.people_told_at && incident.risk == Risk::high;
}

boost::asio::awaitable<Result<IncidentView>> Incidents::open(Incident incident) {
    const auto now = clock_.now();
    if (auto good = check_new(incident, now); !good)
        co_return good.error();
    incident.id = IncidentId::make();
    incident.recorded_at = now;
    co_return co_await database_.transaction([&](Transaction& tx) -> Result<IncidentView> {
        storage::incidents::insert(tx, cipher_, incident);
        storage::incidents::recount(tx, cipher_, incident);
        return IncidentView{incident, storage::incidents::list_people(tx, incident.id)};
    });
}

template <class Change>
boost::asio::awaitable<Status> Incidents::change(IncidentId id, Change change) {
    co_return co_await database_.transaction([&](Transaction& tx) -> Status {
        auto incident = storage::incidents::find(tx, cipher_, id);
        if (!incident)
            return no_such_incident();
        if (incident->closed_at)
            return Error(ErrorKind::conflict, "it is closed");
        if (auto changed = change(*incident); !changed)
            return changed;
        storage::incidents::update(tx, *incident);
        return {};
    });
}

boost::asio::awaitable<Status> Incidents::assess(IncidentId id, Risk risk, std::string consequences,
                                                 std::string measures) {
    if (auto good = check_text("what may follow", consequences, longest_text); !good)
        co_return good;
    if (auto good = check_text("what is done about it", measures, longest_text); !good)
        co_return good;
    co_return co_await change(std::move(id), [&](Incident& incident) -> Status {
        incident.risk = risk;
        incident.consequences = consequences;
        incident.measures = measures;
        return {};
    });
}

boost::asio::awaitable<Status> Incidents::extend(IncidentId id, storage::Timestamp ended_at) {
    co_return co_await change(std::move(id), [&](Incident& incident) -> Status {
        if (ended_at < incident.ended_at || ended_at > clock_.now())
            return Error(ErrorKind::invalid_input,
                         fmt::format("it is recorded until {}; a later end is one that has come",
                                     time_text(incident.ended_at)));
        incident.ended_at = ended_at;
        return {};
    });
}

boost::asio::awaitable<Status> Incidents::told(IncidentId id, Audience whom, std::string evidence) {
    if (auto good = check_text("what shows it", evidence, longest_text); !good)
        co_return good;
    co_return co_await change(std::move(id), [&](Incident& incident) -> Status {
        const bool is_authority = whom == Audience::authority;
        auto& at = is_authority ? incident.authority_told_at : incident.people_told_at;
        if (at)
            return Error(ErrorKind::conflict, "that is recorded already");
        at = clock_.now();
        (is_authority ? incident.authority_evidence : incident.people_evidence) = evidence;
        return {};
    });
}

boost::asio::awaitable<Status> Incidents::close(IncidentId id) {
    co_return co_await change(std::move(id), [&](Incident& incident) -> Status {
        const IncidentView view{incident, {}};
        if (!incident.risk)
            return Error(ErrorKind::conflict, "its risk is not assessed yet");
        if (view.authority_waits() || view.people_wait())
            return Error(ErrorKind::conflict, view.authority_waits()
                                                  ? "the supervisory authority has not been told yet"
                                                  : "the affected have not been told yet");
        incident.closed_at = clock_.now();
        return {};
    });
}

boost::asio::awaitable<Result<IncidentView>> Incidents::find(IncidentId id) {
    co_return co_await database_.transaction([&](Transaction& tx) -> Result<IncidentView> {
        auto incident = storage::incidents::find(tx, cipher_, id);
        if (!incident)
            return no_such_incident();
        if (!incident->closed_at)
            storage::incidents::recount(tx, cipher_, *incident);
        return IncidentView{std::move(*incident), storage::incidents::list_people(tx, id)};
    });
}

boost::asio::awaitable<Result<std::vector<IncidentView>>> Incidents::list(int limit) {
    co_return co_await database_.run([&](Transaction& tx) -> Result<std::vector<IncidentView>> {
        std::vector<IncidentView> views;
        for (auto& incident : storage::incidents::list(tx, cipher_, limit)) {
            auto people = storage::incidents::list_people(tx, incident.id);
            views.push_back({std::move(incident), std::move(people)});
        }
        return views;
    });
}

// The words stay the same until something changes, so that each is said once a day.
boost::asio::awaitable<Result<std::vector<std::string>>> Incidents::list_reminders() {
    const auto all = co_await list(most_incidents);
    if (!all)
        co_return all.error();
    const auto now = clock_.now();
    std::vector<std::string> reminders;
    for (const auto& view : *all) {
        const auto id = view.incident.id.text();
        if (!view.incident.closed_at && !view.incident.risk)
            reminders.push_back(
                fmt::format("the risk of incident {} is not assessed: 'calyptenora incident assess'", id));
        if (view.authority_waits()) {
            const auto left = view.due_at() - now;
            const auto* how = left < std::chrono::hours(0) ? "OVERDUE, so tell with the reasons for the delay"
                              : left < std::chrono::hours(24) ? "less than a day is left"
                                                              : "the clock runs";
            reminders.push_back(fmt::format("incident {}: the supervisory authority must be told by {}; {}",
                                            id, time_text(view.due_at()), how));
        }
        if (view.people_wait())
            reminders.push_back(fmt::format(
                "incident {}: {} people must be told without delay (Art. 34 GDPR)", id, view.people.size()));
    }
    co_return reminders;
}

}  // namespace calyptenora::platform
