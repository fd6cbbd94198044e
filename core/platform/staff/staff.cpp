#include "platform/staff/staff.hpp"

#include "platform/rights/deadlines.hpp"
#include "settings/text_check.hpp"
#include "storage/stores/cases.hpp"
#include "storage/text.hpp"

#include <fmt/format.h>

namespace calyptenora::platform {
namespace {

using storage::LearnerId;
using storage::StaffEventKind;
using storage::Transaction;

constexpr std::size_t longest_evidence = 2000, longest_system_user = 100;

/// Whom the permissions let be found: who has used Art. 18 is nothing that others learn.
std::optional<storage::Learner> find_person(Transaction& tx, const storage::FieldCipher& cipher,
                                            const std::string& whom, Permissions may) {
    std::optional<storage::Learner> found;
    if (const auto id = LearnerId::parse(whom))
        found = storage::learners::find(tx, *id);
    else if (const auto order = storage::orders::find_by_reference(tx, whom))
        found =
            may.contains(Permission::see_orders) ? storage::learners::find(tx, order->learner) : std::nullopt;
    else
        found = storage::learners::find_by_email(tx, cipher, whom);
    if (!found || found->state == storage::LearnerState::erased ||
        (found->state == storage::LearnerState::restricted && !may.contains(Permission::open_restricted)))
        return std::nullopt;
    return found;
}

Error no_such_account() {
    return Error(ErrorKind::not_found, "there is no such account");
}

std::vector<CourseRecord> load_learning(Transaction& tx, const LearnerId& learner) {
    std::vector<CourseRecord> courses;
    for (auto& enrolment : storage::learning::list_enrolments(tx, learner)) {
        CourseRecord course{std::move(enrolment), 0};
        for (const auto& lesson : storage::learning::list_progress(tx, learner, course.enrolment.course))
            course.lessons_completed += lesson.state == storage::ProgressState::completed;
        courses.push_back(std::move(course));
    }
    return courses;
}

Result<std::vector<CaseView>> load_cases(Transaction& tx, const storage::FieldCipher& cipher,
                                         const LearnerId& learner) {
    std::vector<CaseView> views;
    for (auto& row : storage::cases::list(tx, cipher, learner)) {
        auto messages = storage::cases::list_messages(tx, cipher, row.id);
        if (!messages)
            return messages.error();
        CaseView view{row, row.subject_line, {}};
        for (auto& message : *messages) {
            MessageText text(std::move(message.body));
            view.messages.push_back({std::move(message), std::move(text)});
        }
        views.push_back(std::move(view));
    }
    return views;
}

/// What the permissions open of a person, whose access log has been written.
Result<PersonRecord> load_record(Transaction& tx, const storage::FieldCipher& cipher, gate::ForStaff opened,
                                 storage::Learner account, Permissions may) {
    using enum Permission;
    auto contact = storage::learners::load_contact(tx, cipher, account.id);
    if (!contact)
        return contact.error();
    PersonRecord record{.opened = opened, .account = std::move(account), .name = {}, .email = {}};
    const auto& id = record.account.id;
    if (may.contains(see_name))
        record.name = std::move(contact->display_name);
    if (may.contains(see_address))
        record.email = std::move(contact->email);
    if (may.contains(see_learning)) {
        record.learning = load_learning(tx, id);
        auto education = storage::learners::load_education(tx, cipher, id);
        if (!education)
            return education.error();
        record.education = std::move(*education);
    }
    if (may.contains(see_orders))
        record.orders = storage::orders::list(tx, id);
    if (may.contains(see_cases)) {
        auto cases = load_cases(tx, cipher, id);
        if (!cases)
            return cases.error();
        record.cases = std::move(*cases);
    }
    if (may.contains(see_requests))
        record.requests = storage::requests::list(tx, cipher, id);
    if (may.contains(see_choices))
        record.choices = {storage::consents::list(tx, id), storage::disclosures::list_recipients(tx, id)};
    return record;
}

}  // namespace

std::string actor_of(const LearnerId& account) {
    return "account:" + account.text();
}

Staff::Staff(storage::Database& database, const storage::FieldCipher& cipher, const storage::Clock& clock,
             std::function<settings::Staff()> rules)
    : database_(database), cipher_(cipher), clock_(clock), rules_(std::move(rules)) {}

StaffStanding Staff::load_standing(Transaction& tx, const storage::Learner& account) const {
    StaffStanding standing{.account = account.id, .role = account.role};
    const auto keep_newest = [](std::optional<std::string>& newest, const std::string& day) {
        if (!newest || *newest < day)
            newest = day;
    };
    for (const auto& event : storage::staff_events::list(tx, cipher_, account.id)) {
        if (event.system_user)
            standing.system_users.push_back(*event.system_user);
        if (event.kind == StaffEventKind::undertaking)
            keep_newest(standing.undertaking_on, event.on_day);
        if (event.kind == StaffEventKind::training)
            keep_newest(standing.trained_on, event.on_day);
    }
    standing.training_due =
        !standing.trained_on || *standing.trained_on < day_of(clock_.now() - rules_().training_days);
    return standing;
}

std::vector<StaffStanding> Staff::load_all(Transaction& tx) const {
    std::vector<StaffStanding> all;
    for (const auto& account : storage::learners::list_staff(tx))
        all.push_back(load_standing(tx, account));
    return all;
}

boost::asio::awaitable<Status> Staff::appoint(LearnerId account, storage::Role role,
                                              std::optional<std::string> system_user, std::string actor) {
    // As the log has it ("system:ada") is not as the system has it, and would be nobody.
    if (system_user && (system_user->empty() || system_user->size() > longest_system_user ||
                        system_user->find(':') != std::string::npos || !storage::validate_text(*system_user)))
        co_return Error(ErrorKind::invalid_input,
                        "this is no name of a user of the operating system: give it as 'id -un' prints it");
    co_return co_await database_.transaction([&](Transaction& tx) -> Status {
        const auto known = storage::learners::find(tx, account);
        if (!known || known->state == storage::LearnerState::erased)
            return no_such_account();
        const auto now = clock_.now();
        storage::learners::set_role(tx, account, role);
        storage::staff_events::append(tx, cipher_,
                                      {.id = storage::StaffEventId::make(),
                                       .learner = account,
                                       .kind = StaffEventKind::appointed,
                                       .role = role,
                                       .system_user = system_user,
                                       .on_day = day_of(now),
                                       .evidence = "",
                                       .actor = actor,
                                       .at = now});
        return {};
    });
}

boost::asio::awaitable<Status> Staff::record(LearnerId account, StaffEventKind kind, std::string day,
                                             std::string evidence, std::string actor) {
    const auto now = clock_.now();
    if (!settings::find_date(day))
        co_return Error(ErrorKind::invalid_input,
                        fmt::format("\"{}\" is no day; days are written like 2026-11-27", day));
    if (day > day_of(now))
        co_return Error(ErrorKind::invalid_input, fmt::format("{} is still to come", day));
    if (evidence.empty() || evidence.size() > longest_evidence || !storage::validate_text(evidence))
        co_return Error(ErrorKind::invalid_input,
                        fmt::format("say where it can be found, in at most {} bytes", longest_evidence));
    co_return co_await database_.transaction([&](Transaction& tx) -> Status {
        const auto known = storage::learners::find(tx, account);
        if (!known || known->state == storage::LearnerState::erased)
            return no_such_account();
        storage::staff_events::append(tx, cipher_,
                                      {.id = storage::StaffEventId::make(),
                                       .learner = account,
                                       .kind = kind,
                                       .role = std::nullopt,
                                       .on_day = day,
                                       .evidence = evidence,
                                       .actor = actor,
                                       .at = now});
        return {};
    });
}

boost::asio::awaitable<Result<StaffStanding>> Staff::standing(LearnerId account) {
    co_return co_await database_.run([&](Transaction& tx) -> Result<StaffStanding> {
        const auto known = storage::learners::find(tx, account);
        if (!known)
            return no_such_account();
        return load_standing(tx, *known);
    });
}

boost::asio::awaitable<Result<StaffStanding>> Staff::find_acting(std::string actor, Permission permission) {
    co_return co_await database_.run([&](Transaction& tx) -> Result<StaffStanding> {
        std::vector<StaffStanding> acting;
        for (auto& standing : load_all(tx))
            if (standing.is_in_effect() && (actor == actor_of(standing.account) ||
                                            std::ranges::any_of(standing.system_users, [&](const auto& user) {
                                                return actor == "system:" + user;
                                            })))
                acting.push_back(std::move(standing));
        if (acting.size() > 1)
            return Error(
                ErrorKind::denied,
                fmt::format("{} is the name of {} accounts of the staff, so nobody knows who it is: let each "
                            "use a name of their own",
                            actor, acting.size()));
        if (acting.empty() || !acting.front().permissions().contains(permission))
            return Error(
                ErrorKind::denied,
                fmt::format("no role that may do this is in effect for {}: 'calyptenora staff list' shows "
                            "what is missing, 'calyptenora staff appoint --system-user' says who it is",
                            actor));
        return std::move(acting.front());
    });
}

boost::asio::awaitable<Result<std::vector<StaffStanding>>> Staff::list() {
    co_return co_await database_.run(
        [&](Transaction& tx) -> Result<std::vector<StaffStanding>> { return load_all(tx); });
}

boost::asio::awaitable<Result<PersonRecord>> Staff::open_record(LearnerId account, std::string whom,
                                                                std::string reason) {
    co_return co_await database_.transaction([&](Transaction& tx) -> Result<PersonRecord> {
        const auto member = storage::learners::find(tx, account);
        if (!member)
            return no_such_account();
        const auto may = load_standing(tx, *member).permissions();
        if (!may.contains(Permission::see_name))
            return Error(ErrorKind::denied, "no role that may open records is in effect for this account");
        const gate::Opening opening{actor_of(account), member->role, storage::AccessedPart::record, reason};
        if (const auto good = gate::AccessLog::check(opening); !good)
            return good.error();
        auto person = find_person(tx, cipher_, whom, may);
        if (!person)
            return no_such_account();
        auto opened = gate::AccessLog::open(tx, cipher_, clock_.now(), opening, {{person->id}});
        if (!opened)
            return opened.error();
        return load_record(tx, cipher_, *opened, std::move(*person), may);
    });
}

boost::asio::awaitable<Result<std::vector<storage::Access>>> Staff::list_accesses(storage::SubjectId subject,
                                                                                  int limit) {
    co_return co_await database_.run([&](Transaction& tx) -> Result<std::vector<storage::Access>> {
        return storage::accesses::list(tx, cipher_, subject, limit);
    });
}

boost::asio::awaitable<Result<std::vector<storage::Access>>> Staff::list_all_accesses(
    storage::Timestamp since, int limit) {
    co_return co_await database_.run([&](Transaction& tx) -> Result<std::vector<storage::Access>> {
        return storage::accesses::list_all(tx, cipher_, since, limit);
    });
}

boost::asio::awaitable<Result<std::vector<std::string>>> Staff::list_reminders() {
    co_return co_await database_.run([&](Transaction& tx) -> Result<std::vector<std::string>> {
        std::vector<std::string> reminders;
        for (const auto& standing : load_all(tx)) {
            if (!standing.undertaking_on)
                reminders.push_back(
                    fmt::format("the undertaking of confidentiality of {} is not recorded: "
                                "'calyptenora staff undertaking'",
                                actor_of(standing.account)));
            if (standing.training_due)
                reminders.push_back(fmt::format(
                    "the training of {} is {}: 'calyptenora staff training'", actor_of(standing.account),
                    standing.trained_on ? fmt::format("of {} and due again", *standing.trained_on)
                                        : "not recorded"));
        }
        return reminders;
    });
}

}  // namespace calyptenora::platform
