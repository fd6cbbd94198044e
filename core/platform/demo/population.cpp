#include "platform/demo/population.hpp"

#include "platform/courses/course_folder.hpp"
#include "platform/demo/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace calyptenora::platform::demo {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using storage::Timestamp;

constexpr std::uint64_t person_stream = 3, popularity_stream = 4;
constexpr days whole_time{728};
constexpr days time_to_pay{14};

struct Place {
    std::string_view time_zone;
    int offset_hours;  ///< From UTC in winter.
    double weight;
};
constexpr std::array german_places{Place{"Europe/Berlin", 1, 0.8}, Place{"Europe/Vienna", 1, 0.11},
                                   Place{"Europe/Zurich", 1, 0.09}};
constexpr std::array english_places{Place{"Europe/London", 0, 0.45},     Place{"Europe/Dublin", 0, 0.12},
                                    Place{"America/New_York", -5, 0.22}, Place{"America/Toronto", -5, 0.08},
                                    Place{"Australia/Sydney", 10, 0.05}, Place{"Asia/Kolkata", 5, 0.08}};

/// Local hours at which somebody learns: in the morning, at noon, in the afternoon, in the evening.
struct Part {
    int from;
    int length;
};
constexpr std::array parts{Part{6, 3}, Part{12, 2}, Part{14, 4}, Part{18, 5}};
constexpr std::array part_weights{0.14, 0.14, 0.17, 0.55};

constexpr std::array<std::string_view, 6> browsers{"Firefox 145, Windows", "Chrome 142, Windows",
                                                   "Safari 26, iOS",       "Chrome 142, Android",
                                                   "Safari 26, macOS",     "Firefox 145, Linux"};
constexpr std::array browser_weights{0.16, 0.3, 0.2, 0.2, 0.09, 0.05};

template <std::size_t size>
const Place& pick_place(const std::array<Place, size>& places, Random& random) {
    std::array<double, size> weights{};
    for (std::size_t i = 0; i < size; ++i)
        weights[i] = places[i].weight;
    return places[random.weighted(weights)];
}

/// The same letters in lower case, with a point between names.
std::string mailbox_of(const std::string& name) {
    auto box = make_slug(name);
    std::ranges::replace(box, '-', '.');
    return box;
}

/// What a payment of theirs is marked with, as platform/orders.cpp makes it; no number gives the same twice.
std::string make_reference(std::uint64_t seed, std::uint64_t number) {
    constexpr std::string_view alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    // 32 letters, eight times: 40 bits. Multiplying by an odd number moves them about and loses none.
    auto bits = (number * 0x9e3779b97f + Random(seed, person_stream, 0).next()) & 0xffffffffff;
    std::string reference = "CA-";
    for (int i = 0; i < 8; ++i, bits >>= 5)
        reference += alphabet[bits & 31];
    return reference;
}

}  // namespace

/// When somebody learns, and how long they go on.
struct Population::Habits {
    int offset_hours;
    Part part;
    /// Of Monday to Sunday.
    std::array<double, 7> day_weights;
    /// How likely it is that after one evening there is another one.
    double stamina;
};

/// Makes one person, in the order in which things happen to them.
class Population::Life {
  public:
    Life(const Population& population, std::size_t index)
        : population_(population),
          setting_(population.setting_),
          index_(index),
          random_(setting_.seed, person_stream, index + 1),
          is_german_(random_.chance(0.68)),
          language_(is_german_ ? german() : english()),
          place_(is_german_ ? pick_place(german_places, random_) : pick_place(english_places, random_)),
          habits_(make_habits()),
          joined_(choose_beginning()),
          last_seen_(joined_),
          browser_(browsers[random_.weighted(browser_weights)]),
          person_{.account = make_account()} {}

    Person live() {
        note(storage::AccountEventKind::opened, joined_);
        answer();
        learn();
        note_sign_ins();
        person_.account.last_seen_at = last_seen_;
        return std::move(person_);
    }

  private:
    Timestamp choose_beginning() {
        // As the square root: twice as many come in a week at the end as in one in the middle.
        const auto since = std::chrono::floor<days>(setting_.until) - whole_time;
        const auto day = since + days(static_cast<int>(std::sqrt(random_.real()) * whole_time.count()));
        return std::min(moment_on(day), setting_.until - minutes(1) - seconds(random_.below(3600)));
    }

