#pragma once

#include "gate/policy.hpp"
#include "platform/demo/random.hpp"
#include "storage/stores/population.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// A population for trying the platform: people whose doings look like people's, and repeat themselves.
///
/// They have come over two years, more of them lately. Courses are taken up by their popularity, which is
/// long-tailed, and mostly in one's own language. Everybody has days and hours of their own at which they
/// learn; from week to week it is less, most drop out, some finish. Most refuse what they are asked, some
/// allow a part of it, some of those withdraw. No address is anybody's: they end in `.invalid` (RFC 2606) and
/// are not confirmed, so that the platform writes to nobody.
namespace calyptenora::platform::demo {

/// A course that is there to be taken.
struct Offer {
    std::string slug;
    std::string language;
    struct Lesson {
        std::string slug;
        int minutes = 1;
    };
    std::vector<Lesson> lessons;
    std::int64_t price_minor = 0;  ///< 0: free of charge.
    std::string currency;
};

/// A question that people answer: what a proof of the answer says of it.
struct Question {
    std::string instance;
    Purpose purpose{};
    std::string recipient;
    std::string manifest_hash;
    std::string policy_hash;  ///< Key of consent_texts of this document.
    std::string terms_document;
};

struct Setting {
    std::uint64_t seed = 1;
    /// Nothing happens from here on.
    storage::Timestamp until;
    std::vector<Offer> offers;
    std::vector<Question> questions;
    std::string auth_instance;
    /// Who takes the money; without it courses with a price are taken by nobody.
    std::optional<std::string> payments_instance;
    std::string notice_version;
    /// By language, `de` and `en`: keys of consent_texts, and the SHA-256 of the same text.
    std::array<std::string, 2> text_hashes;
    std::array<std::string, 2> choices_hashes;
    std::chrono::seconds consent_holds{};
    std::chrono::seconds refusal_holds{};
    /// What happened to accounts earlier is no longer kept.
    storage::Timestamp events_since;
};

/// One of them, as the stores take it.
struct Person {
    storage::learners::NewLearner account;
    std::vector<storage::Enrolment> enrolments = {};
    std::vector<storage::learning::NewProgress> progress = {};
    std::vector<storage::Order> orders = {};
    std::optional<storage::StudyClock> clock = {};
    std::vector<storage::study_time::NewTime> times = {};
    std::vector<storage::ConsentEvent> answers = {};
    std::vector<storage::account_events::NewEvent> events = {};
};

class Population {
  public:
    explicit Population(Setting setting);

    const Setting& setting() const { return setting_; }

    /// Number `index`, the same for the same setting whoever else is made.
    Person make_person(std::size_t index) const;

  private:
    struct Habits;
    class Life;

    Setting setting_;
    /// How popular each offer is together with those before it.
    std::vector<double> popularity_;
};

}  // namespace calyptenora::platform::demo
