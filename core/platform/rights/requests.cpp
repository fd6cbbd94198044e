#include "platform/rights/requests.hpp"

#include "platform/letters/letter.hpp"
#include "platform/rights/deadlines.hpp"
#include "platform/rights/own_part.hpp"
#include "storage/stores/learners.hpp"
#include "storage/stores/sessions.hpp"
#include "storage/stores/subjects.hpp"
#include "storage/stores/tombstones.hpp"
#include "storage/text.hpp"

#include <calyptenora/families/operation.hpp>
#include <calyptenora/json.hpp>

#include <algorithm>

namespace calyptenora::platform {
namespace {

using storage::RequestKind;
using storage::RequestStatus;

constexpr std::size_t longest_text = 2000, longest_name = 200;

Status check_text(const char* name, std::string_view text, std::size_t most) {
    if (text.size() <= most && storage::validate_text(text))
        return {};
    return Error(ErrorKind::invalid_input,
                 fmt::format("the {} is longer than {} bytes, or no text", name, most));
}

Status check_details(RequestKind kind, const RequestDetails& details) {
    if (kind == RequestKind::rectification && details.display_name.value_or("").empty())
        return Error(ErrorKind::invalid_input, "a rectification says what is right");
    if (auto good = check_text("name", details.display_name.value_or(""), longest_name); !good)
        return good;
    return check_text("remark", details.remark, longest_text);
}

bool holds_at_once(RequestKind kind) {
    return kind == RequestKind::rectification || kind == RequestKind::restriction ||
           kind == RequestKind::objection;
}

Error no_such_request() {
    return Error(ErrorKind::not_found, "there is no such request");
}

RequestView with_steps(storage::Transaction& tx, storage::SubjectRequest request) {
    auto steps = storage::requests::list_steps(tx, request.id);
    auto copy = asks_for_copy(request.kind) ? storage::copies::find(tx, request.id) : std::nullopt;
    return {std::move(request), std::move(steps), std::move(copy)};
}

/// Has it looked at, and made with all that is known by then.
void ask_for_new_copy(storage::Transaction& tx, const storage::RequestId& request, storage::Timestamp now) {
    auto own = storage::requests::list_steps(tx, request).front();
    // By this number, whoever is making a copy now sees that it has to be made anew.
    own.attempts = 0;
    own.status = RequestStatus::pending;
    own.next_attempt_at = now;
    storage::requests::put_step(tx, own);
}

std::vector<RequestView> with_steps(storage::Transaction& tx, std::vector<storage::SubjectRequest> requests) {
    std::vector<RequestView> views;
    for (auto& request : requests) {
        views.push_back(with_steps(tx, std::move(request)));
    }
    return views;
}

}  // namespace

RequestStatus overall_status(std::span<const storage::RequestStep> steps) {
    using enum RequestStatus;
    if (steps.empty())
        return pending;
    for (const auto status : {pending, in_progress, failed, manual, partial, retained})
        if (std::ranges::find(steps, status, &storage::RequestStep::status) != steps.end())
            return status == pending ? in_progress : status;
    return completed;
}

Requests::Requests(storage::Database& database, const storage::FieldCipher& cipher, gate::Gate& gate,
                   OwnPart& own_part, RightsOptions options)
    : database_(database), cipher_(cipher), gate_(gate), own_part_(own_part), options_(options) {}

boost::asio::awaitable<Result<Received>> Requests::receive(storage::LearnerId learner, RequestKind kind,
                                                           RequestDetails details, std::string language,
                                                           std::string entered_by, Start start) {
    if (auto good = check_details(kind, details); !good)
        co_return good.error();
    const auto now = gate_.clock().now();
    const auto window = kind == RequestKind::erasure && start == Start::after_window ? options_.erasure_window
                                                                                     : std::chrono::days(0);
    storage::SubjectRequest request{.id = storage::RequestId::make(),
                                    .subject = learner,
                                    .kind = kind,
                                    .language = std::move(language),
                                    .entered_by = std::move(entered_by),
                                    .details = to_json(details),
                                    .received_at = now,
                                    .starts_at = now + window,
                                    .due_at = months_after(now, 1)};
    const auto token = storage::sessions::make_token();
    const auto stored = co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        if (auto locked = storage::subjects::lock(tx, learner); !locked)
            return locked;
        const auto account = storage::learners::find(tx, learner);
        if (!account || account->state == storage::LearnerState::erased)
            return Error(ErrorKind::not_found, "there is no such account");
        if (request.language.empty())
            request.language = account->language;
        for (const auto& known : storage::requests::list(tx, cipher_, learner))
            if (known.kind == kind && !known.settled_at)
                return Error(ErrorKind::conflict, "such a request is already being worked on");
        if (auto inserted = storage::requests::insert(tx, cipher_, request, token); !inserted)
            return inserted;
        return queue_letter(tx, cipher_, gate_, learner, LetterKind::request_news);
    });
    if (!stored)
        co_return stored.error();
    // Should this fail, it is the first thing that RequestRunner does.
    if (holds_at_once(kind))
        (void)co_await own_part_.begin(request);
    co_return Received{request.id, token, request.starts_at, request.due_at};
}

boost::asio::awaitable<Result<std::vector<RequestView>>> Requests::list(storage::LearnerId learner) {
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<std::vector<RequestView>> {
        return with_steps(tx, storage::requests::list(tx, cipher_, learner));
    });
}

boost::asio::awaitable<Result<std::vector<RequestView>>> Requests::list_open(int limit) {
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<std::vector<RequestView>> {
        return with_steps(tx, storage::requests::list_open(tx, cipher_, limit));
    });
}

