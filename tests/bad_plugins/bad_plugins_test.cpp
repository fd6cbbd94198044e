#include "support/host_fixture.hpp"

#include <calyptenora/sdk.hpp>

#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>

// Twelve ways in which a plugin can be bad (three of them, which need a server, are in egress_test.cpp).
// Each: the exact message; the same plugin without its defect works; and a good plugin beside it answers
// throughout.
namespace calyptenora::host {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class BadPlugins : public HostFixture, public testing::WithParamInterface<settings::Isolation> {
  protected:
    void SetUp() override {
        open(built(), {.start_deadline = 10s, .hang_grace = 200ms}, {.first_wait = std::chrono::hours(1)});
    }
    void TearDown() override { EXPECT_EQ(good(), "accepted"); }
    settings::Isolation isolation() const override { return GetParam(); }

    static fs::path built() { return CALYPTENORA_BINARY_DIR "/tests/bad_plugins/plugins"; }

    /// A folder that can be tampered with, holding copies of two plugins.
    static fs::path copy_of(const std::string& name) {
        const auto folder = fs::path(testing::TempDir()) / ("bad_plugins_" + name);
        fs::remove_all(folder);
        fs::create_directories(folder / "analytics");
        for (const auto& plugin : {name, std::string("good")})
            fs::copy(built() / "analytics" / plugin, folder / "analytics" / plugin,
                     fs::copy_options::recursive);
        return folder;
    }

    /// Loads a bad plugin, its twin if it has one, and the good one.
    void load(const std::string& name, std::string settings = "{}", std::vector<std::string> secrets = {}) {
        std::vector<InstancePlan> plans{plan("analytics/good"), plan("analytics/" + name, settings)};
        plans.back().secrets = secrets;
        if (fs::exists(built() / "analytics" / (name + "_twin"))) {
            plans.push_back(plan("analytics/" + name + "_twin", settings));
            plans.back().secrets = secrets;
        }
        run(host_->apply(std::move(plans)));
        EXPECT_EQ(state("analytics/good").kind, PluginState::Kind::ready) << state("analytics/good").reason;
        EXPECT_EQ(good(), "accepted");
    }

    /// A new event through the good plugin.
    std::string good() {
        const auto answer = call("analytics/good", "deliver", event("e" + std::to_string(++events_)));
        if (!answer)
            return answer.error().message;
        const auto reply = parse_json<analytics::DeliverReply>(*answer);
        return reply && reply->deliveries.size() == 1
                   ? std::string(boost::describe::enum_to_string(reply->deliveries[0].outcome, "?"))
                   : *answer;
    }
    static std::string event(const std::string& name) {
        return R"([{"id":")" + name + R"(","platform":"x"}])";
    }

    std::string reason(const std::string& name) const { return state("analytics/" + name).reason; }

  private:
    int events_ = 0;
};

TEST_P(BadPlugins, MissingSymbol) {
    load("missing_symbol");
    EXPECT_EQ(state("analytics/missing_symbol").kind, PluginState::Kind::refused);
    EXPECT_EQ(reason("missing_symbol"), (built() / "analytics/missing_symbol/missing_symbol.so").string() +
                                            ": does not export the symbol calyptenora_plugin; put "
                                            "CALYPTENORA_PLUGIN(...) into one of its sources");
    EXPECT_EQ(failure("analytics/missing_symbol", "deliver", "[]"),
              "analytics/missing_symbol: is not running (refused)");
    EXPECT_EQ(failure("analytics/missing_symbol_twin", "deliver", "[]"), "");
}

TEST_P(BadPlugins, WrongAbi) {
    const auto folder = copy_of("completes_twice_twin");
    const auto path = folder / "analytics/completes_twice_twin/completes_twice_twin.so";
    open(folder);
    load("completes_twice_twin");
    EXPECT_EQ(state("analytics/completes_twice_twin").kind, PluginState::Kind::ready);
    run(host_->stop());

    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const auto note = bytes.find(std::string("\x0c\0\0\0\x04\0\0\0\x01\0\0\0Calyptenora\0", 24));
    ASSERT_NE(note, std::string::npos);
    file.clear();
    file.seekp(static_cast<std::streamoff>(note + 24));
    file.put(2);
    file.close();
    load("completes_twice_twin");
    EXPECT_EQ(state("analytics/completes_twice_twin").kind, PluginState::Kind::refused);
    EXPECT_EQ(reason("completes_twice_twin"),
              path.string() +
                  ": was built for interface version 2.0, this host has 1.0; update the host, or build the "
                  "plugin with the SDK of this host");
}

TEST_P(BadPlugins, ManifestAndBinaryDiffer) {
    const auto folder = copy_of("completes_twice_twin");
    open(folder);
    load("completes_twice_twin");
    EXPECT_EQ(state("analytics/completes_twice_twin").kind, PluginState::Kind::ready);
    run(host_->stop());

    const auto manifest = folder / "analytics/completes_twice_twin/plugin.yaml";
    std::ofstream(manifest, std::ios::app) << "egress: [\"collector.example\"]\n";
    load("completes_twice_twin");
    EXPECT_EQ(state("analytics/completes_twice_twin").kind, PluginState::Kind::refused);
    EXPECT_EQ(reason("completes_twice_twin"),
              (folder / "analytics/completes_twice_twin/completes_twice_twin.so").string() +
                  ": the manifest inside differs from " + manifest.string() +
                  "; build the plugin again, and copy the library together with its manifest");
}

TEST_P(BadPlugins, ThrowsInEveryOperation) {
    load("throws_in_operations");
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(failure("analytics/throws_in_operations", "deliver", "[]"),
                  "analytics/throws_in_operations: deliver: threw across the interface from invoke: the sky "
                  "is falling");
        EXPECT_EQ(failure("analytics/throws_in_operations", "retract", "[]"),
                  "analytics/throws_in_operations: retract: threw across the interface from invoke: "
                  "something that is no "
                  "std::exception");
    }
    EXPECT_TRUE(log_.has("analytics/throws_in_operations: threw across the interface from invoke"));
    EXPECT_EQ(failure("analytics/throws_in_operations_twin", "retract", "[]"), "");
}

