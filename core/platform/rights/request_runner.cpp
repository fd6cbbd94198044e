#include "platform/rights/request_runner.hpp"

#include "platform/letters/letter.hpp"
#include "platform/rights/deadlines.hpp"
#include "platform/rights/own_records.hpp"
#include "platform/rights/requests.hpp"
#include "storage/stores/copies.hpp"
#include "storage/stores/learners.hpp"
#include "storage/stores/outbox.hpp"
#include "storage/stores/subjects.hpp"
#include "storage/text.hpp"

#include <calyptenora/families/rights.hpp>
#include <calyptenora/json.hpp>

#include <boost/asio/use_awaitable.hpp>
#include <boost/describe/enum_to_string.hpp>

#include <algorithm>

namespace calyptenora::platform {
namespace {

using boost::asio::awaitable;
using storage::RequestKind;
using storage::RequestStatus;
using storage::RequestStep;

constexpr int at_once = 10;
constexpr std::size_t longest_outcome = 2000;
constexpr std::int64_t shortest_poll_s = 60, longest_poll_s = 24 * 60 * 60;
constexpr std::chrono::days urgent{7};
constexpr std::chrono::minutes between_sweeps{1};

bool waits(const RequestStep& step) {
    return step.status == RequestStatus::pending || step.status == RequestStatus::in_progress;
}

std::string_view name_of(RequestKind kind) {
    return boost::describe::enum_to_string(kind, "");
}

/// `2034-12-31` and nothing else.
bool is_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-')
        return false;
    for (const std::size_t i : {0, 1, 2, 3, 5, 6, 8, 9})
        if (text[i] < '0' || text[i] > '9')
            return false;
    return true;
}

std::string cut(std::string text) {
    if (text.size() > longest_outcome)
        text.resize(longest_outcome);
    // A plugin's text is UTF-8; a character that was cut in two is not.
    while (!text.empty() && !storage::validate_text(text))
        text.pop_back();
    return text;
}

/// What a recipient answered, as the step's new state. False for an answer that makes no sense.
bool take_answer(const SubjectOutcome& answer, RequestStep& step, storage::Timestamp now) {
    struct Taker {
        RequestStep& step;
        storage::Timestamp now;

        bool operator()(const outcome::Done& done) const {
            return settle(RequestStatus::completed, done.evidence);
        }
        bool operator()(const outcome::Pending& pending) const {
            step.status = RequestStatus::in_progress;
            step.job = cut(pending.job);
            step.next_attempt_at =
                now + std::chrono::seconds(std::clamp(pending.poll_after_s, shortest_poll_s, longest_poll_s));
            return true;
        }
        bool operator()(const outcome::Partial& partial) const {
            return settle(RequestStatus::partial, fmt::format("{}", fmt::join(partial.residuals, "; ")));
        }
        bool operator()(const outcome::Retained& retained) const {
            if (!is_date(retained.until))
                return false;
            step.retained_until = retained.until;
            return settle(RequestStatus::retained, retained.reason);
        }
        bool operator()(const outcome::Manual& manual) const {
            return settle(RequestStatus::manual, manual.instructions);
        }
        bool settle(RequestStatus status, const std::string& text) const {
            step.status = status;
            step.outcome = cut(text);
            return true;
        }
    };
    return std::visit(Taker{step, now}, answer);
}

void replace_all(std::string& text, const std::string& what, const char* by) {
    if (what.empty())
        return;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at))
        text.replace(at, what.size(), by);
}

}  // namespace

RequestRunner::RequestRunner(storage::Database& database, const storage::FieldCipher& cipher,
                             gate::Gate& gate, gate::Choices& choices, OwnPart& own_part, Copies& copies,
                             std::string node, Log log, RequestRunnerOptions options)
    : database_(database),
      cipher_(cipher),
      gate_(gate),
      choices_(choices),
      own_part_(own_part),
      copies_(copies),
      node_(std::move(node)),
      log_(std::move(log)),
      options_(options) {}

