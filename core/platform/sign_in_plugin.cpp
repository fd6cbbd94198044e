#include "platform/sign_in_plugin.hpp"

#include <sodium.h>

namespace calyptenora::platform {
namespace {

using boost::asio::awaitable;

constexpr Purpose purpose = Purpose::essential_service_authentication;
constexpr std::chrono::seconds longest_wait{15};

const gate::InstancePolicy* find_instance(const gate::Policy& policy) {
    const auto instances = policy.of_family(Family::auth);
    return instances.empty() ? nullptr : instances.front();
}

/// The secret input of a plugin's prompt. `secrets` are wiped.
std::string write_secrets(std::map<std::string, std::string>& secrets) {
    std::string json;
    write_json(json, secrets);
    for (auto& [field, value] : secrets)
        sodium_memzero(value.data(), value.size());
    return json;
}

/// What a step means for the person.
AccountOutcome read_step(const Result<auth::Step>& step) {
    if (!step && step.error().kind == ErrorKind::rate_limited)
        return {std::nullopt, AccountProblem::too_many_attempts, step.error().retry_after};
    if (!step)
        return AccountOutcome::failed(AccountProblem::unavailable);
    if (std::holds_alternative<auth::Assertion>(*step))
        return {};
    const auto* refusal = std::get_if<auth::Refusal>(&*step);
    if (!refusal)
        return AccountOutcome::failed(AccountProblem::unavailable);
    if (refusal->reason == "weak_password")
        return AccountOutcome::failed(AccountProblem::weak_password);
    if (refusal->reason != "too_many_attempts")
        return AccountOutcome::failed(AccountProblem::wrong_credentials);
    auto outcome = AccountOutcome::failed(AccountProblem::too_many_attempts);
    if (refusal->retry_after_s)
        outcome.retry_after = std::chrono::seconds(*refusal->retry_after_s);
    return outcome;
}

}  // namespace

std::optional<std::string> SignInPlugin::instance() const {
    const auto policy = gate_.policy();
    const auto* instance = find_instance(*policy);
    return instance ? std::optional(instance->id.text()) : std::nullopt;
}

awaitable<AccountOutcome> SignInPlugin::resume(auth::Intent intent, std::optional<storage::SubjectId> subject,
                                               Secrets secrets, const RequestFacts& facts) {
    gate::CallOptions options{.deadline = longest_wait, .secret = write_secrets(secrets)};
    const auto policy = gate_.policy();
    const auto* instance = find_instance(*policy);
    if (!instance)
        co_return AccountOutcome::failed(AccountProblem::unavailable);
    auth::ResumeRecord<gate::Guarded> record;
    record.intent = intent;
    record.locale = facts.language;
    record.ip_address = facts.ip_address;
    if (subject)
        co_return read_step(co_await gate_.call<auth::Resume>(instance->id, purpose, *subject,
                                                              std::move(record), std::move(options)));
    co_return read_step(co_await gate_.call_without_subject<auth::Resume>(
        instance->id, purpose, std::move(record), std::move(options)));
}

awaitable<AccountOutcome> SignInPlugin::check(std::optional<storage::SubjectId> subject, std::string password,
                                              const RequestFacts& facts) {
    Secrets secrets;
    secrets["password"] = std::move(password);
    co_return co_await resume(auth::Intent::sign_in, std::move(subject), std::move(secrets), facts);
}

awaitable<AccountOutcome> SignInPlugin::enrol(storage::SubjectId subject, std::string password,
                                              const RequestFacts& facts) {
    Secrets secrets;
    secrets["new_password"] = std::move(password);
    co_return co_await resume(auth::Intent::enrol, std::move(subject), std::move(secrets), facts);
}

awaitable<AccountOutcome> SignInPlugin::change(storage::SubjectId subject, std::string current,
                                               std::string chosen, const RequestFacts& facts) {
    Secrets secrets;
    secrets["current_password"] = std::move(current);
    secrets["new_password"] = std::move(chosen);
    co_return co_await resume(auth::Intent::enrol, std::move(subject), std::move(secrets), facts);
}

awaitable<AccountOutcome> SignInPlugin::recover(storage::SubjectId subject, std::string chosen,
                                                const RequestFacts& facts) {
    Secrets secrets;
    secrets["new_password"] = std::move(chosen);
    co_return co_await resume(auth::Intent::recover, std::move(subject), std::move(secrets), facts);
}

awaitable<Status> SignInPlugin::revoke(storage::SubjectId subject) {
    const auto policy = gate_.policy();
    const auto* instance = find_instance(*policy);
    if (!instance)
        co_return Error(ErrorKind::invalid_config, "no sign-in is enabled");
    auth::CredentialsRecord<gate::Guarded> record;
    record.action = auth::CredentialAction::revoke;
    const auto revoked = co_await gate_.call<auth::Credentials>(
        instance->id, purpose, subject, std::move(record), {.deadline = longest_wait});
    // Whoever has none cannot sign in either.
    if (!revoked && revoked.error().kind != ErrorKind::not_found)
        co_return revoked.error();
    co_return Status();
}

}  // namespace calyptenora::platform
