#include "support/plugin_driver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sodium.h>

namespace calyptenora {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view good = "vier Ziegen malen nachts";
constexpr std::string_view settings =
    R"({"min_length":15,"forbidden_words":["Calyptenora"],"memory_kib":19456,"passes":2,"free_attempts":5})";

std::string secret(std::string_view field, std::string_view value) {
    return to_json(std::map<std::string, std::string>{{std::string(field), std::string(value)}});
}

class PasswordPlugin : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(plugin_.create(settings));
        plugin_.subject = "subject";
    }
    static Request<auth::Resume> resuming(auth::Intent intent, std::optional<std::string> learner) {
        Request<auth::Resume> request;
        request.intent = intent;
        request.locale = "de";
        request.learner = std::move(learner);
        return request;
    }
    Result<auth::Step> sign_in(std::string_view password, std::optional<std::string> learner = "p-1") {
        return plugin_.call<auth::Resume>(resuming(auth::Intent::sign_in, std::move(learner)),
                                          secret("password", password));
    }
    Result<auth::Step> enrol(std::string_view password) {
        return plugin_.call<auth::Resume>(resuming(auth::Intent::enrol, "p-1"),
                                          secret("new_password", password));
    }
    static std::string outcome(const Result<auth::Step>& step) {
        if (!step)
            return "error: " + step.error().message;
        if (const auto* refusal = std::get_if<auth::Refusal>(&*step))
            return refusal->reason;
        if (const auto* done = std::get_if<auth::Assertion>(&*step))
            return done->method;
        return "neither";
    }
    std::string stored_hash() {
        const auto json = boost::json::parse(plugin_.store["subject"]["password/p-1"]);
        return std::string(json.at("hash").as_string());
    }
    void keep_hash(const std::string& hash) {
        boost::json::object entry{{"hash", hash}, {"created_at", 1}};
        plugin_.store["subject"]["password/p-1"] = boost::json::serialize(entry);
    }
    static std::string services_of(const std::vector<PluginDriver::Request>& requests) {
        std::string names;
        for (const auto& request : requests) {
            names += request.service;
            if (request.service == "store")
                names += "." + parse_json<StoreRequest>(request.payload)->verb;
            names += " ";
        }
        return names;
    }

    PluginDriver plugin_{"auth/password"};
};

TEST_F(PasswordPlugin, AnEnrolledPasswordSignsInAndAnotherDoesNot) {
    EXPECT_EQ(outcome(enrol(good)), "pwd");
    EXPECT_EQ(outcome(sign_in(good)), "pwd");
    EXPECT_EQ(outcome(sign_in("vier Ziegen malen nachtz")), "wrong_credentials");
    EXPECT_EQ(outcome(sign_in("")), "wrong_credentials");
    EXPECT_EQ(outcome(sign_in(std::string(2000, 'a'))), "wrong_credentials");
}

TEST_F(PasswordPlugin, KeepsOnlyAHashOfTheStatedCost) {
    EXPECT_EQ(outcome(enrol(good)), "pwd");
    EXPECT_THAT(stored_hash(), StartsWith("$argon2id$v=19$m=19456,t=2,p=1$"));
    for (const auto& request : plugin_.requests)
        EXPECT_THAT(request.payload, Not(HasSubstr(std::string(good))));
    EXPECT_TRUE(plugin_.log.empty());
    EXPECT_TRUE(plugin_.http_requests.empty());
}

// libargon2's own program, with the same salt, must come to the same hash.
TEST_F(PasswordPlugin, HashesAsTheReferenceImplementationDoes) {
    std::string hash, salt, octal;
    do {  // until a shell can pass the salt on: no NUL, no line feed at its end
        plugin_.store.clear();
        ASSERT_EQ(outcome(enrol(good)), "pwd");
        hash = stored_hash();
        const auto salt_text = hash.substr(hash.find("p=1$") + 4, 22);
        salt.assign(16, '\0');
        ASSERT_EQ(sodium_base642bin(reinterpret_cast<unsigned char*>(salt.data()), salt.size(),
                                    salt_text.data(), salt_text.size(), nullptr, nullptr, nullptr,
                                    sodium_base64_VARIANT_ORIGINAL_NO_PADDING),
                  0);
    } while (salt.find('\0') != std::string::npos || salt.back() == '\n');
    for (const unsigned char byte : salt) {
        char digits[5];
        std::snprintf(digits, sizeof digits, "\\%03o", byte);
        octal += digits;
    }
    const auto reference = [&](std::string_view password) {
        return run_command("argon2 \"$(printf '" + octal + "')\" -id -t 2 -k 19456 -p 1 -e", password);
    };
    EXPECT_EQ(reference(good), hash + "\n");
    EXPECT_NE(reference("another"), hash + "\n");
}