void RequestRunner::start(boost::asio::io_context& context) {
    loop_.start(
        context,
        [this]() -> awaitable<std::chrono::milliseconds> {
            co_return co_await run_once() > 0 ? std::chrono::milliseconds(0) : options_.idle;
        },
        log_);
}

awaitable<int> RequestRunner::run_once() {
    co_await sweep_copies();
    using Claimed = std::vector<storage::SubjectRequest>;
    const auto claimed = co_await database_.transaction([&](storage::Transaction& tx) -> Result<Claimed> {
        return storage::requests::claim(tx, cipher_, node_, at_once, gate_.clock().now(), options_.claim);
    });
    if (!claimed) {
        log_("the requests cannot be read: " + claimed.error().message);
        co_return 0;
    }
    for (const auto& request : *claimed) {
        std::optional<std::string> failure;
        try {
            if (const auto worked = co_await work(request); !worked)
                failure = worked.error().message;
        } catch (const std::exception& error) {
            // What cannot be read of one person must not hold up the others.
            failure = error.what();
        }
        // The claim ends by itself, and then it is tried again.
        if (failure)
            log_(fmt::format("{} {}: {}", name_of(request.kind), request.id.text(), *failure));
    }
    co_return static_cast<int>(claimed->size());
}

awaitable<Status> RequestRunner::work(const storage::SubjectRequest& request) {
    auto steps = co_await database_.run([&](storage::Transaction& tx) -> Result<Steps> {
        return storage::requests::list_steps(tx, request.id);
    });
    if (steps && steps->empty())
        steps = co_await own_part_.begin(request);
    if (!steps)
        co_return steps.error();
    const auto over = co_await is_over(request);
    if (!over)
        co_return over.error();
    if (*over) {
        const auto ended = co_await end(request);
        co_return ended ? co_await finish(request) : ended;
    }
    bool is_more_known = false;
    for (auto& step : *steps) {
        if (step.instance.empty() || !waits(step) || step.next_attempt_at > gate_.clock().now() ||
            loop_.is_stopping())
            continue;
        co_await tell(request, step);
        is_more_known = is_more_known || !waits(step);
        const auto stored = co_await database_.transaction([&](storage::Transaction& tx) -> Status {
            storage::requests::put_step(tx, step);
            return {};
        });
        if (!stored)
            co_return stored;
    }
    const auto& own = steps->front();
    if (asks_for_copy(request.kind) &&
        (is_more_known || (waits(own) && own.next_attempt_at <= gate_.clock().now())))
        if (const auto made = co_await make_copy(request, *steps); !made)
            co_return made;
    co_return co_await finish(request);
}

// ---- the recipients

template <class Op>
awaitable<Result<SubjectOutcome>> RequestRunner::ask(const RequestStep& step,
                                                     const settings::InstanceId& instance,
                                                     const std::optional<storage::Contact>& contact) {
    typename Op::template Record<gate::Guarded> record;
    record.request_id = step.request.text();
    if (contact) {
        // The gate leaves out what this recipient may not have.
        record.email = contact->email;
        record.name = contact->display_name;
    }
    co_return co_await gate_.call<Op>(instance, Purpose::essential_legal_obligation, step.subject,
                                      std::move(record), {.deadline = options_.deadline});
}

