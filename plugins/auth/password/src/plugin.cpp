#include "password_hash.hpp"
#include "weak_password.hpp"

#include <calyptenora/sdk.hpp>

#include <sodium.h>

#include <set>
#include <stdexcept>

namespace calyptenora::password {
namespace {

constexpr int max_bytes = 1024;

/// What the store keeps under `password/<learner>`.
struct StoredPassword {
    std::string hash;
    UnixMicros created_at = 0;
};
BOOST_DESCRIBE_STRUCT(StoredPassword, (), (hash, created_at))

/// What the store keeps under `attempts/<learner>`: counted before the check, erased by success.
struct Attempts {
    std::int64_t failures = 0;
    UnixMicros not_before = 0;
};
BOOST_DESCRIBE_STRUCT(Attempts, (), (failures, not_before))

/// Characters of UTF-8; nothing for bytes that are not UTF-8.
std::optional<std::size_t> count_characters(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < text.size(); ++count) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0x80    ? 1
                                   : lead >= 0xF0 ? 4
                                   : lead >= 0xE0 ? 3
                                   : lead >= 0xC2 ? 2
                                                  : 0;
        if (length == 0 || lead > 0xF4 || i + length > text.size())
            return std::nullopt;
        for (std::size_t k = 1; k < length; ++k)
            if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80)
                return std::nullopt;
        i += length;
    }
    return count;
}

class PasswordPlugin : public AuthPlugin {
  public:
    struct Settings {
        std::int64_t min_length = 15;
        std::vector<std::string> forbidden_words;
        std::int64_t memory_kib = 19456;
        std::int64_t passes = 2;
        std::int64_t free_attempts = 5;
    };

    PasswordPlugin(Host host, const Settings& settings)
        : host_(host),
          settings_(settings),
          cost_{static_cast<std::uint32_t>(settings.memory_kib), static_cast<std::uint32_t>(settings.passes)},
          decoy_(make_decoy(cost_)) {
        if (sodium_init() < 0)
            throw std::runtime_error("libsodium cannot be initialised");
    }

    task<Result<auth::Step>> begin(Request<auth::Begin> request) override {
        const auto min = static_cast<int>(settings_.min_length);
        const auto current = [](std::string name) {
            return auth::PromptField{std::move(name), "password", 1, max_bytes};
        };
        const auto fresh = auth::PromptField{"new_password", "new_password", min, max_bytes};
        switch (request.intent) {
            case auth::Intent::sign_in:
            case auth::Intent::step_up:
                co_return auth::Step(auth::Prompt{{current("password")}, "check"});
            case auth::Intent::enrol: {
                if (!request.learner)
                    co_return no_learner();
                auto stored = co_await load(*request.learner);
                if (!stored)
                    co_return stored.error();
                if (*stored)
                    co_return auth::Step(auth::Prompt{{current("current_password"), fresh}, "change"});
                co_return auth::Step(auth::Prompt{{fresh}, "enrol"});
            }
            case auth::Intent::recover:
                if (!request.learner)
                    co_return no_learner();
                co_return auth::Step(auth::Prompt{{fresh}, "recover"});
            case auth::Intent::link:
                break;
        }
        co_return Error(ErrorKind::unsupported,
                        "a password stands for no account elsewhere that could be linked");
    }

    task<Result<auth::Step>> resume(Request<auth::Resume> request, Secret secret) override {
        switch (request.intent) {
            case auth::Intent::sign_in:
            case auth::Intent::step_up:
                co_return co_await check(request.learner, secret.get("password"));
            case auth::Intent::enrol:
                if (!request.learner)
                    co_return no_learner();
                co_return co_await enrol(*request.learner, secret);
            case auth::Intent::recover:
                if (!request.learner)
                    co_return no_learner();
                co_return co_await recover(*request.learner, secret.get("new_password"));
            case auth::Intent::link:
                break;
        }
        co_return Error(ErrorKind::unsupported,
                        "a password stands for no account elsewhere that could be linked");
    }