    Habits make_habits() {
        Habits habits{place_.offset_hours, parts[random_.weighted(part_weights)], {}, 0.0};
        // Some learn at work, some at the weekend, most as it comes.
        constexpr std::array<std::array<double, 7>, 3> weeks{{{1, 1, 1, 0.9, 0.5, 0.05, 0.1},
                                                              {0.15, 0.1, 0.15, 0.15, 0.3, 1, 1.2},
                                                              {1, 1, 0.9, 0.8, 0.5, 0.6, 0.9}}};
        constexpr std::array week_weights{0.3, 0.2, 0.5};
        habits.day_weights = weeks[random_.weighted(week_weights)];
        habits.stamina = 0.45 + 0.53 * std::sqrt(random_.real());
        return habits;
    }

    /// On a day of theirs, at their hour; daylight saving time from April to October.
    Timestamp moment_on(std::chrono::sys_days day) {
        const auto month = static_cast<unsigned>(std::chrono::year_month_day(day).month());
        const int summer = month >= 4 && month <= 10 && place_.offset_hours < 5 ? 1 : 0;
        const auto local = hours(habits_.part.from) +
                           minutes(random_.below(60u * static_cast<unsigned>(habits_.part.length)));
        return day + local - hours(habits_.offset_hours + summer) + seconds(random_.below(60));
    }

    /// A day that suits them, not before this one.
    std::chrono::sys_days suitable_day(std::chrono::sys_days day) {
        for (int i = 0; i < 14; ++i, day += days(1)) {
            const auto weekday = std::chrono::weekday(day).iso_encoding() - 1;
            if (random_.chance(std::min(1.0, habits_.day_weights[weekday])))
                break;
        }
        return day;
    }

    storage::learners::NewLearner make_account() {
        const auto name =
            fmt::format("{} {}", random_.pick(language_.first_names), random_.pick(language_.last_names));
        storage::learners::NewLearner account{
            .learner = {.id = storage::LearnerId::parse(random_.uuid(joined_)).value(),
                        .created_at = joined_,
                        .language = std::string(language_.key),
                        .email_confirmed_at = {},
                        .guardian_needed_until = {},
                        .auth_instance = setting_.auth_instance},
            .contact = {name,
                        fmt::format("{}.{}@demo-{}.invalid", mailbox_of(name), index_ + 1, setting_.seed)},
            .education = {},
            .last_seen_at = joined_};
        if (random_.chance(0.28))
            account.education = random_.pick(language_.educations);
        auto& presentation = account.learner.presentation;
        if (random_.chance(place_.time_zone == german_places[0].time_zone ? 0.1 : 0.5))
            presentation.time_zone = place_.time_zone;
        if (random_.chance(0.18))
            presentation.theme = random_.chance(0.8) ? storage::Theme::dark : storage::Theme::light;
        if (random_.chance(0.05))
            presentation.text_size =
                random_.chance(0.8) ? storage::TextSize::larger : storage::TextSize::largest;
        return account;
    }

    void note(storage::AccountEventKind kind, Timestamp at) {
        if (at >= setting_.events_since)
            person_.events.push_back({storage::EventId::parse(random_.uuid(at)).value(),
                                      person_.account.learner.id,
                                      {kind, at, std::string(browser_)}});
    }

    void record_answer(const Question& question, ConsentState state, Timestamp at, std::string_view action) {
        const auto language = is_german_ ? 0 : 1;
        const auto& id = person_.account.learner.id;
        person_.answers.push_back(
            {.record_id = storage::RecordId::parse(random_.uuid(at)).value(),
             .pii_principal_id = id,
             .event_time = at,
             .event_type = std::string(key_of(state)),
             .event_state = state,
             .entity_id = id.text(),
             .instance = question.instance,
             .purpose = question.purpose,
             .recipient_third_parties = question.recipient,
             .privacy_notice = setting_.notice_version,
             .language = std::string(language_.key),
             .action = std::string(action),
             .validity_duration =
                 state == ConsentState::given ? setting_.consent_holds : setting_.refusal_holds,
             .text_hash = setting_.text_hashes[static_cast<std::size_t>(language)],
             .choices_hash = setting_.choices_hashes[static_cast<std::size_t>(language)],
             .manifest_hash = question.manifest_hash,
             .policy_hash = question.policy_hash});
    }