awaitable<void> RequestRunner::tell(const storage::SubjectRequest& request, RequestStep& step) {
    ++step.attempts;
    const auto contact = co_await database_.run([&](storage::Transaction& tx) -> Result<storage::Contact> {
        return storage::learners::load_contact(tx, cipher_, request.subject);
    });
    // Who the guest is that a recipient knows, it does not learn from being asked to forget them.
    const auto told = contact && step.subject == request.subject ? std::optional(*contact) : std::nullopt;
    const auto id = settings::parse_instance_id(step.instance);
    Result<SubjectOutcome> answer = Error(ErrorKind::unsupported, "it is not connected for this any more");
    if (id && gate_.policy()->find_flow(*id, Purpose::essential_legal_obligation)) {
        switch (request.kind) {
            case RequestKind::erasure:
                answer = co_await ask<rights::EraseSubject>(step, *id, told);
                break;
            case RequestKind::rectification:
                answer = co_await ask<rights::RectifySubject>(step, *id, told);
                break;
            case RequestKind::restriction:
                answer = co_await ask<rights::RestrictSubject>(step, *id, told);
                break;
            case RequestKind::access:
            case RequestKind::portability:
                answer = co_await ask<rights::ExportSubject>(step, *id, told);
                break;
            case RequestKind::objection:
                break;
        }
    }
    const auto now = gate_.clock().now();
    step.updated_at = now;
    if (answer && !take_answer(*answer, step, now))
        answer = Error(ErrorKind::permanent, "it answered something that makes no sense");
    if (answer && asks_for_copy(request.kind) && !waits(step))
        if (const auto kept = co_await keep_answer(request, *answer, step); !kept)
            answer = kept.error();
    if (!answer)
        judge(answer.error(), step);
    if (step.status == RequestStatus::in_progress && now > request.due_at)
        step.status = RequestStatus::manual;
    redact(step, contact ? &*contact : nullptr);
}

void RequestRunner::redact(RequestStep& step, const storage::Contact* contact) const {
    if (const auto pseudonym = cipher_.pseudonym(step.subject, step.instance))
        replace_all(step.outcome, *pseudonym, "[pseudonym]");
    if (contact) {
        replace_all(step.outcome, contact->email, "[e-mail]");
        replace_all(step.outcome, contact->display_name, "[name]");
    }
}

awaitable<Status> RequestRunner::keep_answer(const storage::SubjectRequest& request,
                                             const SubjectOutcome& answer, RequestStep& step) {
    std::string document;
    write_json(document, answer);
    // What a recipient holds is the person's: it is in the copy, under their key, and goes with it.
    // Instructions are for the staff.
    if (!std::holds_alternative<outcome::Manual>(answer))
        step.outcome = "answered; it is in the copy";
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        if (auto locked = storage::subjects::lock_unless_erased(tx, request.subject); !locked)
            return locked;
        return storage::copies::put_answer(tx, cipher_, request.id,
                                           {step.instance, step.subject, document, step.updated_at});
    });
}

// A recipient that is down is asked again until the request is due. One that cannot be told by its plugin, or
// that goes on answering nonsense, is somebody's work.
void RequestRunner::judge(const Error& error, RequestStep& step) const {
    step.outcome = cut(error.message);
    const bool nonsense = error.kind == ErrorKind::permanent || error.kind == ErrorKind::invalid_input ||
                          error.kind == ErrorKind::denied;
    const bool hopeless =
        error.kind == ErrorKind::unsupported || (nonsense && step.attempts >= options_.give_up_after);
    step.status = hopeless ? RequestStatus::manual : RequestStatus::in_progress;
    step.next_attempt_at = step.updated_at + std::max(storage::outbox::backoff(step.attempts),
                                                      error.retry_after.value_or(std::chrono::seconds(0)));
}

// ---- the copy

awaitable<Status> RequestRunner::make_copy(const storage::SubjectRequest& request, Steps& steps) {
    auto& own = steps.front();
    ++own.attempts;
    const auto begun = co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        storage::requests::put_step(tx, own);
        return {};
    });
    if (!begun)
        co_return begun;
    const auto made = co_await copies_.make(request, steps);
    const auto now = gate_.clock().now();
    own.updated_at = now;
    if (made) {
        own.status = RequestStatus::completed;
        own.outcome = fmt::format("copy made, of {} records", *made);
    } else {
        judge(made.error(), own);
        if (loop_.is_stopping())
            own.next_attempt_at = now;
    }
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        if (auto locked = storage::subjects::lock(tx, request.subject); !locked)
            return locked;
        // If there is more to go into it than was known when it was begun, it is made again.
        if (storage::requests::list_steps(tx, request.id).front().attempts != own.attempts)
            return {};
        storage::requests::put_step(tx, own);
        return made ? queue_letter(tx, cipher_, gate_, request.subject, LetterKind::request_news) : Status();
    });
}

