#include "platform/rights/copies.hpp"

#include "storage/stores/subjects.hpp"

#include <calyptenora/json.hpp>

#include <algorithm>

namespace calyptenora::platform {

using boost::asio::awaitable;
using storage::RequestStatus;
using storage::RequestStep;

/// Says how far a copy is, as long as it is made.
class Copies::Progress {
  public:
    Progress(Copies& copies, std::string request) : copies_(copies), request_(std::move(request)) { set(0); }
    ~Progress() {
        const std::lock_guard lock(copies_.mutex_);
        copies_.percents_.erase(request_);
    }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    Status operator()(const ExportProgress& progress) {
        if (copies_.stopping_)
            return Error(ErrorKind::temporary, "the platform stops; the copy is made when it is back");
        set(progress.total > 0 ? static_cast<int>(100 * progress.done / progress.total) : 0);
        return {};
    }

  private:
    void set(int percent) {
        const std::lock_guard lock(copies_.mutex_);
        copies_.percents_[request_] = percent;
    }

    Copies& copies_;
    const std::string request_;
};

Copies::Copies(std::filesystem::path folder, storage::Database& database, const storage::FieldCipher& cipher,
               const storage::Clock& clock, const web::Translations& texts,
               std::function<ExportIssuer()> issuer)
    : folder_(std::move(folder)),
      database_(database),
      cipher_(cipher),
      clock_(clock),
      texts_(texts),
      issuer_(std::move(issuer)) {}

Result<ExportShelf> Copies::open_shelf(const Exporter& exporter) const {
    return ExportShelf::open(folder_, database_, cipher_, exporter);
}

std::optional<int> Copies::percent(const storage::RequestId& request) const {
    const std::lock_guard lock(mutex_);
    const auto found = percents_.find(request.text());
    return found == percents_.end() ? std::nullopt : std::optional(found->second);
}

// ---- what the recipients say

/// A plugin's answer; what somebody of the staff found out instead; or why there is neither.
RecipientAnswer Copies::judge(const RequestStep& step,
                              const std::vector<storage::RecipientAnswerRecord>& answers,
                              web::Language language) const {
    RecipientAnswer answer{step.instance, step.subject.text(), step.recipient, {}, {}};
    const auto given = std::ranges::find_if(answers, [&](const auto& known) {
        return known.instance == step.instance && known.subject == step.subject;
    });
    if (given != answers.end())
        if (auto outcome = parse_json<SubjectOutcome>(given->answer))
            answer.outcome = std::move(*outcome);
    if (!answer.outcome)
        answer.reason = texts_.text(language, storage::is_settled(step.status)       ? "unanswered.gone"
                                              : step.status == RequestStatus::manual ? "unanswered.by_hand"
                                                                                     : "unanswered.waits");
    return answer;
}

awaitable<Result<ExportOrder>> Copies::make_order(const storage::SubjectRequest& request,
                                                  const std::vector<RequestStep>& steps) {
    const auto answers = co_await database_.run(
        [&](storage::Transaction& tx) -> Result<std::vector<storage::RecipientAnswerRecord>> {
            return storage::copies::list_answers(tx, cipher_, request.id);
        });
    if (!answers)
        co_return answers.error();
    ExportOrder order{.learner = request.subject, .made_at = clock_.now(), .answers = {}};
    const auto language = web::find_language(request.language).value_or(web::Language::de);
    for (const auto& step : steps)
        if (!step.instance.empty())
            order.answers.push_back(judge(step, *answers, language));
    co_return order;
}

// ---- the copy

awaitable<Result<long long>> Copies::make(const storage::SubjectRequest& request,
                                          const std::vector<RequestStep>& steps) {
    const Exporter exporter(cipher_, texts_, issuer_());
    const auto shelf = open_shelf(exporter);
    if (!shelf)
        co_return shelf.error();
    const auto order = co_await make_order(request, steps);
    if (!order)
        co_return order.error();
    const auto name = request.id.text();
    Progress progress(*this, name);
    const auto summary = co_await database_.run([&](storage::Transaction& tx) -> Result<ExportSummary> {
        return shelf->make_within(tx, name, *order, std::ref(progress));
    });
    if (!summary)
        co_return summary.error();
    const auto made = shelf->read(name, request.subject);
    if (!made)
        co_return made.error();
    const auto noted = co_await database_.transaction([&](storage::Transaction& tx) -> Status {
        if (auto locked = storage::subjects::lock_unless_erased(tx, request.subject); !locked)
            return locked;
        storage::copies::put(tx, {.request = request.id,
                                  .subject = request.subject,
                                  .size = static_cast<long long>(made->size()),
                                  .made_at = order->made_at,
                                  .expires_at = order->made_at + kept});
        return {};
    });
    if (!noted)
        co_return noted.error();
    long long records = 0;
    for (const auto& [set, rows] : summary->records)
        records += rows;
    co_return records;
}

awaitable<Result<FetchedCopy>> Copies::fetch(storage::LearnerId learner, storage::RequestId request) {
    const auto copy = co_await database_.transaction([&](storage::Transaction& tx) -> Result<storage::Copy> {
        auto known = storage::copies::find(tx, request);
        if (!known || known->subject != learner || known->expires_at <= clock_.now())
            return Error(ErrorKind::not_found, "there is no such copy, or it has run out");
        storage::copies::note_fetched(tx, request, clock_.now());
        return std::move(*known);
    });
    if (!copy)
        co_return copy.error();
    const Exporter exporter(cipher_, texts_, issuer_());
    const auto shelf = open_shelf(exporter);
    if (!shelf)
        co_return shelf.error();
    auto reader = shelf->read(request.text(), learner);
    if (!reader)
        co_return reader.error();
    co_return FetchedCopy{std::move(*reader), copy->made_at};
}

awaitable<Result<int>> Copies::sweep() {
    using Names = std::vector<std::string>;
    const auto valid = co_await database_.transaction([&](storage::Transaction& tx) -> Result<Names> {
        const auto now = clock_.now();
        storage::copies::sweep_answers(tx, now);
        Names names;
        for (const auto& request : storage::copies::list_valid(tx, now))
            names.push_back(request.text());
        return names;
    });
    if (!valid)
        co_return valid.error();
    const Exporter exporter(cipher_, texts_, issuer_());
    const auto shelf = open_shelf(exporter);
    if (!shelf)
        co_return shelf.error();
    co_return shelf->keep_only(*valid);
}

}  // namespace calyptenora::platform
