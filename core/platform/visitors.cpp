#include "platform/visitors.hpp"

#include "gate/subject_state.hpp"
#include "platform/privacy_control.hpp"
#include "storage/stores/notifications.hpp"
#include "storage/stores/persons.hpp"

namespace calyptenora::platform {
namespace {

/// That somebody is here is written down at most this often, not with every picture of a page.
constexpr std::chrono::minutes note_interval{5};

std::vector<gate::Standing> list_standings_of_stranger(const gate::Policy& policy, storage::Timestamp now,
                                                       bool privacy_control) {
    gate::SubjectState stranger;
    stranger.readable = true;
    std::vector<gate::Standing> standings;
    for (const auto& instance : policy.instances())
        for (const auto& row : instance.flows) {
            const auto decision = gate::decide(row.flow, stranger,
                                               {now, row.flow.declared & row.flow.granted,
                                                row.flow.device_access.has_value(), privacy_control});
            standings.push_back({.row = &row, .asked = gate::asks(row), .flowing = !decision.refused});
        }
    return standings;
}

}  // namespace

struct Visitors::Found {
    Visitor visitor;
    std::optional<storage::Timestamp> asked_for_privacy_at;
};

Result<std::optional<Visitors::Found>> Visitors::read(storage::Transaction& tx, const std::string& token,
                                                      const gate::Policy& policy, bool privacy_control,
                                                      VisitorPart part) const {
    const auto now = clock_.now();
    auto signed_in = storage::persons::find_by_session(tx, token, now);
    if (!signed_in)
        return std::optional<Found>();
    auto& [session, person, sealed] = *signed_in;
    Found found{{}, person.subject.gpc_seen_at};
    auto& visitor = found.visitor;
    visitor.viewer = {std::move(session), person.learner, {}, {}};
    visitor.standings =
        gate::list_standings(gate::SubjectFacts(tx, std::move(person)), policy, now, privacy_control);
    if (const auto& learner = visitor.viewer->learner) {
        auto contact = storage::learners::open_contact(cipher_, learner->id, sealed);
        if (!contact)
            return contact.error();
        visitor.viewer->display_name = std::move(contact->display_name);
        visitor.viewer->email = std::move(contact->email);
        visitor.announcement = versions_.announcement_for(tx, learner->id, learner->created_at);
        visitor.awaiting = storage::notifications::count(tx, learner->id, now);
        if (part == VisitorPart::courses)
            visitor.courses = read_own_courses(tx, learner->id);
        if (part == VisitorPart::overview)
            visitor.overview = read_overview(tx, cipher_, learner->id);
    }
    return std::optional(std::move(found));
}

boost::asio::awaitable<Result<Visitor>> Visitors::find(std::optional<std::string> token,
                                                       std::shared_ptr<const gate::Policy> policy,
                                                       bool privacy_control, VisitorPart part) {
    std::optional<Found> found;
    if (token) {
        auto read = co_await database_.run(
            [&](storage::Transaction& tx) { return this->read(tx, *token, *policy, privacy_control, part); });
        if (!read)
            co_return read.error();
        found = std::move(*read);
    }
    const auto now = clock_.now();
    if (!found)
        co_return Visitor{{}, list_standings_of_stranger(*policy, now, privacy_control), {}, 0, {}, {}};
    const auto& session = found->visitor.viewer->session;
    const auto asked_at = found->asked_for_privacy_at;
    const bool notes_privacy = privacy_control && (!asked_at || now - *asked_at > note_interval);
    if (notes_privacy || now - session.last_seen_at > note_interval)
        co_await note(session, notes_privacy);
    co_return std::move(found->visitor);
}

boost::asio::awaitable<void> Visitors::note(const storage::Session& session, bool privacy_control) {
    const auto now = clock_.now();
    (void)co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        if (auto locked = storage::subjects::lock_unless_erased(tx, session.subject); !locked)
            return locked;
        storage::sessions::touch(tx, session.id, now,
                                 std::min(now + limits_.idle, session.absolute_expires_at));
        return privacy_control ? note_privacy_control(tx, cipher_, session.subject, now) : Status();
    });
}

}  // namespace calyptenora::platform