    task<Result<auth::CredentialsReply>> credentials(Request<auth::Credentials> request) override {
        if (!request.learner)
            co_return no_learner();
        auto stored = co_await load(*request.learner);
        if (!stored)
            co_return stored.error();
        auth::CredentialsReply reply;
        switch (request.action) {
            case auth::CredentialAction::list:
                break;
            case auth::CredentialAction::rename:
                co_return Error(ErrorKind::unsupported, "there is one password, and it has no name");
            case auth::CredentialAction::revoke: {
                if (!*stored || request.id.value_or("password") != "password")
                    co_return Error(ErrorKind::not_found, "there is no such password");
                auto erased = co_await erase(*request.learner);
                if (!erased)
                    co_return erased.error();
                co_return reply;
            }
        }
        if (*stored)
            reply.credentials.push_back({"password", "", "password", (*stored)->created_at});
        co_return reply;
    }

    task<Result<SubjectOutcome>> export_subject(Request<rights::ExportSubject>) override {
        co_return SubjectOutcome(
            outcome::Done{"A password is kept as a hash only, from which it cannot be read; no other data of "
                          "the learner is "
                          "kept, and nothing went to anybody else."});
    }

    task<Result<SubjectOutcome>> erase_subject(Request<rights::EraseSubject> request) override {
        if (!request.learner)
            co_return no_learner();
        auto erased = co_await erase(*request.learner);
        if (!erased)
            co_return erased.error();
        co_return SubjectOutcome(outcome::Done{"The password's hash and the count of attempts are erased."});
    }

    task<Result<SubjectOutcome>> rectify_subject(Request<rights::RectifySubject>) override {
        co_return SubjectOutcome(
            outcome::Done{"There is nothing to rectify: no name and no address is kept."});
    }

    task<Result<SubjectOutcome>> restrict_subject(Request<rights::RestrictSubject>) override {
        co_return SubjectOutcome(outcome::Done{
            "The hash serves the learner's own sign-in only, which a restriction does not stop."});
    }

  private:
    using Step = Result<auth::Step>;

    static Error no_learner() {
        return {ErrorKind::denied, "the operation needs the learner's pseudonym, and it is not there"};
    }
    static Step refused(std::string reason, std::optional<std::int64_t> retry_after_s = std::nullopt) {
        return auth::Step(auth::Refusal{std::move(reason), retry_after_s});
    }
    static std::string password_key(const std::string& learner) { return "password/" + learner; }
    static std::string attempts_key(const std::string& learner) { return "attempts/" + learner; }

    /// One attempt of a learner at a time, so that many at once are not all checked before the first is
    /// counted. Lives in the coroutine's frame: a cancelled call gives the place back.
    class Turn {
      public:
        Turn(std::set<std::string>& taken, const std::string& learner) : taken_(taken), learner_(learner) {
            ours_ = taken_.insert(learner_).second;
        }
        ~Turn() {
            if (ours_)
                taken_.erase(learner_);
        }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        bool is_ours() const { return ours_; }

      private:
        std::set<std::string>& taken_;
        std::string learner_;
        bool ours_ = false;
    };

    task<Result<std::optional<StoredPassword>>> load(const std::string& learner) {
        const auto entry = co_await host_.store_get(password_key(learner));
        if (!entry)
            co_return entry.error();
        if (!entry->value)
            co_return std::optional<StoredPassword>();
        auto stored = parse_json<StoredPassword>(*entry->value);
        if (!stored)
            co_return Error(ErrorKind::permanent, "the stored password cannot be read");
        co_return std::optional(std::move(*stored));
    }

    task<Result<Nothing>> save(const std::string& learner, std::string_view password, UnixMicros created_at) {
        const auto salt = co_await host_.random(salt_size);
        if (!salt)
            co_return salt.error();
        const auto kept = co_await host_.store_put(
            password_key(learner),
            to_json(StoredPassword{hash_password(password, salt->bytes.data, cost_), created_at}));
        if (!kept)
            co_return kept.error();
        co_return Nothing{};
    }

    task<Result<Nothing>> erase(const std::string& learner) {
        const auto password = co_await host_.store_erase(password_key(learner));
        if (!password)
            co_return password.error();
        const auto attempts = co_await host_.store_erase(attempts_key(learner));
        if (!attempts)
            co_return attempts.error();
        co_return Nothing{};
    }