    /// Most refuse all; some allow a part, and some of those think again.
    void answer() {
        enum : std::size_t { puts_it_off, refuses, allows_some, withdraws };
        constexpr std::array weights{0.1, 0.62, 0.2, 0.08};
        const auto kind = random_.weighted(weights);
        const auto at = std::min(joined_ + seconds(20 + random_.below(300)), setting_.until - seconds(1));
        if (kind == puts_it_off)
            return;
        std::vector<const Question*> allowed;
        for (const auto& question : setting_.questions) {
            const bool allows = kind != refuses && random_.chance(0.45);
            if (allows)
                allowed.push_back(&question);
            record_answer(question, allows ? ConsentState::given : ConsentState::refused, at,
                          kind == refuses ? "demo_refuse_all" : "demo_choose");
        }
        if (kind != withdraws)
            return;
        const auto later = at + days(3 + random_.below(140)) + seconds(random_.below(30'000));
        if (later >= setting_.until)
            return;
        for (const auto* question : allowed)
            record_answer(*question, ConsentState::withdrawn, later, "demo_privacy_page");
        see(later);
    }

    void see(Timestamp at) { last_seen_ = std::max(last_seen_, at); }

    std::size_t pick_offer() {
        const auto& offers = setting_.offers;
        for (int tries = 0;; ++tries) {
            const auto& popularity = population_.popularity_;
            const auto choice =
                std::min(offers.size() - 1,
                         static_cast<std::size_t>(
                             std::ranges::upper_bound(popularity, random_.real() * popularity.back()) -
                             popularity.begin()));
            if (tries > 20 || offers[choice].language.starts_with(language_.key) || random_.chance(0.1))
                return choice;
        }
    }

    void learn() {
        if (setting_.offers.empty() || random_.chance(0.08))
            return;
        counts_time_ = random_.chance(0.18);
        const auto wanted = std::min<std::size_t>(1 + static_cast<std::size_t>(random_.repeats(0.52, 7)),
                                                  setting_.offers.size());
        std::set<std::size_t> taken;
        auto start = joined_ + minutes(2 + random_.below(20));
        for (std::size_t i = 0; i < wanted && start < setting_.until; ++i) {
            const auto choice = pick_offer();
            if (taken.insert(choice).second)
                take(setting_.offers[choice], start);
            start = moment_on(suitable_day(std::chrono::floor<days>(start) + days(4 + random_.below(70))));
        }
    }

    /// When the course is open to them: at once, or when it is paid; nothing if that does not come to be.
    std::optional<Timestamp> buy(const Offer& offer, Timestamp at, std::optional<storage::OrderId>& order) {
        if (offer.price_minor == 0)
            return at;
        if (!setting_.payments_instance)
            return std::nullopt;
        const auto paid = at + hours(20 + random_.below(90));
        const auto id = storage::OrderId::parse(random_.uuid(at)).value();
        storage::Order bought{.id = id,
                              .learner = person_.account.learner.id,
                              .course = offer.slug,
                              .instance = *setting_.payments_instance,
                              .amount_minor = offer.price_minor,
                              .currency = offer.currency,
                              .reference = make_reference(setting_.seed, index_ * 8 + person_.orders.size()),
                              .created_at = at,
                              .updated_at = paid,
                              .due_at = at + time_to_pay};
        const bool is_paid = random_.chance(0.9);
        if (is_paid) {
            bought.state = storage::OrderState::paid;
            bought.captured_minor = offer.price_minor;
        } else if (random_.chance(0.6)) {
            bought.state = storage::OrderState::cancelled;
        } else {
            bought.state = storage::OrderState::expired;
            bought.updated_at = at + time_to_pay + hours(1);
        }
        // An order that still waits has instructions that only the plugin writes; nobody is in the middle.
        if (bought.updated_at >= setting_.until)
            return std::nullopt;
        see(at);
        order = id;
        person_.orders.push_back(std::move(bought));
        return is_paid ? std::optional<Timestamp>(paid) : std::nullopt;
    }

    void take(const Offer& offer, Timestamp at) {
        std::optional<storage::OrderId> order;
        const auto opened = buy(offer, at, order);
        if (!opened)
            return;
        person_.enrolments.push_back({offer.slug, *opened, storage::EnrolmentState::active, order});
        see(*opened);
        // Some never begin.
        if (random_.chance(0.16))
            return;
        auto day = std::chrono::floor<days>(*opened);
        std::size_t next = 0;
        double gap = 1.0;
        auto begin = *opened + minutes(2);
        // The money arrives at any hour, but nobody waits for it.
        if (order)
            begin = moment_on(suitable_day(day + days(1)));
        for (auto now = begin; next < offer.lessons.size() && now < setting_.until;) {
            next = sit_down(offer, next, now);
            if (!random_.chance(habits_.stamina))
                return;
            // It is less from week to week.
            gap = std::min(gap * 1.25, 20.0);
            day = suitable_day(day + days(1 + random_.below(static_cast<std::size_t>(gap) + 2)));
            now = std::max(moment_on(day), now + hours(1));
        }
    }

    /// One evening: some lessons, one after the other. Yields the lesson at which they go on.
    std::size_t sit_down(const Offer& offer, std::size_t next, Timestamp now) {
        evenings_.push_back(now);
        const auto lessons = 1 + random_.repeats(0.4, 3);
        for (int i = 0; i < lessons && next < offer.lessons.size() && now < setting_.until; ++i) {
            const auto& lesson = offer.lessons[next];
            const auto spent = seconds(static_cast<int>(lesson.minutes * 60 * (0.5 + 1.2 * random_.real())));
            const auto begun = now;
            now += spent;
            see(std::min(now, setting_.until - seconds(1)));
            // Closed in the middle, or by the end of time.
            const bool is_left = now >= setting_.until || random_.chance(0.08);
            auto& progress = person_.progress;
            auto row = std::ranges::find_if(progress, [&](const auto& known) {
                return known.progress.lesson == lesson.slug && known.course == offer.slug;
            });
            if (row == progress.end())
                row = progress.insert(row, {person_.account.learner.id,
                                            offer.slug,
                                            {lesson.slug, storage::ProgressState::started, 0, {}, begun, {}},
                                            begun});
            row->progress.updated_at = begun;
            if (is_left)
                return next;
            row->progress.state = storage::ProgressState::completed;
            row->progress.updated_at = now;
            row->progress.completed_at = now;
            count_time(offer, lesson, spent, begun, now);
            now += seconds(10 + random_.below(90));
            ++next;
        }
        return next;
    }

    void count_time(const Offer& offer, const Offer::Lesson& lesson, seconds spent, Timestamp begun,
                    Timestamp until) {
        if (!counts_time_)
            return;
        const auto& id = person_.account.learner.id;
        person_.times.push_back({id, {offer.slug, lesson.slug, spent}, until});
        auto& clock = person_.clock;
        if (!clock)
            clock = {.since = begun, .counted_until = until, .course = {}, .lesson = {}, .opened_at = begun};
        if (until < clock->counted_until)
            return;
        clock->counted_until = until;
        clock->course = offer.slug;
        clock->lesson = lesson.slug;
        clock->opened_at = begun;
    }

    /// A session holds for two weeks, so not every evening begins with signing in.
    void note_sign_ins() {
        std::ranges::sort(evenings_);
        auto signed_in = joined_;
        for (const auto evening : evenings_) {
            if (evening - signed_in > days(14) || random_.chance(0.15))
                note(storage::AccountEventKind::signed_in, evening - seconds(30));
            signed_in = evening;
        }
    }

    const Population& population_;
    const Setting& setting_;
    const std::size_t index_;
    Random random_;
    const bool is_german_;
    const Language& language_;
    const Place& place_;
    const Habits habits_;
    const Timestamp joined_;
    Timestamp last_seen_;
    const std::string_view browser_;
    Person person_;
    bool counts_time_ = false;
    std::vector<Timestamp> evenings_;
};

Population::Population(Setting setting) : setting_(std::move(setting)) {
    Random random(setting_.seed, popularity_stream, 0);
    std::vector<std::size_t> ranks(setting_.offers.size());
    for (std::size_t i = 0; i < ranks.size(); ++i) {
        ranks[i] = i;
        std::swap(ranks[i], ranks[random.below(i + 1)]);
    }
    // Zipf's law, a little flatter at the top.
    double sum = 0;
    for (const auto rank : ranks)
        popularity_.push_back(sum += 1.0 / std::pow(static_cast<double>(rank) + 2.0, 0.95));
}

Person Population::make_person(std::size_t index) const {
    return Life(*this, index).live();
}

}  // namespace calyptenora::platform::demo