TEST_P(BadPlugins, ThrowsFromItsConstructor) {
    load("throws_in_constructor");
    EXPECT_EQ(state("analytics/throws_in_constructor").kind, PluginState::Kind::failed);
    EXPECT_EQ(
        reason("throws_in_constructor"),
        "analytics/throws_in_constructor: threw across the interface from create: no good day to be born");
    EXPECT_EQ(failure("analytics/throws_in_constructor_twin", "deliver", "[]"), "");
}

TEST_P(BadPlugins, CompletesTwice) {
    load("completes_twice");
    const auto answer = call("analytics/completes_twice", "deliver", "[]");
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(*answer, R"({"deliveries":[]})");
    // A further call comes after the second completion, on the same thread.
    EXPECT_EQ(failure("analytics/completes_twice", "deliver", "[]"), "");
    EXPECT_TRUE(
        log_.has("analytics/completes_twice: completed call 1, which had been completed already; refused"))
        << log_.text();
    EXPECT_TRUE(log_.has("analytics/completes_twice: completed call 1001, which never existed; refused"));
    EXPECT_EQ(failure("analytics/completes_twice_twin", "deliver", "[]"), "");
    EXPECT_FALSE(log_.has("completes_twice_twin: completed"));
}

TEST_P(BadPlugins, CompletesWith100MiB) {
    load("completes_too_large");
    EXPECT_EQ(
        failure("analytics/completes_too_large", "deliver", "[]"),
        "analytics/completes_too_large: deliver: answered with 104857600 bytes; at most 1048576 are taken");
    const auto answer = call("analytics/completes_too_large_twin", "deliver", "[]");
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->size(), 1024 * 1024 - 1);
}

TEST_P(BadPlugins, CompletesWithInvalidUtf8) {
    load("completes_invalid_utf8");
    EXPECT_EQ(
        failure("analytics/completes_invalid_utf8", "deliver", "[]"),
        "analytics/completes_invalid_utf8: deliver: answered with bytes that are not UTF-8 (at byte 28)");
    EXPECT_EQ(failure("analytics/completes_invalid_utf8_twin", "deliver", "[]"), "");
}

TEST_P(BadPlugins, CompletesWithWrongJson) {
    load("completes_wrong_json");
    EXPECT_EQ(failure("analytics/completes_wrong_json", "deliver", "[]"),
              "analytics/completes_wrong_json: deliver: answered with something that is not a JSON document");
    EXPECT_EQ(failure("analytics/completes_wrong_json_twin", "deliver", "[]"), "");
}

TEST_P(BadPlugins, SecretInALogLine) {
    const std::string settings = R"({"key":"sk-canary-7f3a"})";
    load("logs_a_secret", settings, {"sk-canary-7f3a"});
    EXPECT_EQ(failure("analytics/logs_a_secret", "deliver", event("e")),
              "analytics/logs_a_secret: deliver: the server did not take [secret]");
    EXPECT_TRUE(log_.has("analytics/logs_a_secret: signing in with [secret] for [e-mail]")) << log_.text();
    EXPECT_EQ(failure("analytics/logs_a_secret_twin", "deliver", event("e")),
              "analytics/logs_a_secret_twin: deliver: the server did not take (none of your business)");
    EXPECT_FALSE(log_.has("sk-canary-7f3a"));
    EXPECT_FALSE(log_.has("anna@"));
}

// Not one of the twelve: what cannot be stopped inside the server is at least told; in a worker it is ended.
// Either way it touches nobody else.
TEST_P(BadPlugins, Hangs) {
    const bool in_worker = isolation() == settings::Isolation::worker;
    const auto expected = in_worker ? PluginState::Kind::restarting : PluginState::Kind::hung;
    load("hangs");
    EXPECT_EQ(failure("analytics/hangs", "deliver", "[]", 100ms),
              "analytics/hangs: deliver: did not answer before its deadline");
    EXPECT_EQ(good(), "accepted");
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (state("analytics/hangs").kind != expected && std::chrono::steady_clock::now() < until)
        std::this_thread::sleep_for(10ms);
    EXPECT_EQ(state("analytics/hangs").kind, expected);
    const std::string reason = in_worker
                                   ? "did not return from invoke in time and was killed"
                                   : "does not return from a function; its thread cannot be stopped, only a "
                                     "restart of the server ends it";
    EXPECT_EQ(this->reason("hangs"), reason);
    EXPECT_TRUE(log_.has("analytics/hangs: " + reason)) << log_.text();
    const auto answer = call("analytics/hangs", "deliver", "[]");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error(),
              Error(ErrorKind::temporary,
                    std::string("analytics/hangs: deliver: ") +
                        (in_worker ? "is not running: " + reason
                                   : "does not return from an earlier call and gets no further ones")));
    EXPECT_EQ(failure("analytics/hangs_twin", "deliver", "[]", 2s), "");
}

INSTANTIATE_TEST_SUITE_P(, BadPlugins,
                         testing::Values(settings::Isolation::in_process, settings::Isolation::worker),
                         name_of_isolation);

}  // namespace
}  // namespace calyptenora::host