// ---- what has nobody left whom it concerns

awaitable<Result<bool>> RequestRunner::is_over(const storage::SubjectRequest& request) {
    co_return co_await database_.run([&](storage::Transaction& tx) -> Result<bool> {
        const auto learner = storage::learners::find(tx, request.subject);
        const bool is_erased = !learner || learner->state == storage::LearnerState::erased;
        if (!is_erased || request.kind != RequestKind::erasure)
            return is_erased;
        // An erasure was over before, if a backup from the midst of it was restored after its end.
        const auto keys = cipher_.keys().load(request.subject);
        if (!keys && keys.error().kind != ErrorKind::not_found)
            return keys.error();
        return !keys;
    });
}

awaitable<Status> RequestRunner::end(const storage::SubjectRequest& request) {
    co_return co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        for (auto& step : storage::requests::list_steps(tx, request.id)) {
            if (storage::is_settled(step.status))
                continue;
            step.status = step.instance.empty() && asks_for_copy(request.kind) ? RequestStatus::partial
                                                                               : RequestStatus::cancelled;
            step.outcome = "the account was erased, and nothing is left to be done";
            step.updated_at = gate_.clock().now();
            storage::requests::put_step(tx, step);
        }
        return {};
    });
}

awaitable<void> RequestRunner::sweep_copies() {
    const auto now = gate_.clock().now();
    if (now < next_sweep_)
        co_return;
    next_sweep_ = now + between_sweeps;
    const auto swept = co_await copies_.sweep();
    if (!swept)
        log_("copies that have run out cannot be removed now: " + swept.error().message);
    else if (*swept > 0)
        log_(fmt::format("removed {} copies that have run out", *swept));
}

// ---- the end

awaitable<Status> RequestRunner::finish(const storage::SubjectRequest& request) {
    const auto status =
        co_await database_.transaction([&](storage::Transaction& tx) -> Result<RequestStatus> {
            // Whoever of the staff enters something about it waits, so that it is seen now or looked at
            // again.
            if (auto locked = storage::subjects::lock(tx, request.subject); !locked)
                return locked.error();
            const auto now = gate_.clock().now();
            const auto steps = storage::requests::list_steps(tx, request.id);
            const auto status = overall_status(steps);
            if (request.kind == RequestKind::erasure && storage::is_settled(status))
                if (auto destroyed = destroy_identity(tx, cipher_, request.subject); !destroyed)
                    return destroyed.error();
            auto next = now + options_.reminder;
            for (const auto& step : steps)
                if (waits(step))
                    next = std::min(next, step.next_attempt_at);
            storage::requests::give_back(tx, request.id, node_, status, next, now);
            // After an erasure there is nobody left to write to.
            if (storage::is_settled(status) && request.kind != RequestKind::erasure)
                if (auto queued = queue_letter(tx, cipher_, gate_, request.subject, LetterKind::request_news);
                    !queued)
                    return queued.error();
            return status;
        });
    if (!status)
        co_return status.error();
    remind(request, *status);
    co_return Status();
}

void RequestRunner::remind(const storage::SubjectRequest& request, RequestStatus status) const {
    const auto line = [&](std::string_view what) {
        log_(fmt::format("{} {} {}; it is due on {}, see 'calyptenora requests list'", name_of(request.kind),
                         request.id.text(), what, day_of(request.due_at)));
    };
    const auto now = gate_.clock().now();
    if (storage::is_settled(status))
        return line("is done");
    if (now > request.due_at)
        return line("is OVERDUE");
    if (status == RequestStatus::manual || status == RequestStatus::failed)
        return line("waits for somebody");
    if (request.due_at - now < urgent)
        line("has not been confirmed by everybody");
}

}  // namespace calyptenora::platform