    /// Checks the current password. The same services are asked and the same work is done whether or not
    /// there is a learner and a password: what differs is not to be seen from outside.
    task<Step> check(std::optional<std::string> known, std::string_view typed) {
        const auto learner = known.value_or("-");
        std::optional<Turn> turn;
        if (known) {
            turn.emplace(busy_, learner);
            if (!turn->is_ours())
                co_return refused("too_many_attempts", 1);
        }
        const auto now = co_await host_.clock();
        if (!now)
            co_return now.error();
        const auto counted = co_await host_.store_get(attempts_key(learner));
        if (known && !counted)
            co_return counted.error();
        Attempts attempts;
        if (counted && counted->value)
            if (auto read = parse_json<Attempts>(*counted->value))
                attempts = *read;
        if (known && attempts.not_before > now->unix_micros)
            co_return refused("too_many_attempts", (attempts.not_before - now->unix_micros) / 1'000'000 + 1);

        const auto stored = co_await load(learner);
        if (known && !stored)
            co_return stored.error();
        ++attempts.failures;
        attempts.not_before = now->unix_micros + wait_after(attempts.failures) * 1'000'000;
        const auto noted = co_await host_.store_put(attempts_key(learner), to_json(attempts));
        if (known && !noted)
            co_return noted.error();

        const bool has_password = known && stored && *stored;
        const bool plausible = !typed.empty() && typed.size() <= max_bytes;
        const bool matches = verify_password(plausible ? typed : std::string_view("-"),
                                             has_password ? (*stored)->hash : decoy_);
        if (!has_password || !plausible || !matches)
            co_return refused("wrong_credentials");

        const auto cleared = co_await host_.store_erase(attempts_key(learner));
        if (!cleared)
            co_return cleared.error();
        if (is_outdated((*stored)->hash, cost_)) {
            const auto renewed = co_await save(learner, typed, (*stored)->created_at);
            if (!renewed)
                host_.log(LogLevel::warning, "a password keeps its old hash: " + renewed.error().message);
        }
        co_return auth::Step(auth::Assertion{"pwd", std::nullopt});
    }

    /// The wait after so many failures in a row.
    std::int64_t wait_after(std::int64_t failures) const {
        const auto beyond = failures - settings_.free_attempts;
        if (beyond < 0)
            return 0;
        return std::min<std::int64_t>(900, std::int64_t{10} << std::min<std::int64_t>(beyond, 10));
    }

    task<Step> enrol(std::string learner, const Secret& secret) {
        const auto stored = co_await load(learner);
        if (!stored)
            co_return stored.error();
        const auto chosen = secret.get("new_password");
        if (*stored) {
            auto checked = co_await check(learner, secret.get("current_password"));
            if (!checked || !std::holds_alternative<auth::Assertion>(*checked))
                co_return checked;
        }
        if (*stored && chosen == secret.get("current_password"))
            co_return refused("weak_password");
        co_return co_await choose(learner, chosen);
    }

    /// Whoever forgot the password may have tried so often that even the right one would have to wait.
    task<Step> recover(std::string learner, std::string_view chosen) {
        auto step = co_await choose(learner, chosen);
        if (!step || !std::holds_alternative<auth::Assertion>(*step))
            co_return step;
        const auto cleared = co_await host_.store_erase(attempts_key(learner));
        if (!cleared)
            co_return cleared.error();
        co_return step;
    }

    task<Step> choose(const std::string& learner, std::string_view chosen) {
        if (is_weak(chosen))
            co_return refused("weak_password");
        const auto now = co_await host_.clock();
        if (!now)
            co_return now.error();
        const auto saved = co_await save(learner, chosen, now->unix_micros);
        if (!saved)
            co_return saved.error();
        co_return auth::Step(auth::Assertion{"pwd", std::nullopt});
    }

    bool is_weak(std::string_view password) const {
        const auto characters = count_characters(password);
        return !characters || *characters < static_cast<std::size_t>(settings_.min_length) ||
               password.size() > max_bytes || is_guessable(password, settings_.forbidden_words);
    }

    Host host_;
    Settings settings_;
    HashCost cost_;
    std::string decoy_;
    std::set<std::string> busy_;
};
BOOST_DESCRIBE_STRUCT(PasswordPlugin::Settings, (),
                      (min_length, forbidden_words, memory_kib, passes, free_attempts))

}  // namespace
}  // namespace calyptenora::password

CALYPTENORA_PLUGIN(calyptenora::password::PasswordPlugin)