TEST_F(PasswordPlugin, AcceptsForeignHashesAndRenewsThem) {
    for (const std::string options :
         {"-id -t 2 -k 8192 -p 1", "-i -t 3 -k 4096 -p 1", "-id -t 3 -k 19456 -p 2"}) {
        auto foreign = run_command("argon2 saltsaltsalt " + options + " -e", good);
        foreign.pop_back();
        keep_hash(options.starts_with("-i ") ? "{ARGON2}" + foreign : foreign);
        EXPECT_EQ(outcome(sign_in("not this one")), "wrong_credentials");
        EXPECT_THAT(stored_hash(), HasSubstr(foreign));
        EXPECT_EQ(outcome(sign_in(good)), "pwd") << foreign;
        EXPECT_THAT(stored_hash(), StartsWith("$argon2id$v=19$m=19456,t=2,p=1$"));
        EXPECT_EQ(outcome(sign_in(good)), "pwd");
    }
}

TEST_F(PasswordPlugin, RehashesWhenTheCostChangesAndOnlyThen) {
    EXPECT_EQ(outcome(enrol(good)), "pwd");
    const auto before = stored_hash();
    EXPECT_EQ(outcome(sign_in(good)), "pwd");
    EXPECT_EQ(stored_hash(), before);
    ASSERT_TRUE(plugin_.create(
        R"({"min_length":15,"forbidden_words":[],"memory_kib":20480,"passes":3,"free_attempts":5})"));
    EXPECT_EQ(outcome(sign_in(good)), "pwd");
    EXPECT_THAT(stored_hash(), StartsWith("$argon2id$v=19$m=20480,t=3,p=1$"));
}

// Nobody may learn from the answer, or from the work behind it, whether an account exists.
TEST_F(PasswordPlugin, AnUnknownLearnerGetsTheAnswerAndTheWorkOfAWrongPassword) {
    EXPECT_EQ(outcome(enrol(good)), "pwd");
    plugin_.requests.clear();
    const auto wrong = sign_in("vier Ziegen malen nachtz");
    const auto services_of_wrong = services_of(plugin_.requests);
    plugin_.subject.clear();
    plugin_.requests.clear();
    const auto unknown = sign_in("vier Ziegen malen nachtz", std::nullopt);
    EXPECT_EQ(to_json(*unknown), to_json(*wrong));
    EXPECT_EQ(services_of(plugin_.requests), services_of_wrong);
    EXPECT_EQ(services_of_wrong, "clock store.get store.get store.put ");

    const auto processor_time = [&](std::optional<std::string> learner) {
        const auto start = std::clock();
        std::ignore = sign_in("vier Ziegen malen nachtz", std::move(learner));
        return static_cast<double>(std::clock() - start);
    };
    double known_time = 1e18, unknown_time = 1e18;
    for (int i = 0; i < 5; ++i) {
        unknown_time = std::min(unknown_time, processor_time(std::nullopt));
        plugin_.subject = "subject";
        plugin_.store["subject"].erase("attempts/p-1");
        known_time = std::min(known_time, processor_time("p-1"));
        plugin_.subject.clear();
    }
    EXPECT_GT(unknown_time, known_time * 0.6);
    EXPECT_LT(unknown_time, known_time * 1.7);
}

TEST_F(PasswordPlugin, WaitsLongerWithEachFailureAndForgetsThemAfterSuccess) {
    EXPECT_EQ(outcome(enrol(good)), "pwd");
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(outcome(sign_in("wrong")), "wrong_credentials");
    const auto first = sign_in(good);
    EXPECT_EQ(outcome(first), "too_many_attempts");
    EXPECT_EQ(std::get<auth::Refusal>(*first).retry_after_s, 11);
    plugin_.now += 11'000'000;
    EXPECT_EQ(outcome(sign_in("wrong")), "wrong_credentials");
    EXPECT_EQ(std::get<auth::Refusal>(*sign_in(good)).retry_after_s, 21);
    plugin_.now += 21'000'000;
    EXPECT_EQ(outcome(sign_in(good)), "pwd");
    EXPECT_FALSE(plugin_.store["subject"].contains("attempts/p-1"));
    EXPECT_EQ(outcome(sign_in("wrong")), "wrong_credentials");
    EXPECT_EQ(outcome(sign_in(good)), "pwd");
}

