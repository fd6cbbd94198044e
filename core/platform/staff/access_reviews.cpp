#include "platform/staff/access_reviews.hpp"

#include "platform/rights/deadlines.hpp"
#include "storage/text.hpp"
#include "web/format.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <set>

namespace calyptenora::platform {
namespace {

using storage::Access;
using storage::ReviewRule;
using storage::Transaction;

constexpr std::string_view time_zone = "Europe/Berlin";
constexpr std::string_view account_prefix = "account:";
constexpr int at_once = 10'000;
constexpr std::size_t longest_remark = 2000;

/// The last word of a name, in small letters as far as ASCII has them.
std::string family_name_of(std::string_view name) {
    const auto end = name.find_last_not_of(' ');
    if (end == std::string_view::npos)
        return {};
    const auto begin = name.find_last_of(' ', end);
    std::string family(name.substr(begin == std::string_view::npos ? 0 : begin + 1,
                                   begin == std::string_view::npos ? end + 1 : end - begin));
    std::ranges::transform(family, family.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return family;
}

/// Double names share a part: Müller-Lang and Lang.
bool share_a_part(std::string_view one, std::string_view other) {
    const auto parts_of = [](std::string_view name) {
        std::set<std::string_view> parts;
        while (!name.empty()) {
            const auto part = name.substr(0, name.find('-'));
            if (!part.empty())
                parts.insert(part);
            name.remove_prefix(std::min(name.size(), part.size() + 1));
        }
        return parts;
    };
    const auto others = parts_of(other);
    return std::ranges::any_of(parts_of(one), [&](auto part) { return others.contains(part); });
}

std::string family_name(Transaction& tx, const storage::FieldCipher& cipher, const storage::SubjectId& id) {
    const auto contact = storage::learners::load_contact(tx, cipher, id);
    return contact ? family_name_of(contact->display_name) : std::string();
}

bool is_by_chance(int percent) {
    return percent > 0 && static_cast<int>(randombytes_uniform(100)) < percent;
}

}  // namespace

bool is_own(const Access& access, const StaffStanding& reviewer) {
    return access.actor == actor_of(reviewer.account) ||
           std::ranges::any_of(reviewer.system_users,
                               [&](const auto& user) { return access.actor == "system:" + user; });
}

std::vector<ReviewRule> apply_rules(const settings::Staff::Review& settings, const Access& access,
                                    const LookFacts& facts) {
    std::vector<ReviewRule> rules;
    if (facts.people_in_window > settings.many_records)
        rules.push_back(ReviewRule::many_records);
    if (settings.same_family_name && facts.own_account != access.subject.text() &&
        share_a_part(facts.family_name_of_actor, facts.family_name))
        rules.push_back(ReviewRule::family_name);
    if (facts.own_account == access.subject.text())
        rules.push_back(ReviewRule::own_record);
    const bool is_weekend = facts.weekday == 0 || facts.weekday == 6;
    if (facts.hour < settings.from_hour || facts.hour >= settings.to_hour ||
        (is_weekend && !settings.weekends))
        rules.push_back(ReviewRule::outside_hours);
    return rules;
}

AccessReviews::AccessReviews(storage::Database& database, const storage::FieldCipher& cipher,
                             const storage::Clock& clock, Staff& staff,
                             std::function<settings::Staff()> rules)
    : database_(database), cipher_(cipher), clock_(clock), staff_(staff), rules_(std::move(rules)) {}

LookFacts AccessReviews::find_facts(Transaction& tx, const Access& access,
                                    std::span<const Access> before) const {
    LookFacts facts;
    if (access.actor.starts_with(account_prefix)) {
        facts.own_account = access.actor.substr(account_prefix.size());
        if (const auto id = storage::SubjectId::parse(facts.own_account))
            facts.family_name_of_actor = family_name(tx, cipher_, *id);
    }
    facts.family_name = family_name(tx, cipher_, access.subject);
    std::set<storage::SubjectId> people{access.subject};
    const auto from = access.at - rules_().review.within_minutes;
    for (const auto& other : before)
        if (other.actor == access.actor && other.at > from && other.at <= access.at)
            people.insert(other.subject);
    facts.people_in_window = static_cast<int>(people.size());
    const auto local = web::local_time(access.at, time_zone);
    facts.hour = local.hour;
    facts.weekday = local.weekday;
    return facts;
}

boost::asio::awaitable<Result<int>> AccessReviews::consider_new() {
    const auto settings = rules_().review;
    co_return co_await database_.transaction([&](Transaction& tx) -> Result<int> {
        const auto looks = storage::access_reviews::list_unconsidered(tx, cipher_, at_once);
        if (looks.empty())
            return 0;
        const auto before =
            storage::accesses::list_all(tx, cipher_, looks.front().at - settings.within_minutes, 2 * at_once);
        int chosen = 0;
        for (const auto& look : looks) {
            auto rules = apply_rules(settings, look, find_facts(tx, look, before));
            if (is_by_chance(settings.sample_percent))
                rules.insert(rules.begin(), ReviewRule::sample);
            chosen += !rules.empty();
            storage::access_reviews::consider(tx, look, rules, clock_.now());
        }
        return chosen;
    });
}

boost::asio::awaitable<Result<std::vector<storage::OpenReview>>> AccessReviews::list_open(int limit) {
    co_return co_await database_.run([&](Transaction& tx) -> Result<std::vector<storage::OpenReview>> {
        return storage::access_reviews::list_open(tx, cipher_, limit);
    });
}

boost::asio::awaitable<Status> AccessReviews::sign(storage::LearnerId reviewer, storage::AccessId access,
                                                   storage::Verdict verdict, std::string remark) {
    if (remark.size() > longest_remark || !storage::validate_text(remark))
        co_return Error(ErrorKind::invalid_input, "the remark is longer than 2000 bytes, or no text");
    if (verdict == storage::Verdict::unjustified && remark.empty())
        co_return Error(ErrorKind::invalid_input, "say why the look was not justified");
    const auto standing = co_await staff_.standing(reviewer);
    if (!standing)
        co_return standing.error();
    if (!standing->permissions().contains(Permission::review_accesses))
        co_return Error(ErrorKind::denied, "no role that reviews is in effect for this account");
    co_return co_await database_.transaction([&](Transaction& tx) -> Status {
        const auto open = storage::access_reviews::find_open(tx, cipher_, access);
        if (!open)
            return Error(ErrorKind::not_found, "no such look waits for a review");
        if (is_own(open->access, *standing))
            return Error(ErrorKind::denied, "somebody else signs off what you opened yourself");
        if (!storage::access_reviews::sign(tx, cipher_, access, verdict, remark, actor_of(reviewer),
                                           clock_.now()))
            return Error(ErrorKind::conflict, "somebody else has just signed it off");
        return {};
    });
}

boost::asio::awaitable<Result<ReviewReport>> AccessReviews::report(storage::Timestamp since) {
    co_return co_await database_.run([&](Transaction& tx) -> Result<ReviewReport> {
        ReviewReport report;
        for (const auto& review : storage::access_reviews::list_since(tx, cipher_, since, at_once)) {
            ++report.looks;
            ++report.looks_by_actor[review.access.actor];
            for (const auto rule : review.rules)
                ++report.chosen[rule];
            if (review.rules.empty())
                continue;
            report.justified += review.verdict == storage::Verdict::justified;
            report.unjustified += review.verdict == storage::Verdict::unjustified;
            report.open += !review.verdict;
        }
        return report;
    });
}

boost::asio::awaitable<Result<std::vector<std::string>>> AccessReviews::list_reminders() {
    // The looks of the last minutes may be among those that a rule or chance chooses.
    if (const auto considered = co_await consider_new(); !considered)
        co_return considered.error();
    const auto open = co_await list_open(at_once);
    if (!open)
        co_return open.error();
    std::vector<std::string> reminders;
    if (!open->empty())
        reminders.push_back(
            fmt::format("looks into people's records wait for a review, the oldest since {}: "
                        "/staff/reviews",
                        day_of(open->front().considered_at)));
    co_return reminders;
}

}  // namespace calyptenora::platform
