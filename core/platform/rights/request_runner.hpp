#pragma once

#include "gate/choices.hpp"
#include "gate/gate.hpp"
#include "platform/rights/copies.hpp"
#include "platform/rights/own_part.hpp"
#include "storage/database.hpp"
#include "storage/field_cipher.hpp"
#include "storage/repeated_work.hpp"
#include "storage/stores/learners.hpp"
#include "storage/stores/requests.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace calyptenora::platform {

struct RequestRunnerOptions {
    /// How long a claimed request is ours; longer than all calls of one round.
    std::chrono::seconds claim{600};
    std::chrono::milliseconds deadline{30'000};
    std::chrono::milliseconds idle{1'000};
    /// A recipient that answers nonsense so often is somebody's work.
    int give_up_after = 8;
    /// When nothing can be done but to wait for somebody, it is looked at and said again after this.
    std::chrono::hours reminder{24};
};

/// Carries out data-subject requests: the platform's own part at once, then each recipient who was ever sent
/// something is told (Art. 19 GDPR), or asked what they have (Art. 15), again and again until all have
/// answered or somebody has. Durable: what was begun goes on after a crash, on any node; a copy lies on the
/// node that made it.
class RequestRunner {
  public:
    using Log = std::function<void(const std::string& line)>;

    /// `node` names this process among others that share the database.
    RequestRunner(storage::Database& database, const storage::FieldCipher& cipher, gate::Gate& gate,
                  gate::Choices& choices, OwnPart& own_part, Copies& copies, std::string node, Log log,
                  RequestRunnerOptions options = {});

    /// Runs until stop(); the loop belongs to this object.
    void start(boost::asio::io_context& context);
    /// Ends after the call that is under way. Blocks; not from a thread of the context.
    void stop() { loop_.stop(); }

    /// Works on what is due now. Yields how many requests.
    boost::asio::awaitable<int> run_once();

  private:
    using Steps = OwnPart::Steps;

    boost::asio::awaitable<Status> work(const storage::SubjectRequest& request);
    /// Of a request for access: the answer itself goes into the copy, and not where the evidence is.
    boost::asio::awaitable<Status> keep_answer(const storage::SubjectRequest& request,
                                               const SubjectOutcome& answer, storage::RequestStep& step);
    /// The copy, whenever there is more to go into it.
    boost::asio::awaitable<Status> make_copy(const storage::SubjectRequest& request, Steps& steps);
    /// Whether it concerns somebody who is not there any more; of an erasure: whose key is gone, too.
    boost::asio::awaitable<Result<bool>> is_over(const storage::SubjectRequest& request);
    boost::asio::awaitable<Status> end(const storage::SubjectRequest& request);
    boost::asio::awaitable<void> sweep_copies();
    boost::asio::awaitable<void> tell(const storage::SubjectRequest& request, storage::RequestStep& step);
    template <class Op>
    boost::asio::awaitable<Result<SubjectOutcome>> ask(const storage::RequestStep& step,
                                                       const settings::InstanceId& instance,
                                                       const std::optional<storage::Contact>& contact);
    /// Evidence outlives the person's key, so it must not name them.
    void redact(storage::RequestStep& step, const storage::Contact* contact) const;
    void judge(const Error& error, storage::RequestStep& step) const;
    boost::asio::awaitable<Status> finish(const storage::SubjectRequest& request);
    void remind(const storage::SubjectRequest& request, storage::RequestStatus status) const;

    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    gate::Gate& gate_;
    gate::Choices& choices_;
    OwnPart& own_part_;
    Copies& copies_;
    const std::string node_;
    const Log log_;
    const RequestRunnerOptions options_;
    storage::Timestamp next_sweep_{};
    storage::RepeatedWork loop_;
};

}  // namespace calyptenora::platform
