#include "http/pages/account_problems.hpp"

#include <algorithm>

namespace calyptenora::http {
namespace {

constexpr std::size_t shortest_password = 15;

std::string waiting_text(const Visit& visit, const platform::AccountOutcome& outcome) {
    const auto seconds = outcome.retry_after.value_or(std::chrono::seconds(60)).count();
    return visit.text("problem.too_many_tries", {{"minutes", std::to_string((seconds + 59) / 60)}});
}

std::string unavailable_text(const Visit& visit) {
    return visit.text("failure.general_what") + " " + visit.text("failure.todo_retry");
}

}  // namespace

FieldProblem describe(const Visit& visit, const platform::AccountOutcome& outcome,
                      std::size_t password_length) {
    using enum platform::AccountProblem;
    switch (*outcome.problem) {
        case name_missing:
            return {"name", visit.text("problem.name_required")};
        case email_invalid:
            return {"email", visit.text("problem.email_invalid")};
        case email_taken:
            return {"email", visit.text("problem.email_taken")};
        case weak_password:
            if (password_length < shortest_password)
                return {"password",
                        visit.text("problem.password_short", {{"limit", std::to_string(shortest_password)},
                                                              {"length", std::to_string(password_length)}})};
            return {"password", visit.text("problem.password_common")};
        case too_many_attempts:
            return {"password", waiting_text(visit, outcome)};
        case wrong_credentials:
            return {"password", visit.text("problem.sign_in_failed")};
        case link_expired:
            return {"password", visit.text("message.link_expired_text")};
        case unavailable:
            break;
    }
    return {"password", unavailable_text(visit)};
}

std::string password_problem(const Visit& visit, const platform::AccountOutcome& outcome) {
    if (outcome.problem == platform::AccountProblem::unavailable)
        return unavailable_text(visit);
    if (outcome.problem == platform::AccountProblem::too_many_attempts)
        return waiting_text(visit, outcome);
    return visit.text("problem.password_wrong");
}

void add_problem(boost::json::object& view, const FieldProblem& problem) {
    auto& fields = view["fields"];
    if (!fields.is_object())
        fields = boost::json::object();
    auto& field = fields.as_object()[problem.field];
    if (!field.is_object())
        field = boost::json::object();
    field.as_object()["error"] = problem.text;
    view["errors"] = boost::json::array{{{"field", problem.field}, {"text", problem.text}}};
}

platform::AccountOutcome throttle(const Visit& visit, std::string_view address) {
    const auto& services = visit.services();
    const auto now = RateLimiter::Clock::now();
    // Hashed, so that the limiter keeps nobody's address in memory.
    auto wait = services.attempts_per_address.take(gate::sha256_hex(storage::normalise_email(address)), now);
    if (!wait)
        wait = services.attempts_per_client.take(rate_key(visit.request().peer), now);
    if (!wait)
        return {};
    return {std::nullopt, platform::AccountProblem::too_many_attempts, wait};
}

std::size_t count_characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace calyptenora::http