boost::asio::awaitable<Result<RequestView>> Requests::find_by_token(std::string token) {
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<RequestView> {
        auto request = storage::requests::find_by_token(tx, cipher_, token);
        if (!request)
            return no_such_request();
        return with_steps(tx, std::move(*request));
    });
}

Status Requests::cancel_within(storage::Transaction& tx,
                               const std::optional<storage::SubjectRequest>& request) {
    if (!request)
        return no_such_request();
    if (!storage::requests::cancel(tx, request->id, gate_.clock().now()))
        return Error(ErrorKind::conflict, "it has begun, and cannot be taken back any more");
    return {};
}

boost::asio::awaitable<Status> Requests::cancel(storage::LearnerId learner, storage::RequestId id) {
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        auto request = storage::requests::find(tx, cipher_, id);
        if (request && request->subject != learner)
            request.reset();
        return cancel_within(tx, request);
    });
}

boost::asio::awaitable<Status> Requests::cancel_by_token(std::string token) {
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        return cancel_within(tx, storage::requests::find_by_token(tx, cipher_, token));
    });
}

boost::asio::awaitable<Status> Requests::extend(storage::RequestId id, std::string reason) {
    if (auto good = check_text("reason", reason, longest_text); !good || reason.empty())
        co_return Error(ErrorKind::invalid_input, "an extension has a reason, of at most 2000 bytes");
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        const auto request = storage::requests::find(tx, cipher_, id);
        if (!request)
            return no_such_request();
        if (request->extension_reason)
            return Error(ErrorKind::conflict,
                         "its time has been extended already, and once is all that there is");
        if (!storage::requests::extend(tx, id, months_after(request->received_at, 3), reason))
            return Error(ErrorKind::conflict, "it is settled");
        return queue_letter(tx, cipher_, gate_, request->subject, LetterKind::request_news);
    });
}

boost::asio::awaitable<Status> Requests::confirm(storage::RequestId id, std::string instance,
                                                 std::string evidence) {
    if (auto good = check_text("evidence", evidence, longest_text); !good || evidence.empty())
        co_return Error(ErrorKind::invalid_input, "a confirmation says what was done, in at most 2000 bytes");
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        const auto request = storage::requests::find(tx, cipher_, id);
        if (!request)
            return no_such_request();
        if (auto locked = storage::subjects::lock(tx, request->subject); !locked)
            return locked;
        auto steps = storage::requests::list_steps(tx, id);
        if (std::ranges::find(steps, instance, &storage::RequestStep::instance) == steps.end())
            return Error(ErrorKind::not_found, fmt::format("this request has no part at \"{}\"", instance));
        // Whoever knows the person under two names was asked about both.
        std::erase_if(steps, [&](const auto& step) {
            return step.instance != instance ||
                   (step.status != RequestStatus::manual && step.status != RequestStatus::failed);
        });
        if (steps.empty())
            return Error(ErrorKind::conflict,
                         fmt::format("its part at \"{}\" does not wait for anybody", instance));
        for (auto& step : steps)
            if (auto confirmed = confirm_within(tx, *request, step, evidence); !confirmed)
                return confirmed;
        if (asks_for_copy(request->kind) && !instance.empty())
            ask_for_new_copy(tx, id, gate_.clock().now());
        storage::requests::wake(tx, id, gate_.clock().now());
        return {};
    });
}

Status Requests::confirm_within(storage::Transaction& tx, const storage::SubjectRequest& request,
                                storage::RequestStep& step, const std::string& evidence) {
    const auto now = gate_.clock().now();
    step.status = RequestStatus::completed;
    step.outcome = evidence;
    step.updated_at = now;
    if (asks_for_copy(request.kind) && !step.instance.empty()) {
        if (auto locked = storage::subjects::lock_unless_erased(tx, request.subject); !locked)
            return locked;
        std::string answer;
        write_json(answer, SubjectOutcome(outcome::Done{evidence}));
        if (auto kept = storage::copies::put_answer(tx, cipher_, request.id,
                                                    {step.instance, step.subject, std::move(answer), now});
            !kept)
            return kept;
        // What a recipient holds is the person's: it is in the copy, under their key, and goes with it.
        step.outcome = "answered by hand; it is in the copy";
    }
    storage::requests::put_step(tx, step);
    return {};
}

boost::asio::awaitable<Status> Requests::renew_copy(storage::LearnerId learner, storage::RequestId id) {
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        const auto now = gate_.clock().now();
        const auto request = storage::requests::find(tx, cipher_, id);
        const auto copy = storage::copies::find(tx, id);
        if (!request || request->subject != learner || !copy)
            return no_such_request();
        if (request->settled_at || copy->expires_at > now)
            return Error(ErrorKind::conflict, "it is settled, or its copy is still there");
        ask_for_new_copy(tx, id, now);
        storage::requests::wake(tx, id, now);
        return {};
    });
}

boost::asio::awaitable<Status> Requests::lift_restriction(storage::LearnerId learner) {
    auto lifted = co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        const auto account = storage::learners::find(tx, learner);
        if (!account || account->state != storage::LearnerState::restricted)
            return Error(ErrorKind::not_found, "this account is not restricted");
        storage::learners::lift_restriction(tx, learner);
        return {};
    });
    if (!lifted)
        co_return lifted;
    // After it, since a tombstone too many restricts again and one too few forgets.
    co_return co_await database_.run([&](storage::Transaction&) {
        return storage::tombstones::remove(cipher_.keys(), learner, storage::TombstoneKind::restriction);
    });
}

}  // namespace calyptenora::platform
