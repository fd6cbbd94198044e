#include "platform/demo/course_text.hpp"
#include "platform/demo/population.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace calyptenora::platform::demo {
namespace {

using std::chrono::days;

constexpr std::size_t people = 1500;

Setting make_setting(std::uint64_t seed = 7) {
    Setting setting;
    setting.seed = seed;
    setting.until = storage::Timestamp(std::chrono::sys_days(std::chrono::year(2026) / 11 / 25));
    for (int i = 0; i < 40; ++i) {
        Offer offer;
        offer.slug = "course-" + std::to_string(i);
        offer.language = i % 3 == 2 ? "en" : "de";
        for (int l = 0; l < 8; ++l)
            offer.lessons.push_back({"lesson-" + std::to_string(l), 6});
        if (i % 5 == 4) {
            offer.price_minor = 1900;
            offer.currency = "EUR";
        }
        setting.offers.push_back(std::move(offer));
    }
    setting.questions = {
        {"analytics/xapi", Purpose::analytics_reporting_content_performance, "LRS", "m", "p", "{}"},
        {"video/embed", Purpose::personalize_content_recommendation, "Tube", "m", "q", "{}"}};
    setting.auth_instance = "auth/password";
    setting.payments_instance = "payments/sepa";
    setting.consent_holds = setting.refusal_holds = days(180);
    setting.events_since = setting.until - days(180);
    return setting;
}

std::vector<Person> make_people(const Population& population, std::size_t count = people) {
    std::vector<Person> all;
    for (std::size_t i = 0; i < count; ++i)
        all.push_back(population.make_person(i));
    return all;
}

const std::vector<Person>& everybody() {
    static const auto all = make_people(Population(make_setting()));
    return all;
}

double part_of(auto count) {
    return static_cast<double>(count) / people;
}

TEST(DemoPopulation, IsTheSameForTheSameSeedAndAnotherForAnother) {
    const Population one(make_setting()), same(make_setting()), other(make_setting(8));
    // Nobody depends on who was made before.
    const auto late = same.make_person(17);
    std::optional<Person> person;
    for (std::size_t i = 0; i <= 17; ++i)
        person = one.make_person(i);
    EXPECT_EQ(person->account.learner.id, late.account.learner.id);
    EXPECT_EQ(person->account.contact.email, late.account.contact.email);
    EXPECT_EQ(person->progress.size(), late.progress.size());
    EXPECT_EQ(person->answers.size(), late.answers.size());
    // As it was when this was written, on whatever machine.
    EXPECT_EQ(one.make_person(0).account.contact.email, "noah.murphy.1@demo-7.invalid");
    EXPECT_EQ(one.make_person(0).account.learner.id.text(), "019f2b99-fd60-7119-804b-045e9165b7c8");
    EXPECT_NE(one.make_person(0).account.learner.id, other.make_person(0).account.learner.id);
}

TEST(DemoPopulation, HasNobodysAddressTwiceAndNoneThatExists) {
    std::set<std::string> addresses, ids, references, events;
    for (const auto& person : everybody()) {
        const auto& email = person.account.contact.email;
        EXPECT_TRUE(email.ends_with(".invalid")) << email;
        EXPECT_TRUE(std::ranges::all_of(email, [](unsigned char c) { return c < 0x80; })) << email;
        EXPECT_FALSE(person.account.learner.email_confirmed_at) << "or the platform would write to it";
        EXPECT_EQ(person.account.learner.role, storage::Role::learner);
        EXPECT_TRUE(addresses.insert(email).second) << email;
        EXPECT_TRUE(ids.insert(person.account.learner.id.text()).second);
        for (const auto& order : person.orders)
            EXPECT_TRUE(references.insert(order.reference).second) << order.reference;
        for (const auto& event : person.events)
            EXPECT_TRUE(events.insert(event.id.text()).second);
    }
    EXPECT_GT(references.size(), 80u);
}

TEST(DemoPopulation, LivesInThePast) {
    const auto until = make_setting().until;
    for (const auto& person : everybody()) {
        const auto joined = person.account.learner.created_at;
        EXPECT_LT(joined, until);
        EXPECT_GT(joined, until - days(732));
        EXPECT_LT(person.account.last_seen_at, until);
        EXPECT_GE(person.account.last_seen_at, joined);
        for (const auto& enrolment : person.enrolments)
            EXPECT_GE(enrolment.since, joined);
        for (const auto& row : person.progress) {
            EXPECT_LT(row.progress.updated_at, until);
            EXPECT_LE(row.started_at, row.progress.updated_at);
            EXPECT_EQ(row.progress.completed_at.has_value(),
                      row.progress.state == storage::ProgressState::completed);
            EXPECT_GT(row.started_at, joined);
        }
        for (const auto& answer : person.answers)
            EXPECT_LT(answer.event_time, until);
        EXPECT_TRUE(std::ranges::is_sorted(person.answers, {}, &storage::ConsentEvent::event_time));
        for (const auto& event : person.events)
            EXPECT_GE(event.event.at, make_setting().events_since);
    }
}

TEST(DemoPopulation, TakesPopularCoursesOftenAndOthersSometimes) {
    std::map<std::string, int> takers;
    int own_language = 0, all = 0;
    for (const auto& person : everybody())
        for (const auto& enrolment : person.enrolments) {
            ++takers[enrolment.course];
            const auto number = std::stoi(enrolment.course.substr(7));
            own_language += (number % 3 == 2 ? "en" : "de") == person.account.learner.language;
            ++all;
        }
    std::vector<int> counts;
    for (const auto& [course, count] : takers)
        counts.push_back(count);
    std::ranges::sort(counts, std::greater());
    ASSERT_EQ(counts.size(), 40u) << "every course has somebody";
    EXPECT_GT(counts[0], 8 * counts[39]);
    EXPECT_GT(counts[0] + counts[1] + counts[2] + counts[3], all / 5) << "a tenth has more than its share";
    EXPECT_GT(own_language, all * 8 / 10);
    EXPECT_LT(own_language, all) << "some learn in the other language";
}

TEST(DemoPopulation, LearnsLessFromWeekToWeekAndMostlyDropsOut) {
    int begun = 0, finished = 0, never = 0;
    std::map<int, int> weeks;
    for (const auto& person : everybody())
        for (const auto& enrolment : person.enrolments) {
            const auto is_of = [&](const auto& row) { return row.course == enrolment.course; };
            const auto lessons = std::ranges::count_if(person.progress, [&](const auto& row) {
                return is_of(row) && row.progress.state == storage::ProgressState::completed;
            });
            (std::ranges::any_of(person.progress, is_of) ? begun : never) += 1;
            finished += lessons == 8;
            for (const auto& row : person.progress)
                if (is_of(row))
                    ++weeks[static_cast<int>((row.started_at - enrolment.since) / days(7))];
        }
    EXPECT_GT(never, (begun + never) / 10);
    EXPECT_GT(finished, begun / 10);
    EXPECT_LT(finished, begun * 6 / 10);
    EXPECT_GT(weeks[0], weeks[1]);
    EXPECT_GT(weeks[1], weeks[2]);
    EXPECT_GT(weeks[2], weeks[4]);
    EXPECT_GT(weeks[4], 0);
}

TEST(DemoPopulation, LearnsMostlyInTheEveningAndSleepsAtNight) {
    std::array<int, 24> hours{};
    for (const auto& person : everybody())
        if (!person.account.learner.presentation.time_zone && person.account.learner.language == "de")
            for (const auto& row : person.progress) {
                const auto local = row.started_at + std::chrono::hours(1);
                ++hours[static_cast<std::size_t>((local - std::chrono::floor<days>(local)) /
                                                 std::chrono::hours(1))];
            }
    const auto between = [&](std::size_t from, std::size_t to) {
        int sum = 0;
        for (auto hour = from; hour < to; ++hour)
            sum += hours[hour];
        return sum;
    };
    EXPECT_GT(between(17, 23), 2 * between(6, 11));
    EXPECT_LT(between(1, 5), between(0, 24) / 50);
}

TEST(DemoPopulation, MostlyRefuses) {
    std::size_t silent = 0, refused = 0, some = 0, withdrew = 0;
    for (const auto& person : everybody()) {
        bool gave = false, took_back = false;
        for (const auto& answer : person.answers) {
            gave = gave || answer.event_state == ConsentState::given;
            took_back = took_back || answer.event_state == ConsentState::withdrawn;
            EXPECT_EQ(answer.entity_id, person.account.learner.id.text());
        }
        EXPECT_TRUE(gave || !took_back) << "only what was allowed can be withdrawn";
        silent += person.answers.empty();
        withdrew += took_back;
        some += gave && !took_back;
        refused += !person.answers.empty() && !gave;
    }
    EXPECT_GT(part_of(refused), 0.6);
    EXPECT_NEAR(part_of(silent), 0.1, 0.02);
    EXPECT_GT(part_of(some), 0.1);
    EXPECT_GT(part_of(withdrew), 0.02);
    EXPECT_LT(part_of(withdrew), part_of(some));
}

TEST(DemoPopulation, PaysForWhatItTakes) {
    int paid = 0, given_up = 0;
    for (const auto& person : everybody()) {
        for (const auto& enrolment : person.enrolments) {
            const bool costs = std::stoi(enrolment.course.substr(7)) % 5 == 4;
            ASSERT_EQ(enrolment.order.has_value(), costs) << enrolment.course;
            if (!costs)
                continue;
            const auto order = std::ranges::find(person.orders, *enrolment.order, &storage::Order::id);
            ASSERT_NE(order, person.orders.end());
            EXPECT_EQ(order->state, storage::OrderState::paid);
            EXPECT_EQ(order->captured_minor, 1900);
            ++paid;
        }
        given_up += static_cast<int>(std::ranges::count_if(
            person.orders, [](const auto& order) { return order.state != storage::OrderState::paid; }));
    }
    EXPECT_GT(paid, 50);
    EXPECT_GT(given_up, 2);

    auto setting = make_setting();
    setting.payments_instance.reset();
    for (const auto& person : make_people(Population(setting), 200)) {
        EXPECT_TRUE(person.orders.empty());
        for (const auto& enrolment : person.enrolments)
            EXPECT_NE(std::stoi(enrolment.course.substr(7)) % 5, 4) << "nobody could have paid";
    }
}

TEST(DemoPopulation, CountsTimeOfThoseWhoWantItOnly) {
    std::size_t clocks = 0;
    for (const auto& person : everybody()) {
        EXPECT_EQ(person.clock.has_value(), !person.times.empty());
        clocks += person.clock.has_value();
    }
    EXPECT_GT(part_of(clocks), 0.05);
    EXPECT_LT(part_of(clocks), 0.25);
}

TEST(DemoCourses, AreTheSameForTheSameSeedAndDifferFromEachOther) {
    std::set<std::string> slugs, titles;
    int with_price = 0, english = 0;
    for (int i = 0; i < 800; ++i) {
        const auto course = make_course_text(3, i, "EUR");
        if (i % 50 == 0)
            EXPECT_EQ(course.yaml, make_course_text(3, i, "EUR").yaml);
        EXPECT_TRUE(course.slug.starts_with("demo-3-")) << course.slug;
        EXPECT_TRUE(slugs.insert(course.slug).second);
        EXPECT_TRUE(titles.insert(course.yaml.substr(0, course.yaml.find('\n'))).second) << course.yaml;
        EXPECT_EQ(course.yaml.find('{') == std::string::npos, course.yaml.find("price:") == std::string::npos)
            << "a place that nothing fills: " << course.yaml;
        for (const auto& lesson : course.lessons)
            EXPECT_EQ(lesson.text.find('{'), std::string::npos) << lesson.text;
        with_price += course.yaml.find("price:") != std::string::npos;
        english += course.yaml.find("language: en") != std::string::npos;
        if (i < 40)
            EXPECT_EQ(make_course_text(3, i, std::nullopt).yaml.find("price:"), std::string::npos);
    }
    EXPECT_GT(with_price, 80);
    EXPECT_LT(with_price, 300);
    EXPECT_NEAR(english, 267, 2);
    EXPECT_NE(make_course_text(3, 0, {}).yaml, make_course_text(4, 0, {}).yaml);
}

}  // namespace
}  // namespace calyptenora::platform::demo