TEST_F(PasswordPlugin, TheWaitIsBounded) {
    EXPECT_EQ(outcome(enrol(good)), "pwd");
    for (int i = 0; i < 40; ++i) {
        EXPECT_NE(outcome(sign_in("wrong")), "pwd");
        plugin_.now += 901'000'000;
    }
    EXPECT_NE(outcome(sign_in("wrong")), "pwd");
    EXPECT_EQ(std::get<auth::Refusal>(*sign_in(good)).retry_after_s, 901);
}

TEST_F(PasswordPlugin, AttemptsAtTheSameTimeAreNotCheckedTogether) {
    EXPECT_EQ(outcome(enrol(good)), "pwd");
    const auto request = to_json(resuming(auth::Intent::sign_in, "p-1"));
    const auto first = plugin_.begin("resume", request, secret("password", "wrong"));
    const auto second = plugin_.begin("resume", request, secret("password", good));
    EXPECT_THAT(*plugin_.run(second), HasSubstr("too_many_attempts"));
    EXPECT_THAT(*plugin_.run(first), HasSubstr("wrong_credentials"));
    const auto third = plugin_.begin("resume", request, secret("password", "wrong"));
    plugin_.cancel(third);
    EXPECT_EQ(outcome(sign_in(good)), "pwd");
}

TEST_F(PasswordPlugin, StepUpAsksForTheSamePassword) {
    EXPECT_EQ(outcome(enrol(good)), "pwd");
    Request<auth::Begin> begin;
    begin.intent = auth::Intent::step_up;
    begin.learner = "p-1";
    const auto step = plugin_.call<auth::Begin>(begin);
    ASSERT_TRUE(step);
    const auto& prompt = std::get<auth::Prompt>(*step);
    ASSERT_EQ(prompt.fields.size(), 1u);
    EXPECT_EQ(prompt.fields[0].name, "password");
    EXPECT_EQ(prompt.fields[0].kind, "password");
    EXPECT_EQ(
        outcome(plugin_.call<auth::Resume>(resuming(auth::Intent::step_up, "p-1"), secret("password", good))),
        "pwd");
}

TEST_F(PasswordPlugin, ChangingNeedsTheCurrentPassword) {
    EXPECT_EQ(outcome(enrol(good)), "pwd");
    Request<auth::Begin> begin;
    begin.intent = auth::Intent::enrol;
    begin.learner = "p-1";
    const auto prompt = std::get<auth::Prompt>(*plugin_.call<auth::Begin>(begin));
    ASSERT_EQ(prompt.fields.size(), 2u);
    EXPECT_EQ(prompt.fields[0].name, "current_password");
    EXPECT_EQ(prompt.fields[1].kind, "new_password");

    const auto change = [&](std::string_view current, std::string_view chosen) {
        const std::map<std::string, std::string> both{{"current_password", std::string(current)},
                                                      {"new_password", std::string(chosen)}};
        return outcome(plugin_.call<auth::Resume>(resuming(auth::Intent::enrol, "p-1"), to_json(both)));
    };
    EXPECT_EQ(outcome(enrol("sieben Esel rudern heim")), "wrong_credentials");
    EXPECT_EQ(change("wrong", "sieben Esel rudern heim"), "wrong_credentials");
    EXPECT_EQ(change(good, good), "weak_password");
    EXPECT_EQ(change(good, "sieben Esel rudern heim"), "pwd");
    EXPECT_EQ(outcome(sign_in(good)), "wrong_credentials");
    EXPECT_EQ(outcome(sign_in("sieben Esel rudern heim")), "pwd");
}

