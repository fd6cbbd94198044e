#pragma once

#include "gate/gate.hpp"
#include "platform/letters/letter.hpp"
#include "platform/policy_versions.hpp"
#include "storage/database.hpp"
#include "storage/field_cipher.hpp"
#include "storage/repeated_work.hpp"
#include "storage/stores/outbox.hpp"
#include "web/translations.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace calyptenora::platform {

struct LettersOptions {
    int batch = 20;
    /// No letter takes longer, from the gate to the mail server's last word.
    std::chrono::seconds longest{60};
    /// How long claimed letters are ours; many times `longest`, so that no other node sends them as well.
    std::chrono::seconds claim{300};
    /// How often the queue is looked at when it was empty.
    std::chrono::milliseconds idle{1000};
    /// At an hour between them, five days (RFC 5321, section 4.5.4.1).
    int give_up_after = 130;
};

/// Sends the letters that wait, and has those written that tell many: of a change of the privacy notice, and
/// what the operator announces, news among it. Each leaves by the gate. Several processes may do this on one
/// database: no letter is ever with two of them. One that ends between the server's last word and its own
/// note of it sends the letter once more, under the same Message-ID.
class Letters {
  public:
    using Log = std::function<void(const std::string& line)>;

    /// `head` yields what is in force. `node` names this process among others that share the database. What
    /// is referred to outlives this object.
    Letters(storage::Database& database, const storage::FieldCipher& cipher, gate::Gate& gate,
            PolicyVersions& policy_versions, const web::Translations& texts, std::function<LetterHead()> head,
            std::string node, Log log, LettersOptions options = {});

    /// Runs until stop(); the loop belongs to this object.
    void start(boost::asio::io_context& context);
    /// Ends after the letter that is under way. Blocks; not from a thread of the context.
    void stop() { loop_.stop(); }

    /// Writes to some of those who are to be told something, and sends what is due. Yields how many letters
    /// were written or settled.
    boost::asio::awaitable<int> run_once();

    /// What has not arrived, oldest first: it waits, or was given up and stays until its note is deleted.
    boost::asio::awaitable<Result<std::vector<storage::OutboxNote>>> list_undelivered(int limit);
    /// Has a letter tried again at once. `not_found` without such a one that waits or was given up.
    boost::asio::awaitable<Status> retry(storage::EventId id);

  private:
    struct Verdict;

    /// To some of those who are to be told of a change of the privacy notice.
    boost::asio::awaitable<int> tell_change();
    /// To some of those for whom the oldest announcement is that not everybody has.
    boost::asio::awaitable<int> spread_announcement();
    boost::asio::awaitable<Verdict> send(const storage::OutboxEvent& event);
    /// The letter for the gate, or why there is none.
    Result<std::string> write(storage::Transaction& tx, const storage::OutboxEvent& event,
                              LetterKind kind) const;
    Result<LetterText> compose(storage::Transaction& tx, const storage::LearnerId& learner, LetterKind kind,
                               const LetterParameters& parameters, const web::Words& words,
                               const LetterHead& head) const;
    boost::asio::awaitable<void> settle(const storage::OutboxEvent& event, const Verdict& verdict);

    storage::Database& database_;
    const storage::FieldCipher& cipher_;
    gate::Gate& gate_;
    PolicyVersions& policy_versions_;
    const web::Translations& texts_;
    const std::function<LetterHead()> head_;
    const std::string node_;
    const Log log_;
    const LettersOptions options_;
    /// The newest version about which everybody has been written to; of the loop alone.
    std::int64_t announced_ = 0;
    storage::RepeatedWork loop_;
};

}  // namespace calyptenora::platform
