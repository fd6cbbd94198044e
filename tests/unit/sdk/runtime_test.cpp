#include <calyptenora/sdk.hpp>

#include <dlfcn.h>
#include <gtest/gtest.h>

namespace calyptenora {
namespace {

struct ServiceRequest {
    std::uint64_t call, token;
    std::string service, payload;
};
struct Completion {
    std::uint64_t call;
    std::uint32_t status;
    std::string payload;
};

/// The host's side of the C interface, recording what the plugin asks.
class SdkRuntime : public testing::Test {
  protected:
    void SetUp() override {
        library_ = dlopen(CALYPTENORA_BINARY_DIR "/tests/unit/sdk/plugins/analytics/sample/sample.so",
                          RTLD_NOW | RTLD_LOCAL);
        ASSERT_TRUE(library_) << dlerror();
        const auto entry =
            reinterpret_cast<decltype(&calyptenora_plugin)>(dlsym(library_, "calyptenora_plugin"));
        ASSERT_TRUE(entry);
        table_ = entry();
    }
    void TearDown() override {
        if (plugin_)
            table_->destroy(plugin_);
        dlclose(library_);
    }

    void create(std::string_view settings = R"({"endpoint":"https://lrs.example/x"})") {
        plugin_ = table_->create(&host_, bytes(settings));
    }
    void invoke(std::uint64_t call, std::string_view operation, std::string_view payload) {
        table_->invoke(plugin_, call, bytes(operation), bytes(payload), bytes(""));
    }
    void reply(std::uint64_t token, std::string_view payload, std::uint32_t status = 0) {
        table_->reply(plugin_, token, status, bytes(payload));
    }
    static calyptenora_bytes bytes(std::string_view text) { return {text.data(), text.size()}; }

    std::vector<ServiceRequest> requests_;
    std::vector<Completion> completions_;
    void* library_ = nullptr;
    void* plugin_ = nullptr;
    const calyptenora_plugin_table* table_ = nullptr;
    calyptenora_host host_{
        sizeof(calyptenora_host),
        CALYPTENORA_ABI_MAJOR,
        CALYPTENORA_ABI_MINOR,
        this,
        [](void* self, std::uint64_t call, std::uint64_t token, calyptenora_bytes service,
           calyptenora_bytes payload) {
            static_cast<SdkRuntime*>(self)->requests_.push_back({call, token,
                                                                 std::string(service.data, service.size),
                                                                 std::string(payload.data, payload.size)});
        },
        [](void* self, std::uint64_t call, std::uint32_t status, calyptenora_bytes payload) {
            static_cast<SdkRuntime*>(self)->completions_.push_back(
                {call, status, std::string(payload.data, payload.size)});
        }};
};

TEST_F(SdkRuntime, OneOperationRunsAcrossHostServices) {
    create();
    invoke(7, "deliver",
           R"([{"id":"e1","platform":"https://lms.example","learner":"p-1"},{"id":"e2","platform":"x"}])");
    ASSERT_EQ(requests_.size(), 1u);
    EXPECT_EQ(requests_[0].call, 7u);
    EXPECT_EQ(requests_[0].service, "http");
    const auto asked = parse_json<HttpRequest>(requests_[0].payload);
    ASSERT_TRUE(asked);
    EXPECT_EQ(asked->url, "https://lrs.example/x");
    EXPECT_EQ(asked->body.data, "p-1");

    reply(requests_[0].token, to_json(HttpResponse{200, {}, {}}));
    ASSERT_EQ(requests_.size(), 2u);
    EXPECT_EQ(parse_json<HttpRequest>(requests_[1].payload)->body.data, "nobody");
    reply(requests_[1].token, to_json(HttpResponse{503, {}, {}}));

    ASSERT_EQ(completions_.size(), 1u);
    EXPECT_EQ(completions_[0].status, 0u);
    EXPECT_EQ(completions_[0].payload,
              R"({"deliveries":[{"id":"e1","outcome":"accepted"},{"id":"e2","outcome":"retry"}]})");
}

TEST_F(SdkRuntime, InterleavedCallsKeepTheirRequestsApart) {
    create();
    invoke(1, "deliver", R"([{"id":"a","platform":"x"}])");
    invoke(2, "deliver", R"([{"id":"b","platform":"x"}])");
    ASSERT_EQ(requests_.size(), 2u);
    EXPECT_EQ(requests_[0].call, 1u);
    EXPECT_EQ(requests_[1].call, 2u);
    reply(requests_[1].token, to_json(HttpResponse{200, {}, {}}));
    reply(requests_[0].token, to_json(HttpResponse{200, {}, {}}));
    ASSERT_EQ(completions_.size(), 2u);
    EXPECT_EQ(completions_[0].call, 2u);
    EXPECT_EQ(completions_[1].call, 1u);
}

TEST_F(SdkRuntime, CancelFreesTheCallAndLateRepliesAreIgnored) {
    create();
    invoke(1, "deliver", R"([{"id":"a","platform":"x"}])");
    table_->cancel(plugin_, 1);
    reply(requests_[0].token, to_json(HttpResponse{200, {}, {}}));
    EXPECT_TRUE(completions_.empty());
    table_->cancel(plugin_, 99);
}

TEST_F(SdkRuntime, FailuresBecomeErrorsAndNeverExceptions) {
    create();
    invoke(1, "deliver", R"([{"id":"a","platform":"x","name":"throw"}])");
    invoke(2, "deliver", R"({"not":"a list"})");
    invoke(3, "no_such_operation", "{}");
    invoke(4, "retract", R"({"ids":["a"]})");
    ASSERT_EQ(completions_.size(), 4u);
    EXPECT_EQ(completions_[0].status, CALYPTENORA_PERMANENT);
    EXPECT_NE(completions_[0].payload.find("deliver threw"), std::string::npos);
    EXPECT_EQ(completions_[1].status, CALYPTENORA_INVALID_INPUT);
    EXPECT_EQ(completions_[2].status, CALYPTENORA_UNSUPPORTED);
    EXPECT_EQ(completions_[3].status, CALYPTENORA_UNSUPPORTED);
}

TEST_F(SdkRuntime, AServiceErrorReachesTheOperation) {
    create();
    invoke(1, "deliver", R"([{"id":"a","platform":"x"}])");
    reply(requests_[0].token, R"({"message":"too fast","retry_after_s":30})", CALYPTENORA_RATE_LIMITED);
    ASSERT_EQ(completions_.size(), 1u);
    const auto error = read_error(completions_[0].status, completions_[0].payload);
    EXPECT_EQ(error, Error(ErrorKind::rate_limited, "too fast", std::chrono::seconds(30)));
}

TEST_F(SdkRuntime, ABadConstructionSaysWhy) {
    create(R"({"endpoint":"throw"})");
    EXPECT_FALSE(plugin_);
    ASSERT_EQ(completions_.size(), 1u);
    EXPECT_EQ(completions_[0].call, 0u);
    EXPECT_NE(completions_[0].payload.find("no endpoint like that"), std::string::npos);
    create(R"({})");
    EXPECT_FALSE(plugin_);
    EXPECT_NE(completions_[1].payload.find("endpoint: is missing"), std::string::npos);
}

TEST_F(SdkRuntime, TheManifestIsInsideTheLibrary) {
    EXPECT_STREQ(table_->manifest, "id: analytics/sample\n");
}

}  // namespace
}  // namespace calyptenora