TEST_F(PasswordPlugin, AForgottenPasswordGivesWayWithoutBeingAskedFor) {
    EXPECT_EQ(outcome(enrol(good)), "pwd");
    for (int i = 0; i < 9; ++i)
        (void)sign_in("wrong");
    EXPECT_EQ(outcome(sign_in(good)), "too_many_attempts");
    const auto recover = [&](std::string_view chosen) {
        return outcome(plugin_.call<auth::Resume>(resuming(auth::Intent::recover, "p-1"),
                                                  secret("new_password", chosen)));
    };
    EXPECT_EQ(recover("short"), "weak_password");
    EXPECT_EQ(recover("sieben Esel rudern heim"), "pwd");
    EXPECT_EQ(outcome(sign_in("sieben Esel rudern heim")), "pwd") << "without waiting";
    EXPECT_EQ(outcome(sign_in(good)), "wrong_credentials");
    EXPECT_FALSE(plugin_.call<auth::Resume>(resuming(auth::Intent::recover, std::nullopt),
                                            secret("new_password", good)))
        << "nobody's password can be set";
}

TEST_F(PasswordPlugin, ARevokedPasswordIsGoneAndMayBeSetAnew) {
    EXPECT_EQ(outcome(enrol(good)), "pwd");
    Request<auth::Credentials> request;
    request.learner = "p-1";
    auto listed = plugin_.call<auth::Credentials>(request);
    ASSERT_EQ(listed->credentials.size(), 1u);
    EXPECT_EQ(listed->credentials[0].created_at, plugin_.now);
    request.action = auth::CredentialAction::revoke;
    ASSERT_TRUE(plugin_.call<auth::Credentials>(request));
    EXPECT_EQ(plugin_.call<auth::Credentials>(request).error().kind, ErrorKind::not_found);
    EXPECT_EQ(outcome(sign_in(good)), "wrong_credentials");
    plugin_.store["subject"].clear();
    EXPECT_EQ(outcome(enrol(good)), "pwd");
}

TEST_F(PasswordPlugin, ErasureLeavesNothingInTheStore) {
    EXPECT_EQ(outcome(enrol(good)), "pwd");
    EXPECT_NE(outcome(sign_in("wrong")), "pwd");
    EXPECT_EQ(plugin_.store["subject"].size(), 2u);
    Request<rights::EraseSubject> request;
    request.learner = "p-1";
    ASSERT_TRUE(plugin_.call<rights::EraseSubject>(request));
    EXPECT_TRUE(plugin_.store["subject"].empty());
}

class WeakPassword : public PasswordPlugin, public testing::WithParamInterface<const char*> {};
TEST_P(WeakPassword, IsRefused) {
    EXPECT_EQ(outcome(enrol(GetParam())), "weak_password");
    EXPECT_TRUE(plugin_.store["subject"].empty());
}
INSTANTIATE_TEST_SUITE_P(Plugin, WeakPassword,
                         testing::Values("", "fourteen chars", "passwordpassword", "P4ssw0rd-P4ssw0rd",
                                         "qwertyuiopasdfgh", "123456789012345678", "aaaaaaaaaaaaaaaaaaaaa",
                                         "abcabcabcabcabcabc", "correct horse battery staple",
                                         "Calyptenora2026!!", "willkommen willkommen 2026",
                                         "sommer2025sommer2026", "1q2w3e4r5t6y7u8i", "zyxwvutsrqponmlkji",
                                         "äääääääääääääääää", "Passwort123456789",
                                         "\xff\xfe not utf-8 at all, no"));

class StrongPassword : public PasswordPlugin, public testing::WithParamInterface<const char*> {};
TEST_P(StrongPassword, IsAccepted) {
    EXPECT_EQ(outcome(enrol(GetParam())), "pwd");
    EXPECT_EQ(outcome(sign_in(GetParam())), "pwd");
}
INSTANTIATE_TEST_SUITE_P(Plugin, StrongPassword,
                         testing::Values("mein Hund frisst gerne Kuchen", "Xq7 vT2 mK9 wL4 bZ1",
                                         "größere Füße tanzen öfter", "gGdtvr5Vh3mQp8sK",
                                         "the password is under the third plant pot"));

TEST_F(PasswordPlugin, AFailingStoreIsAnErrorAndNoSignIn) {
    EXPECT_EQ(outcome(enrol(good)), "pwd");
    plugin_.subject.clear();
    EXPECT_FALSE(sign_in(good));
    EXPECT_EQ(outcome(enrol(good)).substr(0, 6), "error:");
}

}  // namespace
}  // namespace calyptenora
